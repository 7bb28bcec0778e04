//! Condition tasks are queued once per true period, on any number of nodes.

mod api;
mod nodes;

use crate::support::engine::{Setup, Tables};

/// A table with the number that the conditions read, and nodes with a query for it.
async fn prepared() -> (Tables, Setup) {
    let tables = Tables::new().await;
    tables.db.execute("CREATE TABLE reading (n float8); INSERT INTO reading VALUES (0)").await.unwrap();
    let setup = Setup::of(&tables.db)
        .query("reading", "-- what is read?\nSELECT n AS value FROM reading")
        .query("waiting", "-- what is read, when the lock is free?\nSELECT n AS value FROM reading, pg_advisory_xact_lock_shared(7)");
    (tables, setup)
}

impl Tables {
    /// Creates a condition task as Ordinaut's Python does; it saves its event.
    async fn condition(&self, expr: &str, set: &str) -> String {
        let says = r#"{"uses": "transform", "with": {"expr": "@", "data": "${event}"}, "save_as": "event"}"#;
        let kind = format!("schedule_kind = 'condition', schedule_expr = '{expr}'");
        let set = if set.is_empty() { kind } else { format!("{kind}, {set}") };
        self.task(&[says.to_owned()], &set).await
    }

    async fn read(&self, n: &str) {
        self.db.execute(&format!("UPDATE reading SET n = {n}")).await.unwrap();
    }

    /// Waits until an evaluation has read `n`.
    async fn evaluated_as(&self, n: &str) {
        self.read(n).await;
        self.until("SELECT string_agg(DISTINCT value::text, ' ') FROM ordctl.condition", n).await;
    }

    /// Waits until another evaluation has ended.
    async fn evaluated(&self, task: &str) {
        let now = self.db.value("SELECT clock_timestamp()").await;
        let since =
            format!("SELECT bool_or(checked_at > '{now}') FROM ordctl.condition WHERE task_id = '{task}'");
        self.until(&since, "true").await;
    }

    /// How often the task was queued.
    async fn queued(&self) -> String {
        self.db
            .value("SELECT (SELECT count(*) FROM due_work) + (SELECT count(*) FROM task_run WHERE final)")
            .await
    }
}

const RUNS: &str = "SELECT count(*) FROM task_run WHERE final AND success";
const CONDITION_STATE: &str =
    "SELECT string_agg(concat_ws(' ', since IS NOT NULL, fired, value, error), ', ') FROM ordctl.condition";

