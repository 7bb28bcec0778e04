//! Ordinaut's tables, written and read as its Python code does.

use serde_json::{Value, json};

use crate::support::engine::{Setup, Tables, http};
use crate::support::gate::Gate;
use crate::support::ordctl::finding;
use crate::support::postgres::Database;

/// Inserts a task with Ordinaut's columns only.
fn insert_task(id: &str, kind: &str, expr: &str, payload: &Value) -> String {
    format!(
        "INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, timezone, payload, status,
                           priority, dedupe_key, dedupe_window_seconds, max_retries, backoff_strategy, concurrency_key,
                           created_at)
         VALUES ('{id}', 'python', 'made by SQL', '00000000-0000-0000-0000-000000000001', '{kind}', '{expr}',
                 'Europe/Chisinau', '{payload}', 'active', 5, NULL, 0, 1, 'fixed', NULL, now())"
    )
}

const QUEUED: &str = "7a9e4a50-27b3-4ac1-8c0f-59e2d8a1b001";
const ONCE: &str = "7a9e4a50-27b3-4ac1-8c0f-59e2d8a1b002";
const FAILS: &str = "7a9e4a50-27b3-4ac1-8c0f-59e2d8a1b003";

#[tokio::test]
async fn rows_written_by_python_run_and_our_rows_are_readable_by_python() {
    let gate = Gate::start();
    let db = Database::upstream().await;
    db.execute("DELETE FROM worker_heartbeat; DELETE FROM due_work; DELETE FROM task_run").await.unwrap();
    let setup = Setup::of(&db).allowing(gate.port);
    let node = setup.node(&[]);
    let url = node.http().await;
    let tables = Tables { db };
    let waits: Value = serde_json::from_str(&gate.step("/wait")).unwrap();
    let fails = json!({"uses": "shell.exec", "with": {"program": "/bin/sh", "args": ["-c", "exit 7"]}});
    tables.db.execute(&insert_task(QUEUED, "event", "never", &json!({"pipeline": [waits]}))).await.unwrap();
    let at = tables
        .db
        .value("SELECT to_char(now() AT TIME ZONE 'UTC' + interval '1 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
        .await;
    tables.db.execute(&insert_task(ONCE, "once", &at, &json!({"pipeline": []}))).await.unwrap();
    tables.db.execute(&insert_task(FAILS, "event", "never", &json!({"pipeline": [fails]}))).await.unwrap();
    for task in [QUEUED, FAILS] {
        let queue = format!("INSERT INTO due_work (task_id, run_at) VALUES ('{task}', now())");
        tables.db.execute(&queue).await.unwrap();
    }

    // During the run, Ordinaut's workers skip the row and see its owner.
    let leased = "locked_until > now() AND locked_by IS NOT NULL";
    tables
        .until(&format!("SELECT count(*) FROM due_work WHERE task_id = '{QUEUED}' AND {leased}"), "1")
        .await;
    let free = "SELECT count(*) FROM due_work WHERE run_at <= now() AND (locked_until IS NULL OR locked_until <= now())";
    tables.until(free, "0").await;
    let beats = "SELECT count(*) FROM worker_heartbeat
                  WHERE last_seen > now() - interval '10 s' AND pid > 0 AND hostname <> '' AND processed_count >= 0
                    AND created_at <= last_seen";
    assert_ne!(tables.db.value(beats).await, "0");
    gate.open();

    let ended = |task: &str| format!("SELECT count(*) FROM task_run WHERE task_id = '{task}' AND success");
    tables.until(&ended(QUEUED), "1").await;
    tables.until(&ended(ONCE), "1").await;
    tables.drained().await;
    let good = "SELECT count(*) FROM task_run
                 WHERE success AND error IS NULL AND attempt = 1 AND lease_owner <> '' AND leased_until >= started_at
                   AND started_at <= finished_at AND jsonb_typeof(output) = 'object' AND created_at >= finished_at - interval '5 s'";
    assert_eq!(tables.db.value(good).await, "2");
    let attempts = format!(
        "SELECT string_agg(concat_ws(' ', attempt, success, error <> '', lease_owner <> '', leased_until >= started_at), ', ' ORDER BY attempt)
           FROM task_run WHERE task_id = '{FAILS}'"
    );
    assert_eq!(tables.db.value(&attempts).await, "1 f t t t, 2 f t t t");
    let processed = "SELECT sum(processed_count) >= 3 FROM worker_heartbeat";
    tables.until(processed, "true").await;

    // Rows that Python adds: a run, an audit row, a heartbeat.
    tables
        .db
        .execute(&format!(
            "INSERT INTO task_run (id, task_id, lease_owner, leased_until, started_at, finished_at, success, error, attempt, output)
             VALUES (gen_random_uuid(), '{ONCE}', 'worker-1', now(), now(), now(), true, NULL, 1, '{{}}');
             INSERT INTO audit_log (actor_agent_id, action, subject_id, details)
             VALUES ('00000000-0000-0000-0000-000000000001', 'task.created', '{ONCE}', '{{}}');
             INSERT INTO worker_heartbeat (worker_id, last_seen, processed_count, pid, hostname)
             VALUES ('worker-1', now() - interval '1 day', 7, 1, 'old')
             ON CONFLICT (worker_id) DO UPDATE SET last_seen = EXCLUDED.last_seen"
        ))
        .await
        .unwrap();
    let runs: Value =
        http().get(format!("{url}/runs?task_id={ONCE}")).send().await.unwrap().json().await.unwrap();
    assert_eq!(runs["total"], 2);

    // API actions are in Ordinaut's audit log under its names.
    let paused = http().post(format!("{url}/tasks/{QUEUED}/pause")).send().await.unwrap();
    assert_eq!(paused.status(), 200);
    let audit = "SELECT concat_ws(' ', action, subject_id, actor_agent_id, details ? 'request_id') FROM audit_log ORDER BY id DESC LIMIT 1";
    assert_eq!(
        tables.db.value(audit).await,
        format!("task.paused {QUEUED} 00000000-0000-0000-0000-000000000001 t")
    );
}

/// The monitoring playbook's check of a restarted scheduler, verbatim except for the wait.
#[tokio::test]
async fn the_playbooks_scheduler_check_works_with_curl() {
    let tables = Tables::new().await;
    let node = Setup::of(&tables.db).node(&[]);
    let script = r#"
TEST_TIME=$(date -d '+2 seconds' -Iseconds)
curl -sS -w '%{http_code}' -o /dev/null -X POST URL/tasks \
  -H "Content-Type: application/json" \
  -d '{
    "title": "Scheduler Test",
    "description": "Test scheduling recovery",
    "schedule_kind": "once",
    "schedule_expr": "'$TEST_TIME'",
    "payload": {"pipeline": [{"id": "test", "uses": "noop"}]}
  }'
"#;
    let script = script.replace("URL", &node.http().await);
    let output = tokio::task::spawn_blocking(move || crate::support::systems::shell(&script)).await.unwrap();
    assert_eq!(output, "201");
    tables.until("SELECT count(*) FROM task_run WHERE success", "1").await;
}

