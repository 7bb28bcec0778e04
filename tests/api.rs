//! The HTTP API over a real server: every route, its good case and its bad ones.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::support::engine::{Node, Setup, Tables, http};
use crate::support::left_out;
use crate::support::postgres::Cluster;

const NOBODY: &str = "11111111-1111-1111-1111-111111111111";

struct Api {
    tables: Tables,
    http: Client,
    url: String,
    _node: Node,
}

impl Api {
    /// A server that schedules and runs nothing.
    async fn start() -> Self {
        Self::with(&["--role", "api"]).await
    }

    async fn with(args: &[&str]) -> Self {
        let tables = Tables::new().await;
        let node = Setup::of(&tables.db).node(args);
        let url = node.http().await;
        Self { tables, http: http(), url, _node: node }
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.headers().contains_key("x-request-id"), "{path}");
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, body).await
    }

    async fn task(&self, more: Value) -> Value {
        let mut body = json!({
            "title": "t", "description": "d", "schedule_kind": "event", "schedule_expr": "topic",
            "payload": {"pipeline": [{"id": "a", "uses": "noop", "with": {}}]},
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, task) = self.post("/tasks", body).await;
        assert_eq!(status, 201, "{task}");
        task
    }
}

fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}

/// Its status, and its body without what differs each time.
fn error((status, mut body): (u16, Value)) -> (u16, Value) {
    let map = body.as_object_mut().unwrap();
    assert!(map.remove("request_id").is_some() && map.remove("timestamp").is_some(), "{map:?}");
    (status, body)
}

#[tokio::test]
async fn a_task_is_made_read_changed_and_canceled() {
    let api = Api::start().await;
    let task = api.task(json!({"priority": 2})).await;
    assert_eq!(task["created_by"], "00000000-0000-0000-0000-000000000001");
    assert_eq!(
        (&task["status"], &task["priority"], &task["max_retries"]),
        (&json!("active"), &json!(2), &json!(3))
    );
    assert_eq!((&task["timezone"], &task["catch_up"]), (&json!("Europe/Chisinau"), &json!("once")));
    let path = format!("/tasks/{}", id(&task));
    assert_eq!(api.get(&path).await, (200, task.clone()));
    assert_eq!(api.get(&format!("{path}/")).await, (200, task.clone()), "with a slash at its end");
    let (status, changed) =
        api.ask(Method::PUT, &path, json!({"title": "new", "concurrency_key": "k"})).await;
    assert_eq!((status, &changed["title"], &changed["priority"]), (200, &json!("new"), &json!(2)));
    let (_, emptied) = api.ask(Method::PUT, &path, json!({"concurrency_key": null})).await;
    assert_eq!((&emptied["concurrency_key"], &emptied["title"]), (&Value::Null, &json!("new")));
    for (action, status) in [("pause", "paused"), ("resume", "active"), ("cancel", "canceled")] {
        let (code, op) = api.post(&format!("{path}/{action}"), Value::Null).await;
        assert_eq!((code, &op["success"]), (200, &json!(true)));
        assert_eq!(api.get(&path).await.1["status"], status);
    }
    assert_eq!(
        error(api.post(&format!("{path}/resume"), Value::Null).await),
        (409, json!({"error": "conflict", "message": "the task is canceled, and stays so", "details": {}}))
    );
    let audit = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log";
    assert_eq!(
        api.tables.db.value(audit).await,
        "task.created task.updated task.updated task.paused task.resumed task.canceled"
    );
}

