//! `/events` and `/alerts`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::request::{Document, Query};
use crate::model::{NO_NUL, Op};
use crate::store::events::{RecentEvent, TopicSummary};

#[derive(Deserialize, JsonSchema)]
pub(crate) struct RecentQuery {
    #[serde(default = "default_count")]
    #[schemars(range(min = 1, max = 1000))]
    count: i64,
}

const fn default_count() -> i64 {
    50
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct CleanupQuery {
    #[serde(default = "default_age")]
    #[schemars(range(min = 1, max = 87_600))]
    max_age_hours: i64,
    /// Recorded in the audit log.
    #[serde(default)]
    #[schemars(length(max = 200), regex(pattern = NO_NUL))]
    reason: Option<String>,
}

const fn default_age() -> i64 {
    24
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Topics {
    topics: Vec<TopicSummary>,
    total: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Events {
    events: Vec<RecentEvent>,
    count: usize,
}

/// `POST /events`
pub(crate) async fn publish(
    State(api): State<Api>,
    caller: Caller,
    document: Document,
) -> Result<(StatusCode, Json<Op>), ApiError> {
    let done = api.tasks.publish(&document.value, &document.consented_actor(&caller)).await?;
    let details = json!({
        "event_id": done.event_id,
        "stream_id": done.stream_id,
        "topic": done.topic,
        "triggered_tasks": done.triggered_tasks,
        "published_at": done.published_at,
    });
    Ok((StatusCode::ACCEPTED, Json(Op::new("the event is published", details))))
}

/// `GET /events/topics`
pub(crate) async fn topics(State(api): State<Api>, caller: Caller) -> Result<Json<Topics>, ApiError> {
    let topics = api.tasks.topics(&caller.actor()).await?;
    Ok(Json(Topics { total: topics.len(), topics }))
}

/// `GET /events/stream/recent`
pub(crate) async fn recent(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<RecentQuery>,
) -> Result<Json<Events>, ApiError> {
    let events = api.tasks.recent_events(query.count, &caller.actor()).await?;
    Ok(Json(Events { count: events.len(), events }))
}

/// `DELETE /events/stream/cleanup`
pub(crate) async fn cleanup(
    State(api): State<Api>,
    caller: Caller,
    Query(CleanupQuery { max_age_hours: hours, reason }): Query<CleanupQuery>,
) -> Result<Json<Op>, ApiError> {
    let redis = api.tasks.executor.ctx.clients.redis().ok();
    let (removed, trimmed) = api.tasks.clean_events(hours, redis, &caller.consented_actor(reason)).await?;
    let details = json!({ "max_age_hours": hours, "removed": removed, "removed_from_stream": trimmed });
    Ok(Json(Op::new("old events are deleted", details)))
}

/// `POST /alerts`
pub(crate) async fn alerts(
    State(api): State<Api>,
    caller: Caller,
    document: Document,
) -> Result<(StatusCode, Json<Op>), ApiError> {
    let accepted = api.tasks.accept_alerts(&document.value, &caller.consented_actor(None)).await?;
    Ok((StatusCode::ACCEPTED, Json(Op::new("the alerts are received", json!(accepted)))))
}
