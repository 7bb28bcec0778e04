//! `/runs`

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::request::{Id, OptionalDocument, Paging, Query};
use crate::engine::tasks::RunFilter;
use crate::model::{Op, Page, Run, RunStats};

/// Replaces error texts, which may quote anything, unless the caller requests them.
const MASK: &str = "error";
/// Years that PostgreSQL and RFC 3339 share.
const INSTANT: &str = "^(?!0000)[0-9]{4}-";

pub(crate) fn masked(mut run: Run) -> Run {
    if let Some(error) = &mut run.error {
        MASK.clone_into(error);
    }
    run
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct RunsQuery {
    task_id: Option<Uuid>,
    success: Option<bool>,
    /// Include error texts; default: mask them.
    #[serde(default)]
    include_errors: bool,
    /// Runs that started at or after this time.
    #[schemars(regex(pattern = INSTANT))]
    start_time: Option<DateTime<Utc>>,
    /// Runs that started before this time.
    #[schemars(regex(pattern = INSTANT))]
    end_time: Option<DateTime<Utc>>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Deserialize, JsonSchema)]
pub(crate) struct DaysQuery {
    #[schemars(range(min = 1, max = 365))]
    days: Option<i64>,
}

/// Statistics and the period they cover.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Stats {
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<Uuid>,
    days: i64,
    #[serde(flatten)]
    stats: RunStats,
}

/// `GET /runs`
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<RunsQuery>,
) -> Result<Json<Page<Run>>, ApiError> {
    let filter =
        RunFilter { task: query.task_id, success: query.success, from: query.start_time, to: query.end_time };
    let mut page = api.tasks.runs(&filter, &query.paging.request()?, &caller.actor()).await?;
    if !query.include_errors {
        page.items = page.items.into_iter().map(masked).collect();
    }
    Ok(Json(page))
}

/// `GET /runs/{id}`
pub(crate) async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> Result<Json<Run>, ApiError> {
    Ok(Json(api.tasks.run(id, &caller.actor()).await?))
}

/// `POST /runs/{id}/cancel`
pub(crate) async fn cancel(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalDocument(document): OptionalDocument,
) -> Result<Json<Op>, ApiError> {
    api.tasks.cancel_run(id, &document.actor_with_reason(&caller)?).await?;
    Ok(Json(Op::new("cancellation of the run is requested", json!({}))))
}

/// `GET /runs/task/{id}/latest`
pub(crate) async fn latest(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
) -> Result<Json<Option<Run>>, ApiError> {
    Ok(Json(api.tasks.latest(id, &caller.actor()).await?))
}

/// `GET /runs/task/{id}/stats`
pub(crate) async fn stats(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    Query(query): Query<DaysQuery>,
) -> Result<Json<Stats>, ApiError> {
    let days = query.days.unwrap_or(30);
    let _slot = api.heavy_slots.acquire().await;
    let stats = api.tasks.stats(Some(id), days, &caller.actor()).await?;
    Ok(Json(Stats { task_id: Some(id), days, stats }))
}

/// `GET /runs/stats/summary`
pub(crate) async fn summary(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<DaysQuery>,
) -> Result<Json<Stats>, ApiError> {
    let days = query.days.unwrap_or(7);
    let _slot = api.heavy_slots.acquire().await;
    let stats = api.tasks.stats(None, days, &caller.actor()).await?;
    Ok(Json(Stats { task_id: None, days, stats }))
}
