//! `/tasks`

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Query as Pairs, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Api;
use super::error::ApiError;
use super::request::{Query, actor, document, page, path_id};
use crate::engine::tasks::input::{Reader, whole};
use crate::model::{Page, Task};

type Op = Result<Json<Value>, ApiError>;

fn op(message: &str, details: Value) -> Json<Value> {
    Json(json!({ "success": true, "message": message, "details": details }))
}

/// `GET /tasks`
pub async fn list(
    State(api): State<Api>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Json<Page<Task>>, ApiError> {
    let known = ["status", "created_by", "schedule_kind", "limit", "offset"];
    let (status, created_by, kind, (limit, offset)) = Query::of(pairs, &known).read(|r| {
        (
            r.choice("status", &["active", "paused", "canceled"]).unwrap_or_default(),
            r.uuid("created_by").map(|id| id.to_string()).unwrap_or_default(),
            r.choice("schedule_kind", &["cron", "rrule", "once", "event", "condition"]).unwrap_or_default(),
            page(r),
        )
    })?;
    Ok(Json(api.tasks.list([&status, &created_by, &kind], limit, offset).await?))
}

/// `POST /tasks`
pub async fn create(State(api): State<Api>, body: Body) -> Result<(StatusCode, Json<Task>), ApiError> {
    let task = api.tasks.create(&document(body).await?, &actor()).await?;
    api.metrics.tasks_created_total.with_label_values(&[&task.schedule_kind]).inc();
    Ok((StatusCode::CREATED, Json(task)))
}

/// `GET /tasks/{id}`
pub async fn get(State(api): State<Api>, Path(id): Path<String>) -> Result<Json<Task>, ApiError> {
    Ok(Json(api.tasks.get(path_id(&id)?).await?))
}

/// `PUT /tasks/{id}`: the fields that are there change, the others stay.
pub async fn update(
    State(api): State<Api>,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<Task>, ApiError> {
    let id = path_id(&id)?;
    Ok(Json(api.tasks.update(id, &document(body).await?, &actor()).await?))
}

/// `POST /tasks/{id}/pause`
pub async fn pause(State(api): State<Api>, Path(id): Path<String>) -> Op {
    let changed = api.tasks.set(path_id(&id)?, "paused", &actor()).await?;
    Ok(op("the task is paused", json!({ "changed": changed })))
}

/// `POST /tasks/{id}/resume`
pub async fn resume(State(api): State<Api>, Path(id): Path<String>) -> Op {
    let changed = api.tasks.set(path_id(&id)?, "active", &actor()).await?;
    Ok(op("the task is active", json!({ "changed": changed })))
}

/// `POST /tasks/{id}/cancel` and `DELETE /tasks/{id}`
pub async fn cancel(State(api): State<Api>, Path(id): Path<String>) -> Op {
    let changed = api.tasks.set(path_id(&id)?, "canceled", &actor()).await?;
    Ok(op("the task is canceled, and its pending work removed", json!({ "changed": changed })))
}

/// `POST /tasks/{id}/run_now`
pub async fn run_now(State(api): State<Api>, Path(id): Path<String>) -> Op {
    let queued = api.tasks.run_now(path_id(&id)?, &actor()).await?;
    Ok(match queued.due_work_id {
        Some(id) => op("the task is queued", json!({ "run_id": queued.occurrence, "due_work_id": id })),
        None => op("dropped: the same was queued just now", json!({ "deduplicated": true })),
    })
}

/// `POST /tasks/{id}/snooze`
pub async fn snooze(State(api): State<Api>, Path(id): Path<String>, body: Body) -> Op {
    let id = path_id(&id)?;
    let body = document(body).await?;
    let Some(map) = body.as_object() else {
        return Err(ApiError::Invalid(whole("dict_type", "Input should be a valid dictionary")));
    };
    let mut reader = Reader::new("body", map);
    let seconds = reader.int("delay_seconds", 1, 604_800);
    let reason = reader.text("reason", 0, 200).unwrap_or_default();
    if !map.contains_key("delay_seconds") {
        reader.missing("delay_seconds");
    }
    let faults = reader.finish();
    let (Some(seconds), true) = (seconds, faults.is_empty()) else { return Err(ApiError::Invalid(faults)) };
    let moved = api.tasks.snooze(id, seconds, &reason, &actor()).await?;
    Ok(op("the task is snoozed", json!({ "delay_seconds": seconds, "moved": moved })))
}
