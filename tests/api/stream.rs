//! `GET /runs/stream`: starts and ends of the caller's runs.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Api, id};
use crate::support::gate::Gate;
use crate::support::{eventually, holds_within};

/// Text received from a stream, and whether the stream ended.
#[derive(Default)]
struct Received {
    text: String,
    ended: bool,
}

async fn watch(api: &Api, query: &str) -> Arc<Mutex<Received>> {
    let sent = api.request(reqwest::Method::GET, &format!("/runs/stream{query}")).send().await.unwrap();
    assert_eq!(
        (sent.status().as_u16(), &sent.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    let received = Arc::new(Mutex::new(Received::default()));
    let kept = received.clone();
    tokio::spawn(async move {
        let mut bytes = sent.bytes_stream();
        while let Some(Ok(some)) = bytes.next().await {
            kept.lock().unwrap().text.push_str(&String::from_utf8_lossy(&some));
        }
        kept.lock().unwrap().ended = true;
    });
    received
}

/// Waits for an event about a task; returns its data.
async fn event_about(received: &Mutex<Received>, event: &str, task: &Value) -> Value {
    let mut found = Value::Null;
    eventually(&format!("the event {event} arrives"), async || {
        let text = received.lock().unwrap().text.clone();
        let all = text.split("\n\n").filter(|e| e.contains(&format!("event: {event}\n")));
        let data = all.filter_map(|e| e.lines().find_map(|l| l.strip_prefix("data: ")).map(str::to_owned));
        let mut data = data.map(|d| serde_json::from_str::<Value>(&d).unwrap());
        found = data.find(|d| d["task_id"] == task["id"]).unwrap_or_default();
        !found.is_null()
    })
    .await;
    found
}

#[tokio::test]
async fn a_stream_reports_starts_and_ends_of_own_runs() {
    let gate = Gate::start();
    let mut api = Api::set(&[], |s| s.allow.push(format!("127.0.0.1:{}", gate.port))).await;
    let scopes = ["tasks:read", "tasks:write", "runs:read"];
    let (ann, bob) = (api.agent("ann", &scopes), api.agent("bob", &scopes));
    api.bear(&bob);
    let his = watch(&api, "").await;
    api.bear(&ann);
    let (hers, open) = (watch(&api, "").await, watch(&api, "?include_errors=true").await);
    let waits: Value = serde_json::from_str(&gate.step("/wait")).unwrap();
    let fails = json!({"uses": "shell.exec", "with": {"program": "/bin/sh", "args": ["-c", "exit 7"]}});
    let task = api.task(json!({"max_retries": 0, "payload": {"pipeline": [waits, fails]}})).await;
    // The first poll records existing runs; the stream reports runs that start later.
    let mut started = Value::Null;
    eventually("a start arrives", async || {
        api.post(&format!("/tasks/{}/run_now", id(&task)), Value::Null).await;
        tokio::time::timeout(std::time::Duration::from_secs(3), async {
            started = event_about(&hers, "run.started", &task).await
        })
        .await
        .is_ok()
    })
    .await;
    assert_eq!((&started["success"], &started["attempt"]), (&Value::Null, &json!(1)));
    gate.open();
    let finished = event_about(&hers, "run.finished", &task).await;
    assert_eq!((&finished["success"], &finished["error"]), (&json!(false), &json!("error")), "masked");
    assert!(event_about(&open, "run.finished", &task).await["error"].as_str().unwrap().contains("step"));
    api.bear(&bob);
    let own = api.task(json!({})).await;
    api.post(&format!("/tasks/{}/run_now", id(&own)), Value::Null).await;
    assert_eq!(event_about(&his, "run.finished", &own).await["success"], true);
    assert!(!his.lock().unwrap().text.contains(id(&task)), "no runs of other agents");
    let narrowed = "UPDATE agent SET scopes = '{tasks:read}' WHERE name = 'bob'";
    api.tables.db.execute(narrowed).await.unwrap();
    api.setup.ordctl().run(&["agent", "revoke", "ann", "--yes"]);
    let over = |received: &Mutex<Received>| received.lock().unwrap().ended;
    eventually("streams of unauthorized clients end", async || over(&hers) && over(&his)).await;
}

/// Through the API; the CLI's revocation is a notification of another node.
#[tokio::test]
async fn a_revoked_agent_receives_no_later_event() {
    let mut api = Api::start().await;
    let (ann, root) =
        (api.agent("ann", &["tasks:write", "tasks:read", "runs:read"]), api.agent("root", &["admin"]));
    api.bear(&ann);
    let task = api.task(json!({})).await;
    let revoked = watch(&api, "").await;
    api.bear(&root);
    let remains = watch(&api, "").await;
    let run = async || {
        let run = Uuid::new_v4();
        let sql = format!(
            "INSERT INTO task_run (id, task_id, started_at, finished_at, success, occurrence, final)
             VALUES ('{run}', '{}', now(), now(), true, '{run}', true)",
            id(&task)
        );
        api.tables.db.execute(&sql).await.unwrap();
        run.to_string()
    };
    let has = |received: &Mutex<Received>, run: &str| received.lock().unwrap().text.contains(run);
    eventually("both streams report", async || {
        let run = run().await;
        holds_within(Duration::from_secs(3), async || has(&revoked, &run) && has(&remains, &run)).await
    })
    .await;
    let agents = api.get("/agents").await.1;
    let ann = agents.as_array().unwrap().iter().find(|a| a["name"] == "ann").unwrap();
    assert_eq!(api.post("/agents/auth/revoke", json!({"agent_id": ann["id"]})).await.0, 200);
    let later = run().await;
    eventually("the other stream reports the later run", async || has(&remains, &later)).await;
    assert!(!has(&revoked, &later), "the stream of a revoked agent goes on");
    eventually("its stream ends", async || revoked.lock().unwrap().ended).await;
}

/// More than two pages of ends between two polls.
#[tokio::test]
async fn no_end_is_missed_when_many_runs_end_at_once() {
    let api = Api::start().await;
    let received = watch(&api, "").await;
    let task = api.task(json!({})).await;
    let runs = async |many: u32| {
        let sql = format!(
            "INSERT INTO task_run (task_id, started_at, finished_at, success, occurrence, final)
             SELECT '{}', now() - n * interval '1 us', now(), true, gen_random_uuid(), true FROM generate_series(1, {many}) n",
            id(&task)
        );
        api.tables.db.execute(&sql).await.unwrap();
    };
    let mark = async |run: Uuid| {
        let sql = format!(
            "INSERT INTO task_run (id, task_id, started_at, finished_at, success, occurrence, final)
             VALUES ('{run}', '{}', now(), now(), true, '{run}', true)",
            id(&task)
        );
        api.tables.db.execute(&sql).await.unwrap();
        eventually("the mark arrives", async || received.lock().unwrap().text.contains(&run.to_string()))
            .await;
    };
    eventually("the stream reports", async || {
        runs(1).await;
        received.lock().unwrap().text.contains("run.finished")
    })
    .await;
    let ends =
        |received: &Mutex<Received>| received.lock().unwrap().text.matches("event: run.finished\n").count();
    mark(Uuid::new_v4()).await;
    let before = ends(&received);
    runs(3500).await;
    mark(Uuid::new_v4()).await;
    assert_eq!(ends(&received), before + 3501);
}
