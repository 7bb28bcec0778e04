//! `/tasks`: success and errors of each route.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, NOBODY, error, id};

#[tokio::test]
async fn tasks_are_created_read_updated_and_canceled() {
    let api = Api::start().await;
    let task = api.task(json!({"priority": 2})).await;
    assert_eq!(task["created_by"], "00000000-0000-0000-0000-000000000001");
    assert_eq!(
        (&task["status"], &task["priority"], &task["max_retries"]),
        (&json!("active"), &json!(2), &json!(3))
    );
    assert_eq!((&task["timezone"], &task["catch_up"]), (&json!("Europe/Chisinau"), &json!("once")));
    let path = format!("/tasks/{}", id(&task));
    assert_eq!(api.get(&path).await, (200, task.clone()));
    assert_eq!(api.get(&format!("{path}/")).await, (200, task.clone()), "with a trailing slash");
    let (status, changed) =
        api.ask(Method::PUT, &path, json!({"title": "new", "concurrency_key": "k"})).await;
    assert_eq!((status, &changed["title"], &changed["priority"]), (200, &json!("new"), &json!(2)));
    let (_, emptied) = api.ask(Method::PUT, &path, json!({"concurrency_key": null})).await;
    assert_eq!((&emptied["concurrency_key"], &emptied["title"]), (&Value::Null, &json!("new")));
    for (action, status) in [("pause", "paused"), ("resume", "active"), ("cancel", "canceled")] {
        let (code, op) = api.post(&format!("{path}/{action}"), Value::Null).await;
        assert_eq!((code, &op["success"]), (200, &json!(true)));
        assert_eq!(api.get(&path).await.1["status"], status);
    }
    assert_eq!(
        error(api.post(&format!("{path}/resume"), Value::Null).await),
        (
            409,
            json!({"error": "conflict", "message": "the task is canceled; canceled tasks stay canceled", "details": {}})
        )
    );
    let audit = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log";
    assert_eq!(
        api.tables.db.value(audit).await,
        "task.created task.updated task.updated task.paused task.resumed task.canceled"
    );
}

