//! Containers: which there are, which belong to a service, and how each is.

use std::collections::HashMap;

use bollard::models::{
    ContainerInspectResponse, ContainerState, ContainerSummary, ContainerSummaryStateEnum, HealthStatusEnum,
};
use bollard::query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::clients::ClientError;
use crate::clients::platform::docker::ours::mark_strangers;
use crate::clients::platform::docker::place::{current, slot, stack};
use crate::clients::platform::docker::{Docker, prompt};

/// The label that numbers the containers of a compose service.
pub(crate) const NUMBER: &str = "com.docker.compose.container-number";

/// The label that names a compose project.
pub(crate) const PROJECT: &str = "com.docker.compose.project";

/// Containers inspected at a time.
const AT_ONCE: usize = 8;

/// A container as the list of all shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Brief {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The service it belongs to: compose's, or the stack's.
    pub(crate) service: Option<String>,
    /// The compose project it belongs to, or the stack.
    pub(crate) project: Option<String>,
    /// Whether it is a swarm's.
    pub(crate) swarm: bool,
    /// When it was made, in seconds of the epoch.
    pub(crate) created: i64,
    /// Whether `compose run` made it for one command.
    pub(crate) oneoff: bool,
    pub(crate) running: bool,
    /// Services that it is named like and is none of, as others bear their labels.
    pub(crate) stranger_to: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Health {
    Starting,
    Healthy,
    Unhealthy,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Container {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) image: String,
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    pub(crate) state: String,
    /// With what it ended last.
    pub(crate) exit_code: i64,
    /// Whether the kernel killed it for its memory.
    pub(crate) oom_killed: bool,
    /// How often the engine restarted it by itself.
    pub(crate) restarts: i64,
    pub(crate) created_at: Option<DateTime<Utc>>,
    /// When it was started last.
    pub(crate) started_at: Option<DateTime<Utc>>,
    pub(crate) finished_at: Option<DateTime<Utc>>,
    /// Its health check's verdict; none without a check.
    pub(crate) health: Option<Health>,
    /// The last words of its health check.
    pub(crate) health_output: Option<String>,
    /// The compose service it belongs to.
    pub(crate) service: Option<String>,
    /// The compose project it belongs to.
    pub(crate) project: Option<String>,
    /// Its number among the containers of its compose service.
    pub(crate) number: Option<u32>,
    /// The host's name inside of it; empty where it is that of the engine's machine.
    #[serde(skip)]
    pub(crate) hostname: String,
    #[serde(skip)]
    pub(crate) worker_id: Option<String>,
    /// How its log is kept.
    #[serde(skip)]
    pub(crate) log_driver: String,
    /// Where its log is kept.
    #[serde(skip)]
    pub(crate) log_path: String,
    /// The options of its log's driver, such as `max-size`.
    #[serde(skip)]
    pub(crate) log_options: HashMap<String, String>,
}

impl Docker {
    /// All containers, also those that have stopped, sorted by name; of each place of a swarm's services
    /// only the newest, besides what runs.
    pub(crate) async fn list(&self) -> Result<Vec<Brief>, ClientError> {
        Ok(current(self.list_past().await?))
    }

