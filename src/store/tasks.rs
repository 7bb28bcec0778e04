//! Tasks, for the API and the commands.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Audit, Binds, IdempotencyKey, IdempotentResult, RowLimit, Store, StoreError, binds, timestamp};
use crate::model::table::Neighbors;
use crate::model::{ScheduleKind, Task, TaskStatus};

/// Restricts a list of tasks; None matches all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TaskFilter {
    pub(crate) status: Option<TaskStatus>,
    pub(crate) created_by: Option<Uuid>,
    pub(crate) schedule_kind: Option<ScheduleKind>,
}

impl TaskFilter {
    fn binds(&self, owner: Option<Uuid>) -> Binds {
        binds([
            ("status", text(self.status)),
            ("created_by", text(self.created_by)),
            ("kind", text(self.schedule_kind)),
            ("owner", text(owner)),
        ])
    }
}

/// A task that matches a name.
#[derive(Deserialize)]
pub(crate) struct TaskCandidate {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) status: String,
}

/// A task in a list.
#[derive(Deserialize)]
pub(crate) struct ListedTask {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) kind: String,
    pub(crate) expr: Option<String>,
    pub(crate) timezone: String,
    pub(crate) priority: i32,
    /// RFC 3339.
    pub(crate) next_at: Option<String>,
    /// Why its schedule is not valid.
    pub(crate) error: Option<String>,
    #[serde(flatten)]
    pub(crate) neighbors: Neighbors,
}

#[derive(Deserialize)]
pub(crate) struct StatusChange {
    /// The status before.
    pub(crate) was: TaskStatus,
    pub(crate) changed: bool,
}

#[derive(Deserialize)]
pub(crate) struct QueuedOccurrence {
    pub(crate) status: TaskStatus,
    pub(crate) occurrence: Uuid,
    /// None when the occurrence was dropped because of its dedupe key.
    pub(crate) due_work_id: Option<i64>,
}

#[derive(Deserialize)]
pub(crate) struct SnoozedWork {
    pub(crate) status: TaskStatus,
    /// Rows of due work that were postponed.
    pub(crate) moved: i64,
    /// The schedule was postponed, too.
    pub(crate) postponed: bool,
}

/// The tasks created on one day, `2026-11-29`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct CreatedTasks {
    pub(crate) day: String,
    pub(crate) tasks: i64,
}

/// The answer of a statement that stores a task.
pub(crate) enum StoredTask {
    Stored(Box<Task>),
    /// The instant of its `once` is too far in the past, and nothing changed.
    TooLate {
        database_time: DateTime<Utc>,
    },
}

impl<'de> Deserialize<'de> for StoredTask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut row = Value::deserialize(deserializer)?;
        match row.get_mut(TOO_LATE).map(Value::take) {
            Some(at) => serde_json::from_value(at).map(|database_time| Self::TooLate { database_time }),
            None => serde_json::from_value(row).map(Self::Stored),
        }
        .map_err(de::Error::custom)
    }
}

/// The database's time, in the row of a statement that refused a `once`.
const TOO_LATE: &str = "too_late_at";

