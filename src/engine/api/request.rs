//! Around every request: its id and metrics. Extractors that read its parts within limits.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Api;
use super::caller::Caller;
use super::error::ApiError;
use crate::engine::agents::token::digest;
use crate::engine::tasks::input::{self, InputIssue};
use crate::engine::tasks::{Actor, ConsentedActor, PageRequest};
use crate::model::{Consented, ReasonInput};
use crate::store::IdempotencyKey;

const ID: &str = "x-request-id";
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Largest body of an unauthenticated request, in bytes.
const PUBLIC_BODY_MAX: usize = 4 << 10;
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the current request.
pub(crate) fn current_id() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Assigns the request id and records metrics.
pub(crate) async fn instrument(State(api): State<Api>, request: Request, next: Next) -> Response {
    let id = request
        .headers()
        .get(ID)
        .and_then(|v| v.to_str().ok())
        .filter(|v| (1..=128).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_graphic()))
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let endpoint =
        request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = method_label(request.method().as_str());
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

/// A method as a metric label; unknown methods share one.
fn method_label(method: &str) -> &'static str {
    let all = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
    all.into_iter().find(|m| *m == method).unwrap_or("other")
}

/// A JSON body and the idempotency key of the request.
pub(crate) struct Document {
    pub(crate) value: Value,
    once: Option<IdempotencyKey>,
}

/// A [`Document`] that may be absent; absent is `{}`.
pub(crate) struct OptionalDocument(pub(crate) Document);

impl Document {
    /// The caller, with the request's idempotency key and its `reason`. Nothing is written before the body, with
    /// the reason, is validated.
    pub(crate) fn consented_actor(&self, caller: &Caller) -> ConsentedActor {
        let actor = Actor { once: self.once.clone(), ..caller.actor() };
        let reason = self.value.get("reason").and_then(Value::as_str).map(str::to_owned);
        actor.with_consent(&Consented::from_api_caller(caller).because(reason))
    }

    /// Like [`Self::consented_actor`], for a body that has nothing but a reason.
    pub(crate) fn actor_with_reason(&self, caller: &Caller) -> Result<ConsentedActor, ApiError> {
        input::read::<ReasonInput>(&self.value)?;
        Ok(self.consented_actor(caller))
    }

    /// None without a body.
    async fn read(request: Request, api: &Api) -> Result<(Option<Value>, Option<IdempotencyKey>), ApiError> {
        let (parts, body) = request.into_parts();
        let is_authenticated = parts.extensions.get::<Caller>().is_some();
        let limit = if is_authenticated { api.max_body } else { api.max_body.min(PUBLIC_BODY_MAX) };
        let bytes = collect(body, limit).await?;
        let once = once(&parts, &bytes)?;
        if bytes.is_empty() {
            return Ok((None, once));
        }
        let value = serde_json::from_slice(&bytes)
            .map_err(|e| InputIssue::body("json_invalid", format!("JSON decode error: {e}")))?;
        Ok((Some(value), once))
    }
}

impl FromRequest<Api> for Document {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        match Self::read(request, api).await? {
            (Some(value), once) => Ok(Self { value, once }),
            (None, _) => Err(InputIssue::body("missing", "Field required").into()),
        }
    }
}

impl FromRequest<Api> for OptionalDocument {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let (value, once) = Document::read(request, api).await?;
        Ok(Self(Document { value: value.unwrap_or_else(|| json!({})), once }))
    }
}

/// The idempotency key of a request; each agent has its own keys.
fn once(parts: &Parts, body: &[u8]) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(given) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = given.to_str().ok().filter(|k| (1..=255).contains(&k.len())).ok_or_else(|| {
        let message = "Idempotency-Key must have 1 to 255 visible ASCII characters";
        ApiError::new(StatusCode::BAD_REQUEST, "bad_request", message)
    })?;
    let caller = parts.extensions.get::<Caller>().map(|c| c.identity().agent).unwrap_or_default();
    let what = format!("{} {}\n{}", parts.method, parts.uri.path(), String::from_utf8_lossy(body));
    Ok(Some(IdempotencyKey { agent: caller.to_string(), key: key.to_owned(), request: digest(&what) }))
}

async fn collect(body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let collected = tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, limit).collect()).await;
    match collected {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(e)) if e.downcast_ref::<LengthLimitError>().is_some() => Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("the body is larger than {limit} bytes"),
        )),
        Ok(Err(_)) => Err(ApiError::new(StatusCode::BAD_REQUEST, "bad_request", "the body is incomplete")),
        Err(_) => {
            Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body did not arrive in time"))
        }
    }
}

/// The id in the path.
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

/// The query parameters: validated against the schema of `T`, then deserialized. The last of several parameters
/// with one name counts; unknown parameters are ignored.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: JsonSchema + DeserializeOwned + 'static> FromRequestParts<Api> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Api) -> Result<Self, ApiError> {
        let schema = T::json_schema(&mut SchemaGenerator::default()).to_value();
        let mut all = Map::new();
        for (name, text) in url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
            if let Some(property) = schema["properties"].get(name.as_ref()) {
                all.insert(name.into_owned(), typed(property, &text));
            }
        }
        let document = Value::Object(all);
        let issues = input::validate::<T>("query", &document);
        if issues.is_empty() { Ok(Self(input::deserialize(&document)?)) } else { Err(issues.into()) }
    }
}

/// A parameter as a value of its type; as text when it is none.
fn typed(schema: &Value, text: &str) -> Value {
    let is = |name: &str| match &schema["type"] {
        Value::String(kind) => kind == name,
        Value::Array(kinds) => kinds.iter().any(|kind| kind == name),
        _ => false,
    };
    let value = match text {
        _ if is("integer") => text.parse::<i64>().ok().map(Value::from),
        "true" | "1" if is("boolean") => Some(true.into()),
        "false" | "0" if is("boolean") => Some(false.into()),
        _ => None,
    };
    value.unwrap_or_else(|| text.into())
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct IncludeErrors {
    /// Include error texts; default: mask them.
    #[serde(default)]
    pub(crate) include_errors: bool,
}

/// The parameters of a paged list.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct Paging {
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 200))]
    limit: i64,
    #[serde(default)]
    #[schemars(range(min = 0, max = 10_000_000))]
    offset: i64,
    /// `next_cursor` of the page before; replaces `offset`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200), regex(pattern = CURSOR))]
    cursor: Option<String>,
}

/// Microseconds since 1970 and an id; every text of this form is a position.
const CURSOR: &str = "^-?[0-9]{1,16}~[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

const fn default_limit() -> i64 {
    50
}

impl Paging {
    pub(crate) fn request(&self) -> Result<PageRequest, ApiError> {
        let Some(cursor) = &self.cursor else { return Ok(PageRequest::offset(self.limit, self.offset)) };
        PageRequest::after(self.limit, cursor).ok_or_else(|| {
            ApiError::Invalid(vec![InputIssue {
                kind: "value_error",
                loc: vec!["query".into(), "cursor".into()],
                msg: "Input should be the next_cursor of a page".into(),
                input: json!(cursor),
            }])
        })
    }
}
