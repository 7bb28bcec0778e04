//! Credentials: verifying, issuing and revoking them.

use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use serde::Deserialize;
use uuid::Uuid;

use super::token::{self, ACCESS, API_KEY, REFRESH, digest};
use super::{Agents, Identity};
use crate::engine::tasks::{Actor, ConsentedActor, TaskError, binds};
use crate::model::{NewSecret, Tokens};
use crate::store::StoreError;

/// Compared when an agent has no secret, so that the answer takes as long.
const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Longest wait for a hashing slot.
const HASH_WAIT: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Secret {
    id: Uuid,
    digest: String,
    scopes: Vec<String>,
}

/// A session's new tokens; the database stores their digests.
struct TokenPair {
    access: String,
    refresh: String,
}

impl TokenPair {
    fn generate(session: Uuid) -> Result<Self, TaskError> {
        let generate = |prefix| token::generate(prefix, session).map_err(internal);
        Ok(Self { access: generate(ACCESS)?, refresh: generate(REFRESH)? })
    }
}

impl Agents {
    /// The agent of an access token or API key; None when it is invalid.
    pub(crate) async fn authenticate(&self, bearer: &str) -> Result<Option<Identity>, StoreError> {
        if let Some(id) = token::id_of(API_KEY, bearer) {
            let all = binds([("id", id.to_string()), ("digest", digest(bearer))]);
            let found: Option<Identity> = self.store.rows_with("engine/agents/by_key", &all).await?.pop();
            if found.as_ref().is_some_and(|f| f.stale) {
                self.store.write("engine/agents/record_use", &binds([("id", id.to_string())])).await?;
            }
            return Ok(found);
        }
        let Some(session) = token::id_of(ACCESS, bearer) else { return Ok(None) };
        let all = binds([("session", session.to_string()), ("digest", digest(bearer))]);
        Ok(self.store.rows_with("engine/agents/by_session", &all).await?.pop())
    }

    /// Opens a session; None when the secret is wrong.
    pub(crate) async fn log_in(
        &self,
        agent: Uuid,
        secret: &str,
        actor: &Actor,
    ) -> Result<Option<Tokens>, TaskError> {
        let secrets: Vec<Secret> =
            self.store.rows_with("engine/agents/secrets", &binds([("agent", agent.to_string())])).await?;
        let Some(found) = self.verify(secrets, secret).await? else { return Ok(None) };
        let session = Uuid::now_v7();
        let pair = TokenPair::generate(session)?;
        let all = binds([
            ("id", session.to_string()),
            ("agent", agent.to_string()),
            ("refresh", digest(&pair.refresh)),
            ("seconds", self.lifetimes.refresh.as_secs_f64().to_string()),
            ("credential", found.id.to_string()),
            ("details", actor.details.to_string()),
            ("access", digest(&pair.access)),
            ("access_seconds", self.lifetimes.access.as_secs_f64().to_string()),
        ]);
        self.store.write_returning::<serde_json::Value>("engine/agents/session_create", &all).await?;
        Ok(Some(self.tokens(pair, &found.scopes)))
    }

    async fn hash_slot(&self) -> Result<tokio::sync::OwnedSemaphorePermit, TaskError> {
        let slot = tokio::time::timeout(HASH_WAIT, self.hash_slots.clone().acquire_owned()).await;
        slot.ok().and_then(Result::ok).ok_or(TaskError::Busy("too many secrets are being verified"))
    }

    /// The secret that matches.
    async fn verify(&self, secrets: Vec<Secret>, given: &str) -> Result<Option<Secret>, TaskError> {
        let slot = self.hash_slot().await?;
        let given = given.to_owned();
        let verified = tokio::task::spawn_blocking(move || {
            // Held until the hash is computed, even if the request is abandoned.
            let _slot = slot;
            let matches = |text: &str| {
                PasswordHash::new(text)
                    .is_ok_and(|hash| Argon2::default().verify_password(given.as_bytes(), &hash).is_ok())
            };
            if secrets.is_empty() {
                matches(DUMMY_HASH);
            }
            secrets.into_iter().find(|s| matches(&s.digest))
        });
        verified.await.map_err(|e| internal(std::io::Error::other(e)))
    }

    fn tokens(&self, pair: TokenPair, scopes: &[String]) -> Tokens {
        Tokens {
            access_token: pair.access,
            refresh_token: pair.refresh,
            token_type: "bearer".into(),
            expires_in: i64::try_from(self.lifetimes.access.as_secs()).unwrap_or(i64::MAX),
            scope: scopes.join(" "),
        }
    }

