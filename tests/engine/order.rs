//! Priority, concurrency keys, retries. (Dedupe shows at the API: see `tests/api.rs`.)

use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::gate::Gate;

fn wait(seconds: f64) -> Vec<String> {
    vec![format!(r#"{{"uses": "wait", "with": {{"seconds": {seconds}}}}}"#)]
}

#[tokio::test]
async fn higher_priority_runs_first() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    for priority in [9, 5, 1, 7] {
        let task = tables.task(&wait(0.0), &format!("priority = {priority}, title = 'p{priority}'")).await;
        tables.queue(&task, 3).await;
    }
    let _node = setup.node(&["--role", "worker", "--concurrency", "1"]);
    tables.drained().await;
    let order =
        "SELECT string_agg(title, ' ' ORDER BY r.started_at) FROM task_run r JOIN task t ON t.id = r.task_id";
    assert_eq!(tables.db.value(order).await, "p1 p1 p1 p5 p5 p5 p7 p7 p7 p9 p9 p9");
}

#[tokio::test]
async fn runs_with_the_same_concurrency_key_never_overlap() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    for key in ["a", "b"] {
        let task = tables.task(&wait(0.02), &format!("concurrency_key = '{key}'")).await;
        tables.queue(&task, 25).await;
    }
    let free = tables.task(&wait(0.02), "").await;
    tables.queue(&free, 100).await;
    let _nodes = [(); 3].map(|()| setup.node(&["--role", "worker"]));
    tables.drained().await;
    let overlaps = "SELECT count(*) FROM task_run a JOIN task t ON t.id = a.task_id
        JOIN task_run b ON b.id > a.id AND tstzrange(a.started_at, a.finished_at) && tstzrange(b.started_at, b.finished_at)
        JOIN task u ON u.id = b.task_id AND u.concurrency_key = t.concurrency_key";
    assert_eq!(tables.db.value(overlaps).await, "0");
    assert_eq!(tables.db.value("SELECT count(*) FROM task_run WHERE final AND success").await, "150");
    assert_eq!(tables.db.value("SELECT count(*) FROM ordctl.slot").await, "0");
    // The first assertion is meaningful only if many ran at the same time.
    let busy = "SELECT count(*) > 20 FROM task_run a JOIN task_run b ON b.id > a.id
        AND tstzrange(a.started_at, a.finished_at) && tstzrange(b.started_at, b.finished_at)";
    assert_eq!(tables.db.value(busy).await, "true");
}

#[tokio::test]
async fn a_failed_run_is_retried_until_its_attempts_are_used_up() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let task = tables.task(&[gate.step("/fail")], "max_retries = 2, backoff_strategy = 'fixed'").await;
    tables.queue(&task, 1).await;
    let _node = setup.node(&["--role", "worker"]);
    tables.drained().await;
    let runs =
        "SELECT string_agg(concat_ws(' ', attempt, success, final), '; ' ORDER BY attempt) FROM task_run";
    assert_eq!(tables.db.value(runs).await, "1 f f; 2 f f; 3 f t");
    assert_eq!(tables.db.value("SELECT count(*) FROM ordctl.dead_letter").await, "1");
    let waits = "SELECT bool_and(wait >= interval '1 s') FROM (
        SELECT started_at - lag(finished_at) OVER (ORDER BY attempt) AS wait FROM task_run) AS w WHERE wait IS NOT NULL";
    assert_eq!(tables.db.value(waits).await, "true", "a second between two attempts");
    assert_eq!(tables.db.value("SELECT count(DISTINCT occurrence) FROM task_run").await, "1");
}

#[tokio::test]
async fn a_waiting_retry_holds_no_worker_and_no_key() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let failing = tables
        .task(&[gate.step("/fail")], "max_retries = 1, concurrency_key = 'k', backoff_strategy = 'linear'")
        .await;
    let fine = tables.task(&[gate.step("/fine")], "concurrency_key = 'k', priority = 9").await;
    tables.queue(&failing, 1).await;
    let _node = setup.node(&["--role", "worker", "--concurrency", "1"]);
    eventually("it has failed", async || gate.came("/fail") == 1).await;
    tables.queue(&fine, 1).await;
    tables.drained().await;
    let order = "SELECT string_agg(CASE WHEN success THEN 'fine' ELSE 'failed' END, ' ' ORDER BY started_at) FROM task_run";
    assert_eq!(tables.db.value(order).await, "failed fine failed");
}
