//! Credentials: verifying, issuing and revoking them.

use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use uuid::Uuid;

use super::token::{self, ACCESS, API_KEY, REFRESH, digest};
use super::{Agents, Identity};
use crate::engine::notifier::Channel;
use crate::engine::tasks::{Actor, ConsentedActor, TaskError};
use crate::model::{NewSecret, Tokens};
use crate::store::StoreError;
use crate::store::agents::{NewCredential, NewSession, SessionTokens, StoredSecret};

/// Compared when an agent has no secret, so that the answer takes as long.
const DUMMY_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Longest wait for a hashing slot.
const HASH_WAIT: Duration = Duration::from_secs(5);

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
            let found = self.store.key_owner(id, digest(bearer)).await?;
            if found.as_ref().is_some_and(|f| f.stale) {
                self.store.record_credential_use(id).await?;
            }
            return Ok(found.map(Identity::from));
        }
        let Some(session) = token::id_of(ACCESS, bearer) else { return Ok(None) };
        Ok(self.store.session_owner(session, digest(bearer)).await?.map(Identity::from))
    }

    /// Opens a session; None when the secret is wrong.
    pub(crate) async fn log_in(
        &self,
        agent: Uuid,
        secret: &str,
        actor: &Actor,
    ) -> Result<Option<Tokens>, TaskError> {
        let secrets = self.store.agent_secrets(agent).await?;
        let Some(found) = self.verify(secrets, secret).await? else { return Ok(None) };
        let session = Uuid::now_v7();
        let pair = TokenPair::generate(session)?;
        let tokens = self.session_tokens(&pair);
        let new = NewSession { id: session, agent, credential: found.id, tokens, details: &actor.details };
        self.store.create_session(new).await?;
        Ok(Some(self.tokens(pair, &found.scopes)))
    }

    async fn hash_slot(&self) -> Result<tokio::sync::OwnedSemaphorePermit, TaskError> {
        let slot = tokio::time::timeout(HASH_WAIT, self.hash_slots.clone().acquire_owned()).await;
        slot.ok().and_then(Result::ok).ok_or(TaskError::Busy("too many secrets are being verified"))
    }

    /// The secret that matches.
    async fn verify(
        &self,
        secrets: Vec<StoredSecret>,
        given: &str,
    ) -> Result<Option<StoredSecret>, TaskError> {
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

    fn session_tokens(&self, pair: &TokenPair) -> SessionTokens {
        SessionTokens {
            access: digest(&pair.access),
            access_seconds: self.lifetimes.access.as_secs_f64(),
            refresh: digest(&pair.refresh),
            refresh_seconds: self.lifetimes.refresh.as_secs_f64(),
        }
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
        let Some(session) = token::id_of(REFRESH, old) else { return Ok(None) };
        let pair = TokenPair::generate(session)?;
        let new = self.session_tokens(&pair);
        let row = self.store.refresh_session(session, digest(old), new, &actor.details).await?;
        if row.as_ref().is_some_and(|r| r.reused) {
            self.notifier.notify(Channel::Access);
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
        let session = match refresh {
            Some(text) => token::id_of(REFRESH, text),
            None => by.session,
        };
        let Some(session) = session else { return Ok(false) };
        let is_ended = self.store.revoke_session(session, by.agent, &actor.details).await?;
        self.notifier.notify(Channel::Access);
        Ok(is_ended)
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
        let (expires, grace) = (expires.map(|s| s.as_secs_f64()), grace.map(|s| s.as_secs_f64()));
        let new = NewCredential { id, agent, kind, digest, expires, grace };
        let is_created = self.store.create_credential(&new, &actor.audit()).await?;
        // Earlier credentials may have ended, and the first one ends open mode.
        self.notifier.notify(Channel::Access);
        if is_created { Ok(()) } else { Err(TaskError::NotFound("agent")) }
    }

    /// Revokes all credentials and sessions of an agent. Returns how many of each.
    pub(crate) async fn revoke(
        &self,
        agent: Uuid,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<(i64, i64), TaskError> {
        if by.agent != agent {
            self.get_governed(agent, by).await?;
        }
        let revoked = self.store.revoke_credentials(agent, &actor.audit()).await?;
        self.notifier.notify(Channel::Access);
        Ok((revoked.credentials, revoked.sessions))
    }
}

fn internal(e: std::io::Error) -> TaskError {
    TaskError::Internal(e.to_string())
}
