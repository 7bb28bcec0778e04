//! Conditions on several nodes, and on nodes that stall, stop or are late.

use rustix::process::Signal;

use super::{CONDITION_STATE, RUNS, prepared};
use crate::support::engine::{Node, Tables};
use crate::support::eventually;

#[tokio::test]
async fn three_schedulers_fire_each_condition_once() {
    let (tables, setup) = prepared().await;
    for _ in 0..40 {
        tables.condition("query: reading > 4 every 1s", "").await;
    }
    let _schedulers = [(); 3].map(|()| setup.node(&["--role", "scheduler"]));
    let _worker = setup.node(&["--role", "worker"]);
    let each =
        "SELECT concat_ws(' ', count(*), count(DISTINCT task_id)) FROM task_run WHERE final AND success";
    tables.until("SELECT count(*) FROM ordctl.condition WHERE value = '0'", "40").await;
    tables.read("5").await;
    tables.until(each, "40 40").await;
    tables.evaluated_as("6").await;
    tables.evaluated_as("0").await;
    tables.read("7").await;
    tables.until(each, "80 40").await;
    tables.evaluated_as("8").await;
    assert_eq!(tables.queued().await, "80");
}

/// Waits until exactly one evaluation waits for the test's lock.
async fn in_the_middle(tables: &Tables) {
    let waits = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                  WHERE NOT l.granted AND l.locktype = 'advisory' AND a.datname = current_database()";
    tables.until(waits, "1").await;
}

#[tokio::test]
async fn two_nodes_evaluate_a_condition_once() {
    let (tables, setup) = prepared().await;
    let lock = tables.db.store.postgres().session().await.unwrap();
    lock.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
    tables.condition("query: waiting > 4 every 1h", "").await;
    let due =
        "INSERT INTO ordctl.condition (task_id, expr, next_at) SELECT id, schedule_expr, now() FROM task";
    tables.db.execute(due).await.unwrap();
    // Both have read that it is due and wait to claim it.
    let mut session = tables.db.store.postgres().session().await.unwrap();
    let holder = session.transaction().await.unwrap();
    holder.batch_execute("SELECT FROM ordctl.condition FOR UPDATE").await.unwrap();
    let _nodes = [(); 2].map(|()| setup.node(&["--role", "scheduler"]));
    let wait = "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '-- Claims due conditions%'";
    tables.until(wait, "2").await;
    holder.rollback().await.unwrap();
    in_the_middle(&tables).await;
    let other = tables.condition("query: reading > 4 every 1s", "").await;
    tables.evaluated(&other).await;
    in_the_middle(&tables).await;
}

#[tokio::test]
async fn a_slow_system_delays_only_its_own_checks() {
    let (tables, setup) = prepared().await;
    let book = "name: mine\ntitle: Mine\nsummary: Looks.\nsections:\n  - id: a\n    title: A\n    steps:\n      \
                - { id: n, uses: check.query, with: { query: reading, crit: 4 } }\n";
    let setup = setup.runbook("mine").book("mine", book);
    let lock = tables.db.store.postgres().session().await.unwrap();
    lock.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
    for _ in 0..9 {
        tables.condition("query: waiting > 4 every 1h", "").await;
    }
    let _node = setup.node(&["--role", "scheduler,worker"]);
    let claimed = "SELECT count(*) FROM ordctl.condition WHERE token IS NOT NULL";
    tables.until(claimed, "4").await;
    tables.read("5").await;
    tables.condition("runbook: mine is crit every 1s", "").await;
    tables.until(RUNS, "1").await;
    assert_eq!(tables.db.value("SELECT count(*) FROM ordctl.condition WHERE expr LIKE 'query%'").await, "4");
}

#[tokio::test]
async fn a_lost_evaluator_session_is_replaced() {
    let (tables, setup) = prepared().await;
    let task = tables.condition("query: reading > 4 every 1s", "").await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.evaluated_as("1").await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE datname = current_database() AND query ~ '^-- (Claims due conditions|Records the result of a condition)'";
    tables.until(end, "1").await;
    tables.evaluated(&task).await;
    tables.read("5").await;
    tables.until(RUNS, "1").await;
}

async fn late(node: &Node) {
    eventually("it says that it was late", async || node.log().contains("evaluation discarded")).await;
}

#[tokio::test]
async fn a_stalled_evaluator_is_replaced_and_writes_nothing_late() {
    let (tables, setup) = prepared().await;
    let lock = tables.db.store.postgres().session().await.unwrap();
    lock.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
    tables.condition("query: waiting > 4 every 1h", "").await;
    let stalled = setup.node(&["--role", "scheduler"]);
    in_the_middle(&tables).await;
    stalled.signal(Signal::STOP);
    let claimed = "SELECT token IS NOT NULL AND next_at > now() + interval '40 s' FROM ordctl.condition";
    assert_eq!(tables.db.value(claimed).await, "true");
    // The stalled evaluation read 0; the next one reads 5.
    tables.read("5").await;
    lock.batch_execute("SELECT pg_advisory_unlock(7)").await.unwrap();
    tables.db.execute("UPDATE ordctl.condition SET next_at = now()").await.unwrap();
    let _other = setup.node(&["--role", "scheduler,worker"]);
    tables.until(RUNS, "1").await;
    stalled.signal(Signal::CONT);
    late(&stalled).await;
    assert_eq!(
        (tables.db.value(CONDITION_STATE).await.as_str(), tables.queued().await.as_str()),
        ("t t 5", "1")
    );
}

#[tokio::test]
async fn a_stopping_evaluator_releases_its_claims() {
    let (tables, setup) = prepared().await;
    let lock = tables.db.store.postgres().session().await.unwrap();
    lock.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
    tables.condition("query: waiting > 4 every 1h", "").await;
    let mut stops = setup.node(&["--role", "scheduler"]);
    in_the_middle(&tables).await;
    stops.signal(Signal::TERM);
    assert_eq!(stops.end().await, 0);
    let free = "SELECT token IS NULL AND next_at <= now() FROM ordctl.condition";
    assert_eq!(tables.db.value(free).await, "true");
}

/// The task is edited during an evaluation.
#[tokio::test]
async fn an_edit_or_pause_during_an_evaluation_discards_it() {
    for edit in ["schedule_expr = 'query: waiting > 9 every 1h'", "status = 'paused'"] {
        let (tables, setup) = prepared().await;
        tables.read("5").await;
        let lock = tables.db.store.postgres().session().await.unwrap();
        lock.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
        tables.condition("query: waiting > 4 every 1h", "").await;
        let node = setup.node(&["--role", "scheduler"]);
        in_the_middle(&tables).await;
        tables.db.execute(&format!("UPDATE task SET {edit}")).await.unwrap();
        drop(lock);
        late(&node).await;
        assert_eq!(tables.queued().await, "0", "{edit}");
        // The claim was released, so the next evaluation does not wait for its expiry.
        tables.db.execute("UPDATE task SET status = 'active'").await.unwrap();
        let now = if edit.contains("paused") { "t t 5" } else { "f f 5" };
        tables.until(CONDITION_STATE, now).await;
    }
}
