//! The request as it is sent, and what becomes of its answer.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::base::settings::Settings;
use crate::clients::Clients;
use crate::model::Silent;
use crate::store::Library;

fn context(occurrence: Option<&str>) -> ToolContext {
    let settings = Arc::new(Settings::default());
    let clients = Arc::new(Clients::new(&settings));
    let (library, limit) = (Arc::new(Library::default()), Duration::from_secs(1));
    let ctx = ToolContext::new(settings, clients, library, Arc::new(Silent), limit);
    ToolContext { occurrence: occurrence.map(str::to_owned), step: "notify".into(), ..ctx }
}

fn params(with: Value) -> Params {
    serde_json::from_value(with).unwrap()
}

fn sent(with: Value, occurrence: Option<&str>) -> Result<Request, ToolError> {
    request(&params(with), &context(occurrence))
}

fn key(with: Value, occurrence: Option<&str>) -> Option<String> {
    let request = sent(with, occurrence).unwrap();
    request.headers.get("Idempotency-Key").map(|v| v.to_str().unwrap().to_owned())
}

#[test]
fn an_occurrence_has_one_key_for_each_step_unless_the_step_brings_its_own() {
    let post = || json!({ "method": "POST", "url": "https://a.example/x" });
    assert_eq!(
        key(post(), Some("task-1/2026-01-01T00:00:00Z")).unwrap(),
        "task-1/2026-01-01T00:00:00Z/notify"
    );
    assert_eq!(key(post(), None), None);
    let mut own = post();
    own["headers"] = json!({ "idempotency-KEY": "mine" });
    assert_eq!(key(own, Some("o")).unwrap(), "mine");
}

#[test]
fn body_and_query_are_sent_unchanged() {
    let request = sent(
        json!({ "method": "PUT", "url": "https://a.example/x?a=1", "query": { "b": "c d&e", "n": 2 }, "body": { "k": [1] } }),
        None,
    )
    .unwrap();
    assert_eq!(request.url.as_str(), "https://a.example/x?a=1&b=c+d%26e&n=2");
    assert_eq!(request.body.as_deref(), Some(b"{\"k\":[1]}".as_slice()));
    assert_eq!(request.headers["content-type"], "application/json");
    let text =
        sent(json!({ "url": "https://a.example/", "body": "x", "headers": { "Content-Type": "a/b" } }), None);
    assert_eq!(text.unwrap().headers["content-type"], "a/b");
}

#[test]
fn reserved_headers_are_refused() {
    for name in ["Host", "content-length", "Transfer-Encoding", "Connection", "a b", ""] {
        let mut with = json!({ "url": "https://a.example/", "headers": {} });
        with["headers"][name] = json!("x");
        assert!(matches!(sent(with, None), Err(ToolError::Params(_))), "{name}");
    }
    let split = json!({ "url": "https://a.example/", "headers": { "a": "b\r\nc: d" } });
    assert!(sent(split, None).is_err());
    assert!(sent(json!({ "url": "a.example" }), None).is_err());
}

#[test]
fn the_plan_shows_the_call_without_its_password() {
    let with = json!({ "method": "POST", "url": "https://u:pw@a.example/x", "query": { "q": "a b" },
                       "headers": { "x-a": "1" }, "body": { "k": 1 } });
    let params = params(with);
    let text = shown(&params, &request(&params, &context(None)).unwrap());
    assert_eq!(
        text,
        "POST https://u:********@a.example/x?q=a b (x-a: 1, content-type: application/json) {\"k\":1}"
    );
}

#[test]
fn only_transient_errors_are_retryable() {
    let reply = |status| Reply {
        status,
        headers: HeaderMap::new(),
        body: b"no\nway".to_vec(),
        elapsed: Duration::from_secs(1),
    };
    for (status, passes) in [
        (500, true),
        (503, true),
        (599, true),
        (429, true),
        (408, true),
        (400, false),
        (404, false),
        (302, false),
    ] {
        let error = unexpected("a.example", &reply(status), &context(None));
        assert_eq!(error.may_pass(), passes, "{status}");
        assert_eq!(error.to_string(), format!("a.example: HTTP status {status}: no way"));
    }
    assert!(failure(GuardedHttpError::NoAnswer("x".into())).may_pass());
    let stay = [
        GuardedHttpError::TooLarge(crate::base::size::Size::new(1)),
        GuardedHttpError::Redirect { message: "x".into() },
        GuardedHttpError::Refused { message: "x".into(), hint: "y".into() },
    ];
    assert!(stay.into_iter().all(|e| !failure(e).may_pass()));
}

#[test]
fn a_body_is_json_where_its_type_says_so() {
    for (kind, text, value) in [
        ("application/json; charset=utf-8", "{\"a\":1}", json!({ "a": 1 })),
        ("application/problem+json", "[1]", json!([1])),
        ("text/plain", "{\"a\":1}", json!("{\"a\":1}")),
        ("application/json", "{broken", json!("{broken")),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", kind.parse().unwrap());
        let reply = Reply { status: 200, headers, body: text.into(), elapsed: Duration::ZERO };
        assert_eq!(body(&reply), value, "{kind}");
    }
}
