//! Proofs: checking them, giving them out, taking them back.

use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::key::{digest, random};
use super::token::{self, KEY, REFRESH};
use super::{Agents, Identity, SigningKey};
use crate::engine::tasks::{Actor, ConsentedActor, TaskError, binds};
use crate::model::{NewSecret, Tokens};
use crate::store::StoreError;

/// What a good secret is compared with when there is none, so that both take as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How long one waits for a place among those who check secrets.
const TURN: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Secret {
    id: Uuid,
    digest: String,
    scopes: Vec<String>,
}

impl Agents {
    /// Who bears this, be it an access token or an API key. None: nobody that we know.
    pub(crate) async fn bearer(
        &self,
        key: &SigningKey,
        text: &str,
        now: i64,
    ) -> Result<Option<Identity>, StoreError> {
        if let Some(id) = token::unmark(KEY, text) {
            let all = binds([("id", id.to_string()), ("digest", digest(text))]);
            let found: Option<Identity> = self.store.rows_with("engine/agents/by_key", &all).await?.pop();
            if found.as_ref().is_some_and(|f| f.stale) {
                self.store.write("engine/agents/used", &binds([("id", id.to_string())])).await?;
            }
            return Ok(found);
        }
        let Some(claims) = token::read(key, text, now) else { return Ok(None) };
        let all = binds([("session", claims.sid.to_string())]);
        let found: Option<Identity> = self.store.rows_with("engine/agents/by_session", &all).await?.pop();
        Ok(found.filter(|f| f.agent == claims.sub))
    }

    /// Tokens for a secret. None: it is not the agent's.
    pub(crate) async fn open(
        &self,
        key: &SigningKey,
        agent: Uuid,
        secret: &str,
        now: i64,
        actor: &Actor,
    ) -> Result<Option<Tokens>, TaskError> {
        let secrets: Vec<Secret> =
            self.store.rows_with("engine/agents/secrets", &binds([("agent", agent.to_string())])).await?;
        let Some(found) = self.check(secrets, secret).await? else { return Ok(None) };
        let session = Uuid::now_v7();
        let refresh = token::marked(REFRESH, session, &random().map_err(broken)?);
        let all = binds([
            ("id", session.to_string()),
            ("agent", agent.to_string()),
            ("refresh", digest(&refresh)),
            ("seconds", self.life.refresh.as_secs_f64().to_string()),
            ("credential", found.id.to_string()),
            ("details", actor.details.to_string()),
        ]);
        self.store.write_returning::<serde_json::Value>("engine/agents/session_create", &all).await?;
        Ok(Some(self.tokens(key, agent, session, refresh, &found.scopes, now)))
    }