#[tokio::test]
async fn everything_wrong_with_a_task_is_said_at_once() {
    let api = Api::start().await;
    let body = json!({"title": "", "description": "d", "priority": 77, "schedule_kind": "cron", "schedule_expr": "61 * * * *",
                      "foo": 1, "payload": {"pipeline": [{"uses": "nop"}]}});
    let (status, answer) = api.post("/tasks", body).await;
    assert_eq!(status, 422);
    assert_eq!(
        answer,
        json!({"detail": [
            {"type": "string_too_short", "loc": ["body", "title"], "msg": "String should have at least 1 character", "input": ""},
            {"type": "less_than_equal", "loc": ["body", "priority"], "msg": "Input should be less than or equal to 9", "input": 77},
            {"type": "value_error", "loc": ["body", "payload", "pipeline", 0, "uses"],
             "msg": "there is no tool 'nop'; did you mean 'noop'?", "input": "nop"},
            {"type": "value_error", "loc": ["body", "schedule_expr"], "msg": "minute: 61 is not in 0-59", "input": "61 * * * *"},
            {"type": "extra_forbidden", "loc": ["body", "foo"], "msg": "Extra inputs are not permitted", "input": 1},
        ]})
    );
    let good = json!({"title": "t", "description": "d", "schedule_kind": "event", "schedule_expr": "x", "payload": {"pipeline": []}});
    for (key, value, kind) in [
        ("schedule_kind", json!("weekly"), "enum"),
        ("description", json!(7), "string_type"),
        ("description", json!("x".repeat(2001)), "string_too_long"),
        ("max_retries", json!(-1), "greater_than_equal"),
        ("max_retries", json!("many"), "int_parsing"),
        ("created_by", json!("me"), "uuid_parsing"),
        ("created_by", json!(NOBODY), "value_error"),
        ("timezone", json!("Mars/Base"), "value_error"),
        ("title", Value::Null, "missing"),
        ("payload", json!([]), "value_error"),
        ("payload", json!({"pipeline": [{"uses": "log", "with": {"message": "${"}}]}), "value_error"),
        ("payload", json!({"pipeline": [{"uses": "noop", "if": "a ==="}]}), "value_error"),
        ("title", json!("a\0b"), "value_error"),
    ] {
        let mut body = good.clone();
        body[key] = value;
        let (status, answer) = api.post("/tasks", body.clone()).await;
        assert_eq!((status, &answer["detail"][0]["type"]), (422, &json!(kind)), "{body} {answer}");
    }
    let mut late = good.clone();
    late["schedule_kind"] = json!("once");
    late["schedule_expr"] = json!("2020-01-01T00:00:00Z");
    let (status, answer) = api.post("/tasks", late).await;
    assert_eq!((status, &answer["detail"][0]["loc"]), (422, &json!(["body", "schedule_expr"])));
    for body in [json!([]), json!("text"), json!(null)] {
        let answer = api.http.post(format!("{}/tasks", api.url)).body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{body}");
    }
    let broken = api.http.post(format!("{}/tasks", api.url)).body("{").send().await.unwrap();
    let broken: Value = broken.json().await.unwrap();
    assert_eq!(broken["detail"][0]["type"], "json_invalid");
    assert_eq!(api.tables.db.value("SELECT count(*) FROM task").await, "0");
}

#[tokio::test]
async fn a_second_active_task_with_the_same_dedupe_key_is_a_conflict() {
    let api = Api::start().await;
    let first = api.task(json!({"dedupe_key": "k"})).await;
    let mut again = first.clone();
    for key in ["id", "status", "created_at"] {
        again.as_object_mut().unwrap().remove(key);
    }
    let wanted = json!({"error": "conflict", "message": "there is an active task with this dedupe_key and creator", "details": {}});
    assert_eq!(error(api.post("/tasks", again.clone()).await), (409, wanted.clone()));
    api.post(&format!("/tasks/{}/pause", id(&first)), Value::Null).await;
    assert_eq!(api.post("/tasks", again).await.0, 201);
    assert_eq!(error(api.post(&format!("/tasks/{}/resume", id(&first)), Value::Null).await), (409, wanted));
}

