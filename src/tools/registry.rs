//! The list of tools, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::tools::{
    AnyTool, Tool, alerts, backup, baseline, docker, general, host, logs, postgres, queue, redis, security,
    services,
};

/// Former names of tools, each with its present name. Steps that use one work and cause a warning.
const FORMER_NAMES: [(&str, &str); 3] = [
    ("check.postgres_rights", "check.postgres_privileges"),
    ("check.roster", "check.instances"),
    ("check.utilisation", "check.utilization"),
];

/// The present name of a tool, given a former one.
pub(crate) fn present_name(former: &str) -> Option<&'static str> {
    FORMER_NAMES.iter().find(|(name, _)| *name == former).map(|(_, present)| *present)
}

/// Every tool that a step can use.
#[derive(Clone, Default)]
pub(crate) struct Registry {
    // Shared, since every run of a task has a registry.
    tools: Arc<BTreeMap<&'static str, Arc<dyn AnyTool>>>,
}

impl Registry {
    pub(crate) fn builtin() -> Self {
        Self::default().checks().actions().measures().general()
    }

    fn checks(self) -> Self {
        self.with(security::access::Access)
            .with(alerts::active::Alerts)
            .with(security::audit::Audit)
            .with(services::autoscale_decision::AutoscaleDecision)
            .with(backup::check::Backup)
            .with(backup::readiness::BackupReady)
            .with(services::containers::Containers)
            .with(host::data_dir::DataDir)
            .with(host::disk::Disk)
            .with(docker::engine::Docker)
            .with(docker::disk_usage::DockerDf)
            .with(services::endpoints::Endpoints)
            .with(queue::engine::Engine)
            .with(postgres::growth::CheckGrowth)
            .with(services::latency::Latency)
            .with(logs::log_files::LogFiles)
            .with(logs::check::Logs)
            .with(logs::check::analysis::Analysis)
            .with(host::memory::Memory)
            .with(postgres::pooler::Pooler)
            .with(postgres::server::Postgres)
            .with(postgres::encoding::PostgresEncoding)
            .with(postgres::privileges::PostgresPrivileges)
            .with(alerts::promql::PromQl)
            .with(postgres::query::Query)
            .with(queue::created::Created)
            .with(queue::depth::Queue)
            .with(redis::server::Redis)
            .with(services::replicas::Replicas)
            .with(services::instances::Instances)
            .with(queue::runs::Runs)
            .with(services::worker_recommendation::WorkerRecommendation)
            .with(security::events::CheckSecurityEvents)
            .with(postgres::table_sizes::TableSizes)
            .with(postgres::trend::Trend)
            .with(services::usage::Usage)
            .with(queue::utilization::Utilization)
            .with(queue::waits::Waits)
            .with(queue::workers::CheckWorkers)
    }

    fn actions(self) -> Self {
        self.with(postgres::analyze::Analyze)
            .with(backup::config_archive::BackupConfig)
            .with(backup::create::BackupCreate)
            .with(backup::prune::BackupPrune)
            .with(backup::publish::BackupPublish)
            .with(backup::verify::BackupVerify)
            .with(postgres::analyze_all::AnalyzeAll)
            .with(docker::clean::DockerClean)
            .with(baseline::probe::Scheduling)
            .with(postgres::prune::Prune)
            .with(postgres::reindex::Reindex)
            .with(postgres::stats_reset::StatsReset)
            .with(postgres::vacuum::Vacuum)
            .with(services::restart::ServiceRestart)
            .with(services::scale::ServiceScale)
            .with(services::start::ServiceStart)
            .with(services::stop::ServiceStop)
    }

    fn general(self) -> Self {
        self.with(general::event_publish::EventPublish)
            .with(general::http_request::HttpRequest)
            .with(general::log::Log)
            .with(general::noop::Noop)
            .with(general::shell_exec::ShellExec)
            .with(general::sql_query::SqlQuery)
            .with(general::transform::Transform)
            .with(general::wait::Wait)
    }

    fn measures(self) -> Self {
        self.with(baseline::database::Database).with(baseline::load::Load).with(baseline::workers::Workers)
    }

    #[must_use]
    pub(crate) fn with(mut self, tool: impl Tool) -> Self {
        let tool: Arc<dyn AnyTool> = Arc::new(tool);
        Arc::make_mut(&mut self.tools).insert(tool.name(), tool);
        self
    }

    /// The tool of this name, or of this former name.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<dyn AnyTool>> {
        self.tools.get(present_name(name).unwrap_or(name))
    }

    /// All tools, sorted by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<dyn AnyTool>> {
        self.tools.values()
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.tools.keys().copied().collect()
    }
}
