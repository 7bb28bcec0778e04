//! Answers that say no: `{error, message, details, request_id, timestamp}`, and 422 with
//! `{detail: [{type, loc, msg, input}]}`.

use std::any::Any;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::http::{Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};

use super::request::current_id;
use crate::clients::postgres::SqlState;
use crate::engine::tasks::TaskError;
use crate::engine::tasks::input::InputIssue;
use crate::store::StoreError;

/// A request that is not answered as it hoped.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 422.
    Invalid(Vec<InputIssue>),
    /// 429, and how long to wait.
    TooMany(Duration),
    Status(StatusCode, &'static str, String),
}

impl ApiError {
    /// An error of one status.
    pub(crate) fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self::Status(status, error, message.into())
    }
}

impl From<TaskError> for ApiError {
    fn from(e: TaskError) -> Self {
        match e {
            TaskError::NotFound(what) => {
                Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no {what} of this id"))
            }
            TaskError::Invalid(faults) => Self::Invalid(faults),
            TaskError::Conflict(message) => Self::new(StatusCode::CONFLICT, "conflict", message),
            TaskError::Refused(message) => Self::new(StatusCode::BAD_REQUEST, "bad_request", message),
            TaskError::Forbidden(message) => Self::new(StatusCode::FORBIDDEN, "forbidden", message),
            TaskError::Busy(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", e.to_string()),
            TaskError::Broken(message) => {
                tracing::error!(request = %current_id(), message, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request could not be done")
            }
            TaskError::Store(e) => Self::from(e),
        }
    }
}

impl From<StoreError> for ApiError {
    /// What the database says is for the log: it may hold SQL, names and addresses.
    fn from(e: StoreError) -> Self {
        tracing::error!(request = %current_id(), error = %e, "a request failed");
        match e {
            StoreError::Client(e) if e.sql_state().is_some_and(|state| !is_transient(state)) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request could not be done")
            }
            StoreError::Client(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "the database does not answer; try again",
            ),
            _ => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request could not be done"),
        }
    }
}

/// SQLSTATEs that are another's doing: time-outs, deadlocks, a server that stops or recovers.
fn is_transient(state: &SqlState) -> bool {
    ["57", "40", "55", "53", "08", "25"].iter().any(|class| state.code().starts_with(class))
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        match self {
            Self::Invalid(faults) => {
                (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "detail": faults }))).into_response()
            }
            Self::TooMany(wait) => {
                // ManagedService seconds, and never none (RFC 9110, section 10.2.3).
                let seconds = wait.as_secs_f64().ceil().max(1.0);
                let headers = [(header::RETRY_AFTER, format!("{seconds}"))];
                let answer = body("too_many_requests", "there were too many requests; wait and try again");
                (StatusCode::TOO_MANY_REQUESTS, headers, Json(answer)).into_response()
            }
            Self::Status(StatusCode::UNAUTHORIZED, error, message) => {
                let headers = [(header::WWW_AUTHENTICATE, "Bearer")];
                (StatusCode::UNAUTHORIZED, headers, Json(body(error, &message))).into_response()
            }
            Self::Status(status, error, message) => (status, Json(body(error, &message))).into_response(),
        }
    }
}

fn body(error: &str, message: &str) -> Value {
    json!({
        "error": error,
        "message": message,
        "details": {},
        "request_id": current_id(),
        "timestamp": Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
    })
}

/// 404 for a path that nothing serves.
pub(crate) async fn no_such_route(uri: Uri) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", format!("nothing is served at {}", uri.path()))
}

/// 405.
pub(crate) async fn no_such_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path does not know that method")
}

/// 500, when a handler panicked. The panic itself is in the log.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the request could not be done")
        .into_response()
}
