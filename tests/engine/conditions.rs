//! Condition tasks: queued once for each truth, by whichever node is first.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::engine::{Node, Setup, Tables, http};
use crate::support::eventually;

/// A table that holds the number of which the conditions are, and nodes that can ask for it.
async fn prepared() -> (Tables, Setup) {
    let tables = Tables::new().await;
    tables.db.execute("CREATE TABLE reading (n float8); INSERT INTO reading VALUES (0)").await.unwrap();
    let setup = Setup::of(&tables.db)
        .query("reading", "-- what is read?\nSELECT n AS value FROM reading")
        .query("waiting", "-- what is read, when the lock is free?\nSELECT n AS value FROM reading, pg_advisory_xact_lock_shared(7)");
    (tables, setup)
}

impl Tables {
    /// Makes a condition task as upstream's Python would, which saves what its event holds.
    async fn condition(&self, expr: &str, set: &str) -> String {
        let says = r#"{"uses": "transform", "with": {"expr": "@", "data": "${event}"}, "save_as": "event"}"#;
        let kind = format!("schedule_kind = 'condition', schedule_expr = '{expr}'");
        let set = if set.is_empty() { kind } else { format!("{kind}, {set}") };
        self.task(&[says.to_owned()], &set).await
    }

    async fn read(&self, n: &str) {
        self.db.execute(&format!("UPDATE reading SET n = {n}")).await.unwrap();
    }

    /// Until an evaluation has seen it.
    async fn seen(&self, n: &str) {
        self.read(n).await;
        self.until("SELECT string_agg(DISTINCT value::text, ' ') FROM ordctl.condition", n).await;
    }

    /// Until another evaluation has ended after this moment.
    async fn evaluated(&self, task: &str) {
        let now = self.db.value("SELECT clock_timestamp()").await;
        let since = format!("SELECT checked_at > '{now}' FROM ordctl.condition WHERE task_id = '{task}'");
        self.until(&since, "true").await;
    }

    /// How often it was queued.
    async fn queued(&self) -> String {
        self.db
            .value("SELECT (SELECT count(*) FROM due_work) + (SELECT count(*) FROM task_run WHERE final)")
            .await
    }
}

const RUNS: &str = "SELECT count(*) FROM task_run WHERE final AND success";
const STANDING: &str = "SELECT concat_ws(' ', since IS NOT NULL, fired, value, error) FROM ordctl.condition";

#[tokio::test]
async fn it_fires_once_when_it_turns_true_and_again_only_after_false() {
    let (tables, setup) = prepared().await;
    let task = tables.condition("query: reading > 4 every 1s", "").await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.seen("3").await;
    assert_eq!(tables.queued().await, "0");
    tables.read("5").await;
    tables.until(RUNS, "1").await;
    for still in ["6", "7"] {
        tables.seen(still).await;
        assert_eq!(tables.queued().await, "1");
    }
    tables.seen("4").await;
    tables.read("8").await;
    tables.until(RUNS, "2").await;
    let events = tables
        .db
        .value("SELECT string_agg(output #>> '{steps,event,value}', ' ' ORDER BY created_at) FROM task_run")
        .await;
    assert_eq!(events, "5.0 8.0");
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
async fn it_must_have_been_true_for_the_hold_time() {
    let (tables, setup) = prepared().await;
    tables.read("5").await;
    let task = tables.condition("query: reading > 4 every 1s for 1h", "").await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.until(STANDING, "t f 5.0").await;
    let earlier = |minutes: u32| {
        format!("UPDATE ordctl.condition SET since = since - interval '{minutes} min' WHERE token IS NULL")
    };
    tables.db.execute(&earlier(59)).await.unwrap();
    tables.evaluated(&task).await;
    assert_eq!((tables.queued().await.as_str(), tables.db.value(STANDING).await.as_str()), ("0", "t f 5.0"));
    // False for a moment: it begins anew.
    tables.seen("1").await;
    tables.seen("6").await;
    tables.db.execute(&earlier(59)).await.unwrap();
    tables.evaluated(&task).await;
    assert_eq!(tables.queued().await, "0");
    tables.db.execute(&earlier(1)).await.unwrap();
    tables.until(RUNS, "1").await;
}

#[tokio::test]
async fn what_is_unknown_changes_nothing_and_says_why() {
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
        ("UPDATE reading SET n = NULL", "UPDATE reading SET n = 6", "no number came"),
        ("DELETE FROM reading", "INSERT INTO reading VALUES (7)", "no number came"),
        ("ALTER TABLE reading RENAME TO gone", "ALTER TABLE gone RENAME TO reading", "42P01"),
    ] {
        tables.db.execute(spoil).await.unwrap();
        let said = format!("SELECT count(*) FROM ordctl.condition WHERE error LIKE '%{why}%'");
        tables.until(&said, "2").await;
        tables.db.execute(mend).await.unwrap();
        tables.until("SELECT count(*) FROM ordctl.condition WHERE error IS NULL", "2").await;
        assert_eq!((tables.queued().await, tables.db.value(&since).await), ("1".to_owned(), before.clone()));
    }
    // What cannot be read, neither, and it keeps no other waiting.
    tables.db.execute(&format!("UPDATE task SET schedule_expr = 'x' WHERE id = '{holds}'")).await.unwrap();
    let error = format!("SELECT error FROM ordctl.condition WHERE task_id = '{holds}'");
    tables.until(&error, "character 1: query:, promql: or runbook: should be here, not 'x'").await;
    tables.evaluated(&task).await;
}

