//! `serve` on an Ordinaut database.

use std::process::Stdio;

use chrono::{SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::engine::{Setup, Tables, http};
use crate::support::ordctl::CommandOutput;
use crate::support::postgres::Database;

#[tokio::test]
async fn serve_adopts_a_database_and_runs_queued_work_but_no_old_occurrences() {
    let db = Database::upstream().await;
    let setup = Setup::of(&db);
    let before = db.value("SELECT count(*) FROM task_run").await;
    let queued = db.value("SELECT count(*) FROM due_work").await;
    db.execute("UPDATE task SET payload = '{\"pipeline\": []}'; DELETE FROM worker_heartbeat").await.unwrap();
    db.execute("UPDATE due_work SET run_at = now() - interval '1 day'").await.unwrap_or_default();
    let node = setup.node(&[]);
    let url = node.http().await;
    let tables = Tables { db };
    let new = "SELECT count(*) FROM task_run WHERE final";
    tables.until("SELECT count(*) FROM due_work WHERE parked IS NULL", "0").await;
    let ran: u32 = tables.db.value(new).await.parse().unwrap();
    assert!(ran >= 1 && ran <= queued.parse().unwrap(), "{ran} of {queued}");
    let once = "SELECT count(*) FROM task_run r JOIN task t ON t.id = r.task_id
                 WHERE r.final AND t.schedule_kind = 'once' AND r.scheduled_at < now() - interval '30 days'";
    assert_eq!(tables.db.value(once).await, "0");

    // §4 of the production runbook, verbatim.
    let at = (Utc::now() + TimeDelta::seconds(1)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let body = json!({
        "title": "Performance Test Task", "description": "Scheduling latency verification",
        "schedule_kind": "once", "schedule_expr": at,
        "payload": {"pipeline": [{"id": "test", "uses": "noop", "with": {}}]}
    });
    let answer = http().post(format!("{url}/tasks")).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    let task: Value = answer.json().await.unwrap();
    let id = task["id"].as_str().unwrap();
    tables.until(&format!("SELECT count(*) FROM task_run WHERE task_id = '{id}' AND success"), "1").await;
    let all: u32 = tables.db.value("SELECT count(*) FROM task_run").await.parse().unwrap();
    assert_eq!(all, before.parse::<u32>().unwrap() + ran + 1);
}

#[tokio::test]
async fn serve_refuses_to_run_beside_ordinauts_live_workers() {
    let db = Database::upstream().await;
    let setup = Setup::of(&db);
    db.execute("INSERT INTO worker_heartbeat (worker_id, last_seen) VALUES ('worker-7', now())")
        .await
        .unwrap();
    let output = CommandOutput::of(setup.ordctl().command(&["serve"]).stdin(Stdio::null()));
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("worker-7") && output.err.contains("--beside-upstream"), "{output:?}");
    let node = setup.node(&["--beside-upstream"]);
    node.http().await;
}

#[tokio::test]
async fn serve_refuses_http_off_loopback_without_credentials() {
    let tables = Tables::new().await;
    let output = Setup::of(&tables.db).ordctl().run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("is not loopback"), "{output:?}");
}
