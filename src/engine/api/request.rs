//! What happens around every request: its id, its place in the metrics; and how its parts are read,
//! within their limits.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use crate::engine::agents::key::digest;
use crate::engine::tasks::input::{InputIssue, Reader, whole};
use crate::engine::tasks::{Actor, ConsentedActor, Place};
use crate::model::Consented;
use crate::store::IdempotencyKey;

const ID: &str = "x-request-id";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// How many bytes the body of a request may have that anybody may make.
const PUBLIC_MAX: usize = 4 << 10;
/// How long a body may take to arrive.
const BODY_WITHIN: Duration = Duration::from_secs(30);

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that is being answered.
pub(crate) fn current_id() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Gives a request its id, and counts it.
pub(crate) async fn around(State(api): State<Api>, request: Request, next: Next) -> Response {
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

/// A request's body as JSON, and its idempotency key. An empty body is `{}`.
pub(crate) struct Document {
    pub(crate) value: Value,
    once: Option<IdempotencyKey>,
}

impl Document {
    /// Who asks, with the request's idempotency key.
    pub(crate) fn consented_actor(&self, caller: &Caller) -> ConsentedActor {
        let actor = Actor { once: self.once.clone(), ..caller.actor() };
        actor.with_consent(&Consented::from_api_caller(caller))
    }
}

impl FromRequest<Api> for Document {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        // Who has not proven who he is says little.
        let known = parts.extensions.get::<Caller>().is_some();
        let most = if known { api.max_body } else { api.max_body.min(PUBLIC_MAX) };
        let bytes = collect(body, most).await?;
        let value = if bytes.is_empty() {
            Value::Object(Map::new())
        } else {
            serde_json::from_slice(&bytes).map_err(|e| {
                let msg = format!("JSON decode error: {e}");
                ApiError::Invalid(whole("json_invalid", msg))
            })?
        };
        Ok(Self { once: once(&parts, &bytes)?, value })
    }
}

/// The idempotency key of a request: its agent's own.
fn once(parts: &Parts, body: &[u8]) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(given) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = given.to_str().ok().filter(|k| (1..=255).contains(&k.len())).ok_or_else(|| {
        let message = "an Idempotency-Key has 1 to 255 visible ASCII characters";
        ApiError::new(StatusCode::BAD_REQUEST, "bad_request", message)
    })?;
    let caller = parts.extensions.get::<Caller>().map(|c| c.identity().agent).unwrap_or_default();
    let what = format!("{} {}\n{}", parts.method, parts.uri.path(), String::from_utf8_lossy(body));
    Ok(Some(IdempotencyKey { agent: caller.to_string(), key: key.to_owned(), request: digest(&what) }))
}

async fn collect(body: Body, most: usize) -> Result<Bytes, ApiError> {
    let whole = tokio::time::timeout(BODY_WITHIN, Limited::new(body, most).collect()).await;
    match whole {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(e)) if e.downcast_ref::<LengthLimitError>().is_some() => Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("a body has at most {most} bytes"),
        )),
        Ok(Err(_)) => Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_request", "the body broke off")),
        Err(_) => Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body took too long")),
    }
}

/// The id in a path.
pub(crate) struct Id(pub(crate) Uuid);

impl FromRequestParts<Api> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, ApiError> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, api).await;
        let text = path.map(|p| p.0).unwrap_or_default();
        text.parse().map(Self).map_err(|_| {
            ApiError::Invalid(vec![InputIssue {
                kind: "uuid_parsing",
                loc: vec!["path".into(), "id".into()],
                msg: "Input should be a valid UUID".into(),
                input: json!(text),
            }])
        })
    }
}

/// The parameters of a query, of which the last of one name counts.
pub(crate) struct Query(Map<String, Value>);

impl FromRequestParts<Api> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        let pairs = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let all = pairs.filter(|(_, value)| !value.is_empty());
        Ok(Self(all.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()))
    }
}

impl Query {
    /// Reads them. Parameters that nobody asks for are ignored.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&mut Reader<'_>) -> T) -> Result<T, ApiError> {
        let mut reader = Reader::new("query", &self.0);
        let found = read(&mut reader);
        let faults = reader.faults();
        if faults.is_empty() { Ok(found) } else { Err(ApiError::Invalid(faults)) }
    }
}

/// Where a page lies: `limit`, and `cursor` or `offset`.
pub(crate) fn page(reader: &mut Reader<'_>) -> Place {
    let limit = reader.int("limit", 1, 200).unwrap_or(50);
    let offset = reader.int("offset", 0, 10_000_000).unwrap_or(0);
    let Some(cursor) = reader.text("cursor", 1, 200) else { return Place::offset(limit, offset) };
    Place::after(limit, &cursor).unwrap_or_else(|| {
        reader.fault("cursor", "value_error", "Input should be the next_cursor of a page");
        Place::offset(limit, offset)
    })
}