    /// As [`Docker::list`], with what a swarm has replaced: its logs tell why.
    pub(crate) async fn list_past(&self) -> Result<Vec<Brief>, ClientError> {
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let all = prompt(self.engine().await?.list_containers(Some(options))).await?;
        let mut all: Vec<Brief> = all.into_iter().map(brief).collect();
        mark_strangers(&mut all, self.project());
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Whether a container is one of the configured services'; without any, of the project; without one,
    /// every container is.
    pub(crate) fn is_of_the_system(&self, brief: &Brief) -> bool {
        let project = self.project();
        if self.services.is_empty() {
            return project.is_none() || brief.project.as_deref() == project;
        }
        self.services.iter().any(|(name, service)| brief.is_of(name, Some(service), project))
    }

    /// How these containers are, in their order. One that is gone meanwhile is left out.
    pub(crate) async fn inspect(&self, briefs: Vec<Brief>) -> Result<Vec<Container>, ClientError> {
        let engine = self.engine().await?;
        let calls = briefs.into_iter().map(|brief| async move {
            let id = &brief.id;
            match prompt(engine.inspect_container(id, None::<InspectContainerOptions>)).await {
                Ok(answer) => Ok(Some(container(brief, answer))),
                Err(ClientError::Failed { code: Some(code), .. }) if code == "404" => Ok(None),
                Err(e) => Err(e),
            }
        });
        let found: Vec<Option<Container>> = stream::iter(calls).buffered(AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// A container of the list of all.
pub(crate) fn brief(summary: ContainerSummary) -> Brief {
    let names = summary.names.unwrap_or_default();
    // A link gives a container further names, with a slash inside.
    let name = names.iter().map(|n| n.trim_start_matches('/')).find(|n| !n.contains('/'));
    let name = name.unwrap_or_default().to_owned();
    let mut labels = summary.labels.unwrap_or_default();
    let own = stack(&labels);
    let swarm = own.is_some();
    let (service, project) = own.unwrap_or_else(|| compose(&mut labels));
    let created = summary.created.unwrap_or_default();
    let oneoff = labels.get("com.docker.compose.oneoff").is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let running = summary.state == Some(ContainerSummaryStateEnum::RUNNING);
    let (id, stranger_to) = (summary.id.unwrap_or_default(), Vec::new());
    Brief { id, name, service, project, swarm, created, oneoff, running, stranger_to }
}

fn compose(labels: &mut HashMap<String, String>) -> (Option<String>, Option<String>) {
    (labels.remove("com.docker.compose.service"), labels.remove(PROJECT))
}

fn container(brief: Brief, answer: ContainerInspectResponse) -> Container {
    let config = answer.config.unwrap_or_default();
    let state = answer.state.unwrap_or_default();
    let host = answer.host_config.unwrap_or_default();
    let shares_host = host.network_mode.as_deref() == Some("host");
    let log = host.log_config;
    let labels = config.labels.unwrap_or_default();
    let variables = config.env.unwrap_or_default();
    let (health, health_output) = health(&state);
    Container {
        id: brief.id,
        name: brief.name,
        image: config.image.unwrap_or_default(),
        state: state.status.map(|s| s.to_string()).unwrap_or_default(),
        exit_code: state.exit_code.unwrap_or_default(),
        oom_killed: state.oom_killed.unwrap_or_default(),
        restarts: answer.restart_count.unwrap_or_default(),
        created_at: instant(answer.created.as_deref()),
        started_at: instant(state.started_at.as_deref()),
        finished_at: instant(state.finished_at.as_deref()),
        health,
        health_output,
        service: brief.service,
        project: brief.project,
        number: labels.get(NUMBER).map(String::as_str).or_else(|| slot(&labels)).and_then(|n| n.parse().ok()),
        hostname: config.hostname.filter(|_| !shares_host).unwrap_or_default(),
        worker_id: variables.iter().find_map(|v| v.strip_prefix("WORKER_ID=")).map(str::to_owned),
        log_options: log.as_ref().and_then(|l| l.config.clone()).unwrap_or_default(),
        log_driver: log.and_then(|l| l.typ).unwrap_or_default(),
        log_path: answer.log_path.unwrap_or_default(),
    }
}

fn health(state: &ContainerState) -> (Option<Health>, Option<String>) {
    let Some(health) = &state.health else { return (None, None) };
    let verdict = match health.status {
        Some(HealthStatusEnum::STARTING) => Some(Health::Starting),
        Some(HealthStatusEnum::HEALTHY) => Some(Health::Healthy),
        Some(HealthStatusEnum::UNHEALTHY) => Some(Health::Unhealthy),
        _ => None,
    };
    let last = health.log.as_ref().and_then(|l| l.last()?.output.clone());
    (verdict, last.map(|o| o.trim().to_owned()).filter(|o| !o.is_empty()))
}

/// An instant of the engine's, which writes year 1 for "never".
pub(crate) fn instant(text: Option<&str>) -> Option<DateTime<Utc>> {
    let at: DateTime<Utc> = text?.parse().ok()?;
    (at.timestamp() > 0).then_some(at)
}
