//! `/tasks`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::request::{Document, Id, Query, page};
use crate::engine::tasks::input::{Reader, dictionary};
use crate::model::{Op, Page, Task};

type Answer = Result<Json<Op>, ApiError>;

/// `GET /tasks`
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    query: Query,
) -> Result<Json<Page<Task>>, ApiError> {
    let (status, created_by, kind, place) = query.read(|r| {
        (
            r.choice("status", &["active", "paused", "canceled"]).unwrap_or_default(),
            r.uuid("created_by").map(|id| id.to_string()).unwrap_or_default(),
            r.choice("schedule_kind", &["cron", "rrule", "once", "event", "condition"]).unwrap_or_default(),
            page(r),
        )
    })?;
    Ok(Json(api.tasks.list([&status, &created_by, &kind], &place, &caller.actor()).await?))
}

/// `POST /tasks`
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    document: Document,
) -> Result<(StatusCode, Json<Task>), ApiError> {
    let task = api.tasks.create(&document.value, &document.consented_actor(&caller)).await?;
    api.metrics.tasks_created_total.with_label_values(&[&task.schedule_kind]).inc();
    Ok((StatusCode::CREATED, Json(task)))
}

/// `GET /tasks/{id}`
pub(crate) async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> Result<Json<Task>, ApiError> {
    Ok(Json(api.tasks.get(id, &caller.actor()).await?))
}

/// `PUT /tasks/{id}`: the fields that are there change, the others stay.
pub(crate) async fn update(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    document: Document,
) -> Result<Json<Task>, ApiError> {
    Ok(Json(api.tasks.update(id, &document.value, &caller.consented_actor()).await?))
}

/// `POST /tasks/{id}/pause`
pub(crate) async fn pause(State(api): State<Api>, caller: Caller, Id(id): Id) -> Answer {
    let changed = api.tasks.set(id, "paused", &caller.consented_actor()).await?;
    Ok(Json(Op::new("the task is paused", json!({ "changed": changed }))))
}

/// `POST /tasks/{id}/resume`
pub(crate) async fn resume(State(api): State<Api>, caller: Caller, Id(id): Id) -> Answer {
    let changed = api.tasks.set(id, "active", &caller.consented_actor()).await?;
    Ok(Json(Op::new("the task is active", json!({ "changed": changed }))))
}

/// `POST /tasks/{id}/cancel` and `DELETE /tasks/{id}`
pub(crate) async fn cancel(State(api): State<Api>, caller: Caller, Id(id): Id) -> Answer {
    let changed = api.tasks.set(id, "canceled", &caller.consented_actor()).await?;
    Ok(Json(Op::new("the task is canceled, and its pending work removed", json!({ "changed": changed }))))
}

/// `POST /tasks/{id}/run_now`
pub(crate) async fn run_now(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    document: Document,
) -> Answer {
    let queued = api.tasks.run_now(id, &document.consented_actor(&caller)).await?;
    Ok(Json(match queued.due_work_id {
        Some(id) => Op::new("the task is queued", json!({ "run_id": queued.occurrence, "due_work_id": id })),
        None => Op::new("dropped: the same was queued just now", json!({ "deduplicated": true })),
    }))
}

/// `POST /tasks/{id}/snooze`
pub(crate) async fn snooze(State(api): State<Api>, caller: Caller, Id(id): Id, document: Document) -> Answer {
    let mut reader = Reader::new("body", dictionary(&document.value).map_err(ApiError::Invalid)?);
    let seconds = reader.int("delay_seconds", 1, 604_800);
    let reason = reader.text("reason", 0, 200).unwrap_or_default();
    reader.needs(&["delay_seconds"]);
    let faults = reader.finish();
    let (Some(seconds), true) = (seconds, faults.is_empty()) else { return Err(ApiError::Invalid(faults)) };
    let moved = api.tasks.snooze(id, seconds, &reason, &caller.consented_actor()).await?;
    Ok(Json(Op::new("the task is snoozed", json!({ "delay_seconds": seconds, "moved": moved }))))
}
