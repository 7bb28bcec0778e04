//! Condition tasks in the API.

use serde_json::{Value, json};

use super::prepared;
use crate::support::engine::http;

#[tokio::test]
async fn invalid_conditions_are_rejected() {
    let (_tables, setup) = prepared().await;
    let setup = setup
        .runbook("health/morning")
        .runbook("maintain/analyze")
        .query("bound", "-- x\n-- bind: a\nSELECT $1");
    let node = setup.node(&["--role", "api"]);
    let (http, url) = (http(), node.http().await);
    let body = |expr: &str| json!({"title": "t", "description": "d", "schedule_kind": "condition", "schedule_expr": expr, "payload": {"pipeline": []}});
    for (expr, msg) in [
        ("query: reading >", "unexpected end, expected a number"),
        ("query: readin > 1", "there is no query 'readin'; did you mean 'reading'?"),
        ("query: bound > 1", "query bound: the value 'a' is missing"),
        ("promql: scheduler_lags > 1", "there is no query 'scheduler_lags'; did you mean 'scheduler_lag'?"),
        (
            "runbook: health/mornin is crit",
            "runbook 'health/mornin' is not allowed for tasks; did you mean 'health/morning'?",
        ),
        (
            "runbook: operate/doctor is crit",
            "runbook 'operate/doctor' is not allowed for tasks; add it to engine.runbooks",
        ),
        (
            "runbook: maintain/analyze is ok",
            "a condition needs a read-only runbook; this one changes something or is invalid",
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
    tables.until("SELECT string_agg(task_id::text, ' ') FROM due_work", &other).await;
    tables.evaluated(&other).await;
    let quiet = format!(
        "SELECT next_at > now() + interval '9 min' AND checked_at IS NULL FROM ordctl.condition WHERE task_id = '{task}'"
    );
    assert_eq!(tables.db.value(&quiet).await, "true");
}

#[tokio::test]
async fn the_example_is_valid() {
    let (tables, setup) = prepared().await;
    let _node = setup.node(&["--role", "scheduler", "--dev"]);
    let known = "SELECT string_agg((value IS NOT NULL AND error IS NULL)::text, ' ') FROM ordctl.condition";
    tables.until(known, "true").await;
}
