//! `/tasks`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use super::request::{Document, Id, OptionalDocument, Paging, Query};
use crate::engine::tasks::{ConsentedActor, TaskFilter, input};
use crate::model::{Op, Page, ReasonInput, ScheduleKind, SnoozeInput, Task, TaskStatus};

type Answer = Result<Json<Op>, ApiError>;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct TasksQuery {
    status: Option<TaskStatus>,
    created_by: Option<Uuid>,
    schedule_kind: Option<ScheduleKind>,
    #[serde(flatten)]
    paging: Paging,
}

/// `GET /tasks`
pub(crate) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<TasksQuery>,
) -> Result<Json<Page<Task>>, ApiError> {
    let TasksQuery { status, created_by, schedule_kind, paging } = query;
    let filter = TaskFilter { status, created_by, schedule_kind };
    Ok(Json(api.tasks.list(&filter, &paging.request()?, &caller.actor()).await?))
}

/// `POST /tasks`
pub(crate) async fn create(
    State(api): State<Api>,
    caller: Caller,
    document: Document,
) -> Result<(StatusCode, Json<Task>), ApiError> {
    let task = api.tasks.create(&document.value, &document.consented_actor(&caller)).await?;
    api.metrics.tasks_created_total.with_label_values(&[task.schedule_kind.name()]).inc();
    Ok((StatusCode::CREATED, Json(task)))
}

/// `GET /tasks/{id}`
pub(crate) async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> Result<Json<Task>, ApiError> {
    Ok(Json(api.tasks.get(id, &caller.actor()).await?))
}

/// `PUT /tasks/{id}`
pub(crate) async fn update(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    document: Document,
) -> Result<Json<Task>, ApiError> {
    Ok(Json(api.tasks.update(id, &document.value, &document.consented_actor(&caller)).await?))
}

/// `POST /tasks/{id}/pause`
pub(crate) async fn pause(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalDocument(document): OptionalDocument,
) -> Answer {
    set_status(&api, id, TaskStatus::Paused, &document.actor_with_reason(&caller)?).await
}

/// `POST /tasks/{id}/resume`
pub(crate) async fn resume(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalDocument(document): OptionalDocument,
) -> Answer {
    set_status(&api, id, TaskStatus::Active, &document.actor_with_reason(&caller)?).await
}

/// `POST /tasks/{id}/cancel`
pub(crate) async fn cancel(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalDocument(document): OptionalDocument,
) -> Answer {
    set_status(&api, id, TaskStatus::Canceled, &document.actor_with_reason(&caller)?).await
}

/// `DELETE /tasks/{id}`
pub(crate) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    Query(ReasonInput { reason }): Query<ReasonInput>,
) -> Answer {
    set_status(&api, id, TaskStatus::Canceled, &caller.consented_actor(reason)).await
}

async fn set_status(api: &Api, id: Uuid, status: TaskStatus, actor: &ConsentedActor) -> Answer {
    let message = match status {
        TaskStatus::Active => "the task is active",
        TaskStatus::Paused => "the task is paused",
        TaskStatus::Canceled => "the task is canceled and its pending work removed",
    };
    let changed = api.tasks.set_status(id, status, actor).await?;
    Ok(Json(Op::new(message, json!({ "changed": changed }))))
}

/// `POST /tasks/{id}/run_now`
pub(crate) async fn run_now(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalDocument(document): OptionalDocument,
) -> Answer {
    let queued = api.tasks.run_now(id, &document.actor_with_reason(&caller)?).await?;
    Ok(Json(match queued.due_work_id {
        Some(id) => Op::new("the task is queued", json!({ "run_id": queued.occurrence, "due_work_id": id })),
        None => Op::new(
            "dropped: an occurrence with the same dedupe key was queued within the window",
            json!({ "deduplicated": true }),
        ),
    }))
}

/// `POST /tasks/{id}/snooze`
pub(crate) async fn snooze(State(api): State<Api>, caller: Caller, Id(id): Id, document: Document) -> Answer {
    let SnoozeInput { delay_seconds, .. } = input::read(&document.value)?;
    let snoozed = api.tasks.snooze(id, delay_seconds, &document.consented_actor(&caller)).await?;
    let moved = snoozed.moved;
    Ok(Json(Op::new("the task is snoozed", json!({ "delay_seconds": delay_seconds, "moved": moved }))))
}