#[tokio::test]
async fn run_now_queues_deduplicates_and_refuses() {
    let api = Api::start().await;
    let task = api.task(json!({"dedupe_key": "k", "dedupe_window_seconds": 600})).await;
    let path = format!("/tasks/{}/run_now", id(&task));
    let (status, first) = api.post(&path, Value::Null).await;
    assert_eq!((status, first["details"]["deduplicated"].is_null()), (200, true));
    let (status, second) = api.post(&path, Value::Null).await;
    assert_eq!((status, &second["details"]["deduplicated"]), (200, &json!(true)));
    assert_eq!(api.tables.db.value("SELECT count(*) FROM due_work").await, "1");
    api.post(&format!("/tasks/{}/pause", id(&task)), Value::Null).await;
    let wanted = json!({"error": "bad_request", "message": "the task is paused", "details": {}});
    assert_eq!(error(api.post(&path, Value::Null).await), (400, wanted));
    let (status, _) = api.ask(Method::DELETE, &format!("/tasks/{}", id(&task)), Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(api.tables.db.value("SELECT count(*) FROM due_work").await, "0");
}

#[tokio::test]
async fn snooze_postpones_what_is_about_to_happen() {
    let api = Api::with(&["--role", "api,scheduler"]).await;
    let at = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let once = api.task(json!({"schedule_kind": "once", "schedule_expr": at})).await;
    api.tables.until("SELECT count(*) FROM ordctl.schedule WHERE next_at IS NOT NULL", "1").await;
    let before = api.tables.db.value("SELECT next_at FROM ordctl.schedule").await;
    let path = format!("/tasks/{}/snooze", id(&once));
    assert_eq!(api.post(&path, json!({"delay_seconds": 600, "reason": "lunch"})).await.0, 200);
    api.tables
        .until(&format!("SELECT next_at - '{before}'::timestamptz FROM ordctl.schedule"), "00:10:00")
        .await;
    let event = api.task(json!({})).await;
    api.post(&format!("/tasks/{}/run_now", id(&event)), Value::Null).await;
    let (_, op) = api.post(&format!("/tasks/{}/snooze", id(&event)), json!({"delay_seconds": 60})).await;
    assert_eq!(op["details"]["moved"], 1);
    assert_eq!(api.tables.db.value("SELECT run_at > now() + interval '50 s' FROM due_work").await, "true");
    for (body, kind) in [
        (json!({}), "missing"),
        (json!({"delay_seconds": 0}), "greater_than_equal"),
        (json!({"delay_seconds": 604801}), "less_than_equal"),
        (json!({"delay_seconds": 5, "reason": "x".repeat(201)}), "string_too_long"),
    ] {
        let (status, answer) = api.post(&path, body).await;
        assert_eq!((status, &answer["detail"][0]["type"]), (422, &json!(kind)));
    }
}

#[tokio::test]
async fn lists_come_in_pages_with_filters() {
    let api = Api::start().await;
    for n in 0..5 {
        api.task(json!({"title": format!("t{n}")})).await;
    }
    let (status, page) = api.get("/tasks?limit=2&offset=1").await;
    assert_eq!(status, 200);
    let titles: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|t| t["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["t3", "t2"]);
    assert_eq!(
        (&page["total"], &page["limit"], &page["offset"], &page["has_more"]),
        (&json!(5), &json!(2), &json!(1), &json!(true))
    );
    assert_eq!(api.get("/tasks?limit=200&schedule_kind=cron").await.1["total"], 0);
    assert_eq!(api.get("/tasks?status=paused").await.1["items"], json!([]));
    assert_eq!(api.get(&format!("/tasks?created_by={NOBODY}")).await.1["total"], 0);
    for (query, key) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("offset=-1", "offset"),
        ("status=gone", "status"),
        ("created_by=me", "created_by"),
    ] {
        let (status, answer) = api.get(&format!("/tasks?{query}")).await;
        assert_eq!((status, &answer["detail"][0]["loc"]), (422, &json!(["query", key])), "{query}");
    }
}

#[tokio::test]
async fn runs_are_listed_masked_and_summed_up() {
    let api = Api::with(&[]).await;
    let good = api.task(json!({})).await;
    // Loopback is no place for a task, unless configuration says so.
    let step = json!({"uses": "http.request", "with": {"url": "http://127.0.0.1:1/"}});
    let bad = api.task(json!({"max_retries": 0, "payload": {"pipeline": [step]}})).await;
    assert_eq!(api.get(&format!("/runs/task/{}/latest", id(&good))).await, (200, Value::Null));
    for task in [&good, &bad] {
        api.post(&format!("/tasks/{}/run_now", id(task)), Value::Null).await;
    }
    api.tables.until("SELECT count(*) FROM task_run WHERE final", "2").await;
    let (_, failed) = api.get("/runs?success=false").await;
    assert_eq!((&failed["total"], &failed["items"][0]["error"]), (&json!(1), &json!("error")));
    let (_, open) = api.get("/runs?success=false&include_errors=true").await;
    assert!(open["items"][0]["error"].as_str().unwrap().contains("step 'request'"), "{open}");
    assert_eq!(api.get(&format!("/runs?task_id={}", id(&good))).await.1["total"], 1);
    assert_eq!(api.get("/runs?end_time=2020-01-01T00:00:00Z").await.1["total"], 0);
    let run = open["items"][0]["id"].as_str().unwrap();
    assert_eq!(api.get(&format!("/runs/{run}")).await.1["task_id"], bad["id"]);
    assert_eq!(api.get(&format!("/runs/task/{}/latest", id(&good))).await.1["success"], true);
    let (_, stats) = api.get(&format!("/runs/task/{}/stats", id(&bad))).await;
    assert_eq!(
        (&stats["days"], &stats["total"], &stats["failed"], &stats["success_rate"]),
        (&json!(30), &json!(1), &json!(1), &json!(0.0))
    );
    let (_, summary) = api.get("/runs/stats/summary?days=1").await;
    assert_eq!(
        (&summary["total"], &summary["successful"], &summary["success_rate"]),
        (&json!(2), &json!(1), &json!(50.0))
    );
    assert_eq!(api.get("/runs/stats/summary?days=366").await.0, 422);
    assert_eq!(api.get("/runs?success=maybe").await.1["detail"][0]["type"], "bool_parsing");
    assert_eq!(api.get("/runs?start_time=now").await.1["detail"][0]["type"], "datetime_parsing");
}

#[tokio::test]
async fn what_is_not_there_is_said_in_one_shape() {
    let api = Api::start().await;
    let missing = |what: &str| {
        (
            404,
            json!({"error": "not_found", "message": format!("there is no {what} of this id"), "details": {}}),
        )
    };
    for (method, path) in [
        (Method::GET, format!("/tasks/{NOBODY}")),
        (Method::PUT, format!("/tasks/{NOBODY}")),
        (Method::DELETE, format!("/tasks/{NOBODY}")),
        (Method::POST, format!("/tasks/{NOBODY}/run_now")),
        (Method::POST, format!("/tasks/{NOBODY}/pause")),
        (Method::GET, format!("/runs/task/{NOBODY}/latest")),
        (Method::GET, format!("/runs/task/{NOBODY}/stats")),
    ] {
        assert_eq!(error(api.ask(method, &path, Value::Null).await), missing("task"), "{path}");
    }
    assert_eq!(error(api.get(&format!("/runs/{NOBODY}")).await), missing("run"));
    assert_eq!(error(api.post(&format!("/runs/{NOBODY}/cancel"), Value::Null).await), missing("run"));
    assert_eq!(api.get("/tasks/7").await.1["detail"][0]["loc"], json!(["path", "id"]));
    let nothing = json!({"error": "not_found", "message": "nothing is served at /nothing", "details": {}});
    assert_eq!(error(api.get("/nothing").await), (404, nothing));
    let method = json!({"error": "method_not_allowed", "message": "this path does not know that method", "details": {}});
    assert_eq!(error(api.ask(Method::PATCH, "/tasks", Value::Null).await), (405, method));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_also_in_chunks() {
    let api = Api::start().await;
    let large = json!({"title": "x".repeat(2 << 20)});
    let wanted = json!({"error": "too_large", "message": "a body has at most 1048576 bytes", "details": {}});
    assert_eq!(error(api.post("/tasks", large).await), (413, wanted));
    let address = api.url.trim_start_matches("http://").to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        let head =
            "POST /tasks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
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
async fn health_and_metrics_tell_what_is() {
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
        (200, &json!("degraded"), &json!("held: a test"))
    );
    api.task(json!({})).await;
    if left_out("health_and_metrics_tell_what_is", &["prometheus"]) {
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
    let said = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
    let wrong: Vec<&str> = said.lines().filter(|l| !l.starts_with("orchestrator_tasks_total ")).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[tokio::test]
async fn without_its_database_it_says_so_and_shows_nothing_of_it() {
    let cluster = Cluster::separate();
    let node = Setup::at(&cluster, "postgres").node(&["--role", "api"]);
    let url = node.http().await;
    let http = http();
    assert_eq!(http.get(format!("{url}/health/ready")).send().await.unwrap().status(), 200);
    drop(cluster);
    assert_eq!(http.get(format!("{url}/health/ready")).send().await.unwrap().status(), 503);
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
