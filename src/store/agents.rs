//! Agents, their credentials and sessions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Audit, Store, StoreError, binds};
use crate::model::{Agent, AgentInput};

/// Whether the database holds credentials.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Credentials {
    /// A valid one exists.
    pub(crate) live: bool,
    /// One existed at some time. Stays true, so that revoking the last key does not open the API.
    pub(crate) ever: bool,
}

/// The agent that a credential or session belongs to.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CredentialOwner {
    pub(crate) agent: Uuid,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    /// None for an API key.
    pub(crate) session: Option<Uuid>,
    /// The use of the credential was not recorded lately.
    pub(crate) stale: bool,
}

/// An agent with its valid credentials and sessions.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct AgentStatus {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) scopes: Vec<String>,
    /// API keys.
    pub(crate) keys: i64,
    pub(crate) secrets: i64,
    pub(crate) sessions: i64,
    /// Last use of a key or secret; RFC 3339.
    pub(crate) last_used_at: Option<String>,
    /// RFC 3339.
    pub(crate) created_at: String,
}

#[derive(Deserialize)]
pub(crate) struct StoredSecret {
    pub(crate) id: Uuid,
    pub(crate) digest: String,
    pub(crate) scopes: Vec<String>,
}

/// A new session; the tokens are digests, the lifetimes are seconds.
pub(crate) struct NewSession<'a> {
    pub(crate) id: Uuid,
    pub(crate) agent: Uuid,
    /// The secret that opened it.
    pub(crate) credential: Uuid,
    pub(crate) tokens: SessionTokens,
    pub(crate) details: &'a Value,
}

/// Digests of a session's tokens, with their lifetimes in seconds.
pub(crate) struct SessionTokens {
    pub(crate) access: String,
    pub(crate) access_seconds: f64,
    pub(crate) refresh: String,
    pub(crate) refresh_seconds: f64,
}

#[derive(Deserialize)]
pub(crate) struct RefreshedSession {
    pub(crate) scopes: Vec<String>,
    pub(crate) good: bool,
    pub(crate) reused: bool,
}

/// A new credential. `expires` and `grace` are seconds; None: never.
pub(crate) struct NewCredential<'a> {
    pub(crate) id: Uuid,
    pub(crate) agent: Uuid,
    pub(crate) kind: &'a str,
    pub(crate) digest: &'a str,
    pub(crate) expires: Option<f64>,
    /// How long older credentials of the kind stay valid.
    pub(crate) grace: Option<f64>,
}

/// How many credentials and sessions a revocation ended.
#[derive(Deserialize, Default)]
pub(crate) struct RevokedCredentials {
    pub(crate) credentials: i64,
    pub(crate) sessions: i64,
}

impl Store {
    pub(crate) async fn credentials(&self) -> Result<Credentials, StoreError> {
        self.one("engine/agents/any_credential").await
    }

