//! `Idempotency-Key` and limits of requests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Api, error, id, task};

async fn keyed(api: &Api, path: &str, key: &str, body: &Value) -> (u16, Value) {
    let sent =
        api.request(Method::POST, path).header("Idempotency-Key", key).json(body).send().await.unwrap();
    (sent.status().as_u16(), sent.json().await.unwrap())
}

#[tokio::test]
async fn a_repeated_request_is_answered_again_and_executed_once() {
    let api = Api::start().await;
    let first = keyed(&api, "/tasks", "k1", &task(json!({}))).await;
    assert_eq!(first.0, 201);
    assert_eq!(keyed(&api, "/tasks", "k1", &task(json!({}))).await, first);
    assert_eq!(api.tables.db.value("SELECT count(*) FROM task").await, "1");
    let no = json!({"error": "conflict", "message": "this Idempotency-Key was used for a different request", "details": {}});
    assert_eq!(error(keyed(&api, "/tasks", "k1", &task(json!({"title": "other"}))).await), (409, no.clone()));
    assert_eq!(
        error(keyed(&api, "/tasks", "k1", &json!({"title": 7})).await).0,
        409,
        "also when the body is invalid"
    );
    let path = format!("/tasks/{}/run_now", id(&first.1));
    assert_eq!(error(keyed(&api, &path, "k1", &json!({})).await), (409, no));
    let run = keyed(&api, &path, "k2", &json!({})).await;
    assert_eq!((run.0, keyed(&api, &path, "k2", &json!({})).await), (200, run));
    assert_eq!(api.tables.db.value("SELECT count(*) FROM due_work").await, "1");
    let event = json!({"topic": "topic", "payload": {"n": 1}});
    let sent = keyed(&api, "/events", "k3", &event).await;
    assert_eq!((sent.0, keyed(&api, "/events", "k3", &event).await), (202, sent));
    assert_eq!(api.tables.db.value("SELECT count(*) FROM ordctl.event").await, "1");
    assert_eq!(api.tables.db.value("SELECT count(*) FROM due_work").await, "2");
    // A refused request was not executed; the key can be used again.
    api.post(&format!("/tasks/{}/pause", id(&first.1)), Value::Null).await;
    let paused = json!({"error": "bad_request", "message": "the task is paused", "details": {}});
    assert_eq!(error(keyed(&api, &path, "k4", &json!({})).await), (400, paused));
    api.post(&format!("/tasks/{}/resume", id(&first.1)), Value::Null).await;
    assert_eq!(keyed(&api, &path, "k4", &json!({})).await.0, 200);
    let long = "x".repeat(256);
    assert_eq!(keyed(&api, "/tasks", &long, &task(json!({}))).await.0, 400);
}

#[tokio::test]
async fn twenty_concurrent_requests_with_one_key_create_one_task() {
    let api = Api::start().await;
    let body = task(json!({"dedupe_key": "d"}));
    let sent = (0..20).map(|_| keyed(&api, "/tasks", "same", &body));
    let answers = futures_util::future::join_all(sent).await;
    assert!(answers.iter().all(|a| *a == answers[0] && a.0 == 201), "{answers:?}");
    assert_eq!(api.tables.db.value("SELECT count(*) FROM task").await, "1");
}

#[tokio::test]
async fn idempotency_keys_belong_to_one_agent() {
    let mut api = Api::start().await;
    let (ann, bob) = (api.agent("ann", &["tasks:write"]), api.agent("bob", &["tasks:write"]));
    api.bear(&ann);
    let hers = keyed(&api, "/tasks", "k", &task(json!({}))).await.1;
    api.bear(&bob);
    let his = keyed(&api, "/tasks", "k", &task(json!({}))).await.1;
    assert_ne!(hers["id"], his["id"]);
}

#[tokio::test]
async fn a_rate_limited_request_learns_when_to_retry() {
    let api =
        Api::set(&["--role", "api"], |s| s.more = "api: { rate_per_agent: 1, rate_per_address: 0 }\n".into())
            .await;
    for _ in 0..10 {
        assert_eq!(api.get("/tasks").await.0, 200);
    }
    let sent = api.request(Method::GET, "/tasks").send().await.unwrap();
    assert_eq!((sent.status().as_u16(), &sent.headers()["retry-after"]), (429, &"1".parse().unwrap()));
    let no = json!({"error": "too_many_requests", "message": "rate limit exceeded; retry after the time in Retry-After", "details": {}});
    assert_eq!(error((429, sent.json().await.unwrap())), (429, no));
    let metrics = api.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("orchestrator_rate_limit_violations_total 1"), "{metrics}");
}

#[tokio::test]
async fn addresses_have_a_rate_limit() {
    let api =
        Api::set(&["--role", "api"], |s| s.more = "api: { rate_per_agent: 0, rate_per_address: 1 }\n".into())
            .await;
    let mut codes = Vec::new();
    for _ in 0..11 {
        codes.push(api.get("/health/live").await.0);
    }
    assert_eq!((codes[9], codes[10]), (200, 429));
}

#[tokio::test]
async fn a_body_nested_too_deeply_is_refused() {
    let api = Api::start().await;
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let sent = api.request(Method::POST, "/tasks").body(deep).send().await.unwrap();
    assert_eq!(sent.status(), 422);
    let answer: Value = sent.json().await.unwrap();
    assert_eq!(answer["detail"][0]["type"], "json_invalid");
}

