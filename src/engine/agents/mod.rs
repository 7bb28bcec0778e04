//! Agents: API clients, their credentials and their scopes.
//!
//! * Every request authenticates with an access token or an API key. Both are opaque and looked up each time, so
//!   revocation takes effect at once on every node.
//! * The database stores digests of secrets, API keys and tokens, never the values.
//! * A refresh token is valid once. A second use revokes its session, because it was copied.
//! * No agent can grant a scope that it does not have.
//! * Every change writes its row of `audit_log` in the same statement.

mod credentials;
pub(crate) mod scope;
pub(crate) mod token;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::notifier::{Channel, Notifier};
use super::tasks::input::{self, InputIssue};
use super::tasks::{ConsentedActor, SYSTEM_AGENT, TaskError};
use crate::clients::postgres::SqlState;
use crate::model::{Agent, AgentInput, AgentUpdate};
use crate::store::agents::{AgentStatus, CredentialOwner, Credentials};
use crate::store::{Store, StoreError};

pub(crate) use scope::Scope;

/// Concurrent hashes of secrets; each takes 19 MiB and tens of milliseconds by design.
const HASH_SLOTS: usize = 2;

/// The agents of a database.
#[derive(Clone)]
pub(crate) struct Agents {
    store: Store,
    /// Tells the nodes at once that an agent lost access.
    notifier: Notifier,
    lifetimes: TokenLifetimes,
    hash_slots: Arc<Semaphore>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenLifetimes {
    pub(crate) access: Duration,
    /// From the last refresh.
    pub(crate) refresh: Duration,
}

/// An authenticated agent.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) agent: Uuid,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    /// None for an API key.
    pub(crate) session: Option<Uuid>,
}

impl From<CredentialOwner> for Identity {
    fn from(owner: CredentialOwner) -> Self {
        let CredentialOwner { agent, name, scopes, session, stale: _ } = owner;
        Self { agent, name, scopes, session }
    }
}

impl Identity {
    /// The system agent, which has every scope.
    pub(crate) fn system() -> Self {
        let scopes = vec!["admin".to_owned(), "system".to_owned()];
        Self { agent: SYSTEM_AGENT, name: "system".into(), scopes, session: None }
    }

    pub(crate) fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|s| s == scope.name() || s == Scope::Admin.name())
    }

    /// Agents can grant the scopes that they have; an admin can grant any.
    pub(crate) fn can_grant(&self, scopes: &[String]) -> bool {
        self.has(Scope::Admin) || scopes.iter().all(|s| self.scopes.contains(s))
    }
}

impl Agents {
    pub(crate) fn new(store: Store, notifier: Notifier, lifetimes: TokenLifetimes) -> Self {
        Self { store, notifier, lifetimes, hash_slots: Arc::new(Semaphore::new(HASH_SLOTS)) }
    }

    /// For a process that issues no tokens.
    pub(crate) fn without_tokens(store: Store, notifier: Notifier) -> Self {
        Self::new(store, notifier, TokenLifetimes { access: Duration::ZERO, refresh: Duration::ZERO })
    }

    pub(crate) async fn credentials(&self) -> Result<Credentials, StoreError> {
        self.store.credentials().await
    }

    pub(crate) async fn list(&self) -> Result<Vec<Agent>, TaskError> {
        Ok(self.store.agents().await?)
    }

    pub(crate) async fn statuses(&self) -> Result<Vec<AgentStatus>, StoreError> {
        self.store.agent_statuses().await
    }

    /// Finds an agent by id or name.
    pub(crate) async fn get(&self, id: &str) -> Result<Agent, TaskError> {
        self.store.find_agent(id).await?.ok_or(TaskError::NotFound("agent"))
    }

    /// Agents that match a name, an id or the start of an id; an exact match comes first.
    pub(crate) async fn candidates(&self, name: &str) -> Result<Vec<Agent>, StoreError> {
        self.store.agent_candidates(name).await
    }

    pub(crate) async fn create(
        &self,
        document: &Value,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<Agent, TaskError> {
        let agent: AgentInput = input::read(document).map_err(TaskError::Invalid)?;
        check_url(agent.webhook_url.as_deref())?;
        check_grant(by, &agent.scopes)?;
        let created = self.store.create_agent(&agent, &actor.audit()).await.map_err(translate)?;
        created.ok_or(TaskError::NotFound("agent"))
    }

    pub(crate) async fn update(
        &self,
        id: Uuid,
        document: &Value,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<Agent, TaskError> {
        let old = self.get_governed(id, by).await?;
        let update: AgentUpdate = input::read(document).map_err(TaskError::Invalid)?;
        check_url(update.webhook_url.as_deref())?;
        if old.id == SYSTEM_AGENT && (update.name.is_some() || update.scopes.is_some()) {
            return Err(TaskError::Refused(
                "the name and scopes of the system agent cannot be changed".into(),
            ));
        }
        check_grant(by, update.scopes.as_deref().unwrap_or_default())?;
        let mut fields: Map<String, Value> = json!(update).as_object().cloned().unwrap_or_default();
        if document.get("webhook_url").is_some_and(Value::is_null) {
            fields.insert("webhook_url".to_owned(), Value::Null);
        }
        let changed = self.store.update_agent(id, &fields, &actor.audit()).await.map_err(translate)?;
        self.notifier.notify(Channel::Access);
        changed.ok_or(TaskError::NotFound("agent"))
    }

    /// Refuses while the agent has active tasks.
    pub(crate) async fn delete(
        &self,
        id: Uuid,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<(), TaskError> {
        if id == SYSTEM_AGENT {
            return Err(TaskError::Refused("the system agent cannot be deleted".into()));
        }
        self.get_governed(id, by).await?;
        match self.store.delete_agent(id, &actor.audit()).await? {
            Some(0) => {
                self.notifier.notify(Channel::Access);
                Ok(())
            }
            Some(n) => Err(TaskError::Refused(format!("the agent has {n} active tasks; cancel them first"))),
            None => Err(TaskError::NotFound("agent")),
        }
    }

    /// The agent, if `by` has all of its scopes. Changing an agent with more scopes would be privilege escalation.
    async fn get_governed(&self, id: Uuid, by: &Identity) -> Result<Agent, TaskError> {
        let agent = self.get(&id.to_string()).await?;
        if by.can_grant(&agent.scopes) {
            Ok(agent)
        } else {
            Err(TaskError::Forbidden("the agent has scopes that you do not have".into()))
        }
    }
}

fn check_grant(by: &Identity, scopes: &[String]) -> Result<(), TaskError> {
    if by.can_grant(scopes) {
        Ok(())
    } else {
        Err(TaskError::Forbidden("you can grant only scopes that you have".into()))
    }
}

/// The schema's `format: uri` accepts more than a URL parser does, such as port 99999.
fn check_url(url: Option<&str>) -> Result<(), TaskError> {
    match url.filter(|text| url::Url::parse(text).is_err()) {
        None => Ok(()),
        Some(text) => Err(TaskError::Invalid(vec![InputIssue {
            kind: "url_parsing",
            ..InputIssue::unusable("webhook_url", "Input should be a valid URL", &json!(text))
        }])),
    }
}

/// Explains violated constraints.
fn translate(error: StoreError) -> TaskError {
    match error.sql_state() {
        Some(state) if *state == SqlState::UNIQUE_VIOLATION => {
            TaskError::Conflict("an agent with this name exists".into())
        }
        // Class 22: data exception.
        Some(state) if state.code().starts_with("22") => {
            TaskError::Invalid(InputIssue::body("value_error", "the database cannot store this value"))
        }
        _ => error.into(),
    }
}