#[tokio::test]
async fn a_condition_fires_once_per_true_period() {
    let (tables, setup) = prepared().await;
    let task = tables.condition("query: reading > 4 every 1s", "").await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.evaluated_as("3").await;
    assert_eq!(tables.queued().await, "0");
    tables.read("5").await;
    tables.until(RUNS, "1").await;
    for still in ["6", "7"] {
        tables.evaluated_as(still).await;
        assert_eq!(tables.queued().await, "1");
    }
    tables.evaluated_as("4").await;
    tables.read("8").await;
    tables.until(RUNS, "2").await;
    let events = tables
        .db
        .value("SELECT string_agg(output #>> '{steps,event,value}', ' ' ORDER BY created_at) FROM task_run")
        .await;
    assert_eq!(events, "5 8");
    let same = format!(
        "SELECT count(*) FROM task_run r JOIN ordctl.condition c ON c.task_id = r.task_id
          WHERE (r.output #>> '{{steps,event,since}}')::timestamptz = c.since
            AND r.output #>> '{{steps,event,condition}}' = c.expr AND r.task_id = '{task}'"
    );
    assert_eq!(tables.db.value(&same).await, "1");
    let shown = setup.ordctl().run(&["task", "show", &task]);
    assert!(shown.out.contains("fired: true") && shown.out.contains("value: 8"), "{shown:?}");
}

#[tokio::test]
async fn a_condition_fires_after_it_was_true_for_its_for_duration() {
    let (tables, setup) = prepared().await;
    tables.read("5").await;
    let task = tables.condition("query: reading > 4 every 1s for 1h", "").await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.until(CONDITION_STATE, "t f 5").await;
    let earlier = |minutes: u32| {
        format!("UPDATE ordctl.condition SET since = since - interval '{minutes} min' WHERE token IS NULL")
    };
    tables.db.execute(&earlier(59)).await.unwrap();
    tables.evaluated(&task).await;
    assert_eq!(
        (tables.queued().await.as_str(), tables.db.value(CONDITION_STATE).await.as_str()),
        ("0", "t f 5")
    );
    // A false evaluation resets the hold time.
    tables.evaluated_as("1").await;
    tables.evaluated_as("6").await;
    tables.db.execute(&earlier(59)).await.unwrap();
    tables.evaluated(&task).await;
    assert_eq!(tables.queued().await, "0");
    tables.db.execute(&earlier(1)).await.unwrap();
    tables.until(RUNS, "1").await;
}

#[tokio::test]
async fn time_without_evaluations_does_not_count_as_held() {
    let (tables, setup) = prepared().await;
    tables.read("5").await;
    let task = tables.condition("query: reading > 4 every 1s for 1h", "").await;
    let fired = tables.condition("query: reading > 4 every 1s", "").await;
    let mut node = setup.node(&["--role", "scheduler,worker"]);
    tables.until(CONDITION_STATE, "t f 5, t t 5").await;
    tables.until(RUNS, "1").await;
    node.kill();
    let earlier = "UPDATE ordctl.condition SET since = now() - interval '3 h', checked_at = now() - interval '2 h', next_at = now(), token = NULL";
    tables.db.execute(earlier).await.unwrap();
    let _node = setup.node(&["--role", "scheduler,worker"]);
    for task in [&task, &fired] {
        tables.evaluated(task).await;
    }
    assert_eq!(tables.queued().await, "1");
    let of = |task: &str| {
        format!("SELECT since > now() - interval '1 h' FROM ordctl.condition WHERE task_id = '{task}'")
    };
    assert_eq!(tables.db.value(&of(&task)).await, "true", "it starts again");
    assert_eq!(tables.db.value(&of(&fired)).await, "false", "a fired condition keeps its state");
}

#[tokio::test]
async fn an_unknown_evaluation_keeps_the_state_and_records_the_error() {
    let (tables, setup) = prepared().await;
    tables.read("5").await;
    let task = tables.condition("query: reading > 4 every 1s", "").await;
    let holds = tables.condition("query: reading > 4 every 1s for 1h", "").await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.until(RUNS, "1").await;
    let since = format!("SELECT since FROM ordctl.condition WHERE task_id = '{holds}'");
    tables.until(&format!("SELECT ({since}) IS NOT NULL"), "true").await;
    let before = tables.db.value(&since).await;
    for (spoil, mend, why) in [
        ("UPDATE reading SET n = NULL", "UPDATE reading SET n = 6", "returned no number"),
        ("DELETE FROM reading", "INSERT INTO reading VALUES (7)", "returned no number"),
        ("ALTER TABLE reading RENAME TO gone", "ALTER TABLE gone RENAME TO reading", "does not exist"),
    ] {
        tables.db.execute(spoil).await.unwrap();
        let output = format!("SELECT count(*) FROM ordctl.condition WHERE error LIKE '%{why}%'");
        tables.until(&output, "2").await;
        tables.db.execute(mend).await.unwrap();
        tables.until("SELECT count(*) FROM ordctl.condition WHERE error IS NULL", "2").await;
        assert_eq!((tables.queued().await, tables.db.value(&since).await), ("1".to_owned(), before.clone()));
    }
    // An invalid condition is unknown, too, and delays no other.
    tables.db.execute(&format!("UPDATE task SET schedule_expr = 'x' WHERE id = '{holds}'")).await.unwrap();
    let error = format!("SELECT max(error) FROM ordctl.condition WHERE task_id = '{holds}'");
    tables.until(&error, "character 1: expected query:, promql: or runbook:, found 'x'").await;
    tables.evaluated(&task).await;
}

#[tokio::test]
async fn an_edit_by_another_program_resets_the_state() {
    let (tables, setup) = prepared().await;
    tables.read("5").await;
    let task = tables.condition("query: reading > 4 every 1s", "").await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.until(RUNS, "1").await;
    tables.db.execute("UPDATE task SET schedule_expr = 'query: reading > 3 every 1s'").await.unwrap();
    tables.until(RUNS, "2").await;
    // Changed and changed back between two evaluations.
    for (kind, expr) in [("condition", "query: reading > 9"), ("event", "query: reading > 3 every 1s")] {
        tables
            .db
            .execute(&format!(
                "UPDATE task SET schedule_kind = '{kind}', schedule_expr = '{expr}';
                 UPDATE task SET schedule_kind = 'condition', schedule_expr = 'query: reading > 3 every 1s'"
            ))
            .await
            .unwrap();
        let runs = if kind == "condition" { "3" } else { "4" };
        tables.until(RUNS, runs).await;
    }
    // Other edits do not reset the state.
    tables.db.execute("UPDATE task SET title = 'new', priority = 1").await.unwrap();
    tables.evaluated(&task).await;
    assert_eq!(tables.queued().await, "4");
}

#[tokio::test]
async fn paused_tasks_and_tasks_on_hold_are_not_evaluated() {
    let (tables, setup) = prepared().await;
    let paused = tables.condition("query: reading > 4 every 1s", "status = 'paused'").await;
    let active = tables.condition("query: reading > 4 every 1s", "").await;
    tables.db.execute("UPDATE ordctl.engine SET held = true").await.unwrap();
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.read("5").await;
    let since = tables.db.value("SELECT clock_timestamp()").await;
    let looked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '-- Claims due conditions%'";
    tables.until(&format!("{looked} AND query_start > '{since}'"), "1").await;
    assert_eq!(tables.db.value("SELECT count(*) FROM ordctl.condition").await, "0");
    tables.db.execute("UPDATE ordctl.engine SET held = false").await.unwrap();
    tables.until(RUNS, "1").await;
    tables.evaluated(&active).await;
    let of = |task: &str| format!("SELECT count(*) FROM ordctl.condition WHERE task_id = '{task}'");
    assert_eq!(tables.db.value(&of(&paused)).await, "0");
    tables.db.execute("UPDATE task SET status = 'active'").await.unwrap();
    tables.until(RUNS, "2").await;
}

#[tokio::test]
async fn the_dedupe_key_applies_to_condition_tasks() {
    let (tables, setup) = prepared().await;
    let set = "dedupe_key = 'k', dedupe_window_seconds = 3600";
    let task = tables.condition("query: reading > 4 every 1s", set).await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.evaluated_as("5").await;
    tables.until(RUNS, "1").await;
    tables.evaluated_as("1").await;
    tables.evaluated_as("6").await;
    tables.until(CONDITION_STATE, "t t 6").await;
    assert_eq!(tables.queued().await, "1", "dropped, and counted as fired");
    tables.db.execute("UPDATE ordctl.dedupe SET queued_at = now() - interval '2 h'").await.unwrap();
    tables.evaluated(&task).await;
    assert_eq!(tables.queued().await, "1");
    tables.evaluated_as("2").await;
    tables.read("7").await;
    tables.until(RUNS, "2").await;
}

#[tokio::test]
async fn a_runbooks_verdict_fires() {
    let (tables, setup) = prepared().await;
    let book = "name: mine\ntitle: Mine\nsummary: Looks.\nsections:\n  - id: a\n    title: A\n    steps:\n      \
                - { id: n, uses: check.query, with: { query: reading, crit: 4 } }\n";
    let setup = setup.runbook("mine").book("mine", book);
    tables.condition("runbook: mine is crit every 1s", "").await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.until(CONDITION_STATE, "f f \"ok\"").await;
    tables.read("5").await;
    tables.until(RUNS, "1").await;
    assert_eq!(tables.db.value(CONDITION_STATE).await, "t t \"crit\"");
}
