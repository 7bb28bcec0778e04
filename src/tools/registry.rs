//! The list of tools, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{AnyTool, Tool, actions, checks, general, measures};

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
        self.with(checks::access::Access)
            .with(checks::alerts::Alerts)
            .with(checks::audit::Audit)
            .with(checks::autoscale::Autoscale)
            .with(checks::backup::Backup)
            .with(checks::backup_ready::BackupReady)
            .with(checks::containers::Containers)
            .with(checks::data_dir::DataDir)
            .with(checks::disk::Disk)
            .with(checks::docker::Docker)
            .with(checks::docker_df::DockerDf)
            .with(checks::endpoints::Endpoints)
            .with(checks::growth::Growth)
            .with(checks::latency::Latency)
            .with(checks::log_files::LogFiles)
            .with(checks::logs::Logs)
            .with(checks::logs::analysis::Analysis)
            .with(checks::memory::Memory)
            .with(checks::pooler::Pooler)
            .with(checks::postgres::Postgres)
            .with(checks::postgres_rights::PostgresRights)
            .with(checks::promql::PromQl)
            .with(checks::query::Query)
            .with(checks::queue::Queue)
            .with(checks::redis::Redis)
            .with(checks::replicas::Replicas)
            .with(checks::roster::Roster)
            .with(checks::runs::Runs)
            .with(checks::scaling::Scaling)
            .with(checks::security::SecurityEvents)
            .with(checks::table_sizes::TableSizes)
            .with(checks::trend::Trend)
            .with(checks::usage::Usage)
            .with(checks::utilisation::Utilisation)
            .with(checks::waits::Waits)
            .with(checks::workers::Workers)
    }

    fn actions(self) -> Self {
        self.with(actions::analyze::Analyze)
            .with(actions::backup_config::BackupConfig)
            .with(actions::backup_create::BackupCreate)
            .with(actions::backup_prune::BackupPrune)
            .with(actions::backup_publish::BackupPublish)
            .with(actions::backup_verify::BackupVerify)
            .with(actions::analyze_all::AnalyzeAll)
            .with(actions::docker_clean::DockerClean)
            .with(actions::probe::Scheduling)
            .with(actions::prune::Prune)
            .with(actions::reindex::Reindex)
            .with(actions::stats_reset::StatsReset)
            .with(actions::vacuum::Vacuum)
            .with(actions::service_restart::ServiceRestart)
            .with(actions::service_scale::ServiceScale)
            .with(actions::service_start::ServiceStart)
            .with(actions::service_stop::ServiceStop)
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
        self.with(measures::database::Database).with(measures::load::Load).with(measures::workers::Workers)
    }

    #[must_use]
    pub(crate) fn with(mut self, tool: impl Tool) -> Self {
        let tool: Arc<dyn AnyTool> = Arc::new(tool);
        Arc::make_mut(&mut self.tools).insert(tool.name(), tool);
        self
    }

    /// The tool of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Arc<dyn AnyTool>> {
        self.tools.get(name)
    }

    /// All tools, sorted by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<dyn AnyTool>> {
        self.tools.values()
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.tools.keys().copied().collect()
    }
}
