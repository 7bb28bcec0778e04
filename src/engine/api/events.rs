//! `/events` and `/alerts`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::request::{Document, Query};
use crate::engine::events::{Recent, Topic};
use crate::model::Op;

/// All topics.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Topics {
    topics: Vec<Topic>,
    total: usize,
}

/// Some events.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Events {
    events: Vec<Recent>,
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
    query: Query,
) -> Result<Json<Events>, ApiError> {
    let count = query.read(|r| r.int("count", 1, 1000).unwrap_or(50))?;
    let events = api.tasks.recent_events(count, &caller.actor()).await?;
    Ok(Json(Events { count: events.len(), events }))
}

/// `DELETE /events/stream/cleanup`
pub(crate) async fn cleanup(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
) -> Result<Json<Op>, ApiError> {
    let hours = query.read(|r| r.int("max_age_hours", 1, 87_600).unwrap_or(24))?;
    let redis = api.tasks.world.ctx.clients.redis().ok();
    let (removed, trimmed) = api.tasks.clean_events(hours, redis, &caller.consented_actor()).await?;
    let details = json!({ "max_age_hours": hours, "removed": removed, "removed_from_stream": trimmed });
    Ok(Json(Op::new("old events are removed", details)))
}

/// `POST /alerts`
pub(crate) async fn alerts(
    State(api): State<Api>,
    caller: Caller,
    document: Document,
) -> Result<(StatusCode, Json<Op>), ApiError> {
    let taken = api.tasks.take_alerts(&document.value, &caller.consented_actor()).await?;
    Ok((StatusCode::ACCEPTED, Json(Op::new("the alerts are taken in", json!(taken)))))
}
