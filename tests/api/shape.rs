//! Behavior common to all routes: errors, limits, `/health` and `/metrics`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, NOBODY, error, task};
use crate::support::engine::{Setup, Tables, http};
use crate::support::postgres::Cluster;
use crate::support::{eventually, left_out};

#[tokio::test]
async fn missing_objects_and_routes_share_one_error_format() {
    let api = Api::start().await;
    let missing = |what: &str| {
        (404, json!({"error": "not_found", "message": format!("no {what} has this id"), "details": {}}))
    };
    for (method, path) in [
        (Method::GET, format!("/tasks/{NOBODY}")),
        (Method::DELETE, format!("/tasks/{NOBODY}")),
        (Method::POST, format!("/tasks/{NOBODY}/run_now")),
        (Method::POST, format!("/tasks/{NOBODY}/pause")),
        (Method::GET, format!("/runs/task/{NOBODY}/latest")),
        (Method::GET, format!("/runs/task/{NOBODY}/stats")),
    ] {
        assert_eq!(error(api.ask(method, &path, Value::Null).await), missing("task"), "{path}");
    }
    let update = api.ask(Method::PUT, &format!("/tasks/{NOBODY}"), json!({})).await;
    assert_eq!(error(update), missing("task"));
    assert_eq!(error(api.get(&format!("/runs/{NOBODY}")).await), missing("run"));
    assert_eq!(error(api.post(&format!("/runs/{NOBODY}/cancel"), Value::Null).await), missing("run"));
    assert_eq!(api.get("/tasks/7").await.1["detail"][0]["loc"], json!(["path", "id"]));
    let nothing = json!({"error": "not_found", "message": "no route matches /nothing", "details": {}});
    assert_eq!(error(api.get("/nothing").await), (404, nothing));
    let method = json!({"error": "method_not_allowed", "message": "this path does not support the method", "details": {}});
    assert_eq!(error(api.ask(Method::PATCH, "/tasks", Value::Null).await), (405, method));
}

/// The published schema accepts and refuses the same documents as the API.
#[tokio::test]
async fn the_published_schema_of_a_task_describes_tools_and_time_zones() {
    let api = Api::start().await;
    let (_, document) = api.get("/openapi.json").await;
    let schema = json!({"$ref": "#/components/schemas/TaskInput", "components": document["components"]});
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let step = |step: Value| task(json!({"payload": {"pipeline": [step]}}));
    for (is_valid, body) in [
        (true, task(json!({"timezone": "Europe/Berlin"}))),
        (false, task(json!({"timezone": "Europe/Berlim"}))),
        (true, step(json!({"uses": "noop"}))),
        (false, step(json!({"uses": "noob"}))),
        (false, step(json!({"uses": "noop", "retries": 1}))),
        (true, step(json!({"uses": "noop", "max_retries": 5.0}))),
        (false, step(json!({"uses": "noop", "max_retries": 11}))),
        (false, step(json!({"uses": "noop", "timeout_seconds": 0}))),
        (false, step(json!({"uses": "noop", "optional": true}))),
        (true, step(json!({"uses": "wait", "with": {"seconds": "5s"}}))),
        (true, step(json!({"uses": "wait", "with": {"seconds": "${event.seconds}"}}))),
        (false, step(json!({"uses": "wait"}))),
        (false, step(json!({"uses": "wait", "with": {"seconds": [1]}}))),
        (false, step(json!({"uses": "wait", "with": {"seconds": 1, "minutes": 1}}))),
        (true, step(json!({"uses": "http.request", "with": {"url": "http://h/", "expect": ["${event.a}"]}}))),
        (true, step(json!({"uses": "http.request", "with": {"url": "http://h/", "method": "${event.a}"}}))),
        (false, step(json!({"uses": "http.request", "with": {"url": "http://h/", "method": "FETCH"}}))),
        (false, step(json!({"uses": "log", "with": {"message": "a\u{0}b"}}))),
        (false, task(json!({"payload": {"pipeline": [], "note": "a\u{0}b"}}))),
    ] {
        assert_eq!(validator.is_valid(&body), is_valid, "{body}");
        let (status, answer) = api.post("/tasks", body.clone()).await;
        assert_eq!(status, if is_valid { 201 } else { 422 }, "{body} {answer}");
    }
}

