//! `http.request`: sends an HTTP request to a host that `http_request` allows.
//!
//! [`crate::clients::guarded_http`] checks the target. A task's request carries an `Idempotency-Key` that is the
//! same at every attempt of an occurrence, so that a server that supports the header does the work once. A
//! missing answer and the statuses 408, 425, 429 and 5xx are transient errors; other unexpected statuses are
//! permanent.

use std::collections::BTreeMap;

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::scalar::Scalar;
use super::super::{Output, Tool, ToolContext, ToolError};
use crate::base::secret::SecretUrl;
use crate::base::units;
use crate::clients::guarded_http::{GuardedHttpError, Reply, Request, admit};
use crate::clients::http::first_words;
use crate::model::{Effect, Finding, Status, StepPlan};

/// Names one occurrence's request (IETF draft "The Idempotency-Key HTTP Header Field").
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Headers that control routing and framing.
const RESERVED_HEADERS: [HeaderName; 5] = [
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::PROXY_AUTHORIZATION,
];

pub(crate) struct HttpRequest;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    #[serde(default)]
    pub(crate) method: Verb,
    /// The URL: `https://…` or `http://…`.
    pub(crate) url: String,
    /// Headers.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Scalar>,
    /// Query parameters.
    #[serde(default)]
    pub(crate) query: BTreeMap<String, Scalar>,
    /// The body: a string as it is, any other value as JSON.
    #[serde(default)]
    pub(crate) body: Option<Value>,
    /// Accepted status codes; default: any 2xx.
    #[serde(default)]
    pub(crate) expect: Vec<u16>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the methods of HTTP")]
pub(crate) enum Verb {
    #[default]
    Get,
    Head,
    Options,
    Post,
    Put,
    Patch,
    Delete,
}

