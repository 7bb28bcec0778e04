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

use chrono::SecondsFormat;
use serde_json::{Value, json};
use uuid::Uuid;

use super::notifier::{Channel, Notifier};
use super::schedule::ONCE_GRACE;
use crate::model::{Page, Task};
use crate::pipeline::Executor;
use crate::store::{Audit, IdempotencyKey, IdempotentResult, Store, StoreError};

use input::InputIssue;

pub(crate) use crate::store::runs::RunFilter;
use crate::store::tasks::StoredTask;
pub(crate) use crate::store::tasks::TaskFilter;
pub(crate) use actor::{Actor, ConsentedActor};
pub(crate) use page_request::PageRequest;

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

impl Tasks {
    pub(crate) async fn get(&self, id: Uuid, actor: &Actor) -> Result<Task, TaskError> {
        self.store.task(id, actor.owner).await?.ok_or(TaskError::NotFound("task"))
    }

    /// Tasks, newest first.
    pub(crate) async fn list(
        &self,
        filter: &TaskFilter,
        page: &PageRequest,
        actor: &Actor,
    ) -> Result<Page<Task>, TaskError> {
        let total = self.store.count_tasks(filter, actor.owner).await?;
        let items = self.store.tasks(filter, actor.owner, page.binds(), page.cap()).await?;
        Ok(page.page(items, total, |t: &Task| Some((t.created_at.clone(), t.id))))
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

    pub(crate) async fn create(&self, document: &Value, actor: &ConsentedActor) -> Result<Task, TaskError> {
        if let Some(task) = self.replay(actor).await? {
            return Ok(task);
        }
        let valid = document::create(document, &self.executor, self.executor.ctx.clock.now(), actor)
            .map_err(TaskError::Invalid)?;
        let once = valid.once.map(|at| (at, ONCE_GRACE));
        let created = self.store.create_task(valid.fields, once, &actor.audit(), actor.once.as_ref()).await;
        let created = accepted(answer(created.map_err(translate)?, actor)?, document)?;
        self.notifier.notify(Channel::Schedule);
        Ok(created)
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
        let audit = Audit { actor: actor.agent, details: &details };
        let once = valid.once.map(|at| (at, ONCE_GRACE));
        let changed = self.store.update_task(id, valid.fields, once, actor.owner, &audit).await;
        let changed = accepted(changed.map_err(translate)?, document)?;
        self.notifier.notify(Channel::Schedule);
        Ok(changed)
    }
}

/// The stored task, unless the database found its instant too far in the past.
fn accepted(stored: Option<StoredTask>, document: &Value) -> Result<Task, TaskError> {
    match stored.ok_or(TaskError::NotFound("task"))? {
        StoredTask::Stored(task) => Ok(*task),
        StoredTask::TooLate { database_time } => {
            let now = database_time.to_rfc3339_opts(SecondsFormat::Secs, true);
            let msg = format!("the instant is more than a minute in the past: the database's time is {now}");
            Err(TaskError::Invalid(vec![InputIssue::unusable(
                "schedule_expr",
                msg,
                &document["schedule_expr"],
            )]))
        }
    }
}

/// The row that a request wrote, or the stored answer of an earlier request with the same idempotency key.
pub(crate) fn answer<T: serde::de::DeserializeOwned>(
    result: IdempotentResult<T>,
    actor: &Actor,
) -> Result<Option<T>, TaskError> {
    match (result, &actor.once) {
        (IdempotentResult::Replayed { request, answer }, Some(once)) => {
            decode_replay(request, answer, once).map(Some)
        }
        (IdempotentResult::Executed(row), _) => Ok(row),
        (IdempotentResult::Replayed { .. }, None) => Ok(None),
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
pub(crate) fn translate(error: StoreError) -> TaskError {
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