#[tokio::test]
async fn three_schedulers_fire_each_of_many_once() {
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
    tables.seen("6").await;
    tables.seen("0").await;
    tables.read("7").await;
    tables.until(each, "80 40").await;
    tables.seen("8").await;
    assert_eq!(tables.queued().await, "80");
}

/// Until an evaluation waits for the lock that the test holds.
async fn in_the_middle(tables: &Tables) {
    let waits = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                  WHERE NOT l.granted AND l.locktype = 'advisory' AND a.datname = current_database()";
    tables.until(waits, "1").await;
}

async fn late(node: &Node) {
    eventually("it says that it was late", async || {
        node.log().contains("what was seen of its condition is dropped")
    })
    .await;
}

#[tokio::test]
async fn an_evaluator_that_stalls_is_replaced_and_writes_nothing_late() {
    let (tables, setup) = prepared().await;
    let lock = tables.db.store.postgres().session().await.unwrap();
    lock.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
    tables.condition("query: waiting > 4 every 1h", "").await;
    let stalled = setup.node(&["--role", "scheduler"]);
    in_the_middle(&tables).await;
    stalled.signal(Signal::STOP);
    let claimed = "SELECT token IS NOT NULL AND next_at > now() + interval '40 s' FROM ordctl.condition";
    assert_eq!(tables.db.value(claimed).await, "true");
    // It has seen 0; who comes now sees 5.
    tables.read("5").await;
    lock.batch_execute("SELECT pg_advisory_unlock(7)").await.unwrap();
    tables.db.execute("UPDATE ordctl.condition SET next_at = now()").await.unwrap();
    let _other = setup.node(&["--role", "scheduler,worker"]);
    tables.until(RUNS, "1").await;
    stalled.signal(Signal::CONT);
    late(&stalled).await;
    assert_eq!((tables.db.value(STANDING).await.as_str(), tables.queued().await.as_str()), ("t t 5.0", "1"));
}

