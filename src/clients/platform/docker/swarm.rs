//! Services of a swarm stack, named `STACK_SERVICE`, and their tasks on all nodes.

use std::collections::HashMap;
use std::time::Duration;

use bollard::models::{Service, ServiceSpecMode, ServiceUpdateStatusStateEnum as Update, Task, TaskState};
use bollard::query_parameters::{ListServicesOptionsBuilder, ListTasksOptionsBuilder};
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::clients::ClientError;
use crate::clients::platform::docker::containers::instant;
use crate::clients::platform::docker::platform::STACK;
use crate::clients::platform::docker::{Docker, SYSTEM, prompt};
use crate::clients::platform::{BlockedUpdate, Instance, ManagedService, ServiceKind};

/// The swarm's grace period where a service sets none.
const DEFAULT_GRACE: Duration = Duration::from_secs(10);

pub(super) struct StackService {
    pub(crate) stack: String,
    /// Its name without that of the stack.
    pub(crate) short: String,
    pub(crate) service: Service,
}

impl StackService {
    fn of(service: Service) -> Option<Self> {
        let spec = service.spec.as_ref()?;
        let stack = spec.labels.as_ref()?.get(STACK)?.clone();
        let short = spec.name.as_ref()?.strip_prefix(&stack)?.strip_prefix('_')?.to_owned();
        Some(Self { stack, short, service })
    }

    pub(crate) fn name(&self) -> String {
        format!("{}_{}", self.stack, self.short)
    }

    pub(crate) fn id(&self) -> &str {
        self.service.id.as_deref().unwrap_or_default()
    }

    /// The number that every change of it raises.
    pub(crate) fn version(&self) -> u64 {
        self.service.version.as_ref().and_then(|v| v.index).unwrap_or_default()
    }

    fn mode(&self) -> Option<&ServiceSpecMode> {
        self.service.spec.as_ref()?.mode.as_ref()
    }

    /// The desired number of replicas; none for global services and jobs.
    pub(crate) fn replicas(&self) -> Option<u32> {
        let replicas = self.mode()?.replicated.as_ref()?.replicas?;
        u32::try_from(replicas).ok()
    }

    /// Its mode where it has no number of replicas.
    pub(crate) fn unscalable_mode(&self) -> &'static str {
        match self.mode() {
            Some(mode) if mode.global.is_some() => "a global service with one task per node",
            Some(mode) if mode.replicated_job.is_some() || mode.global_job.is_some() => "a job",
            _ => "neither replicated nor global",
        }
    }

    fn grace(&self) -> Duration {
        let container = || self.service.spec.as_ref()?.task_template.as_ref()?.container_spec.as_ref();
        let asked = container().and_then(|c| u64::try_from(c.stop_grace_period?).ok());
        asked.map_or(DEFAULT_GRACE, Duration::from_nanos)
    }

    /// How often its tasks were recreated without any other change.
    pub(crate) fn force_update(&self) -> u64 {
        let template = || self.service.spec.as_ref()?.task_template.as_ref();
        template().and_then(|t| t.force_update).unwrap_or_default()
    }
}

impl Docker {
    /// The services of the project, or of all stacks where no project is configured.
    async fn stack_services(&self, service: Option<&str>) -> Result<Vec<StackService>, ClientError> {
        let label = self.project.as_ref().map_or_else(|| STACK.to_owned(), |p| format!("{STACK}={p}"));
        let options =
            ListServicesOptionsBuilder::default().filters(&HashMap::from([("label", vec![label])])).build();
        let all = prompt(self.engine().await?.list_services(Some(options))).await?;
        let mut found: Vec<StackService> = all.into_iter().filter_map(StackService::of).collect();
        let selected = |s: &StackService| match service {
            Some(service) => s.short == service,
            None => self.project.is_some() || self.services.contains_key(&s.short),
        };
        found.retain(selected);
        found.sort_by_key(StackService::name);
        Ok(found)
    }

