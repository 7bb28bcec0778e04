//! Steps that need the engine: `event.publish` and `runbook.run`.

use crate::support::engine::{Setup, Tables};
use crate::support::web::Web;

const FAILS: &str = r#"{"uses": "shell.exec", "with": {"program": "/bin/sh", "args": ["-c", "exit 7"]}}"#;

#[tokio::test]
async fn a_repeated_event_publish_step_triggers_its_tasks_once() {
    let tables = Tables::new().await;
    let tells =
        [r#"{"uses": "transform", "with": {"expr": "n", "data": "${event.payload}"}, "save_as": "result"}"#
            .to_owned()];
    let listener = tables.task(&tells, "schedule_expr = 'orders.new'").await;
    let deaf = tables.task(&tells, "schedule_expr = 'orders.old'").await;
    let paused = tables.task(&tells, "schedule_expr = 'orders.new', status = 'paused'").await;
    let publishes = r#"{"uses": "event.publish", "with": {"topic": "orders.new", "payload": {"n": 42}}}"#;
    // It publishes, fails, and is retried from the start.
    let task = tables.task(&[publishes.to_owned(), FAILS.to_owned()], "max_retries = 1").await;
    let _node = Setup::of(&tables.db).node(&["--role", "worker"]);
    tables.queue(&task, 1).await;
    tables.until(&format!("SELECT count(*) FROM task_run WHERE task_id = '{task}'"), "2").await;
    tables.drained().await;
    tables.until("SELECT count(*) FROM ordctl.event WHERE topic = 'orders.new'", "1").await;
    let succeeded = format!(
        "SELECT string_agg((success AND output::text LIKE '%42%')::text, ' ') FROM task_run WHERE task_id = '{listener}'"
    );
    tables.until(&succeeded, "true").await;
    let others = format!("SELECT count(*) FROM task_run WHERE task_id IN ('{deaf}', '{paused}')");
    tables.until(&others, "0").await;
}

#[tokio::test]
async fn a_task_runs_only_allowed_runbooks() {
    let tables = Tables::new().await;
    let run = |name: &str| {
        format!(r#"{{"uses": "runbook.run", "with": {{"runbook": "{name}"}}, "save_as": "said"}}"#)
    };
    let allowed = tables.task(&[run("maintain/analyze")], "max_retries = 0").await;
    let other = tables.task(&[run("health/morning")], "max_retries = 0").await;
    let _node = Setup::of(&tables.db).runbook("maintain/analyze").node(&["--role", "worker"]);
    tables.queue(&allowed, 1).await;
    tables.queue(&other, 1).await;
    tables.drained().await;
    let of = |task: &str, what: &str| format!("SELECT {what} FROM task_run WHERE task_id = '{task}'");
    tables
        .until(&of(&allowed, "success::text || ' ' || (output::text LIKE '%exit_code%')::text"), "true true")
        .await;
    tables
        .until(
            &of(&other, "success::text || ' ' || (error LIKE '%health/morning%not allowed%')::text"),
            "false true",
        )
        .await;
}

/// A runbook of a task acts under its own permission: the consent of the task does not reach into a report, and a
/// runbook with problems does not run at all.
#[tokio::test]
async fn a_report_that_a_task_runs_changes_nothing() {
    let web = Web::start();
    let tables = Tables::new().await;
    let run = |name: &str, params: &str| {
        format!(
            r#"{{"uses": "runbook.run", "with": {{"runbook": "{name}", "params": {params}}}, "save_as": "said"}}"#
        )
    };
    let url = format!(r#"{{"url": "http://127.0.0.1:{}/changed"}}"#, web.port);
    let sends = tables.task(&[run("sends", &url)], "max_retries = 0").await;
    let invalid = tables.task(&[run("invalid", "{}")], "max_retries = 0").await;
    let step = "sections:\n  - id: s\n    title: S\n    steps:\n      - { id: a, uses: ";
    // Only the run knows the method, and with it that the step changes something.
    let sends_text = format!(
        "name: sends\ntitle: Sends\nparams:\n  url: {{ default: '' }}\n  method: {{ default: POST }}\n{step}http.request, \
         with: {{ method: '${{params.method}}', url: '${{params.url}}' }} }}\n"
    );
    let invalid_text =
        format!("name: invalid\ntitle: Invalid\n{step}postgres.analyze, with: {{ table: task }} }}\n");
    let _node = Setup::of(&tables.db)
        .allowing(web.port)
        .book("sends", sends_text.leak())
        .book("invalid", invalid_text.leak())
        .runbook("sends")
        .runbook("invalid")
        .node(&["--role", "worker"]);
    tables.queue(&sends, 1).await;
    tables.queue(&invalid, 1).await;
    tables.drained().await;
    let of = |task: &str, what: &str| format!("SELECT {what} FROM task_run WHERE task_id = '{task}'");
    tables.until(&of(&invalid, "(error LIKE '%must be under `steps`%')::text"), "true").await;
    tables.until(&of(&sends, "output -> 'steps' -> 'said' ->> 'status'"), "crit").await;
    assert_eq!(web.asked(), Vec::<String>::new(), "no consent to this change");
}
