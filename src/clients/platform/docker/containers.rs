//! Listing and inspecting containers.

use std::collections::HashMap;

use bollard::models::{
    ContainerInspectResponse, ContainerState, ContainerSummary, ContainerSummaryStateEnum, HealthStatusEnum,
    RestartPolicyNameEnum,
};
use bollard::query_parameters::{InspectContainerOptions, ListContainersOptionsBuilder};
use chrono::{DateTime, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::clients::ClientError;
use crate::clients::platform::docker::labels::exclude_unlabelled;
use crate::clients::platform::docker::swarm_containers::{stack_service, task_slot, without_replaced};
use crate::clients::platform::docker::{Docker, prompt};
use crate::clients::platform::{Health, InstanceDetails, InstanceRef, LogSource};

pub(crate) const NUMBER: &str = "com.docker.compose.container-number";

pub(crate) const PROJECT: &str = "com.docker.compose.project";

/// Containers inspected at a time.
const INSPECTIONS: usize = 8;

impl Docker {
    /// All containers, running or not, sorted by name, without those that a swarm has replaced.
    pub(super) async fn containers(&self) -> Result<Vec<InstanceRef>, ClientError> {
        Ok(without_replaced(self.containers_with_replaced().await?))
    }

    pub(super) async fn containers_with_replaced(&self) -> Result<Vec<InstanceRef>, ClientError> {
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let all = prompt(self.engine().await?.list_containers(Some(options))).await?;
        let mut all: Vec<InstanceRef> = all.into_iter().map(container_ref).collect();
        exclude_unlabelled(&mut all, self.project.as_deref());
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// Inspects containers in their order. Containers that are gone are left out.
    pub(super) async fn inspect_containers(
        &self,
        containers: Vec<InstanceRef>,
    ) -> Result<Vec<InstanceDetails>, ClientError> {
        let engine = self.engine().await?;
        let calls = containers.into_iter().map(|container| async move {
            let id = &container.id;
            match prompt(engine.inspect_container(id, None::<InspectContainerOptions>)).await {
                Ok(answer) => Ok(Some(details(container, answer))),
                Err(e) if e.http_status() == Some(404) => Ok(None),
                Err(e) => Err(e),
            }
        });
        let found: Vec<Option<InstanceDetails>> =
            stream::iter(calls).buffered(INSPECTIONS).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}

pub(super) fn container_ref(summary: ContainerSummary) -> InstanceRef {
    let names = summary.names.unwrap_or_default();
    // A link gives a container further names, with a slash inside.
    let name = names.iter().map(|n| n.trim_start_matches('/')).find(|n| !n.contains('/'));
    let name = name.unwrap_or_default().to_owned();
    let mut labels = summary.labels.unwrap_or_default();
    let in_stack = stack_service(&labels);
    let managed = in_stack.is_some();
    let (service, project) = in_stack.unwrap_or_else(|| compose_service(&mut labels));
    let created = summary.created.unwrap_or_default();
    let one_off = labels.get("com.docker.compose.oneoff").is_some_and(|v| v.eq_ignore_ascii_case("true"));
    let running = summary.state == Some(ContainerSummaryStateEnum::RUNNING);
    let (id, excluded_from) = (summary.id.unwrap_or_default(), Vec::new());
    InstanceRef { id, name, service, project, managed, created, one_off, running, excluded_from }
}

fn compose_service(labels: &mut HashMap<String, String>) -> (Option<String>, Option<String>) {
    (labels.remove("com.docker.compose.service"), labels.remove(PROJECT))
}

fn details(container: InstanceRef, answer: ContainerInspectResponse) -> InstanceDetails {
    let config = answer.config.unwrap_or_default();
    let state = answer.state.unwrap_or_default();
    let host = answer.host_config.unwrap_or_default();
    let shares_host = host.network_mode.as_deref() == Some("host");
    let log = host.log_config.unwrap_or_default();
    let policy = host.restart_policy.and_then(|policy| policy.name);
    let labels = config.labels.unwrap_or_default();
    let variables = config.env.unwrap_or_default();
    let (health, health_output) = health(&state);
    InstanceDetails {
        id: container.id,
        name: container.name,
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
        service: container.service,
        project: container.project,
        number: labels
            .get(NUMBER)
            .map(String::as_str)
            .or_else(|| task_slot(&labels))
            .and_then(|n| n.parse().ok()),
        hostname: config.hostname.filter(|_| !shares_host).unwrap_or_default(),
        worker_id: variables.iter().find_map(|v| v.strip_prefix("WORKER_ID=")).map(str::to_owned),
        log: LogSource {
            driver: log.typ.unwrap_or_default(),
            path: answer.log_path.unwrap_or_default(),
            options: log.config.unwrap_or_default(),
        },
        is_restarted: matches!(
            policy,
            Some(RestartPolicyNameEnum::ALWAYS | RestartPolicyNameEnum::UNLESS_STOPPED)
        ),
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

/// A time of the engine, which writes year 1 for "never".
pub(crate) fn instant(text: Option<&str>) -> Option<DateTime<Utc>> {
    let at: DateTime<Utc> = text?.parse().ok()?;
    (at.timestamp() > 0).then_some(at)
}
