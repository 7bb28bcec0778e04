//! What happens around every request: its id, its limits, its place in the metrics; and how its
//! parts are read.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Api;
use super::error::ApiError;
use crate::engine::tasks::input::{Fault, Reader, whole};
use crate::engine::tasks::{Actor, SYSTEM_AGENT};

const ID: &str = "x-request-id";
/// A body may have so many bytes.
const BODY_MAX: usize = 1 << 20;
/// And take so long to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(30);

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered.
pub fn current_id() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Gives a request its id, and counts it.
pub async fn around(State(api): State<Api>, request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(ID)
        .and_then(|v| v.to_str().ok())
        .filter(|v| (1..=128).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_graphic()))
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let endpoint =
        request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = known(request.method().as_str());
    let begin = Instant::now();
    let mut response = CURRENT.scope(id.clone(), next.run(request)).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(ID, value);
    }
    let status = response.status();
    api.metrics.http_requests_total.with_label_values(&[method, &endpoint, status.as_str()]).inc();
    let seconds = begin.elapsed().as_secs_f64();
    api.metrics.http_request_duration_seconds.with_label_values(&[method, &endpoint]).observe(seconds);
    tracing::debug!(request = %id, method, endpoint, status = status.as_u16(), seconds, "answered");
    response
}

/// A method as a label: whatever else a client makes up is one label.
fn known(method: &str) -> &'static str {
    let all = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
    all.into_iter().find(|m| *m == method).unwrap_or("other")
}

/// Who asks. Without credentials, on loopback, that is the system agent.
pub fn actor() -> Actor {
    Actor { agent: SYSTEM_AGENT, details: json!({ "request_id": current_id() }) }
}

/// The body as JSON; an empty one as `{}`.
///
/// # Errors
/// 413 when it is too large, 408 when it takes too long, 422 when it is no JSON.
pub async fn document(body: Body) -> Result<Value, ApiError> {
    let bytes = collect(body).await?;
    if bytes.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_slice(&bytes).map_err(|e| {
        let msg = format!("JSON decode error: {e}");
        ApiError::Invalid(whole("json_invalid", msg))
    })
}

async fn collect(body: Body) -> Result<Bytes, ApiError> {
    let whole = tokio::time::timeout(BODY_WITHIN, Limited::new(body, BODY_MAX).collect()).await;
    match whole {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(e)) if e.downcast_ref::<LengthLimitError>().is_some() => Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("a body has at most {BODY_MAX} bytes"),
        )),
        Ok(Err(_)) => Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_request", "the body broke off")),
        Err(_) => Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body took too long")),
    }
}

/// The id in a path.
///
/// # Errors
/// 422 when it is no UUID.
pub fn path_id(text: &str) -> Result<Uuid, ApiError> {
    text.parse().map_err(|_| {
        ApiError::Invalid(vec![Fault {
            kind: "uuid_parsing",
            loc: vec!["path".into(), "id".into()],
            msg: "Input should be a valid UUID".into(),
            input: json!(text),
        }])
    })
}

/// The parameters of a query, of which the last of one name counts.
pub struct Query(Map<String, Value>);

impl Query {
    /// Takes them from a request's URI. Parameters of which nothing is known are ignored.
    pub fn of(pairs: Vec<(String, String)>, known: &[&str]) -> Self {
        let kept =
            pairs.into_iter().filter(|(name, value)| known.contains(&name.as_str()) && !value.is_empty());
        Self(kept.map(|(name, value)| (name, Value::String(value))).collect())
    }

    /// Reads them.
    ///
    /// # Errors
    /// 422 with everything that is wrong.
    pub fn read<T>(&self, read: impl FnOnce(&mut Reader<'_>) -> T) -> Result<T, ApiError> {
        let mut reader = Reader::new("query", &self.0);
        let found = read(&mut reader);
        let faults = reader.finish();
        if faults.is_empty() { Ok(found) } else { Err(ApiError::Invalid(faults)) }
    }
}

/// A page's limit and offset.
pub fn page(reader: &mut Reader<'_>) -> (i64, i64) {
    (reader.int("limit", 1, 200).unwrap_or(50), reader.int("offset", 0, 10_000_000).unwrap_or(0))
}