#[tokio::test]
async fn an_evaluator_that_stops_gives_back_what_it_has() {
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

#[tokio::test]
async fn an_edit_by_another_program_starts_afresh() {
    let (tables, setup) = prepared().await;
    tables.read("5").await;
    let task = tables.condition("query: reading > 4 every 1s", "").await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.until(RUNS, "1").await;
    tables.db.execute("UPDATE task SET schedule_expr = 'query: reading > 3 every 1s'").await.unwrap();
    tables.until(RUNS, "2").await;
    // There and back, before anybody can have looked.
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
    // What else is edited does not matter.
    tables.db.execute("UPDATE task SET title = 'new', priority = 1").await.unwrap();
    tables.evaluated(&task).await;
    assert_eq!(tables.queued().await, "4");
}

/// The node is in the middle of an evaluation when the task is edited: what it has seen is of the past.
#[tokio::test]
async fn an_edit_or_a_pause_in_mid_evaluation_drops_what_was_seen() {
    let (tables, setup) = prepared().await;
    tables.read("5").await;
    for edit in ["schedule_expr = 'query: waiting > 9 every 1h'", "status = 'paused'"] {
        let lock = tables.db.store.postgres().session().await.unwrap();
        lock.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
        let task = tables.condition("query: waiting > 4 every 1h", "").await;
        let node = setup.node(&["--role", "scheduler"]);
        in_the_middle(&tables).await;
        tables.db.execute(&format!("UPDATE task SET {edit} WHERE id = '{task}'")).await.unwrap();
        drop(lock);
        late(&node).await;
        assert_eq!(tables.queued().await, "0", "{edit}");
    }
    let _node = setup.node(&["--role", "scheduler"]);
    tables.db.execute("UPDATE task SET status = 'active'").await.unwrap();
    tables.until("SELECT count(*) FROM due_work", "1").await;
}

#[tokio::test]
async fn paused_tasks_are_not_evaluated_and_held_ones_are_queued() {
    let (tables, setup) = prepared().await;
    let paused = tables.condition("query: reading > 4 every 1s", "status = 'paused'").await;
    let active = tables.condition("query: reading > 4 every 1s", "").await;
    tables.db.execute("UPDATE ordctl.engine SET held = true").await.unwrap();
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.read("5").await;
    tables.until("SELECT count(*) FROM due_work", "1").await;
    tables.evaluated(&active).await;
    let of = |task: &str| format!("SELECT count(*) FROM ordctl.condition WHERE task_id = '{task}'");
    assert_eq!(tables.db.value(&of(&paused)).await, "0");
    tables.db.execute("UPDATE task SET status = 'active'").await.unwrap();
    tables.until("SELECT count(*) FROM due_work", "2").await;
    assert_eq!(tables.db.value("SELECT count(*) FROM task_run").await, "0");
}

#[tokio::test]
async fn its_dedupe_key_counts() {
    let (tables, setup) = prepared().await;
    let set = "dedupe_key = 'k', dedupe_window_seconds = 3600";
    let task = tables.condition("query: reading > 4 every 1s", set).await;
    let _node = setup.node(&["--role", "scheduler,worker"]);
    tables.seen("5").await;
    tables.until(RUNS, "1").await;
    tables.seen("1").await;
    tables.seen("6").await;
    tables.until(STANDING, "t t 6.0").await;
    assert_eq!(tables.queued().await, "1", "dropped, and counted as fired");
    tables.db.execute("UPDATE ordctl.dedupe SET queued_at = now() - interval '2 h'").await.unwrap();
    tables.evaluated(&task).await;
    assert_eq!(tables.queued().await, "1");
    tables.seen("2").await;
    tables.read("7").await;
    tables.until(RUNS, "2").await;
}

/// Its verdict is that of the queue check: there is a due row that nobody works off.
#[tokio::test]
async fn a_runbooks_verdict_fires() {
    let (tables, setup) = prepared().await;
    let setup = setup.runbook("health/morning");
    // Of the systems that the report asks for only the database is there, and it is young.
    let task = tables.condition("runbook: health/morning is crit every 1s", "").await;
    let _node = setup.node(&["--role", "scheduler"]);
    let known = format!(
        "SELECT value #>> '{{}}' IN ('ok', 'warn', 'crit') OR error LIKE '%verdict is unknown%' FROM ordctl.condition WHERE task_id = '{task}'"
    );
    tables.until(&known, "true").await;
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused() {
    let (tables, setup) = prepared().await;
    let setup = setup
        .runbook("health/morning")
        .runbook("maintain/analyze")
        .query("bound", "-- x\n-- bind: a\nSELECT $1");
    let node = setup.node(&["--role", "api"]);
    let (http, url) = (http(), node.http().await);
    let body = |expr: &str| json!({"title": "t", "description": "d", "schedule_kind": "condition", "schedule_expr": expr, "payload": {"pipeline": []}});
    for (expr, msg) in [
        ("query: reading >", "it ends where a number should follow"),
        ("query: readin > 1", "there is no query 'readin'; did you mean 'reading'?"),
        ("query: bound > 1", "query bound: the value 'a' is missing"),
        ("promql: scheduler_lags > 1", "there is no query 'scheduler_lags'; did you mean 'scheduler_lag'?"),
        (
            "runbook: health/mornin is crit",
            "the runbook 'health/mornin' is not allowed to tasks; did you mean 'health/morning'?",
        ),
        (
            "runbook: operate/doctor is crit",
            "the runbook 'operate/doctor' is not allowed to tasks; name it in engine.runbooks",
        ),
        (
            "runbook: maintain/analyze is ok",
            "a condition takes a runbook that only looks; this one does more, or cannot be read",
        ),
    ] {
        let answer = http.post(format!("{url}/tasks")).json(&body(expr)).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{expr}");
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(
            answer,
            json!({"detail": [{"type": "value_error", "loc": ["body", "schedule_expr"], "msg": msg, "input": expr}]})
        );
    }
    let made = http.post(format!("{url}/tasks")).json(&body("query: reading > 1")).send().await.unwrap();
    assert_eq!(made.status(), 201);
    let task: Value = made.json().await.unwrap();
    let path = format!("{url}/tasks/{}", task["id"].as_str().unwrap());
    for (change, status) in [
        (json!({"schedule_expr": "query: x > 1"}), 422),
        (json!({"schedule_expr": "runbook: health/morning is warn every 5m for 1h"}), 200),
        (json!({"priority": 1}), 200),
    ] {
        let answer = http.put(&path).json(&change).send().await.unwrap();
        assert_eq!(answer.status(), status, "{change}");
    }
}

#[tokio::test]
async fn a_snoozed_condition_is_not_evaluated() {
    let (tables, setup) = prepared().await;
    let node = setup.node(&["--role", "api"]);
    let (http, url) = (http(), node.http().await);
    let task = tables.condition("query: reading > 4 every 1s", "").await;
    let snooze = http.post(format!("{url}/tasks/{task}/snooze")).json(&json!({"delay_seconds": 600}));
    assert_eq!(snooze.send().await.unwrap().status(), 200);
    let other = tables.condition("query: reading > 4 every 1s", "").await;
    let _node = setup.node(&["--role", "scheduler"]);
    tables.read("5").await;
    tables.until("SELECT task_id FROM due_work", &other).await;
    tables.evaluated(&other).await;
    let quiet = format!(
        "SELECT next_at > now() + interval '9 min' AND checked_at IS NULL FROM ordctl.condition WHERE task_id = '{task}'"
    );
    assert_eq!(tables.db.value(&quiet).await, "true");
}