/// A program that names the occurrence of its work leaves the other columns to the database.
#[tokio::test]
async fn work_with_an_occurrence_and_nothing_else_is_due_and_runs() {
    let tables = Tables::new().await;
    let ordctl = Setup::of(&tables.db).ordctl();
    let task = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "priority = 3").await;
    let sql = format!(
        "INSERT INTO due_work (task_id, run_at, occurrence)
         SELECT '{task}', now() - interval '5 min', gen_random_uuid() FROM generate_series(1, 1200);
         INSERT INTO due_work (task_id, run_at, locked_by, locked_until) VALUES ('{task}', now(), 'py', now() + interval '1 h')"
    );
    tables.db.execute(&sql).await.unwrap();
    let (_, status) = ordctl.json(&["queue", "status"]);
    let (_, morning) = ordctl.json(&["health", "morning", "--only", "queue"]);
    let (status, morning) = (finding(&status, "due"), finding(&morning, "queue.queue.due"));
    assert_eq!(
        (&status["value"], &morning["value"]),
        (&1200.0.into(), &1200.0.into()),
        "{status}\n{morning}"
    );
    let text = status["summary"].as_str().unwrap();
    assert!(text.starts_with("Due: 1,200, oldest for 5m") && text.ends_with("(priority 3: 1,200)"), "{text}");
    let _node = Setup::of(&tables.db).node(&["--role", "worker"]);
    tables.until("SELECT count(*) FROM task_run WHERE success", "1200").await;
}
