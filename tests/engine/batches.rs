//! Outcomes are recorded in batches; an invalid one does not affect the others.

use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::gate::Gate;

#[tokio::test]
async fn an_unstorable_outcome_is_bisected_out_of_its_batch() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let save = |path: &str| vec![gate.step(path).replace("\"with\"", "\"save_as\": \"answer\", \"with\"")];
    let good = tables.task(&save("/wait/good"), "").await;
    let bad = tables.task(&save("/wait/nul"), "").await;
    tables.queue(&good, 12).await;
    tables.queue(&bad, 2).await;
    tables.queue(&good, 9).await;
    let _node = setup.node(&["--role", "worker"]);
    eventually("all run", async || gate.came("/wait/good") + gate.came("/wait/nul") == 23).await;
    gate.open();
    tables.drained().await;
    let sum = "SELECT concat_ws(' ', count(*) FILTER (WHERE success), count(*) FILTER (WHERE NOT success)) FROM task_run WHERE final";
    assert_eq!(tables.db.value(sum).await, "21 2");
    let error = "SELECT DISTINCT error FROM task_run WHERE NOT success";
    let error = tables.db.value(error).await;
    assert!(error.starts_with("its result cannot be stored: "), "{error}");
    let dead_letters = format!("SELECT count(*) FROM ordctl.dead_letter WHERE task_id = '{bad}'");
    assert_eq!(tables.db.value(&dead_letters).await, "2");
}

/// An occurrence that already has a final run is not recorded again.
#[tokio::test]
async fn an_occurrence_has_one_final_run() {
    let (tables, gate) = (Tables::new().await, Gate::start());
    let setup = Setup::of(&tables.db).allowing(gate.port);
    let task = tables.task(&[gate.step("/wait")], "").await;
    tables.queue(&task, 4).await;
    let _node = setup.node(&["--role", "worker"]);
    eventually("all run", async || gate.came("/wait") == 4).await;
    tables
        .db
        .execute(
            "INSERT INTO task_run (id, task_id, success, final, occurrence, error)
             SELECT occurrence, task_id, true, true, occurrence, 'the first' FROM due_work ORDER BY id LIMIT 1",
        )
        .await
        .unwrap();
    gate.open();
    tables.drained().await;
    let sum = "SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE error = 'the first')) FROM task_run";
    assert_eq!(tables.db.value(sum).await, "4 1");
}