#[tokio::test]
async fn a_large_body_is_refused_also_when_chunked() {
    let api = Api::start().await;
    let large = json!({"title": "x".repeat(2 << 20)});
    let wanted =
        json!({"error": "too_large", "message": "the body is larger than 1048576 bytes", "details": {}});
    assert_eq!(error(api.post("/tasks", large).await), (413, wanted));
    let address = api.url.trim_start_matches("http://").to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head = "POST /tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let chunk = format!("{:x}\r\n{}\r\n", 1 << 16, "x".repeat(1 << 16));
        for _ in 0..40 {
            // The server hangs up when it has seen enough.
            if stream.write_all(chunk.as_bytes()).is_err() {
                break;
            }
        }
        let mut answer = String::new();
        drop(stream.read_to_string(&mut answer));
        answer
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn health_and_metrics_report_the_state() {
    let api = Api::with(&[]).await;
    let sent = api
        .http
        .get(format!("{}/health/live", api.url))
        .header("x-request-id", "my-id")
        .send()
        .await
        .unwrap();
    assert_eq!(sent.headers()["x-request-id"], "my-id");
    assert_eq!(api.get("/health").await.1["status"], "healthy");
    assert_eq!(api.get("/health/ready").await.0, 200);
    api.tables.db.execute("UPDATE ordctl.engine SET held = true, held_because = 'a test'").await.unwrap();
    let (status, health) = api.get("/health").await;
    assert_eq!(
        (status, &health["status"], &health["checks"][1]["message"]),
        (200, &json!("degraded"), &json!("on hold: a test"))
    );
    api.task(json!({})).await;
    if left_out("health_and_metrics_report_the_state", &["prometheus"]) {
        return;
    }
    let text = api.http.get(format!("{}/metrics", api.url)).send().await.unwrap();
    assert_eq!(text.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = text.text().await.unwrap();
    for line in [
        "orchestrator_tasks_total{status=\"active\"} 1",
        "orchestrator_tasks_total{status=\"canceled\"} 0",
        "orchestrator_due_work_queue_depth{priority=\"9\"} 0",
        "orchestrator_tasks_created_total{schedule_kind=\"event\"} 1",
        "orchestrator_http_requests_total{endpoint=\"/tasks\",method=\"POST\",status_code=\"201\"} 1",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is not in\n{text}");
    }
    let mut promtool = Command::new("promtool");
    let mut child = promtool
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let report =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let wrong: Vec<&str> = report.lines().filter(|l| !l.starts_with("orchestrator_tasks_total ")).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn a_node_without_the_api_serves_health_and_metrics() {
    let tables = Tables::new().await;
    let task = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "max_retries = 0").await;
    let node = Setup::of(&tables.db).node(&["--role", "worker", "--listen", "127.0.0.1:0"]);
    let (url, http) = (node.http().await, http());
    assert!(node.log().contains("/health and /metrics only"), "{}", node.log());
    tables.queue(&task, 1).await;
    tables.drained().await;
    let text = async |path: &str| {
        let answer = http.get(format!("{url}{path}")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, metrics) = text("/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.lines().any(|l| l == "orchestrator_runs_total{status=\"success\"} 1"), "{metrics}");
    assert_eq!((text("/health/ready").await.0, text("/health/live/").await.0), (200, 200));
    for path in ["/tasks", "/agents", "/runs", "/openapi.json"] {
        assert_eq!(text(path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn without_the_database_errors_reveal_nothing_about_it() {
    let cluster = Cluster::separate();
    let node = Setup::at(&cluster, "postgres").node(&["--role", "api"]);
    let url = node.http().await;
    let http = http();
    assert_eq!(http.get(format!("{url}/health/ready")).send().await.unwrap().status(), 200);
    drop(cluster);
    // The proof of a write is kept for a second.
    eventually("the node is not ready", async || {
        http.get(format!("{url}/health/ready")).send().await.unwrap().status() == 503
    })
    .await;
    assert_eq!(http.get(format!("{url}/health/live")).send().await.unwrap().status(), 200);
    let health: Value = http.get(format!("{url}/health")).send().await.unwrap().json().await.unwrap();
    assert_eq!(health["status"], "unhealthy");
    let answer = http.get(format!("{url}/tasks")).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    let text = answer.text().await.unwrap();
    assert!(
        text.contains("\"error\":\"unavailable\"") && !text.contains("127.0.0.1") && !text.contains("SELECT"),
        "{text}"
    );
}
