//! `/agents`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::Api;
use super::caller::{Caller, Peer, too_many, unauthorized};
use super::error::ApiError;
use super::request::{Document, Id, current_id};
use crate::engine::tasks::Actor;
use crate::engine::tasks::input::{Reader, dictionary};
use crate::model::{Agent, NewSecret, Op, Tokens};

/// What buys tokens.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TokenInput {
    /// Who one is.
    pub(crate) agent_id: Uuid,
    /// What proves it.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) agent_secret: String,
}

/// What buys new tokens.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RefreshInput {
    /// As it came with the last tokens.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) refresh_token: String,
}

/// Which session is to end: that of a refresh token, all of an agent, or the one that asks.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RevokeInput {
    /// One of one's own.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    pub(crate) refresh_token: Option<String>,
    /// Everything that this agent can prove itself with.
    #[serde(default)]
    pub(crate) agent_id: Option<Uuid>,
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
    let agent = api.agents.create(&document.value, caller.identity(), &caller.consented_actor()).await?;
    Ok((StatusCode::CREATED, Json(agent)))
}

/// `GET /agents/{id}`
pub(crate) async fn get(State(api): State<Api>, Id(id): Id) -> Result<Json<Agent>, ApiError> {
    Ok(Json(api.agents.get(&id.to_string()).await?))
}

/// `PUT /agents/{id}`: the fields that are there change, the others stay.
pub(crate) async fn update(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    document: Document,
) -> Result<Json<Agent>, ApiError> {
    Ok(Json(api.agents.update(id, &document.value, caller.identity(), &caller.consented_actor()).await?))
}

/// `DELETE /agents/{id}`
pub(crate) async fn delete(State(api): State<Api>, caller: Caller, Id(id): Id) -> Result<Json<Op>, ApiError> {
    api.agents.delete(id, caller.identity(), &caller.consented_actor()).await?;
    Ok(Json(Op::new("the agent is deleted, and everything it proved itself with is ended", json!({}))))
}

/// `POST /agents/{id}/credentials`: a new secret; the one before is good no more.
pub(crate) async fn credentials(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<(StatusCode, Json<NewSecret>), ApiError> {
    let secret = api.agents.new_secret(id, caller.identity(), &caller.consented_actor()).await?;
    Ok((StatusCode::CREATED, Json(secret)))
}

/// `POST /agents/auth/token`
pub(crate) async fn token(
    State(api): State<Api>,
    peer: Peer,
    document: Document,
) -> Result<Json<Tokens>, ApiError> {
    let (agent, secret) = read(
        &document,
        |r| (r.uuid("agent_id"), r.text("agent_secret", 1, 200)),
        &["agent_id", "agent_secret"],
    )?;
    let (Some(agent), Some(secret)) = (agent, secret) else { return Err(unauthorized("no agent")) };
    api.limits.login(peer).map_err(|over| too_many(&api, &over, &format!("address {}", peer.0)))?;
    let actor = Actor { agent, ..nobody() };
    let found = api.agents.open(&api.key, agent, &secret, api.now(), &actor).await?;
    counted(&api, "secret", found, "the agent or its secret is not right")
}

/// Who has not proven who he is.
fn nobody() -> Actor {
    Actor::system(json!({ "request_id": current_id() }))
}

/// `POST /agents/auth/refresh`
pub(crate) async fn refresh(State(api): State<Api>, document: Document) -> Result<Json<Tokens>, ApiError> {
    let token = read(&document, |r| r.text("refresh_token", 1, 200), &["refresh_token"])?.unwrap_or_default();
    let found = api.agents.refresh(&api.key, &token, api.now(), &nobody()).await?;
    counted(&api, "refresh", found, "this refresh token is not good, or no longer")
}

/// `POST /agents/auth/revoke`
pub(crate) async fn revoke(
    State(api): State<Api>,
    caller: Caller,
    document: Document,
) -> Result<Json<Op>, ApiError> {
    let (token, agent) = read(&document, |r| (r.text("refresh_token", 1, 200), r.uuid("agent_id")), &[])?;
    let (by, actor) = (caller.identity(), caller.consented_actor());
    let Some(agent) = agent else {
        let ended = api.agents.end_session(token.as_deref(), by, &actor).await?;
        return Ok(Json(Op::new("the session is ended", json!({ "ended": ended }))));
    };
    if agent != by.agent && !by.may(crate::engine::agents::Scope::AgentsAdmin) {
        return Err(crate::engine::tasks::TaskError::Forbidden(
            "it is not your own; that needs agents:admin".into(),
        )
        .into());
    }
    let (credentials, sessions) = api.agents.revoke(agent, by, &actor).await?;
    let details = json!({ "credentials": credentials, "sessions": sessions });
    Ok(Json(Op::new("everything the agent proved itself with is ended", details)))
}

fn counted(api: &Api, method: &str, found: Option<Tokens>, no: &str) -> Result<Json<Tokens>, ApiError> {
    let result = if found.is_some() { "success" } else { "failure" };
    api.metrics.authentication_attempts_total.with_label_values(&[method, result]).inc();
    found.map(Json).ok_or_else(|| {
        api.metrics.security_events_total.with_label_values(&["bad_credentials", "warning"]).inc();
        unauthorized(no)
    })
}

/// Reads the keys of a body.
fn read<T>(
    document: &Document,
    read: impl FnOnce(&mut Reader<'_>) -> T,
    needed: &[&str],
) -> Result<T, ApiError> {
    let map = dictionary(&document.value).map_err(ApiError::Invalid)?;
    let mut reader = Reader::new("body", map).quiet();
    let found = read(&mut reader);
    reader.needs(needed);
    let faults = reader.finish();
    if faults.is_empty() { Ok(found) } else { Err(ApiError::Invalid(faults)) }
}