/// Two connections send half a header to a server that allows two; both end after their time.
#[tokio::test]
async fn idle_connections_time_out() {
    let settings = "api: { max_connections: 2 }\n";
    let api = Api::set(&["--role", "api"], |s| s.more = settings.into()).await;
    let address = api.url.trim_start_matches("http://").to_owned();
    let ended = tokio::task::spawn_blocking(move || {
        let mut idle: Vec<TcpStream> = (0..2).map(|_| TcpStream::connect(&address).unwrap()).collect();
        let mut answers = Vec::new();
        for stream in &mut idle {
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n").unwrap();
        }
        for stream in &mut idle {
            let mut answer = String::new();
            // A time-out is an error here; the end of the connection is not.
            answers.push(stream.read_to_string(&mut answer).map(|_| answer.contains("200")));
        }
        answers
    });
    for ended in ended.await.unwrap() {
        assert!(!ended.expect("the connection is still open"));
    }
}

/// Sends a request over an open connection and reads the beginning of the answer.
async fn ask(stream: &mut tokio::net::TcpStream, path: &str) -> std::io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut answer)).await;
    let read = read.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))??;
    Ok(String::from_utf8_lossy(&answer[..read]).into_owned())
}

async fn connect(from: [u8; 4], to: std::net::SocketAddr) -> tokio::net::TcpStream {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((from, 0).into()).unwrap();
    socket.connect(to).await.unwrap()
}

/// More clients than places keep connections open; they used to shut out health checks and everyone else.
#[tokio::test]
async fn clients_that_keep_connections_open_shut_nobody_out() {
    let settings = "api: { max_connections: 40, rate_per_address: 0 }\n";
    let api = Api::set(&["--role", "api"], |s| s.more = settings.into()).await;
    let to: std::net::SocketAddr = api.url.trim_start_matches("http://").parse().unwrap();
    let mut idle = Vec::new();
    for n in 0..120 {
        let mut stream = connect([127, 0, 1, 1 + n % 20], to).await;
        // Some are never used.
        if n % 3 > 0 {
            drop(ask(&mut stream, "/health/live").await);
        }
        idle.push(stream);
        let mut probe = connect([127, 0, 0, 1], to).await;
        let answer = ask(&mut probe, "/health/live").await.expect("a health check is shut out");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    for _ in 0..5 {
        let mut other = connect([127, 0, 0, 1], to).await;
        let answer = ask(&mut other, "/tasks").await.expect("a client is shut out");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    assert_eq!(idle.len(), 120);
}

/// Each refused request was a line: a client could fill the disk.
#[tokio::test]
async fn refused_requests_are_counted_and_not_logged_one_by_one() {
    let settings = "api: { rate_per_agent: 1, rate_per_address: 1 }\n";
    let api = Api::set(&["--role", "api"], |s| s.more = settings.into()).await;
    let mut refused = 0;
    for _ in 0..300 {
        refused += usize::from(api.get("/tasks").await.0 == 429);
    }
    assert!(refused > 200, "{refused}");
    let log = api._node.log();
    let lines = log.lines().filter(|l| l.contains("rate limit")).count();
    assert!(lines <= 1, "{lines} lines:\n{log}");
    assert!(log.lines().count() < 50, "{log}");
}

/// The parser recurses once per operator.
#[tokio::test]
async fn a_very_long_expression_is_refused() {
    let api = Api::start().await;
    let (bangs, opens) = ("!".repeat(300_000), "(".repeat(300_000));
    let (fields, chain) = (format!("a{}", ".a".repeat(2000)), format!("a{}", ".a".repeat(240)));
    for (expression, status) in
        [(bangs, 422), (opens, 422), (fields, 422), ("!".repeat(249) + "a", 201), (chain, 201)]
    {
        let step = json!({"uses": "noop", "if": expression});
        let (code, answer) = api.post("/tasks", task(json!({"payload": {"pipeline": [step]}}))).await;
        assert_eq!(code, status, "{}", answer.to_string().chars().take(300).collect::<String>());
    }
    assert_eq!(api.get("/health/live").await.0, 200);
}

#[tokio::test]
async fn at_most_fifty_issues_are_reported() {
    let api = Api::start().await;
    let params: serde_json::Map<String, Value> = (0..5000).map(|n| (format!("p{n}"), json!(n))).collect();
    let steps: Vec<Value> = (0..40)
        .map(|n| json!({"uses": "log", "with": {"message": format!("${{[params.x{n}, params.y{n}]}}")}}))
        .collect();
    let (status, answer) =
        api.post("/tasks", task(json!({"payload": {"params": params, "pipeline": steps}}))).await;
    assert_eq!((status, answer["detail"].as_array().map(Vec::len)), (422, Some(50)));
    assert!(answer.to_string().len() < 200_000, "{}", answer.to_string().len());
    let many: serde_json::Map<String, Value> = (0..5000).map(|n| (format!("k{n}"), json!(0))).collect();
    let (_, answer) = api.post("/tasks", Value::Object(many)).await;
    assert_eq!(answer["detail"].as_array().map(Vec::len), Some(50));
}

#[tokio::test]
async fn a_page_is_bounded_in_bytes_and_its_cursor_continues() {
    let api = Api::start().await;
    let large = json!({"pipeline": [], "params": {"text": "x".repeat(900_000)}});
    for _ in 0..12 {
        api.task(json!({"payload": large})).await;
    }
    let mut seen = Vec::new();
    let mut path = "/tasks?limit=200".to_owned();
    for _ in 0..3 {
        let (status, page) = api.get(&path).await;
        assert_eq!((status, &page["total"]), (200, &json!(12)));
        seen.extend(page["items"].as_array().unwrap().iter().map(|t| t["id"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        assert!(page["has_more"] == true && seen.len() < 12);
        path = format!("/tasks?limit=200&cursor={cursor}");
    }
    assert_eq!(seen.len(), 12);
    assert_eq!(seen.iter().collect::<std::collections::HashSet<_>>().len(), 12);
}