    /// Replaces a session's tokens; None when the refresh token is unknown, expired or used. The access token
    /// before is no longer valid.
    pub(crate) async fn refresh(&self, old: &str, actor: &Actor) -> Result<Option<Tokens>, TaskError> {
        #[derive(Deserialize)]
        struct Row {
            scopes: Vec<String>,
            good: bool,
            reused: bool,
        }
        let Some(session) = token::id_of(REFRESH, old) else { return Ok(None) };
        let pair = TokenPair::generate(session)?;
        let all = binds([
            ("id", session.to_string()),
            ("old", digest(old)),
            ("new", digest(&pair.refresh)),
            ("seconds", self.lifetimes.refresh.as_secs_f64().to_string()),
            ("details", actor.details.to_string()),
            ("access", digest(&pair.access)),
            ("access_seconds", self.lifetimes.access.as_secs_f64().to_string()),
        ]);
        let rows: Vec<Row> = self.store.write_returning("engine/agents/session_refresh", &all).await?;
        let row = rows.into_iter().next();
        if row.as_ref().is_some_and(|r| r.reused) {
            tracing::warn!(%session, "session revoked: its refresh token was used twice");
        }
        Ok(row.filter(|r| r.good).map(|r| self.tokens(pair, &r.scopes)))
    }

    /// Revokes the session of a refresh token, or the caller's own. False: there was none.
    pub(crate) async fn end_session(
        &self,
        refresh: Option<&str>,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<bool, TaskError> {
        #[derive(Deserialize)]
        struct Row {
            ended: bool,
        }
        let session = match refresh {
            Some(text) => token::id_of(REFRESH, text),
            None => by.session,
        };
        let Some(session) = session else { return Ok(false) };
        let all = binds([
            ("id", session.to_string()),
            ("agent", by.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let rows: Vec<Row> = self.store.write_returning("engine/agents/session_revoke", &all).await?;
        Ok(rows.first().is_some_and(|r| r.ended))
    }

    /// Replaces the agent's secret.
    pub(crate) async fn new_secret(
        &self,
        agent: Uuid,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<NewSecret, TaskError> {
        self.get_governed(agent, by).await?;
        let secret = token::random().map_err(internal)?;
        let given = secret.clone();
        let slot = self.hash_slot().await?;
        let hashed = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            Argon2::default().hash_password(given.as_bytes()).map(|h| h.to_string())
        });
        let hashed = hashed.await.map_err(|e| internal(std::io::Error::other(e)))?;
        let hashed = hashed.map_err(|e| internal(std::io::Error::other(e.to_string())))?;
        self.store_credential(Uuid::now_v7(), agent, ("secret", &hashed), None, Some(Duration::ZERO), actor)
            .await?;
        Ok(NewSecret { agent_id: agent, agent_secret: secret })
    }

    /// Creates an API key. `grace`: how long earlier keys stay valid; None: until revoked.
    pub(crate) async fn new_key(
        &self,
        agent: Uuid,
        expires: Option<Duration>,
        grace: Option<Duration>,
        actor: &ConsentedActor,
    ) -> Result<String, TaskError> {
        let id = Uuid::now_v7();
        let key = token::generate(API_KEY, id).map_err(internal)?;
        self.store_credential(id, agent, ("key", &digest(&key)), expires, grace, actor).await?;
        Ok(key)
    }

    async fn store_credential(
        &self,
        id: Uuid,
        agent: Uuid,
        (kind, digest): (&str, &str),
        expires: Option<Duration>,
        grace: Option<Duration>,
        actor: &ConsentedActor,
    ) -> Result<(), TaskError> {
        let seconds = |span: Option<Duration>| span.map(|s| s.as_secs_f64().to_string()).unwrap_or_default();
        let all = binds([
            ("id", id.to_string()),
            ("agent", agent.to_string()),
            ("kind", kind.to_owned()),
            ("digest", digest.to_owned()),
            ("expires", seconds(expires)),
            ("grace", seconds(grace)),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let created: Vec<serde_json::Value> =
            self.store.write_returning("engine/agents/credential_create", &all).await?;
        if created.is_empty() { Err(TaskError::NotFound("agent")) } else { Ok(()) }
    }

    /// Revokes all credentials and sessions of an agent. Returns how many of each.
    pub(crate) async fn revoke(
        &self,
        agent: Uuid,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<(i64, i64), TaskError> {
        #[derive(Deserialize)]
        struct Row {
            credentials: i64,
            sessions: i64,
        }
        if by.agent != agent {
            self.get_governed(agent, by).await?;
        }
        let all = binds([
            ("agent", agent.to_string()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let rows: Vec<Row> = self.store.write_returning("engine/agents/revoke", &all).await?;
        Ok(rows.first().map_or((0, 0), |r| (r.credentials, r.sessions)))
    }
}

fn internal(e: std::io::Error) -> TaskError {
    TaskError::Internal(e.to_string())
}