    /// The service of this name; an error where several stacks have one.
    pub(super) async fn stack_service(&self, service: &str) -> Result<Option<StackService>, ClientError> {
        let mut found = self.stack_services(Some(service)).await?;
        let one = found.pop();
        if found.is_empty() {
            return Ok(one);
        }
        let message =
            format!("service {service} exists in several stacks: set docker.project to one of them");
        Err(ClientError::failed(SYSTEM, message))
    }

    /// The tasks of a service, with those that have ended as far as the swarm keeps them.
    async fn tasks(&self, service: &StackService) -> Result<Vec<Task>, ClientError> {
        let filters = HashMap::from([("service", vec![service.id().to_owned()])]);
        let options = ListTasksOptionsBuilder::default().filters(&filters).build();
        prompt(self.engine().await?.list_tasks(Some(options))).await
    }

    /// The tasks of a service, or of all, whose desired state is to run, by number and name.
    pub(super) async fn tasks_of(&self, service: Option<&str>) -> Result<Vec<Instance>, ClientError> {
        let mut found = Vec::new();
        for service in self.stack_services(service).await? {
            let tasks = self.tasks(&service).await?;
            found.extend(tasks.iter().filter(|t| should_run(t)).map(|t| instance(&service, t)));
        }
        found.sort_by(|a, b| (&a.service, a.number, &a.name).cmp(&(&b.service, b.number, &b.name)));
        Ok(found)
    }

    /// When the number of replicas was changed, if that was the last change. A swarm remembers one change.
    pub(super) async fn service_resized_at(
        &self,
        service: &str,
    ) -> Result<Option<DateTime<Utc>>, ClientError> {
        let Some(service) = self.stack_service(service).await? else { return Ok(None) };
        // The library's type has no PreviousSpec.
        let raw = self.get_json(&format!("/services/{}", service.id())).await?;
        let number = |of: &str| raw[of].pointer("/Mode/Replicated/Replicas").and_then(Value::as_u64);
        let changed = number("PreviousSpec").is_some_and(|before| Some(before) != number("Spec"));
        Ok(instant(raw["UpdatedAt"].as_str()).filter(|_| changed))
    }

    pub(super) async fn managed_service(&self, service: &str) -> Result<ServiceKind, ClientError> {
        let Some(found) = self.stack_service(service).await? else { return Ok(ServiceKind::Missing) };
        let tasks = self.tasks(&found).await?;
        let wanted = found.replicas();
        let current = tasks.iter().filter(|t| should_run(t)).count();
        let service = ManagedService {
            name: found.name(),
            wanted: wanted.unwrap_or_else(|| u32::try_from(current).unwrap_or(u32::MAX)),
            under_way: pending_work(&found, &tasks),
            blocked: blocked_update(&found),
            grace: found.grace(),
        };
        Ok(ServiceKind::Service(service))
    }
}

fn should_run(task: &Task) -> bool {
    use TaskState::{ACCEPTED, READY, RUNNING};
    matches!(task.desired_state, Some(RUNNING | READY | ACCEPTED))
}

fn state(task: &Task) -> Option<TaskState> {
    task.status.as_ref()?.state
}

fn runs(task: &Task) -> bool {
    state(task) == Some(TaskState::RUNNING)
}

fn name(service: &StackService, task: &Task) -> String {
    let id = task.id.as_deref().unwrap_or_default();
    // Tasks of a global service have no slot; their containers are named by the node's id.
    let slot = match task.slot {
        Some(slot) if slot > 0 => slot.to_string(),
        _ => task.node_id.clone().unwrap_or_default(),
    };
    format!("{}.{slot}.{id}", service.name())
}