#[tokio::test]
async fn all_problems_of_a_task_are_reported_at_once() {
    let api = Api::start().await;
    let body = json!({"title": "", "description": "d", "priority": 77, "schedule_kind": "cron", "schedule_expr": "61 * * * *",
                      "foo": 1, "payload": {"pipeline": [{"uses": "nop"}]}});
    let (status, answer) = api.post("/tasks", body).await;
    assert_eq!(status, 422);
    assert_eq!(
        answer,
        json!({"detail": [
            {"type": "string_too_short", "loc": ["body", "title"], "msg": "String should have at least 1 character", "input": ""},
            {"type": "less_than_equal", "loc": ["body", "priority"], "msg": "Input should be less than or equal to 9", "input": 77},
            {"type": "extra_forbidden", "loc": ["body", "foo"], "msg": "Extra inputs are not permitted", "input": 1},
            {"type": "value_error", "loc": ["body", "payload", "pipeline", 0, "uses"],
             "msg": "unknown tool 'nop'; did you mean 'noop'?", "input": "nop"},
            {"type": "value_error", "loc": ["body", "schedule_expr"], "msg": "minute: 61 is not in 0-59", "input": "61 * * * *"},
        ]})
    );
    let good = json!({"title": "t", "description": "d", "schedule_kind": "event", "schedule_expr": "x", "payload": {"pipeline": []}});
    for (key, value, kind) in [
        ("schedule_kind", json!("weekly"), "enum"),
        ("description", json!(7), "string_type"),
        ("description", json!("x".repeat(2001)), "string_too_long"),
        ("max_retries", json!(-1), "greater_than_equal"),
        ("max_retries", json!("many"), "int_parsing"),
        ("created_by", json!("me"), "uuid_parsing"),
        ("created_by", json!(NOBODY), "value_error"),
        ("timezone", json!("Mars/Base"), "value_error"),
        ("title", Value::Null, "string_type"),
        ("schedule_expr", Value::Null, "string_type"),
        ("schedule_expr", json!("x".repeat(101)), "string_too_long"),
        ("payload", json!([]), "dict_type"),
        ("payload", json!({}), "missing"),
        ("payload", json!({"pipeline": [7]}), "dict_type"),
        ("payload", json!({"pipeline": [{"uses": "log", "with": {"message": "${"}}]}), "value_error"),
        ("payload", json!({"pipeline": [{"uses": "noop", "if": "a ==="}]}), "value_error"),
        ("title", json!("a\0b"), "value_error"),
    ] {
        let mut body = good.clone();
        body[key] = value;
        let (status, answer) = api.post("/tasks", body.clone()).await;
        assert_eq!((status, &answer["detail"][0]["type"]), (422, &json!(kind)), "{body} {answer}");
    }
    // Each kind has its form of schedule_expr.
    for (kind, expr) in [
        ("cron", "* * *"),
        ("rrule", "every day"),
        ("once", "tomorrow"),
        ("condition", " "),
        ("once", "2020-01-01T00:00:00Z"),
    ] {
        let mut body = good.clone();
        (body["schedule_kind"], body["schedule_expr"]) = (json!(kind), json!(expr));
        let (status, answer) = api.post("/tasks", body).await;
        assert_eq!((status, &answer["detail"][0]["loc"]), (422, &json!(["body", "schedule_expr"])), "{kind}");
        assert_eq!(answer["detail"].as_array().map(Vec::len), Some(1), "{answer}");
    }
    let mut late = good.clone();
    late["schedule_kind"] = json!("once");
    late["schedule_expr"] = json!("2020-01-01T00:00:00Z");
    let (status, answer) = api.post("/tasks", late).await;
    assert_eq!((status, &answer["detail"][0]["loc"]), (422, &json!(["body", "schedule_expr"])));
    for body in [json!([]), json!("text"), json!(null)] {
        let answer = api.http.post(format!("{}/tasks", api.url)).body(body.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{body}");
    }
    let broken = api.http.post(format!("{}/tasks", api.url)).body("{").send().await.unwrap();
    let broken: Value = broken.json().await.unwrap();
    assert_eq!(broken["detail"][0]["type"], "json_invalid");
    assert_eq!(api.tables.db.value("SELECT count(*) FROM task").await, "0");
}

#[tokio::test]
async fn a_second_active_task_with_the_same_dedupe_key_is_a_conflict() {
    let api = Api::start().await;
    let first = api.task(json!({"dedupe_key": "k"})).await;
    let mut again = first.clone();
    for key in ["id", "status", "created_at"] {
        again.as_object_mut().unwrap().remove(key);
    }
    let wanted = json!({"error": "conflict", "message": "an active task with this dedupe_key and creator exists", "details": {}});
    assert_eq!(error(api.post("/tasks", again.clone()).await), (409, wanted.clone()));
    api.post(&format!("/tasks/{}/pause", id(&first)), Value::Null).await;
    assert_eq!(api.post("/tasks", again).await.0, 201);
    assert_eq!(error(api.post(&format!("/tasks/{}/resume", id(&first)), Value::Null).await), (409, wanted));
}

#[tokio::test]
async fn run_now_queues_deduplicates_and_refuses() {
    let api = Api::start().await;
    let task = api.task(json!({"dedupe_key": "k", "dedupe_window_seconds": 600})).await;
    let path = format!("/tasks/{}/run_now", id(&task));
    let (status, first) = api.post(&path, Value::Null).await;
    assert_eq!((status, first["details"]["deduplicated"].is_null()), (200, true));
    let (status, second) = api.post(&path, Value::Null).await;
    assert_eq!((status, &second["details"]["deduplicated"]), (200, &json!(true)));
    assert_eq!(api.tables.db.value("SELECT count(*) FROM due_work").await, "1");
    api.post(&format!("/tasks/{}/pause", id(&task)), Value::Null).await;
    let wanted = json!({"error": "bad_request", "message": "the task is paused", "details": {}});
    assert_eq!(error(api.post(&path, Value::Null).await), (400, wanted));
    let (status, _) = api.ask(Method::DELETE, &format!("/tasks/{}", id(&task)), Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(api.tables.db.value("SELECT count(*) FROM due_work").await, "0");
}

#[tokio::test]
async fn snooze_postpones_the_next_occurrence_and_queued_work() {
    let api = Api::with(&["--role", "api,scheduler"]).await;
    let at = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    let once = api.task(json!({"schedule_kind": "once", "schedule_expr": at})).await;
    api.tables.until("SELECT count(*) FROM ordctl.schedule WHERE next_at IS NOT NULL", "1").await;
    let before = api.tables.db.value("SELECT next_at FROM ordctl.schedule").await;
    let path = format!("/tasks/{}/snooze", id(&once));
    assert_eq!(api.post(&path, json!({"delay_seconds": 600, "reason": "lunch"})).await.0, 200);
    api.tables
        .until(&format!("SELECT next_at - '{before}'::timestamptz FROM ordctl.schedule"), "00:10:00")
        .await;
    let event = api.task(json!({})).await;
    api.post(&format!("/tasks/{}/run_now", id(&event)), Value::Null).await;
    let (_, op) = api.post(&format!("/tasks/{}/snooze", id(&event)), json!({"delay_seconds": 60})).await;
    assert_eq!(op["details"]["moved"], 1);
    assert_eq!(api.tables.db.value("SELECT run_at > now() + interval '50 s' FROM due_work").await, "true");
    for (body, kind) in [
        (json!({}), "missing"),
        (json!({"delay_seconds": 0}), "greater_than_equal"),
        (json!({"delay_seconds": 604801}), "less_than_equal"),
        (json!({"delay_seconds": 5, "reason": "x".repeat(201)}), "string_too_long"),
    ] {
        let (status, answer) = api.post(&path, body).await;
        assert_eq!((status, &answer["detail"][0]["type"]), (422, &json!(kind)));
    }
}

#[tokio::test]
async fn lists_come_in_pages_with_filters() {
    let api = Api::start().await;
    for n in 0..5 {
        api.task(json!({"title": format!("t{n}")})).await;
    }
    let (status, page) = api.get("/tasks?limit=2&offset=1").await;
    assert_eq!(status, 200);
    let titles: Vec<&str> =
        page["items"].as_array().unwrap().iter().map(|t| t["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["t3", "t2"]);
    assert_eq!(
        (&page["total"], &page["limit"], &page["offset"], &page["has_more"]),
        (&json!(5), &json!(2), &json!(1), &json!(true))
    );
    assert_eq!(api.get("/tasks?limit=200&schedule_kind=cron").await.1["total"], 0);
    assert_eq!(api.get("/tasks?status=paused").await.1["items"], json!([]));
    assert_eq!(api.get(&format!("/tasks?created_by={NOBODY}")).await.1["total"], 0);
    for (query, key) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("offset=-1", "offset"),
        ("status=gone", "status"),
        ("created_by=me", "created_by"),
        ("created_by=", "created_by"),
        ("status=", "status"),
        ("limit=", "limit"),
        ("cursor=x", "cursor"),
    ] {
        let (status, answer) = api.get(&format!("/tasks?{query}")).await;
        assert_eq!((status, &answer["detail"][0]["loc"]), (422, &json!(["query", key])), "{query}");
    }
}

/// Every change names the agent, and the reason where the request gives one.
#[tokio::test]
async fn a_reason_is_recorded_with_every_change() {
    let mut api = Api::start().await;
    let key = api.agent("ci", &["admin"]);
    api.bearer = Some(key);
    let why = json!({"reason": "upgrade"});
    let mut task = json!({"title": "t", "description": "d", "schedule_kind": "event", "schedule_expr": "x",
                          "payload": {"pipeline": []}});
    task["reason"] = json!("upgrade");
    let (status, task) = api.post("/tasks", task).await;
    assert_eq!((status, task.get("reason")), (201, None), "the reason is no field of the task: {task}");
    let (status, agent) =
        api.post("/agents", json!({"name": "bot", "scopes": [], "reason": "upgrade"})).await;
    assert_eq!(status, 201, "{agent}");
    let (task, agent) = (format!("/tasks/{}", id(&task)), format!("/agents/{}", id(&agent)));
    let mut wanted = vec!["task.created".to_owned(), "agent.created".to_owned()];
    let query = |path: &str| format!("{path}?reason=upgrade");
    for (method, path, body, action) in [
        (Method::PUT, task.clone(), json!({"title": "new", "reason": "upgrade"}), "task.updated"),
        (Method::POST, format!("{task}/pause"), why.clone(), "task.paused"),
        (Method::POST, format!("{task}/resume"), why.clone(), "task.resumed"),
        (Method::POST, format!("{task}/run_now"), why.clone(), "task.run_now"),
        (
            Method::POST,
            format!("{task}/snooze"),
            json!({"delay_seconds": 60, "reason": "upgrade"}),
            "task.snoozed",
        ),
        (Method::DELETE, query(&task), Value::Null, "task.canceled"),
        (Method::PUT, agent.clone(), json!({"name": "robot", "reason": "upgrade"}), "agent.updated"),
        (Method::POST, format!("{agent}/credentials"), why.clone(), "agent.credential_created"),
        (Method::DELETE, query(&agent), Value::Null, "agent.deleted"),
    ] {
        let (status, answer) = api.ask(method, &path, body).await;
        assert!(status < 300, "{path}: {answer}");
        wanted.push(action.to_owned());
    }
    let audit = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log
                  WHERE details ->> 'agent' = 'ci' AND details ->> 'reason' = 'upgrade'";
    assert_eq!(api.tables.db.value(audit).await, wanted.join(" "));
    for body in [json!({"reason": 1}), json!({"reason": "a\u{0}"}), json!({"reason": "x".repeat(201)})] {
        let (status, answer) = api.post(&format!("{task}/cancel"), body.clone()).await;
        assert_eq!((status, &answer["detail"][0]["loc"][1]), (422, &json!("reason")), "{body}: {answer}");
    }
}