    /// A place among those who check secrets.
    async fn turn(&self) -> Result<tokio::sync::OwnedSemaphorePermit, TaskError> {
        let turn = tokio::time::timeout(TURN, self.checks.clone().acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or(TaskError::Busy("secrets are being checked"))
    }

    /// The one of these secrets that this is.
    async fn check(&self, secrets: Vec<Secret>, given: &str) -> Result<Option<Secret>, TaskError> {
        let turn = self.turn().await?;
        let given = given.to_owned();
        let checked = tokio::task::spawn_blocking(move || {
            // It ends with the work, not with a request that was given up.
            let _turn = turn;
            let fits = |text: &str| {
                PasswordHash::new(text)
                    .is_ok_and(|hash| Argon2::default().verify_password(given.as_bytes(), &hash).is_ok())
            };
            if secrets.is_empty() {
                fits(NOBODY);
            }
            secrets.into_iter().find(|s| fits(&s.digest))
        });
        checked.await.map_err(|e| broken(std::io::Error::other(e)))
    }

    fn tokens(
        &self,
        key: &SigningKey,
        agent: Uuid,
        session: Uuid,
        refresh: String,
        scopes: &[String],
        now: i64,
    ) -> Tokens {
        let seconds = i64::try_from(self.life.access.as_secs()).unwrap_or(i64::MAX);
        Tokens {
            access_token: token::access(key, agent, session, now, seconds),
            refresh_token: refresh,
            token_type: "bearer".into(),
            expires_in: seconds,
            scope: scopes.join(" "),
        }
    }

    /// New tokens for a refresh token, which is used up. None: it is none of ours, too old, or used up.
    pub(crate) async fn refresh(
        &self,
        key: &SigningKey,
        old: &str,
        now: i64,
        actor: &Actor,
    ) -> Result<Option<Tokens>, TaskError> {
        #[derive(Deserialize)]
        struct Row {
            agent: Uuid,
            scopes: Vec<String>,
            good: bool,
            reused: bool,
        }
        let Some(session) = token::unmark(REFRESH, old) else { return Ok(None) };
        let new = token::marked(REFRESH, session, &random().map_err(broken)?);
        let all = binds([
            ("id", session.to_string()),
            ("old", digest(old)),
            ("new", digest(&new)),
            ("seconds", self.life.refresh.as_secs_f64().to_string()),
            ("details", actor.details.to_string()),
        ]);
        let rows: Vec<Row> = self.store.write_returning("engine/agents/session_refresh", &all).await?;
        let found = rows.into_iter().next();
        if found.as_ref().is_some_and(|f| f.reused) {
            tracing::warn!(%session, "a refresh token came a second time; its session is ended");
        }
        let good = found.filter(|f| f.good);
        Ok(good.map(|f| self.tokens(key, f.agent, session, new, &f.scopes, now)))
    }

    /// Ends the session of a refresh token, or that of whoever asks.
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
            Some(text) => token::unmark(REFRESH, text),
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

    /// A new secret for an agent; the one before is good no more.
    pub(crate) async fn new_secret(
        &self,
        agent: Uuid,
        by: &Identity,
        actor: &ConsentedActor,
    ) -> Result<NewSecret, TaskError> {
        self.above(agent, by).await?;
        let secret = random().map_err(broken)?;
        let given = secret.clone();
        let turn = self.turn().await?;
        let hashed = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            Argon2::default().hash_password(given.as_bytes()).map(|h| h.to_string())
        });
        let hashed = hashed.await.map_err(|e| broken(std::io::Error::other(e)))?;
        let hashed = hashed.map_err(|e| broken(std::io::Error::other(e.to_string())))?;
        self.keep(Uuid::now_v7(), agent, ("secret", &hashed), None, Some(Duration::ZERO), actor).await?;
        Ok(NewSecret { agent_id: agent, agent_secret: secret })
    }

    /// A new API key for an agent. `grace`: for how long the keys before it stay good; None: for ever.
    pub(crate) async fn new_key(
        &self,
        agent: Uuid,
        expires: Option<Duration>,
        grace: Option<Duration>,
        actor: &ConsentedActor,
    ) -> Result<String, TaskError> {
        let id = Uuid::now_v7();
        let key = token::marked(KEY, id, &random().map_err(broken)?);
        self.keep(id, agent, ("key", &digest(&key)), expires, grace, actor).await?;
        Ok(key)
    }

    async fn keep(
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
        let made: Vec<serde_json::Value> =
            self.store.write_returning("engine/agents/credential_create", &all).await?;
        if made.is_empty() { Err(TaskError::NotFound("agent")) } else { Ok(()) }
    }

    /// Ends everything an agent can prove itself with. Returns how many credentials and sessions that were.
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
            self.above(agent, by).await?;
        }
        let all = binds([
            ("agent", agent.to_string()),
            ("actor", actor.agent.to_string()),
            ("details", json!(actor.details).to_string()),
        ]);
        let rows: Vec<Row> = self.store.write_returning("engine/agents/revoke", &all).await?;
        Ok(rows.first().map_or((0, 0), |r| (r.credentials, r.sessions)))
    }
}

fn broken(e: std::io::Error) -> TaskError {
    TaskError::Broken(e.to_string())
}