    pub(crate) async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        self.rows("engine/agents/list").await
    }

    pub(crate) async fn agent_statuses(&self) -> Result<Vec<AgentStatus>, StoreError> {
        self.rows("engine/agents/status").await
    }

    /// By id or name.
    pub(crate) async fn find_agent(&self, id: &str) -> Result<Option<Agent>, StoreError> {
        self.optional("engine/agents/find", &binds([("id", id.to_owned())])).await
    }

    /// By id, by the beginning of an id, or by name; one with this very name comes first.
    pub(crate) async fn agent_candidates(&self, name: &str) -> Result<Vec<Agent>, StoreError> {
        self.rows_with("engine/agents/candidates", &binds([("name", name.to_owned())])).await
    }

    pub(crate) async fn create_agent(
        &self,
        agent: &AgentInput,
        audit: &Audit<'_>,
    ) -> Result<Option<Agent>, StoreError> {
        let agent = serde_json::json!(agent).to_string();
        self.write_optional("engine/agents/create", &audit.binds([("agent", agent)])).await
    }

    pub(crate) async fn update_agent(
        &self,
        id: Uuid,
        fields: &Map<String, Value>,
        audit: &Audit<'_>,
    ) -> Result<Option<Agent>, StoreError> {
        let fields = Value::Object(fields.clone()).to_string();
        let binds = audit.binds([("id", id.to_string()), ("fields", fields)]);
        self.write_optional("engine/agents/update", &binds).await
    }

    /// Deletes an agent without active tasks. Returns how many active tasks it has; None: there is no such agent.
    pub(crate) async fn delete_agent(&self, id: Uuid, audit: &Audit<'_>) -> Result<Option<i64>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            tasks: i64,
        }
        let row = self.write_optional("engine/agents/delete", &audit.binds([("id", id.to_string())])).await?;
        Ok(row.map(|row: Row| row.tasks))
    }

    /// The owner of an API key.
    pub(crate) async fn key_owner(
        &self,
        id: Uuid,
        digest: String,
    ) -> Result<Option<CredentialOwner>, StoreError> {
        self.optional("engine/agents/by_key", &binds([("id", id.to_string()), ("digest", digest)])).await
    }

    /// The owner of an access token.
    pub(crate) async fn session_owner(
        &self,
        session: Uuid,
        digest: String,
    ) -> Result<Option<CredentialOwner>, StoreError> {
        let binds = binds([("session", session.to_string()), ("digest", digest)]);
        self.optional("engine/agents/by_session", &binds).await
    }

    pub(crate) async fn record_credential_use(&self, id: Uuid) -> Result<(), StoreError> {
        self.write("engine/agents/record_use", &binds([("id", id.to_string())])).await
    }

    pub(crate) async fn agent_secrets(&self, agent: Uuid) -> Result<Vec<StoredSecret>, StoreError> {
        self.rows_with("engine/agents/secrets", &binds([("agent", agent.to_string())])).await
    }

    pub(crate) async fn create_session(&self, new: NewSession<'_>) -> Result<(), StoreError> {
        let binds = binds([
            ("id", new.id.to_string()),
            ("agent", new.agent.to_string()),
            ("refresh", new.tokens.refresh),
            ("seconds", new.tokens.refresh_seconds.to_string()),
            ("credential", new.credential.to_string()),
            ("details", new.details.to_string()),
            ("access", new.tokens.access),
            ("access_seconds", new.tokens.access_seconds.to_string()),
        ]);
        self.write("engine/agents/session_create", &binds).await
    }

    /// Replaces the tokens of a session, given the digest of its refresh token. None: there is no such session.
    pub(crate) async fn refresh_session(
        &self,
        session: Uuid,
        old: String,
        new: SessionTokens,
        details: &Value,
    ) -> Result<Option<RefreshedSession>, StoreError> {
        let binds = binds([
            ("id", session.to_string()),
            ("old", old),
            ("new", new.refresh),
            ("seconds", new.refresh_seconds.to_string()),
            ("details", details.to_string()),
            ("access", new.access),
            ("access_seconds", new.access_seconds.to_string()),
        ]);
        self.write_optional("engine/agents/session_refresh", &binds).await
    }

    /// Ends an agent's session. False: there was none.
    pub(crate) async fn revoke_session(
        &self,
        session: Uuid,
        agent: Uuid,
        details: &Value,
    ) -> Result<bool, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            ended: bool,
        }
        let binds = binds([
            ("id", session.to_string()),
            ("agent", agent.to_string()),
            ("details", details.to_string()),
        ]);
        let row = self.write_optional("engine/agents/session_revoke", &binds).await?;
        Ok(row.is_some_and(|row: Row| row.ended))
    }

    /// False: there is no such agent.
    pub(crate) async fn create_credential(
        &self,
        new: &NewCredential<'_>,
        audit: &Audit<'_>,
    ) -> Result<bool, StoreError> {
        let seconds = |span: Option<f64>| span.map(|s| s.to_string()).unwrap_or_default();
        let binds = audit.binds([
            ("id", new.id.to_string()),
            ("agent", new.agent.to_string()),
            ("kind", new.kind.to_owned()),
            ("digest", new.digest.to_owned()),
            ("expires", seconds(new.expires)),
            ("grace", seconds(new.grace)),
        ]);
        Ok(self.write_optional::<Value>("engine/agents/credential_create", &binds).await?.is_some())
    }

    /// Revokes all credentials and sessions of an agent.
    pub(crate) async fn revoke_credentials(
        &self,
        agent: Uuid,
        audit: &Audit<'_>,
    ) -> Result<RevokedCredentials, StoreError> {
        let binds = audit.binds([("agent", agent.to_string())]);
        Ok(self.write_optional("engine/agents/revoke", &binds).await?.unwrap_or_default())
    }
}
