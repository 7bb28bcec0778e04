//! What can be done with tasks and runs, for the API and the commands alike.
//!
//! Every change is one statement with its row in `audit_log`: both are there or neither. Notices go
//! out after it.

mod actor;
mod document;
pub(crate) mod input;
mod letters;
pub(crate) mod place;
mod runs;
mod steer;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::notice::{Notices, Subject};
use crate::model::{Page, Task};
use crate::pipeline::World;
use crate::store::{Binds, IdempotencyKey, IdempotentResult, Store, StoreError};

use input::InputIssue;

pub(crate) use actor::{Actor, ConsentedActor};
pub(crate) use place::Place;

/// Who acts when nobody says who: upstream's seeded agent.
pub(crate) const SYSTEM_AGENT: Uuid = Uuid::from_u128(1);

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// There is none of this id.
    #[error("there is no {0} of this id")]
    NotFound(&'static str),
    /// What was given cannot be used.
    #[error("{}", .0.first().map_or("it cannot be used", |f| f.msg.as_str()))]
    Invalid(Vec<InputIssue>),
    /// It contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// It is not the time for it.
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Forbidden(String),
    /// Too much goes on at once.
    #[error("{0}; try again")]
    Busy(&'static str),
    /// This machine could not do it.
    #[error("{0}")]
    Broken(String),
    /// The database gave no answer, or said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Tasks and runs of a database.
#[derive(Clone)]
pub(crate) struct Tasks {
    pub(crate) store: Store,
    /// What pipelines are checked against.
    pub(crate) world: World,
    pub(crate) notices: Notices,
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

    /// Tasks, newest first; empty filters let everything pass.
    pub(crate) async fn list(
        &self,
        [status, created_by, kind]: [&str; 3],
        place: &Place,
        actor: &Actor,
    ) -> Result<Page<Task>, TaskError> {
        let filter = [
            ("status", status.to_owned()),
            ("created_by", created_by.to_owned()),
            ("kind", kind.to_owned()),
            ("owner", actor.owner()),
        ];
        let total = self.count("engine/api/tasks_count", binds(filter.clone())).await?;
        let mut all = binds(filter);
        all.extend(place.binds());
        let items = self.store.first_rows("engine/api/tasks", &all, place.cap()).await?;
        Ok(place.page(items, total, |t: &Task| Some((t.created_at.clone(), t.id))))
    }

    async fn count(&self, name: &str, filter: Binds) -> Result<i64, TaskError> {
        #[derive(Deserialize)]
        struct Count {
            total: i64,
        }
        let counts: Vec<Count> = self.store.rows_with(name, &filter).await?;
        Ok(counts.first().map_or(0, |c| c.total))
    }

    /// The answer of an earlier request with the same idempotency key. Asked before the request is read: what
    /// was right then need not be right now.
    pub(crate) async fn before<T: serde::de::DeserializeOwned>(
        &self,
        actor: &Actor,
    ) -> Result<Option<T>, TaskError> {
        let Some(once) = &actor.once else { return Ok(None) };
        match self.store.find_idempotent(once).await? {
            Some((request, answer)) => replayed(request, answer, once).map(Some),
            None => Ok(None),
        }
    }

    /// Runs a statement that changes something; with an idempotency key at most once for the key, whose
    /// second request gets the first one's answer. `good`: whether a row means that something was done.
    pub(crate) async fn once<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
        binds: &Binds,
        actor: &Actor,
        good: impl Fn(&Value) -> bool,
    ) -> Result<Option<T>, TaskError> {
        let Some(once) = &actor.once else {
            return Ok(self.store.write_returning(name, binds).await.map_err(written)?.pop());
        };
        match self.store.write_idempotent(name, binds, once, good).await.map_err(written)? {
            IdempotentResult::Executed(row) => Ok(row),
            IdempotentResult::Replayed { request, answer } => replayed(request, answer, once).map(Some),
        }
    }

    pub(crate) async fn create(&self, document: &Value, actor: &ConsentedActor) -> Result<Task, TaskError> {
        if let Some(made) = self.before(actor).await? {
            return Ok(made);
        }
        let sound = document::create(document, &self.world, self.world.ctx.clock.now(), actor)
            .map_err(TaskError::Invalid)?;
        let binds = binds([
            ("task", Value::Object(sound.fields).to_string()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let made = self.once("engine/api/task_create", &binds, actor, |_| true).await?;
        self.notices.tell(Subject::Schedule);
        made.ok_or(TaskError::NotFound("task"))
    }

    pub(crate) async fn update(
        &self,
        id: Uuid,
        document: &Value,
        actor: &ConsentedActor,
    ) -> Result<Task, TaskError> {
        let task = self.get(id, actor).await?;
        let now = self.world.ctx.clock.now();
        let sound = document::update(document, &task, &self.world, now, actor).map_err(TaskError::Invalid)?;
        let mut details = actor.details.clone();
        details["fields"] = json!(sound.fields.keys().collect::<Vec<_>>());
        let binds = binds([
            ("id", id.to_string()),
            ("fields", Value::Object(sound.fields).to_string()),
            ("cursor", sound.cursor.map(|c| c.to_rfc3339()).unwrap_or_default()),
            ("actor", actor.agent.to_string()),
            ("details", details.to_string()),
            ("owner", actor.owner()),
        ]);
        let mut changed =
            self.store.write_returning("engine/api/task_update", &binds).await.map_err(written)?;
        self.notices.tell(Subject::Schedule);
        changed.pop().ok_or(TaskError::NotFound("task"))
    }
}

/// The answer that was kept for an idempotency key, if it was for this request.
fn replayed<T: serde::de::DeserializeOwned>(
    request: String,
    answer: Value,
    once: &IdempotencyKey,
) -> Result<T, TaskError> {
    if request != once.request {
        return Err(TaskError::Conflict("this Idempotency-Key was used with another request".into()));
    }
    serde_json::from_value(answer).map_err(|e| TaskError::Broken(format!("a kept answer does not fit: {e}")))
}

/// What the constraints of the tables say, in words.
fn written(error: StoreError) -> TaskError {
    let Some(state) = error.sql_state() else { return error.into() };
    match state.code() {
        "23505" => TaskError::Conflict("there is an active task with this dedupe_key and creator".into()),
        "23503" => TaskError::Invalid(vec![InputIssue {
            kind: "value_error",
            loc: vec!["body".into(), "created_by".into()],
            msg: "there is no agent of this id".into(),
            input: Value::Null,
        }]),
        // A character or number that the database cannot hold.
        code if code.starts_with("22") => {
            TaskError::Invalid(input::whole("value_error", "it holds something that cannot be stored"))
        }
        _ => error.into(),
    }
}
