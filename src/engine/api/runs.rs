//! `/runs`

use axum::Json;
use axum::extract::State;
use serde_json::json;
use uuid::Uuid;

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::request::{Id, Query, page};
use crate::model::{Op, Page, Run, RunStats};

/// What stands for an error that was not asked for: it may quote anything.
const MASK: &str = "error";

/// A run whose error is not shown.
pub(crate) fn masked(mut run: Run) -> Run {
    if let Some(error) = &mut run.error {
        MASK.clone_into(error);
    }
    run
}

/// How runs went, and which.
#[derive(Debug, serde::Serialize, schemars::JsonSchema)]
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
    query: Query,
) -> Result<Json<Page<Run>>, ApiError> {
    let (filter, errors, place) = query.read(|r| {
        let filter = [
            r.uuid("task_id").map(|id| id.to_string()),
            r.flag("success").map(|s| s.to_string()),
            r.instant("start_time").map(|t| t.to_rfc3339()),
            r.instant("end_time").map(|t| t.to_rfc3339()),
        ];
        (filter.map(Option::unwrap_or_default), r.flag("include_errors").unwrap_or(false), page(r))
    })?;
    let mut found = api.tasks.runs(filter.each_ref().map(String::as_str), &place, &caller.actor()).await?;
    if !errors {
        found.items = found.items.into_iter().map(masked).collect();
    }
    Ok(Json(found))
}

/// `GET /runs/{id}`
pub(crate) async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> Result<Json<Run>, ApiError> {
    Ok(Json(api.tasks.run(id, &caller.actor()).await?))
}

/// `POST /runs/{id}/cancel`
pub(crate) async fn cancel(State(api): State<Api>, caller: Caller, Id(id): Id) -> Result<Json<Op>, ApiError> {
    api.tasks.cancel_run(id, &caller.consented_actor()).await?;
    Ok(Json(Op::new("the run is asked to stop", json!({}))))
}

/// `GET /runs/task/{id}/latest`: null before the first.
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
    query: Query,
) -> Result<Json<Stats>, ApiError> {
    let days = days(&query, 30)?;
    let _place = api.heavy.acquire().await;
    let stats = api.tasks.stats(Some(id), days, &caller.actor()).await?;
    Ok(Json(Stats { task_id: Some(id), days, stats }))
}

/// `GET /runs/stats/summary`
pub(crate) async fn summary(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
) -> Result<Json<Stats>, ApiError> {
    let days = days(&query, 7)?;
    let _place = api.heavy.acquire().await;
    let stats = api.tasks.stats(None, days, &caller.actor()).await?;
    Ok(Json(Stats { task_id: None, days, stats }))
}

fn days(query: &Query, default: i64) -> Result<i64, ApiError> {
    query.read(|r| r.int("days", 1, 365).unwrap_or(default))
}
