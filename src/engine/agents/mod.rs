//! Agents: who may ask, how they prove it, what they may do.
//!
//! * Nobody is believed by name. A proof is a token that this system signed and whose session has not
//!   ended, or an API key; both are looked up at each request, so what is revoked is revoked at once, on
//!   every node.
//! * Of a secret, an API key or a refresh token the database holds a digest, never the thing itself.
//! * A refresh token is good once. One that comes a second time ends its session: somebody has a copy.
//! * Nobody gives rights that he does not have himself.
//! * Every change has its row in `audit_log`, in the same statement.

mod credentials;
mod input;
pub(crate) mod key;
pub(crate) mod scope;
mod token;

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::tasks::input::whole;
use super::tasks::{ConsentedActor, SYSTEM_AGENT, TaskError, binds};
use crate::clients::postgres::SqlState;
use crate::model::Agent;
use crate::store::{Store, StoreError};

pub(crate) use key::SigningKey;
pub(crate) use scope::Scope;

/// So many secrets are checked at once: each takes 19 MiB and some tens of milliseconds by design.
const CHECKS: usize = 2;

/// The agents of a database.
#[derive(Clone)]
pub(crate) struct Agents {
    store: Store,
    life: Life,
    checks: Arc<Semaphore>,
}

/// Whether anybody can prove who he is.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) live: bool,
    /// Somebody could at some time. That does not go away: revoking the last key opens no door.
    pub(crate) ever: bool,
}

/// How long tokens are good.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) access: Duration,
    /// Refresh tokens, from their last use.
    pub(crate) refresh: Duration,
}

/// An agent that has proven who it is.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Identity {
    pub(crate) agent: Uuid,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    /// The session of its token.
    pub(crate) session: Option<Uuid>,
    stale: bool,
}

impl Identity {
    /// The system agent, who may do everything.
    pub(crate) fn system() -> Self {
        let scopes = vec!["admin".to_owned(), "system".to_owned()];
        Self { agent: SYSTEM_AGENT, name: "system".into(), scopes, session: None, stale: false }
    }

    pub(crate) fn may(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|s| s == scope.name() || s == Scope::Admin.name())
    }

    /// Whether it may give these rights away: everybody what he has, `admin` all.
    pub(crate) fn may_grant(&self, scopes: &[String]) -> bool {
        self.may(Scope::Admin) || scopes.iter().all(|s| self.scopes.contains(s))
    }
}

impl Agents {
    /// The agents of a database.
    pub(crate) fn new(store: Store, life: Life) -> Self {
        Self { store, life, checks: Arc::new(Semaphore::new(CHECKS)) }
    }

    /// The agents of a database, for a process that gives out no tokens.
    pub(crate) fn of(store: Store) -> Self {
        Self::new(store, Life { access: Duration::ZERO, refresh: Duration::ZERO })
    }

    /// Whether anybody can prove who he is.
    pub(crate) async fn credentials(&self) -> Result<Credentials, StoreError> {
        self.store.one("engine/agents/any_credential").await
    }

    pub(crate) async fn list(&self) -> Result<Vec<Agent>, TaskError> {
        Ok(self.store.rows("engine/agents/list").await?)
    }

    /// All agents with what they prove themselves with, for a person.
    pub(crate) async fn standing(&self) -> Result<Vec<Standing>, StoreError> {
        self.store.rows("engine/agents/standing").await
    }

    /// The agent of an id or a name.
    pub(crate) async fn get(&self, id: &str) -> Result<Agent, TaskError> {
        let mut rows = self.store.rows_with("engine/agents/one", &binds([("id", id.to_owned())])).await?;
        rows.pop().ok_or(TaskError::NotFound("agent"))
    }

    pub(crate) async fn create(
        &self,
        document: &Value,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<Agent, TaskError> {
        let fields = input::read(document, true).map_err(TaskError::Invalid)?;
        grant(by, &fields)?;
        let binds = binds([
            ("agent", Value::Object(fields).to_string()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let mut made = self.store.write_returning("engine/agents/create", &binds).await.map_err(written)?;
        made.pop().ok_or(TaskError::NotFound("agent"))
    }

    pub(crate) async fn update(
        &self,
        id: Uuid,
        document: &Value,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<Agent, TaskError> {
        let old = self.above(id, by).await?;
        let fields = input::read(document, false).map_err(TaskError::Invalid)?;
        if old.id == SYSTEM_AGENT && ["name", "scopes"].iter().any(|k| fields.contains_key(*k)) {
            return Err(TaskError::Refused("the system agent keeps its name and its rights".into()));
        }
        grant(by, &fields)?;
        let binds = binds([
            ("id", id.to_string()),
            ("fields", Value::Object(fields).to_string()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let mut changed =
            self.store.write_returning("engine/agents/update", &binds).await.map_err(written)?;
        changed.pop().ok_or(TaskError::NotFound("agent"))
    }

    /// Deletes an agent that has no active task.
    pub(crate) async fn delete(
        &self,
        id: Uuid,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<(), TaskError> {
        #[derive(Deserialize)]
        struct Row {
            tasks: i64,
        }
        if id == SYSTEM_AGENT {
            return Err(TaskError::Refused("the system agent cannot be deleted".into()));
        }
        self.above(id, by).await?;
        let binds = binds([
            ("id", id.to_string()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let rows: Vec<Row> = self.store.write_returning("engine/agents/delete", &binds).await?;
        match rows.first().map(|r| r.tasks) {
            Some(0) => Ok(()),
            Some(n) => Err(TaskError::Refused(format!("the agent has {n} active tasks; cancel them first"))),
            None => Err(TaskError::NotFound("agent")),
        }
    }

    /// The agent of an id, if `by` has all of its rights: who could change a mightier one would become it.
    async fn above(&self, id: Uuid, by: &Identity) -> Result<Agent, TaskError> {
        let agent = self.get(&id.to_string()).await?;
        if by.may_grant(&agent.scopes) {
            Ok(agent)
        } else {
            Err(TaskError::Forbidden("the agent has rights that you do not have".into()))
        }
    }
}

/// An agent as an operator sees it.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
pub(crate) struct Standing {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    /// API keys that are good.
    pub(crate) keys: i64,
    pub(crate) secrets: i64,
    pub(crate) sessions: i64,
    /// When it last proved who it is with a key or a secret; RFC 3339.
    pub(crate) last_used_at: Option<String>,
    /// RFC 3339.
    pub(crate) created_at: String,
}

fn grant(by: &Identity, fields: &serde_json::Map<String, Value>) -> Result<(), TaskError> {
    let scopes: Vec<String> = fields
        .get("scopes")
        .and_then(Value::as_array)
        .map(|all| all.iter().filter_map(|s| s.as_str().map(str::to_owned)).collect())
        .unwrap_or_default();
    if by.may_grant(&scopes) {
        Ok(())
    } else {
        Err(TaskError::Forbidden("you can give only rights that you have".into()))
    }
}

fn written(error: StoreError) -> TaskError {
    match error.sql_state() {
        Some(state) if *state == SqlState::UNIQUE_VIOLATION => {
            TaskError::Refused("there is an agent of this name".into())
        }
        // Class 22: data exception.
        Some(state) if state.code().starts_with("22") => {
            TaskError::Invalid(whole("value_error", "it holds something that cannot be stored"))
        }
        _ => error.into(),
    }
}
