//! Services of a Docker Swarm stack, `STACK_SERVICE` with the label of the stack, and their tasks, which
//! stand for containers wherever they run.

use std::collections::HashMap;
use std::time::Duration;

use bollard::models::{Service, ServiceSpecMode, ServiceUpdateStatusStateEnum as Update, Task, TaskState};
use bollard::query_parameters::{ListServicesOptionsBuilder, ListTasksOptionsBuilder};
use chrono::{DateTime, Utc};

use serde_json::Value;

use crate::clients::ClientError;
use crate::clients::platform::docker::containers::instant;
use crate::clients::platform::docker::services::STACK;
use crate::clients::platform::docker::{Docker, SYSTEM, prompt};
use crate::clients::platform::{BlockedUpdate, Instance, ManagedService, ServiceKind};

/// How long a swarm lets a container end that asks for no time of its own.
const GRACE: Duration = Duration::from_secs(10);

/// A service of a stack.
pub(super) struct Stacked {
    pub(crate) stack: String,
    /// Its name in the stack.
    pub(crate) short: String,
    /// What the swarm keeps of it.
    pub(crate) service: Service,
}

impl Stacked {
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

    /// How many of it there are to be, where that is a number.
    pub(crate) fn replicas(&self) -> Option<u32> {
        let replicas = self.mode()?.replicated.as_ref()?.replicas?;
        u32::try_from(replicas).ok()
    }

    /// What kind it is, where it has no number.
    pub(crate) fn kind(&self) -> &'static str {
        match self.mode() {
            Some(mode) if mode.global.is_some() => "global: it has one task on each node",
            Some(mode) if mode.replicated_job.is_some() || mode.global_job.is_some() => "a job",
            _ => "neither replicated nor global",
        }
    }

    fn grace(&self) -> Duration {
        let container = || self.service.spec.as_ref()?.task_template.as_ref()?.container_spec.as_ref();
        let asked = container().and_then(|c| u64::try_from(c.stop_grace_period?).ok());
        asked.map_or(GRACE, Duration::from_nanos)
    }

    /// How often its tasks were to be made anew without any other change.
    pub(crate) fn forced(&self) -> u64 {
        let template = || self.service.spec.as_ref()?.task_template.as_ref();
        template().and_then(|t| t.force_update).unwrap_or_default()
    }
}

impl Docker {
    /// The services of the project, or of any stack when no project is named.
    pub(super) async fn stacked(&self, service: Option<&str>) -> Result<Vec<Stacked>, ClientError> {
        let label = self.project().map_or_else(|| STACK.to_owned(), |p| format!("{STACK}={p}"));
        let options =
            ListServicesOptionsBuilder::default().filters(&HashMap::from([("label", vec![label])])).build();
        let all = prompt(self.engine().await?.list_services(Some(options))).await?;
        let mut found: Vec<Stacked> = all.into_iter().filter_map(Stacked::of).collect();
        let ours = |s: &Stacked| match service {
            Some(service) => s.short == service,
            None => self.project.is_some() || self.services.contains_key(&s.short),
        };
        found.retain(ours);
        found.sort_by_key(Stacked::name);
        Ok(found)
    }

    /// The only service of this name, if there is one.
    pub(super) async fn one_stacked(&self, service: &str) -> Result<Option<Stacked>, ClientError> {
        let mut found = self.stacked(Some(service)).await?;
        let one = found.pop();
        if found.is_empty() {
            return Ok(one);
        }
        let message =
            format!("{service} is in several stacks: docker.project must name the one that is meant");
        Err(ClientError::failed(SYSTEM, message))
    }

    /// Every task that the swarm remembers of a service.
    async fn tasks(&self, service: &Stacked) -> Result<Vec<Task>, ClientError> {
        let filters = HashMap::from([("service", vec![service.id().to_owned()])]);
        let options = ListTasksOptionsBuilder::default().filters(&filters).build();
        prompt(self.engine().await?.list_tasks(Some(options))).await
    }

    /// The tasks of a service, or of all, that are to run, by number and name.
    pub(super) async fn tasks_of(&self, service: Option<&str>) -> Result<Vec<Instance>, ClientError> {
        let mut found = Vec::new();
        for service in self.stacked(service).await? {
            let tasks = self.tasks(&service).await?;
            found.extend(tasks.iter().filter(|t| is_wanted(t)).map(|t| instance(&service, t)));
        }
        found.sort_by(|a, b| (&a.service, a.number, &a.name).cmp(&(&b.service, b.number, &b.name)));
        Ok(found)
    }

    /// When the number of a service's tasks was changed, if that was its last change: of earlier ones a
    /// swarm keeps nothing.
    pub(super) async fn resized_service(&self, service: &str) -> Result<Option<DateTime<Utc>>, ClientError> {
        let Some(service) = self.one_stacked(service).await? else { return Ok(None) };
        // The library's type leaves out what the service was like before.
        let raw = self.raw_get(&format!("/services/{}", service.id())).await?;
        let number = |of: &str| raw[of].pointer("/Mode/Replicated/Replicas").and_then(Value::as_u64);
        let changed = number("PreviousSpec").is_some_and(|before| Some(before) != number("Spec"));
        Ok(instant(raw["UpdatedAt"].as_str()).filter(|_| changed))
    }