impl Verb {
    fn method(self) -> Method {
        match self {
            Self::Get => Method::GET,
            Self::Head => Method::HEAD,
            Self::Options => Method::OPTIONS,
            Self::Post => Method::POST,
            Self::Put => Method::PUT,
            Self::Patch => Method::PATCH,
            Self::Delete => Method::DELETE,
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Headers with lowercase names; repeated ones are joined by commas.
    pub(crate) headers: BTreeMap<String, String>,
    /// The body: JSON if the content type is JSON, else text.
    pub(crate) body: Value,
    /// How long it took.
    pub(crate) elapsed_seconds: f64,
}

fn wrong(what: impl std::fmt::Display) -> ToolError {
    ToolError::Params(format!("http.request: {what}"))
}

/// The request as it is sent.
fn request(params: &Params, ctx: &ToolContext) -> Result<Request, ToolError> {
    let mut url = Url::parse(&params.url).map_err(|e| wrong(format!("url: {e}")))?;
    if !params.query.is_empty() {
        url.query_pairs_mut().extend_pairs(params.query.iter().map(|(k, v)| (k, &v.0)));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in &params.headers {
        let bad = |why: &str| wrong(format!("headers: '{name}' {why}"));
        let header =
            HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("is not a valid header name"))?;
        if RESERVED_HEADERS.contains(&header) {
            return Err(bad("is set by ordctl"));
        }
        let mut value = HeaderValue::from_str(&value.0).map_err(|_| bad("has an invalid value"))?;
        value.set_sensitive(true);
        headers.insert(header, value);
    }
    if let Some(occurrence) = &ctx.occurrence
        && !headers.contains_key(IDEMPOTENCY_KEY)
    {
        let key = format!("{occurrence}/{}", ctx.step);
        let value = HeaderValue::from_str(&key)
            .map_err(|_| wrong("the step's name is not a valid header value: set its id"))?;
        headers.insert(IDEMPOTENCY_KEY, value);
    }
    let (body, kind) = match &params.body {
        None => (None, None),
        Some(Value::String(text)) => (Some(text.clone().into_bytes()), Some("text/plain; charset=utf-8")),
        Some(other) => (Some(other.to_string().into_bytes()), Some("application/json")),
    };
    if let Some(kind) = kind.filter(|_| !headers.contains_key(header::CONTENT_TYPE)) {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    let expect = params.expect.clone();
    Ok(Request { method: params.method.method(), url, headers, body, expect })
}

/// The request for display, from the unencoded values: encoded secrets could not be masked.
fn shown(params: &Params, request: &Request) -> String {
    let query: Vec<String> = params.query.iter().map(|(k, v)| format!("{k}={}", v.0)).collect();
    let mark = if params.url.contains('?') { '&' } else { '?' };
    let mut text = format!("{} {}", request.method, SecretUrl::new(&params.url));
    if !query.is_empty() {
        text.push(mark);
        text.push_str(&query.join("&"));
    }
    let headers: Vec<String> = request
        .headers
        .iter()
        .map(|(k, v)| format!("{k}: {}", String::from_utf8_lossy(v.as_bytes())))
        .collect();
    if !headers.is_empty() {
        text = format!("{text} ({})", headers.join(", "));
    }
    match &request.body {
        Some(body) => format!("{text} {}", String::from_utf8_lossy(body)),
        None => text,
    }
}

fn failure(error: GuardedHttpError) -> ToolError {
    match error {
        GuardedHttpError::Refused { message, hint } => {
            ToolError::Refused { message: format!("http.request: {message}"), hint: Some(hint) }
        }
        GuardedHttpError::Unusable(message) => wrong(message),
        GuardedHttpError::Redirect { .. } | GuardedHttpError::TooLarge(_) => {
            ToolError::rejected(format!("http.request: {error}"))
        }
        GuardedHttpError::NoAnswer(_) => ToolError::failed(format!("http.request: {error}")),
    }
}

/// The error of an unexpected status, with the beginning of the body. A retry may succeed for some statuses.
fn unexpected(host: &str, reply: &Reply, ctx: &ToolContext) -> ToolError {
    // Masked before truncation, which could split a secret.
    let words = ctx.secrets.mask(&String::from_utf8_lossy(&reply.body));
    let words = first_words(words.as_bytes(), 120);
    let words = if words.is_empty() { words } else { format!(": {words}") };
    let message = format!("{host}: HTTP status {}{words}", reply.status);
    match reply.status {
        408 | 425 | 429 | 500.. => ToolError::failed(message),
        _ => ToolError::rejected(message),
    }
}

fn body(reply: &Reply) -> Value {
    let kind = reply.headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_json = kind == "application/json" || kind.ends_with("+json");
    let json = if is_json { serde_json::from_slice(&reply.body).ok() } else { None };
    json.unwrap_or_else(|| Value::String(String::from_utf8_lossy(&reply.body).into_owned()))
}

fn headers(reply: &Reply) -> BTreeMap<String, String> {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in &reply.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        let joined = all.entry(name.to_string()).or_default();
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(&value);
    }
    all
}

impl Tool for HttpRequest {
    type Params = Params;
    type Result = Answer;

    const NAME: &'static str = "http.request";
    const HELP: &'static str = "Send an HTTP request to an allowed host";
    const SOURCE: &'static str = crate::clients::http::SYSTEM;
    const TASKS_MAY_CHANGE: bool = true;
    const SECRET_PARAMS: &'static [&'static str] = &["url", "headers", "query", "body"];

    fn secret_target(&self, params: &Params) -> Option<String> {
        let url = Url::parse(&params.url).ok()?;
        Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
    }

    fn effect(&self, params: &Params) -> Effect {
        match params.method {
            Verb::Get | Verb::Head | Verb::Options => Effect::Look,
            Verb::Post | Verb::Put | Verb::Patch | Verb::Delete => Effect::Change,
        }
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let request = request(params, ctx)?;
        admit(&request.url, &ctx.settings.http_request).await.map_err(failure)?;
        let host = request.url.host_str().unwrap_or_default();
        let text = format!("Send a {} request to {host}", request.method);
        Ok(StepPlan::new(text, vec![shown(params, &request)]))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Answer>, ToolError> {
        let request = request(&params, ctx)?;
        let (method, host) = (request.method.clone(), request.url.host_str().unwrap_or_default().to_owned());
        let rules = &ctx.settings.http_request;
        let reply = ctx.clients.guarded_http.send(request, rules, ctx.limit).await.map_err(failure)?;
        let well = match params.expect.is_empty() {
            true => (200..300).contains(&reply.status),
            false => params.expect.contains(&reply.status),
        };
        if !well {
            return Err(unexpected(&host, &reply, ctx));
        }
        let elapsed_seconds = reply.elapsed.as_secs_f64();
        let took = units::duration(elapsed_seconds);
        let summary = format!("{method} {host}: status {} in {took}", reply.status);
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary)
            .details(json!({ "code": reply.status, "seconds": elapsed_seconds }));
        let (headers, body) = (headers(&reply), body(&reply));
        Ok(Output::new(vec![finding], Answer { status: reply.status, headers, body, elapsed_seconds }))
    }
}

#[cfg(test)]
#[path = "http_request_tests.rs"]
mod tests;