fn instance(service: &StackService, task: &Task) -> Instance {
    use TaskState::{COMPLETE, FAILED, ORPHANED, REJECTED, SHUTDOWN};
    let status = task.status.clone().unwrap_or_default();
    let container = status.container_status.unwrap_or_default();
    let spec = task.spec.as_ref().and_then(|s| s.container_spec.clone()).unwrap_or_default();
    // The default hostname is the short id of the container.
    let short = container.container_id.unwrap_or_default().chars().take(12).collect();
    let runs = status.state == Some(TaskState::RUNNING);
    let own = |v: &String| v.strip_prefix("WORKER_ID=").filter(|id| !id.contains("{{")).map(str::to_owned);
    Instance {
        name: name(service, task),
        service: Some(service.short.clone()),
        project: Some(service.stack.clone()),
        number: task.slot.and_then(|slot| u32::try_from(slot).ok()).filter(|slot| *slot > 0),
        state: match status.state {
            Some(COMPLETE | FAILED | SHUTDOWN | REJECTED | ORPHANED) => "exited".to_owned(),
            Some(state) => state.to_string(),
            None => String::new(),
        },
        exit_code: container.exit_code.unwrap_or_default(),
        created_at: instant(task.created_at.as_deref()),
        started_at: instant(status.timestamp.as_deref()).filter(|_| runs),
        // A swarm reports a task as running when it is healthy, and ends an unhealthy one.
        health: None,
        hostname: spec.hostname.filter(|h| !h.contains("{{")).unwrap_or(short),
        worker_id: spec.env.iter().flatten().find_map(own),
    }
}

/// What the swarm has still to do.
fn pending_work(service: &StackService, tasks: &[Task]) -> Option<String> {
    let wanted: Vec<&Task> = tasks.iter().filter(|t| should_run(t)).collect();
    let running = wanted.iter().filter(|t| runs(t)).count();
    let number = service.replicas().map_or(wanted.len(), |n| n as usize);
    if running != number || wanted.len() != number {
        let why = wanted.iter().find(|t| !runs(t));
        let why = why.map_or_else(String::new, |task| task_trouble(service, task, tasks));
        return Some(format!("{running} of {number} running{why}"));
    }
    if let Some(task) = tasks.iter().find(|t| !should_run(t) && runs(t)) {
        return Some(format!("{} has not stopped yet", name(service, task)));
    }
    let old = |t: &&&Task| {
        t.spec.as_ref().and_then(|s| s.force_update).unwrap_or_default() != service.force_update()
    };
    if let Some(task) = wanted.iter().find(old) {
        return Some(format!("{} has not been replaced yet", name(service, task)));
    }
    let updating = update_state(service) == Some(Update::UPDATING);
    updating.then(|| "the swarm is monitoring the last replacement".to_owned())
}

fn update_state(service: &StackService) -> Option<Update> {
    service.service.update_status.as_ref()?.state
}

/// The state of a task that does not run, and the last error in its slot.
fn task_trouble(service: &StackService, task: &Task, tasks: &[Task]) -> String {
    let how = state(task).map_or_else(|| "unknown".to_owned(), |s| s.to_string());
    // A task with a slot may be recreated on another node.
    let numbered = task.slot.is_some_and(|slot| slot > 0);
    let before = tasks.iter().filter(|t| t.slot == task.slot && (numbered || t.node_id == task.node_id));
    let failed = before.filter_map(|t| Some((t.created_at.clone()?, t.status.as_ref()?.err.clone()?)));
    let last = failed.max().map_or_else(String::new, |(_, error)| format!(", {error}"));
    format!("; {}: {how}{last}", name(service, task))
}

/// The last update, if the swarm has stopped it.
fn blocked_update(service: &StackService) -> Option<BlockedUpdate> {
    let message = service.service.update_status.as_ref()?.message.clone().unwrap_or_default();
    let (state, resumable) = match update_state(service)? {
        Update::PAUSED => ("is paused", true),
        Update::ROLLBACK_STARTED => ("is being rolled back", true),
        Update::ROLLBACK_PAUSED => ("has a paused rollback", true),
        Update::ROLLBACK_COMPLETED => ("was rolled back", false),
        _ => return None,
    };
    Some(BlockedUpdate { reason: format!("the update {state}: {message}"), resumable })
}