    /// How a service stands as a whole.
    pub(super) async fn whole(&self, service: &str) -> Result<ServiceKind, ClientError> {
        let Some(found) = self.one_stacked(service).await? else { return Ok(ServiceKind::Nothing) };
        let tasks = self.tasks(&found).await?;
        let wanted = found.replicas();
        let current = tasks.iter().filter(|t| is_wanted(t)).count();
        let whole = ManagedService {
            name: found.name(),
            wanted: wanted.unwrap_or_else(|| u32::try_from(current).unwrap_or(u32::MAX)),
            under_way: under_way(&found, &tasks),
            stuck: stuck(&found),
            grace: found.grace(),
        };
        Ok(ServiceKind::Service(whole))
    }
}

fn is_wanted(task: &Task) -> bool {
    use TaskState::{ACCEPTED, READY, RUNNING};
    matches!(task.desired_state, Some(RUNNING | READY | ACCEPTED))
}

fn state(task: &Task) -> Option<TaskState> {
    task.status.as_ref()?.state
}

fn runs(task: &Task) -> bool {
    state(task) == Some(TaskState::RUNNING)
}

fn name(service: &Stacked, task: &Task) -> String {
    let id = task.id.as_deref().unwrap_or_default();
    // A global service's tasks have no number; their containers bear the node's id instead.
    let place = match task.slot {
        Some(slot) if slot > 0 => slot.to_string(),
        _ => task.node_id.clone().unwrap_or_default(),
    };
    format!("{}.{place}.{id}", service.name())
}

fn instance(service: &Stacked, task: &Task) -> Instance {
    use TaskState::{COMPLETE, FAILED, ORPHANED, REJECTED, SHUTDOWN};
    let status = task.status.clone().unwrap_or_default();
    let container = status.container_status.unwrap_or_default();
    let spec = task.spec.as_ref().and_then(|s| s.container_spec.clone()).unwrap_or_default();
    // Without a name of its own it has the container's id for one.
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
        // A task whose health is not known yet is still starting, and one that is unhealthy is ended.
        health: None,
        hostname: spec.hostname.filter(|h| !h.contains("{{")).unwrap_or(short),
        worker_id: spec.env.iter().flatten().find_map(own),
    }
}

/// What the swarm has not done yet.
fn under_way(service: &Stacked, tasks: &[Task]) -> Option<String> {
    let wanted: Vec<&Task> = tasks.iter().filter(|t| is_wanted(t)).collect();
    let running = wanted.iter().filter(|t| runs(t)).count();
    let number = service.replicas().map_or(wanted.len(), |n| n as usize);
    if running != number || wanted.len() != number {
        let why =
            wanted.iter().find(|t| !runs(t)).map_or_else(String::new, |task| trouble(service, task, tasks));
        return Some(format!("{running} of {number} run{why}"));
    }
    if let Some(task) = tasks.iter().find(|t| !is_wanted(t) && runs(t)) {
        return Some(format!("{} has not ended yet", name(service, task)));
    }
    let old =
        |t: &&&Task| t.spec.as_ref().and_then(|s| s.force_update).unwrap_or_default() != service.forced();
    if let Some(task) = wanted.iter().find(old) {
        return Some(format!("{} has not been replaced yet", name(service, task)));
    }
    let updating = update(service) == Some(Update::UPDATING);
    updating.then(|| "the swarm watches whether the last one goes on running".to_owned())
}

fn update(service: &Stacked) -> Option<Update> {
    service.service.update_status.as_ref()?.state
}

/// How a task is that does not run, and with what the one before it in its place ended.
fn trouble(service: &Stacked, task: &Task, tasks: &[Task]) -> String {
    let how = state(task).map_or_else(|| "not known".to_owned(), |s| s.to_string());
    // A numbered one may be made anew on another node.
    let numbered = task.slot.is_some_and(|slot| slot > 0);
    let before = tasks.iter().filter(|t| t.slot == task.slot && (numbered || t.node_id == task.node_id));
    let failed = before.filter_map(|t| Some((t.created_at.clone()?, t.status.as_ref()?.err.clone()?)));
    let last = failed.max().map_or_else(String::new, |(_, error)| format!(", {error}"));
    format!("; {}: {how}{last}", name(service, task))
}

/// Why the swarm does no more about the last change.
fn stuck(service: &Stacked) -> Option<BlockedUpdate> {
    let said = service.service.update_status.as_ref()?.message.clone().unwrap_or_default();
    let (how, open) = match update(service)? {
        Update::PAUSED => ("is paused", true),
        Update::ROLLBACK_STARTED => ("is being rolled back", true),
        Update::ROLLBACK_PAUSED => ("is paused on its way back", true),
        Update::ROLLBACK_COMPLETED => ("was rolled back", false),
        _ => return None,
    };
    Some(BlockedUpdate { why: format!("the update {how}: {said}"), open })
}
