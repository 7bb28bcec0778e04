//! Error answers: `{error, message, details, request_id, timestamp}`, and 422 with
//! `{detail: [{type, loc, msg, input}]}`.

use std::any::Any;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::http::{Response, StatusCode, Uri, header};
use axum::response::IntoResponse;
use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};

use super::refusals;
use super::request::current_id;
use crate::clients::postgres::SqlState;
use crate::engine::tasks::TaskError;
use crate::engine::tasks::input::InputIssue;
use crate::store::StoreError;

/// A request that failed.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// 422.
    Invalid(Vec<InputIssue>),
    /// 429 with `Retry-After`.
    TooMany(Duration),
    Status(StatusCode, &'static str, String),
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self::Status(status, error, message.into())
    }
}

/// What callers learn of an internal error; the log has the rest.
const INTERNAL: &str = "internal error; the server's log has the details under this request_id";

impl ApiError {
    pub(crate) fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", INTERNAL)
    }
}

impl From<Vec<InputIssue>> for ApiError {
    fn from(issues: Vec<InputIssue>) -> Self {
        Self::Invalid(issues)
    }
}

impl From<TaskError> for ApiError {
    fn from(e: TaskError) -> Self {
        match e {
            TaskError::NotFound(_) => Self::new(StatusCode::NOT_FOUND, "not_found", e.to_string()),
            TaskError::Invalid(issues) => Self::Invalid(issues),
            TaskError::Conflict(message) => Self::new(StatusCode::CONFLICT, "conflict", message),
            TaskError::Refused(message) => Self::new(StatusCode::BAD_REQUEST, "bad_request", message),
            TaskError::Forbidden(message) => Self::new(StatusCode::FORBIDDEN, "forbidden", message),
            TaskError::Busy(_) => Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", e.to_string()),
            TaskError::Internal(error) => {
                tracing::error!(request = %current_id(), error, "request failed");
                Self::internal()
            }
            TaskError::Store(e) => Self::from(e),
        }
    }
}

impl From<StoreError> for ApiError {
    /// The database's message goes to the log only: it may contain SQL, names and addresses.
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Client(e) if e.sql_state().is_none_or(is_transient) => {
                refusals::count("requests failed: the database is unavailable", &e.to_string());
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "unavailable",
                    "the database is unavailable; try again",
                )
            }
            e => {
                tracing::error!(request = %current_id(), error = %e, "request failed");
                Self::internal()
            }
        }
    }
}

/// SQLSTATE classes of time-outs, deadlocks, and a server that stops or recovers.
fn is_transient(state: &SqlState) -> bool {
    ["57", "40", "55", "53", "08", "25"].iter().any(|class| state.code().starts_with(class))
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response<Body> {
        match self {
            Self::Invalid(issues) => {
                (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "detail": issues }))).into_response()
            }
            Self::TooMany(wait) => {
                // Whole seconds, at least one (RFC 9110, section 10.2.3).
                let seconds = wait.as_secs_f64().ceil().max(1.0);
                let headers = [(header::RETRY_AFTER, format!("{seconds}"))];
                let answer =
                    body("too_many_requests", "rate limit exceeded; retry after the time in Retry-After");
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

/// 503 for a request that came when every connection was busy.
pub(crate) fn no_connection() -> Response<Body> {
    let message = "every connection is busy (api.max_connections); try again";
    let error = ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
    let headers = [(header::RETRY_AFTER, "1"), (header::CONNECTION, "close")];
    (headers, error).into_response()
}

/// 404 for an unknown path.
pub(crate) async fn no_such_route(uri: Uri) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "not_found", format!("no route matches {}", uri.path()))
}

/// 405.
pub(crate) async fn no_such_method() -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this path does not support the method",
    )
}

/// 500 for a handler that panicked; the log has the panic.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    ApiError::internal().into_response()
}
