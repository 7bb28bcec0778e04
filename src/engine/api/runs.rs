//! `/runs`

use axum::Json;
use axum::extract::{Path, Query as Pairs, State};
use serde_json::{Value, json};

use super::Api;
use super::error::ApiError;
use super::request::{Query, actor, page, path_id};
use crate::model::{Page, Run, RunStats};

/// What stands for an error that was not asked for: it may quote anything.
const MASK: &str = "error";

fn masked(mut run: Run) -> Run {
    if let Some(error) = &mut run.error {
        MASK.clone_into(error);
    }
    run
}

/// `GET /runs`
pub async fn list(
    State(api): State<Api>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Json<Page<Run>>, ApiError> {
    let known = ["task_id", "success", "include_errors", "start_time", "end_time", "limit", "offset"];
    let (filter, errors, (limit, offset)) = Query::of(pairs, &known).read(|r| {
        let filter = [
            r.uuid("task_id").map(|id| id.to_string()),
            r.flag("success").map(|s| s.to_string()),
            r.instant("start_time").map(|t| t.to_rfc3339()),
            r.instant("end_time").map(|t| t.to_rfc3339()),
        ];
        (filter.map(Option::unwrap_or_default), r.flag("include_errors").unwrap_or(false), page(r))
    })?;
    let mut found = api.tasks.runs(filter.each_ref().map(String::as_str), limit, offset).await?;
    if !errors {
        found.items = found.items.into_iter().map(masked).collect();
    }
    Ok(Json(found))
}

/// `GET /runs/{id}`
pub async fn get(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<Run>, ApiError> {
    Ok(Json(api.tasks.run(path_id(&id)?).await?))
}

/// `POST /runs/{id}/cancel`
pub async fn cancel(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    api.tasks.cancel_run(path_id(&id)?, &actor()).await?;
    Ok(Json(json!({ "success": true, "message": "the run is asked to stop", "details": {} })))
}

/// `GET /runs/task/{id}/latest`: null before the first.
pub async fn latest(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<Option<Run>>, ApiError> {
    Ok(Json(api.tasks.latest(path_id(&id)?).await?))
}

/// `GET /runs/task/{id}/stats`
pub async fn stats(
    State(api): State<Api>,
    Path(id): Path<String>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Json<Value>, ApiError> {
    let id = path_id(&id)?;
    let days = days(pairs, 30)?;
    let found = api.tasks.stats(Some(id), days).await?;
    Ok(Json(with(found, json!({ "task_id": id, "days": days }))))
}

/// `GET /runs/stats/summary`
pub async fn summary(
    State(api): State<Api>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Json<Value>, ApiError> {
    let days = days(pairs, 7)?;
    let found = api.tasks.stats(None, days).await?;
    Ok(Json(with(found, json!({ "days": days }))))
}

fn days(pairs: Vec<(String, String)>, default: i64) -> Result<i64, ApiError> {
    Query::of(pairs, &["days"]).read(|r| r.int("days", 1, 365).unwrap_or(default))
}

fn with(stats: RunStats, mut more: Value) -> Value {
    if let (Some(all), Value::Object(stats)) = (more.as_object_mut(), json!(stats)) {
        all.extend(stats);
    }
    more
}
