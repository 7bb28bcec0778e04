//! Operations on tasks and runs, shared by the API and the commands.
//!
//! Every change is one statement that also writes its row of `audit_log`. Notifications follow the commit.

mod actor;
mod control;
mod dead_letters;
mod document;
pub(crate) mod input;
pub(crate) mod page_request;
mod runs;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::notifier::{Channel, Notifier};
use crate::model::{Page, ScheduleKind, Task, TaskStatus};
use crate::pipeline::Executor;
use crate::store::{Binds, IdempotencyKey, IdempotentResult, Store, StoreError};

use input::InputIssue;

pub(crate) use actor::{Actor, ConsentedActor};
pub(crate) use page_request::PageRequest;
pub(crate) use runs::RunFilter;

/// Upstream's seeded agent, on whose behalf the command line acts.
pub(crate) const SYSTEM_AGENT: Uuid = Uuid::from_u128(1);

/// An operation that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    #[error("no {0} has this id")]
    NotFound(&'static str),
    #[error("{}", .0.first().map_or("invalid input", |f| f.msg.as_str()))]
    Invalid(Vec<InputIssue>),
    /// Contradicts the stored state.
    #[error("{0}")]
    Conflict(String),
    /// Not possible in the current state.
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Forbidden(String),
    /// Too many concurrent operations.
    #[error("{0}; try again")]
    Busy(&'static str),
    /// A failure of this process.
    #[error("{0}")]
    Internal(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tasks and runs of a database.
#[derive(Clone)]
pub(crate) struct Tasks {
    pub(crate) store: Store,
    /// Tools and queries that pipelines are checked against.
    pub(crate) executor: Executor,
    pub(crate) notifier: Notifier,
}

/// Restricts a list of tasks; None matches all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TaskFilter {
    pub(crate) status: Option<TaskStatus>,
    pub(crate) created_by: Option<Uuid>,
    pub(crate) schedule_kind: Option<ScheduleKind>,
}

pub(crate) fn binds<const N: usize>(values: [(&str, String); N]) -> Binds {
    values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

impl Tasks {
    pub(crate) async fn get(&self, id: Uuid, actor: &Actor) -> Result<Task, TaskError> {
        let all = binds([("id", id.to_string()), ("owner", actor.owner())]);
        let mut rows = self.store.rows_with("engine/api/task", &all).await?;
        rows.pop().ok_or(TaskError::NotFound("task"))
    }

    /// Tasks, newest first.
    pub(crate) async fn list(
        &self,
        filter: &TaskFilter,
        page: &PageRequest,
        actor: &Actor,
    ) -> Result<Page<Task>, TaskError> {
        let filter = [
            ("status", filter.status.map(|s| s.to_string()).unwrap_or_default()),
            ("created_by", filter.created_by.map(|id| id.to_string()).unwrap_or_default()),
            ("kind", filter.schedule_kind.map(|k| k.to_string()).unwrap_or_default()),
            ("owner", actor.owner()),
        ];
        let total = self.count("engine/api/tasks_count", binds(filter.clone())).await?;
        let mut all = binds(filter);
        all.extend(page.binds());
        let items = self.store.first_rows("engine/api/tasks", &all, page.cap()).await?;
        Ok(page.page(items, total, |t: &Task| Some((t.created_at.clone(), t.id))))
    }

    async fn count(&self, name: &str, filter: Binds) -> Result<i64, TaskError> {
        #[derive(Deserialize)]
        struct Count {
            total: i64,
        }
        let counts: Vec<Count> = self.store.rows_with(name, &filter).await?;
        Ok(counts.first().map_or(0, |c| c.total))
    }

    /// The answer to an earlier request with the same idempotency key. Looked up before validation, whose result
    /// may have changed since.
    pub(crate) async fn replay<T: serde::de::DeserializeOwned>(
        &self,
        actor: &Actor,
    ) -> Result<Option<T>, TaskError> {
        let Some(once) = &actor.once else { return Ok(None) };
        match self.store.find_idempotent(once).await? {
            Some((request, answer)) => decode_replay(request, answer, once).map(Some),
            None => Ok(None),
        }
    }

    /// Runs a changing statement; with an idempotency key at most once per key, later requests get the first answer.
    /// `is_done` tells whether a row means that the change was made.
    pub(crate) async fn change_once<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
        actor: &Actor,
        is_done: impl Fn(&Value) -> bool,
    ) -> Result<Option<T>, TaskError> {
        let Some(once) = &actor.once else {
            return Ok(self.store.write_returning(name, binds).await.map_err(translate)?.pop());
        };
        match self.store.write_idempotent(name, binds, once, is_done).await.map_err(translate)? {
            IdempotentResult::Executed(row) => Ok(row),
            IdempotentResult::Replayed { request, answer } => decode_replay(request, answer, once).map(Some),
        }
    }

    pub(crate) async fn create(&self, document: &Value, actor: &ConsentedActor) -> Result<Task, TaskError> {
        if let Some(task) = self.replay(actor).await? {
            return Ok(task);
        }
        let valid = document::create(document, &self.executor, self.executor.ctx.clock.now(), actor)
            .map_err(TaskError::Invalid)?;
        let binds = binds([
            ("task", Value::Object(valid.fields).to_string()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let created = self.change_once("engine/api/task_create", &binds, actor, |_| true).await?;
        self.notifier.notify(Channel::Schedule);
        created.ok_or(TaskError::NotFound("task"))
    }

    pub(crate) async fn update(
        &self,
        id: Uuid,
        document: &Value,
        actor: &ConsentedActor,
    ) -> Result<Task, TaskError> {
        let task = self.get(id, actor).await?;
        let now = self.executor.ctx.clock.now();
        let valid =
            document::update(document, &task, &self.executor, now, actor).map_err(TaskError::Invalid)?;
        let mut details = actor.details.clone();
        details["fields"] = json!(valid.fields.keys().collect::<Vec<_>>());
        let binds = binds([
            ("id", id.to_string()),
            ("fields", Value::Object(valid.fields).to_string()),
            ("cursor", valid.cursor.map(|c| c.to_rfc3339()).unwrap_or_default()),
            ("actor", actor.agent.to_string()),
            ("details", details.to_string()),
            ("owner", actor.owner()),
        ]);
        let mut changed =
            self.store.write_returning("engine/api/task_update", &binds).await.map_err(translate)?;
        self.notifier.notify(Channel::Schedule);
        changed.pop().ok_or(TaskError::NotFound("task"))
    }
}

/// The stored answer for an idempotency key, if it belongs to the same request.
fn decode_replay<T: serde::de::DeserializeOwned>(
    request: String,
    answer: Value,
    once: &IdempotencyKey,
) -> Result<T, TaskError> {
    if request != once.request {
        return Err(TaskError::Conflict("this Idempotency-Key was used for a different request".into()));
    }
    serde_json::from_value(answer).map_err(|e| TaskError::Internal(format!("invalid stored answer: {e}")))
}

/// Explains violated constraints.
fn translate(error: StoreError) -> TaskError {
    let Some(state) = error.sql_state() else { return error.into() };
    match state.code() {
        "23505" => TaskError::Conflict("an active task with this dedupe_key and creator exists".into()),
        "23503" => {
            TaskError::Invalid(vec![InputIssue::unusable("created_by", "no agent has this id", &Value::Null)])
        }
        code if code.starts_with("22") => {
            TaskError::Invalid(InputIssue::body("value_error", "the database cannot store this value"))
        }
        _ => error.into(),
    }
}
