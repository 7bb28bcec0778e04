//! `/agents`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::Api;
use super::caller::{Caller, too_many, unauthorized};
use super::error::ApiError;
use super::peer::Peer;
use super::request::{Document, Id, OptionalDocument, Query, current_id};
use crate::engine::agents::Scope;
use crate::engine::tasks::{Actor, TaskError, input};
use crate::model::{Agent, NO_NUL, NewSecret, Op, ReasonInput, Tokens};

/// The body of `POST /agents/auth/token`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TokenInput {
    pub(crate) agent_id: Uuid,
    #[schemars(length(min = 1, max = 200))]
    pub(crate) agent_secret: String,
}

/// The body of `POST /agents/auth/refresh`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RefreshInput {
    /// Of the latest answer with tokens.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) refresh_token: String,
}

/// The body of `POST /agents/auth/revoke`: what to revoke; empty for the session that the request uses.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RevokeInput {
    /// Revoke the session of this token, one of the caller's own.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    pub(crate) refresh_token: Option<String>,
    /// Revoke all credentials and sessions of this agent.
    #[serde(default)]
    pub(crate) agent_id: Option<Uuid>,
    /// Recorded in the audit log.
    #[serde(default)]
    #[schemars(length(max = 200), regex(pattern = NO_NUL))]
    pub(crate) reason: Option<String>,
}

/// `GET /agents`
pub(crate) async fn list(State(api): State<Api>) -> Result<Json<Vec<Agent>>, ApiError> {
    Ok(Json(api.agents.list().await?))
}

/// `POST /agents`
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    document: Document,
) -> Result<(StatusCode, Json<Agent>), ApiError> {
    let agent =
        api.agents.create(&document.value, caller.identity(), &document.consented_actor(&caller)).await?;
    Ok((StatusCode::CREATED, Json(agent)))
}

/// `GET /agents/{id}`
pub(crate) async fn get(State(api): State<Api>, Id(id): Id) -> Result<Json<Agent>, ApiError> {
    Ok(Json(api.agents.get(&id.to_string()).await?))
}

/// `PUT /agents/{id}`
pub(crate) async fn update(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    document: Document,
) -> Result<Json<Agent>, ApiError> {
    let actor = document.consented_actor(&caller);
    Ok(Json(api.agents.update(id, &document.value, caller.identity(), &actor).await?))
}

/// `DELETE /agents/{id}`
pub(crate) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    Query(ReasonInput { reason }): Query<ReasonInput>,
) -> Result<Json<Op>, ApiError> {
    api.agents.delete(id, caller.identity(), &caller.consented_actor(reason)).await?;
    Ok(Json(Op::new("the agent is deleted, its credentials and sessions are revoked", json!({}))))
}

/// `POST /agents/{id}/credentials`
pub(crate) async fn credentials(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalDocument(document): OptionalDocument,
) -> Result<(StatusCode, Json<NewSecret>), ApiError> {
    let actor = document.actor_with_reason(&caller)?;
    let secret = api.agents.new_secret(id, caller.identity(), &actor).await?;
    Ok((StatusCode::CREATED, Json(secret)))
}

/// `POST /agents/auth/token`
pub(crate) async fn token(
    State(api): State<Api>,
    peer: Peer,
    document: Document,
) -> Result<Json<Tokens>, ApiError> {
    let TokenInput { agent_id, agent_secret } = input::read_secret(&document.value)?;
    api.limits.login(peer).map_err(|over| too_many(&api, &over, &format!("address {}", peer.0)))?;
    let actor = Actor { agent: agent_id, ..unauthenticated() };
    let tokens = api.agents.log_in(agent_id, &agent_secret, &actor).await?;
    count(&api, "secret", tokens, "unknown agent or wrong secret")
}

/// The actor of a request without credentials.
fn unauthenticated() -> Actor {
    Actor::system(json!({ "request_id": current_id() }))
}

/// `POST /agents/auth/refresh`
pub(crate) async fn refresh(State(api): State<Api>, document: Document) -> Result<Json<Tokens>, ApiError> {
    let RefreshInput { refresh_token } = input::read_secret(&document.value)?;
    let tokens = api.agents.refresh(&refresh_token, &unauthenticated()).await?;
    count(&api, "refresh", tokens, "the refresh token is unknown, expired or revoked")
}

/// `POST /agents/auth/revoke`
pub(crate) async fn revoke(
    State(api): State<Api>,
    caller: Caller,
    OptionalDocument(document): OptionalDocument,
) -> Result<Json<Op>, ApiError> {
    let RevokeInput { refresh_token, agent_id, .. } = input::read_secret(&document.value)?;
    let (by, actor) = (caller.identity(), document.consented_actor(&caller));
    let Some(agent) = agent_id else {
        let ended = api.agents.end_session(refresh_token.as_deref(), by, &actor).await?;
        let message = if ended { "the session is revoked" } else { "there was no session to revoke" };
        return Ok(Json(Op::new(message, json!({ "ended": ended }))));
    };
    if agent != by.agent && !by.has(Scope::AgentsAdmin) {
        let message = "revoking another agent's credentials requires the scope 'agents:admin'";
        return Err(TaskError::Forbidden(message.into()).into());
    }
    let (credentials, sessions) = api.agents.revoke(agent, by, &actor).await?;
    let details = json!({ "credentials": credentials, "sessions": sessions });
    Ok(Json(Op::new("the agent's credentials and sessions are revoked", details)))
}

/// Counts an attempt to authenticate and answers it.
fn count(api: &Api, method: &str, tokens: Option<Tokens>, refusal: &str) -> Result<Json<Tokens>, ApiError> {
    let result = if tokens.is_some() { "success" } else { "failure" };
    api.metrics.authentication_attempts_total.with_label_values(&[method, result]).inc();
    tokens.map(Json).ok_or_else(|| {
        api.metrics.security_events_total.with_label_values(&["bad_credentials", "warning"]).inc();
        unauthorized(refusal)
    })
}
