//! The clock of the API's host is wrong; the database's clock decides.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{Api, id};
use crate::support::eventually;
use crate::support::left_out;

/// An instant this many milliseconds from now, by the database's clock.
fn instant(milliseconds: i64) -> String {
    let at: DateTime<Utc> = Utc::now() + TimeDelta::milliseconds(milliseconds);
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn once(at: &str) -> Value {
    super::task(json!({"schedule_kind": "once", "schedule_expr": at}))
}

/// Creates the tasks that must be accepted and tries those that must not be. The accepted ones run.
async fn judged_by_the_database(offset: &'static str) {
    let api = Api::set(&["--role", "api"], |setup| setup.clock = Some(offset)).await;
    let health = api.http.get(format!("{}/health", api.url)).send().await.unwrap();
    let off = health.json::<Value>().await.unwrap()["timestamp"].as_str().unwrap().parse::<DateTime<Utc>>();
    assert!((off.unwrap() - Utc::now()).abs() > TimeDelta::minutes(20), "the API's clock is wrong: {off:?}");
    let refused = |answer: &Value| {
        let issue = &answer["detail"][0];
        assert_eq!(issue["loc"], json!(["body", "schedule_expr"]), "{answer}");
        let message = issue["msg"].as_str().unwrap();
        let time = message.split("the database's time is ").nth(1).unwrap_or_else(|| panic!("{message}"));
        let time: DateTime<Utc> = time.parse().unwrap();
        assert!((Utc::now() - time).abs() < TimeDelta::minutes(5), "{message}");
    };
    for late in [-30 * 60_000, -10 * 60_000] {
        let (status, answer) = api.post("/tasks", once(&instant(late))).await;
        assert_eq!(status, 422, "{offset}: {late} ms: {answer}");
        refused(&answer);
    }
    let past = api.task(once(&instant(-20_000))).await;
    let soon = api.task(once(&instant(2_000))).await;
    let edited = api.task(json!({"schedule_kind": "once", "schedule_expr": instant(3_600_000)})).await;
    let path = format!("/tasks/{}", id(&edited));
    let (status, answer) =
        api.ask(reqwest::Method::PUT, &path, json!({"schedule_expr": instant(-30 * 60_000)})).await;
    assert_eq!(status, 422, "{answer}");
    refused(&answer);
    assert_eq!(api.get(&path).await.1["schedule_expr"], edited["schedule_expr"], "nothing changed");
    // An old task whose schedule is up to date: nothing but the edit itself makes the scheduler look back.
    let up_to_date = format!(
        "UPDATE task SET created_at = now() - interval '1 day' WHERE id = '{0}'; \
         UPDATE ordctl.schedule SET cursor_at = now(), changed = false WHERE task_id = '{0}'",
        id(&edited)
    );
    api.tables.db.execute(&up_to_date).await.unwrap();
    let (status, answer) =
        api.ask(reqwest::Method::PUT, &path, json!({"schedule_expr": instant(-20_000)})).await;
    assert_eq!(status, 200, "{answer}");
    let setup = crate::support::engine::Setup::of(&api.tables.db);
    let _node = setup.node(&["--role", "scheduler,worker"]);
    for task in [&past, &soon, &edited] {
        let ran = format!("SELECT count(*) FROM task_run WHERE task_id = '{}' AND success", id(task));
        api.tables.until(&ran, "1").await;
    }
    assert_eq!(api.tables.db.value("SELECT count(*) FROM task").await, "3", "a refused task is not stored");
}

#[tokio::test]
async fn a_slow_api_clock_does_not_judge_a_once() {
    if left_out("a_slow_api_clock_does_not_judge_a_once", &["faketime"]) {
        return;
    }
    judged_by_the_database("-30m").await;
}

#[tokio::test]
async fn a_fast_api_clock_does_not_judge_a_once() {
    if left_out("a_fast_api_clock_does_not_judge_a_once", &["faketime"]) {
        return;
    }
    judged_by_the_database("+30m").await;
}

/// Around the limit of 60 s some are accepted and some are not; each acknowledged one runs, whatever its policy.
#[tokio::test]
async fn every_once_that_is_acknowledged_runs() {
    let api = Api::with(&["--role", "api,scheduler,worker"]).await;
    let mut accepted = BTreeSet::new();
    let mut refused = 0;
    for n in 0..120 {
        let mut body = once(&instant(-60_300 + n * 15));
        body["catch_up"] = json!(if n % 2 == 0 { "skip" } else { "once" });
        let key = format!("key-{n}");
        let request = api.request(reqwest::Method::POST, "/tasks").header("Idempotency-Key", key).json(&body);
        let answer = request.send().await.unwrap();
        match answer.status().as_u16() {
            201 => drop(accepted.insert(id(&answer.json().await.unwrap()).to_owned())),
            422 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert!(refused > 0, "the first ones are too late");
    let late = api.post("/tasks", once(&instant(-61_000))).await;
    assert_eq!(late.0, 422, "{}", late.1);
    assert!(accepted.len() > 10, "{} accepted, {refused} refused", accepted.len());
    let ran = "SELECT coalesce(string_agg(task_id::text, ' '), '') FROM task_run WHERE success AND final";
    eventually("every acknowledged once runs", async || {
        let ran: BTreeSet<String> = api.tables.db.value(ran).await.split(' ').map(str::to_owned).collect();
        accepted.is_subset(&ran)
    })
    .await;
    assert_eq!(api.tables.db.value("SELECT count(*) FROM task").await, accepted.len().to_string());
}
