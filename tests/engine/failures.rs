//! Failed runs are found where an engineer looks: in the log of the node and in the morning's report.

use serde_json::Value;

use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::ordctl::finding;

const FAILS: &str = r#"{"id": "post", "uses": "fail.without.such.tool"}"#;

#[tokio::test]
async fn a_task_that_only_fails_is_in_the_log_and_in_the_report() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let ordctl = setup.ordctl();
    let task = tables.task(&[FAILS.to_owned()], "title = 'Create invoices', max_retries = 1").await;
    let healthy = ordctl.json(&["health", "morning", "--only", "failures"]).1;
    assert_eq!(finding(&healthy, "failures.tasks")["value"], 0.0, "{healthy}");
    let node = setup.node(&["--role", "worker"]);
    tables.queue(&task, 2).await;
    tables.until("SELECT count(*) FROM ordctl.dead_letter", "2").await;
    eventually("all four attempts are logged", async || node.log().matches("a run failed").count() == 4)
        .await;
    let log = node.log();
    let last = log.lines().find(|line| line.contains("no attempts are left")).unwrap();
    assert!(
        last.contains("WARN") && last.contains("Create invoices") && last.contains("attempt=2"),
        "{last}"
    );
    assert_eq!(log.matches("will be tried again").count(), 2, "{log}");

    let (code, report) = ordctl.json(&["health", "morning", "--only", "failures"]);
    let failing = finding(&report, "failures.tasks");
    assert_eq!((code, &failing["status"], &failing["value"]), (1, &Value::from("warn"), &Value::from(1.0)));
    let summary = failing["summary"].as_str().unwrap();
    assert!(
        summary.contains("Create invoices: 4 failures in ") && summary.contains("no success; "),
        "{summary}"
    );
    assert_eq!(finding(&report, "failures.dead_letters")["value"], 2.0, "{report}");
    let hint = failing["hint"].as_str().unwrap().strip_prefix("ordctl ").unwrap();
    let listed = ordctl.run(&hint.split(' ').collect::<Vec<_>>());
    assert!(listed.out.contains("Create invoices"), "{listed:?}");

    // One success, and it is no longer a task that only fails.
    let success = format!(
        "INSERT INTO task_run (id, occurrence, task_id, started_at, finished_at, success, attempt)
         VALUES (gen_random_uuid(), gen_random_uuid(), '{task}', now(), now(), true, 1)"
    );
    tables.db.execute(&success).await.unwrap();
    let (_, report) = ordctl.json(&["health", "morning", "--only", "failures"]);
    assert_eq!(finding(&report, "failures.tasks")["value"], 0.0, "{report}");
}

#[tokio::test]
async fn a_flood_of_failures_does_not_fill_the_log() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let task = tables.task(&[FAILS.to_owned()], "max_retries = 0").await;
    tables.queue(&task, 5000).await;
    let node = setup.node(&["--role", "worker"]);
    tables.drained().await;
    tables.queue(&task, 1).await;
    eventually("what was left out is counted", async || node.log().contains("were not logged")).await;
    let lines = node.log().matches("a run failed").count();
    assert!(lines < 2500, "{lines} of 5000 failures are logged");
}
