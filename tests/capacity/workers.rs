//! Worker utilization, and the scaling recommendation.

use serde_json::Value;

use super::capacity;
use crate::evening::{empty, number, task, url};
use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::Database;

/// Heartbeats since hours: one of upstream's workers, one of ordctl's, and an old one.
async fn heartbeats(database: &Database) {
    database
        .execute(
            "INSERT INTO worker_heartbeat (worker_id, last_seen, created_at)
             VALUES ('worker-1', now(), now() - interval '5 h'), ('ordctl:a', now(), now() - interval '5 h'),
                    ('gone', now() - interval '10 min', now() - interval '5 h')",
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn utilization_is_the_run_time_within_the_last_hour() {
    let (database, ordctl) = empty().await;
    let (code, report) = capacity(&ordctl, "workers");
    assert_eq!((code, finding(&report, "workers.utilization.all")["status"].as_str()), (3, Some("skipped")));
    database
        .execute(
            "INSERT INTO worker_heartbeat (worker_id, last_seen, created_at, processed_count)
             VALUES ('worker-1', now(), now() - interval '5 h', 100000),
                    ('ordctl:a', now(), now() - interval '5 h', 0),
                    ('young', now(), now() - interval '10 min', 0),
                    ('gone', now() - interval '10 min', now() - interval '5 h', 9);
             INSERT INTO ordctl.worker (id, node, lease_until, slots)
             VALUES ('ordctl:a/0.1', 'ordctl:a', now() + interval '1 h', 3), ('ordctl:a/1.1', 'ordctl:a', now() + interval '1 h', 2)",
        )
        .await
        .unwrap();
    let id = task(&database, "event", "never", "UTC").await;
    let runs = format!(
        "INSERT INTO task_run (task_id, lease_owner, started_at, finished_at, success)
         VALUES ('{id}', 'worker-1', now() - interval '20 min', now() - interval '5 min', true),
                ('{id}', 'worker-1', now() - interval '90 min', now() - interval '45 min', true),
                ('{id}', 'worker-1', now() - interval '3 h', now() - interval '2 h', true),
                ('{id}', 'young', now() - interval '8 min', now() - interval '3 min', true),
                ('{id}', 'ordctl:a/0.1', now() - interval '1 h', now(), true),
                ('{id}', 'ordctl:a/1.1', now() - interval '30 min', now(), true);
         INSERT INTO due_work (task_id, run_at, locked_until, locked_by, leased_at, lease_token, priority, occurrence, scheduled_at)
         VALUES ('{id}', now(), now() + interval '1 h', 'ordctl:a/1.1', now() - interval '30 min', gen_random_uuid(), 5, gen_random_uuid(), now()),
                ('{id}', now(), now() + interval '1 h', 'ordctl:a/1.1', now() - interval '40 min', gen_random_uuid(), 5, gen_random_uuid(), now());
         UPDATE ordctl.worker SET running = ARRAY(SELECT min(id) FROM due_work) WHERE id = 'ordctl:a/1.1'"
    );
    database.execute(&runs).await.unwrap();
    let (_, report) = capacity(&ordctl, "workers");
    let near = |id: &str, wanted: f64| {
        let found = number(&report, id);
        assert!((found - wanted).abs() < 0.5, "{id}: {found}, not {wanted}");
    };
    // 15 of 20 minutes, and the last 15 of 45: half an hour.
    near("workers.utilization.worker-1", 50.0);
    near("workers.utilization.young", 50.0);
    // One hour, half an hour, and the running half hour, of five hours. Buffered items are not running.
    near("workers.utilization.ordctl-a", 40.0);
    near("workers.utilization.all", 100.0 * (30.0 + 5.0 + 120.0) / (60.0 + 10.0 + 300.0));
    assert!(!report.to_string().contains("gone"), "{report}");
}

fn advice(report: &Value) -> (String, u64) {
    let found = finding(report, "recommendation.scaling");
    let advice = &found["details"]["advice"];
    (advice["action"].as_str().unwrap().to_owned(), advice["workers"].as_u64().unwrap())
}

async fn due(database: &Database, id: &str, rows: u32) {
    let sql = format!(
        "INSERT INTO due_work (task_id, run_at) SELECT '{id}', now() FROM generate_series(1, {rows})"
    );
    database.execute(&sql).await.unwrap();
}

/// Busy workers keep the queue short, so a short queue alone must not scale down.
#[tokio::test]
async fn the_recommendation_considers_queue_and_utilization() {
    let (database, ordctl) = empty().await;
    let id = task(&database, "event", "never", "UTC").await;
    let (code, report) = capacity(&ordctl, "recommendation");
    assert_eq!((code, advice(&report)), (2, ("start".to_owned(), 1)), "{report}");

    heartbeats(&database).await;
    let third =
        "INSERT INTO worker_heartbeat (worker_id, created_at) VALUES ('worker-2', now() - interval '5 h')";
    database.execute(third).await.unwrap();
    let (code, report) = capacity(&ordctl, "recommendation");
    assert_eq!((code, advice(&report)), (0, ("down".to_owned(), 2)), "{report}");

    let busy = format!(
        "INSERT INTO task_run (task_id, lease_owner, started_at, finished_at, success)
         SELECT '{id}', w, now() - interval '1 h', now(), true FROM unnest('{{worker-1,worker-2,ordctl:a/0.1}}'::text[]) w"
    );
    database.execute(&busy).await.unwrap();
    let (code, report) = capacity(&ordctl, "recommendation");
    assert_eq!((code, advice(&report).0.as_str()), (1, "up"), "{report}");

    database.execute("TRUNCATE task_run").await.unwrap();
    due(&database, &id, 1001).await;
    let (code, report) = capacity(&ordctl, "recommendation");
    assert_eq!((code, advice(&report).0.as_str()), (1, "up"), "the script's rule: {report}");
    let summary = finding(&report, "recommendation.scaling")["summary"].as_str().unwrap().to_owned();
    assert!(summary.contains("1,001 items due") && summary.contains("3 workers active"), "{summary}");
}

/// The hint never scales in the other direction, which could remove containers without heartbeats.
#[tokio::test]
async fn the_hint_is_allowed_and_never_removes_running_containers() {
    let (database, _) = empty().await;
    let id = task(&database, "event", "never", "UTC").await;
    due(&database, &id, 1001).await;
    let next = |max: u32| {
        let services = format!("services: {{ worker: {{ max: {max} }} }}");
        let ordctl =
            Ordctl::configured(&format!("database: {{ url: \"{}\" }}\n{services}\n", url(&database)));
        let (_, report) = capacity(&ordctl, "recommendation");
        let found = finding(&report, "recommendation.scaling").clone();
        let text = |key: &str| found[key].as_str().unwrap().to_owned();
        (text("hint"), text("summary"))
    };
    assert_eq!(next(3).0, "ordctl scale status", "none sends a heartbeat");
    heartbeats(&database).await;
    assert_eq!(next(8).0, "ordctl scale up 3");
    assert_eq!(next(3).0, "ordctl scale up 3");
    let (hint, summary) = next(2);
    assert_eq!(hint, "ordctl config show --origin");
    assert!(
        summary.starts_with("more than 2 workers needed, but services.worker.max is reached"),
        "{summary}"
    );
}

#[tokio::test]
async fn utilization_counts_the_slots_of_a_node() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let _node = setup.node(&["--role", "worker"]);
    tables.until("SELECT sum(slots) FROM ordctl.worker", "50").await;
    let id = tables.task(&[r#"{"uses": "wait", "with": {"seconds": 0.2}}"#.to_owned()], "").await;
    tables.queue(&id, 20).await;
    tables.until("SELECT count(*) FROM task_run WHERE success", "20").await;
    let ordctl = setup.ordctl();
    let mut report = Value::Null;
    // A worker that has just started has no utilization.
    eventually("it is up for a second", async || {
        report = capacity(&ordctl, "workers").1;
        finding(&report, "workers.utilization.all")["value"].is_number()
    })
    .await;
    let node = report["sections"][0]["findings"][1]["summary"].as_str().unwrap();
    assert!(node.contains("20 runs, 50 slots"), "{node}");
    let spent: f64 = tables
        .db
        .value("SELECT sum(extract(epoch FROM finished_at - started_at)) FROM task_run")
        .await
        .parse()
        .unwrap();
    let share = number(&report, "workers.utilization.all") / 100.0;
    // The node's age is accurate to the second that the report took.
    let age: f64 = tables
        .db
        .value("SELECT extract(epoch FROM now() - created_at) FROM worker_heartbeat")
        .await
        .parse()
        .unwrap();
    assert!(share >= spent / (50.0 * age) - 0.001, "{share} of {spent} s in {age} s");
}
