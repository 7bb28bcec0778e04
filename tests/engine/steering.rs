//! Pause, cancel, hold, resume, drain, and restored databases.

use rustix::process::Signal;

use crate::support::engine::{Setup, Tables, http};
use crate::support::eventually;
use crate::support::gate::Gate;

const RUNS: &str = "SELECT count(*) FROM task_run";

fn noop() -> Vec<String> {
    vec![r#"{"uses": "noop"}"#.to_owned()]
}

#[tokio::test]
async fn no_work_starts_on_hold_and_resume_starts_it() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let ordctl = setup.ordctl();
    let task = tables.task(&noop(), "").await;
    assert_eq!(ordctl.run(&["hold", "--reason", "a test", "--yes"]).code, 0);
    let node = setup.node(&["--role", "worker"]);
    tables.queue(&task, 3).await;
    eventually("the node is up", async || node.log().contains("on hold")).await;
    // Due work without a worker is worse than a hold.
    tables.until("SELECT count(*) > 0 FROM ordctl.worker WHERE lease_until > now()", "true").await;
    let (code, report) = ordctl.json(&["queue", "status"]);
    assert_eq!(code, 1);
    assert!(report.to_string().contains("a test"), "{report}");
    // A lane polls twice a second: three polls find no work.
    let looks = "SELECT count(*) FROM worker_heartbeat WHERE last_seen > created_at + interval '1.5 s'";
    tables.until(looks, "1").await;
    assert_eq!(tables.db.value(RUNS).await, "0");
    assert_eq!(ordctl.run(&["resume", "--yes"]).code, 0);
    tables.drained().await;
    assert_eq!(tables.db.value(RUNS).await, "3");
}

#[tokio::test]
async fn a_restored_or_cloned_database_starts_on_hold() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let task = tables.task(&noop(), "").await;
    let mut first = setup.node(&["--role", "worker"]);
    tables.queue(&task, 1).await;
    tables.until(RUNS, "1").await;
    first.kill();
    tables.db.execute("UPDATE ordctl.engine SET database_oid = 1").await.unwrap();
    tables.queue(&task, 1).await;
    let second = setup.node(&["--role", "worker"]);
    eventually("the hold is logged", async || second.log().contains("restored or cloned")).await;
    assert_eq!(tables.db.value("SELECT held FROM ordctl.engine").await, "true");
    assert_eq!(setup.ordctl().run(&["resume", "--yes"]).code, 0);
    tables.until(RUNS, "2").await;
}

#[tokio::test]
async fn work_of_a_paused_task_waits_and_work_of_a_canceled_task_is_deleted() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let (paused, canceled, active) =
        (tables.task(&noop(), "").await, tables.task(&noop(), "").await, tables.task(&noop(), "").await);
    tables.queue(&paused, 2).await;
    tables.queue(&canceled, 2).await;
    // By plain SQL, as another program would.
    tables.db.execute(&format!("UPDATE task SET status = 'paused' WHERE id = '{paused}'")).await.unwrap();
    tables.db.execute(&format!("UPDATE task SET status = 'canceled' WHERE id = '{canceled}'")).await.unwrap();
    // Work queued during the pause waits, too.
    tables.queue(&paused, 1).await;
    tables.queue(&active, 5).await;
    let _node = setup.node(&["--role", "worker"]);
    tables.until(RUNS, "5").await;
    assert_eq!(
        tables.db.value("SELECT string_agg(DISTINCT parked, ' ') || count(*) FROM due_work").await,
        "task3"
    );
    tables.db.execute(&format!("UPDATE task SET status = 'active' WHERE id = '{paused}'")).await.unwrap();
    tables.until(RUNS, "8").await;
}

#[tokio::test]
async fn a_stopping_node_finishes_its_runs_and_starts_none() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let task = tables.task(&[gate.step("/wait")], "").await;
    // The second one is due and would start as soon as there is room.
    tables.queue(&task, 2).await;
    let mut node = setup.node(&["--role", "worker", "--concurrency", "1"]);
    eventually("the run is at the gate", async || gate.came("/wait") == 1).await;
    node.signal(Signal::TERM);
    eventually("the node is stopping", async || node.log().contains("stopping")).await;
    gate.open();
    assert_eq!(node.end().await, 0);
    assert_eq!(tables.db.value("SELECT string_agg(success::text, ' ') FROM task_run").await, "true");
    assert_eq!(tables.db.value("SELECT count(*) FROM due_work WHERE lease_token IS NULL").await, "1");
    let left = "SELECT (SELECT count(*) FROM ordctl.worker) + (SELECT count(*) FROM worker_heartbeat)";
    assert_eq!(tables.db.value(left).await, "0");
}

#[tokio::test]
async fn runs_past_the_drain_timeout_are_handed_back_without_counting_an_attempt() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup { drain: "1s", ..Setup::of(&tables.db) }.allowing(gate.port);
    let task = tables.task(&[gate.step("/wait")], "concurrency_key = 'k'").await;
    tables.queue(&task, 1).await;
    let mut node = setup.node(&["--role", "worker"]);
    eventually("the run is at the gate", async || gate.came("/wait") == 1).await;
    node.signal(Signal::TERM);
    assert_eq!(node.end().await, 0);
    let row = "SELECT concat_ws(' ', attempts, lease_token IS NULL, locked_by IS NULL, parked IS NULL) FROM due_work";
    assert_eq!(tables.db.value(row).await, "0 t t t");
    assert_eq!(tables.db.value("SELECT count(*) FROM ordctl.slot").await, "0");
    gate.open();
    let _next = setup.node(&["--role", "worker"]);
    tables.drained().await;
    assert_eq!(
        tables.db.value("SELECT string_agg(concat_ws(' ', attempt, success), ';') FROM task_run").await,
        "1 t"
    );
}

#[tokio::test]
async fn a_running_run_can_be_canceled() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let task = tables.task(&[gate.step("/wait")], "max_retries = 5").await;
    tables.queue(&task, 1).await;
    let node = setup.node(&["--role", "worker,api"]);
    let url = node.http().await;
    eventually("the run is at the gate", async || gate.came("/wait") == 1).await;
    let http = http();
    let runs: serde_json::Value = http.get(format!("{url}/runs")).send().await.unwrap().json().await.unwrap();
    assert_eq!(runs["items"][0]["finished_at"], serde_json::Value::Null, "{runs}");
    let id = runs["items"][0]["id"].as_str().unwrap().to_owned();
    let answer = http.post(format!("{url}/runs/{id}/cancel")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    tables.drained().await;
    let run: serde_json::Value =
        http.get(format!("{url}/runs/{id}")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&run["success"], &run["error"]), (&false.into(), &"canceled".into()), "{run}");
    assert_eq!(
        tables.db.value("SELECT count(*) FROM ordctl.dead_letter").await,
        "0",
        "nobody asked for a retry"
    );
    let again = http.post(format!("{url}/runs/{id}/cancel")).send().await.unwrap();
    assert_eq!(again.status(), 409);
}