/// The instant of a `once`, and how far in the past it may be.
fn once_binds(once: Option<(DateTime<Utc>, TimeDelta)>) -> [(&'static str, String); 2] {
    let (at, grace) = once.map(|(at, grace)| (timestamp(at), grace.num_seconds())).unwrap_or_default();
    [("once", at), ("grace", grace.to_string())]
}

/// Empty for no value, as statements expect it.
pub(super) fn text(value: Option<impl ToString>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

/// `owner` restricts each function to the tasks of an agent; None: no restriction.
impl Store {
    /// The days on which tasks were created since an instant, newest first.
    pub(crate) async fn tasks_created_by_day(
        &self,
        since: DateTime<Utc>,
        zone: Tz,
    ) -> Result<Vec<CreatedTasks>, StoreError> {
        let binds = binds([("since", timestamp(since)), ("zone", zone.name().to_owned())]);
        self.rows_with("tasks_created_by_day", &binds).await
    }

    pub(crate) async fn task(&self, id: Uuid, owner: Option<Uuid>) -> Result<Option<Task>, StoreError> {
        self.optional("engine/api/task", &binds([("id", id.to_string()), ("owner", text(owner))])).await
    }

    /// A page of tasks, newest first, and whether the limit left none out.
    pub(crate) async fn tasks(
        &self,
        filter: &TaskFilter,
        owner: Option<Uuid>,
        page: Binds,
        limit: RowLimit,
    ) -> Result<(Vec<Task>, bool), StoreError> {
        let mut all = filter.binds(owner);
        all.extend(page);
        self.first_rows("engine/api/tasks", &all, limit).await
    }

    /// Tasks with their next occurrence, newest first.
    pub(crate) async fn list_tasks(
        &self,
        filter: &TaskFilter,
        limit: i64,
    ) -> Result<Vec<ListedTask>, StoreError> {
        let binds = binds([
            ("status", text(filter.status)),
            ("kind", text(filter.schedule_kind)),
            ("limit", limit.to_string()),
        ]);
        self.rows_with("engine/api/task_list", &binds).await
    }

    pub(crate) async fn count_tasks(
        &self,
        filter: &TaskFilter,
        owner: Option<Uuid>,
    ) -> Result<i64, StoreError> {
        self.total("engine/api/tasks_count", &filter.binds(owner)).await
    }

    pub(super) async fn total(&self, name: &str, filter: &Binds) -> Result<i64, StoreError> {
        #[derive(Deserialize)]
        struct Count {
            total: i64,
        }
        Ok(self.optional(name, filter).await?.map_or(0, |count: Count| count.total))
    }

    /// Tasks that match an id, the start of an id, or a title.
    pub(crate) async fn find_tasks(&self, name: &str) -> Result<Vec<TaskCandidate>, StoreError> {
        self.rows_with("engine/api/task_find", &binds([("name", name.to_owned())])).await
    }

    /// The scheduler's state of a task.
    pub(crate) async fn task_schedule(&self, task: Uuid) -> Result<Option<Value>, StoreError> {
        self.optional("engine/api/schedule", &binds([("task", task.to_string())])).await
    }

    /// `once`: the instant of a `once` schedule, and how far in the past it may be.
    pub(crate) async fn create_task(
        &self,
        fields: Map<String, Value>,
        once: Option<(DateTime<Utc>, TimeDelta)>,
        audit: &Audit<'_>,
        key: Option<&IdempotencyKey>,
    ) -> Result<IdempotentResult<StoredTask>, StoreError> {
        let [at, grace] = once_binds(once);
        let binds = audit.binds([("task", Value::Object(fields).to_string()), at, grace]);
        let is_stored = |row: &Value| row.get(TOO_LATE).is_none();
        self.write_once("engine/api/task_create", &binds, key, is_stored).await
    }

    /// `once`: as in [`Store::create_task`], if the schedule changes.
    pub(crate) async fn update_task(
        &self,
        id: Uuid,
        fields: Map<String, Value>,
        once: Option<(DateTime<Utc>, TimeDelta)>,
        owner: Option<Uuid>,
        audit: &Audit<'_>,
    ) -> Result<Option<StoredTask>, StoreError> {
        let [at, grace] = once_binds(once);
        let binds = audit.binds([
            ("id", id.to_string()),
            ("fields", Value::Object(fields).to_string()),
            ("owner", text(owner)),
            at,
            grace,
        ]);
        self.write_optional("engine/api/task_update", &binds).await
    }

    pub(crate) async fn set_task_status(
        &self,
        id: Uuid,
        status: TaskStatus,
        owner: Option<Uuid>,
        audit: &Audit<'_>,
    ) -> Result<Option<StatusChange>, StoreError> {
        let action = match status {
            TaskStatus::Paused => "task.paused",
            TaskStatus::Active => "task.resumed",
            TaskStatus::Canceled => "task.canceled",
        };
        let binds = audit.binds([
            ("id", id.to_string()),
            ("status", status.to_string()),
            ("action", action.to_owned()),
            ("owner", text(owner)),
        ]);
        self.write_optional("engine/api/task_status", &binds).await
    }

    /// Queues an occurrence of an active task now.
    pub(crate) async fn run_task_now(
        &self,
        id: Uuid,
        occurrence: Uuid,
        owner: Option<Uuid>,
        audit: &Audit<'_>,
        once: Option<&IdempotencyKey>,
    ) -> Result<IdempotentResult<QueuedOccurrence>, StoreError> {
        let binds = audit.binds([
            ("id", id.to_string()),
            ("occurrence", occurrence.to_string()),
            ("event", String::new()),
            ("owner", text(owner)),
        ]);
        let is_done = |row: &Value| row["status"] == TaskStatus::Active.name();
        self.write_once("engine/api/task_run_now", &binds, once, is_done).await
    }

    pub(crate) async fn snooze_task(
        &self,
        id: Uuid,
        seconds: i64,
        owner: Option<Uuid>,
        audit: &Audit<'_>,
    ) -> Result<Option<SnoozedWork>, StoreError> {
        let binds =
            audit.binds([("id", id.to_string()), ("seconds", seconds.to_string()), ("owner", text(owner))]);
        self.write_optional("engine/api/task_snooze", &binds).await
    }
}
