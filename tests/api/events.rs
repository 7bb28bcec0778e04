//! `/events` and `/alerts`

use serde_json::{Value, json};

use super::{Api, NOBODY, id};
use crate::support::engine::{Setup, http};
use crate::support::left_out;
use crate::support::postgres::{cluster, execute};
use crate::support::systems;

#[tokio::test]
async fn an_event_starts_tasks_of_its_topic_with_its_payload() {
    let api = Api::with(&[]).await;
    let step =
        json!({"uses": "transform", "with": {"expr": "payload.n", "data": "${event}"}, "save_as": "result"});
    let listener = api.task(json!({"schedule_expr": "orders", "payload": {"pipeline": [step]}})).await;
    let event = json!({"topic": "orders", "payload": {"n": 42}});
    let (status, op) = api.post("/events", event).await;
    let details = &op["details"];
    assert_eq!((status, &op["success"], &details["triggered_tasks"]), (202, &json!(true), &json!(1)));
    assert_eq!((&details["topic"], &details["stream_id"]), (&json!("orders"), &Value::Null));
    assert!(details["published_at"].is_string() && details["event_id"].is_string());
    let ran =
        "SELECT coalesce(max(output->'steps'->>'result'), '') FROM task_run WHERE success AND task_id = ";
    api.tables.until(&format!("{ran}'{}'", id(&listener)), "42").await;
    assert_eq!(api.post("/events", json!({"topic": "nobody"})).await.1["details"]["triggered_tasks"], 0);
    let (_, topics) = api.get("/events/topics").await;
    assert_eq!((&topics["total"], &topics["topics"][1]["topic"]), (&json!(2), &json!("orders")));
    assert_eq!(
        (&topics["topics"][1]["active_tasks"], &topics["topics"][1]["events_last_day"]),
        (&json!(1), &json!(1))
    );
    let (_, recent) = api.get("/events/stream/recent?count=1").await;
    assert_eq!((&recent["count"], &recent["events"][0]["topic"]), (&json!(1), &json!("nobody")));
    for (body, kind) in [
        (json!({}), "missing"),
        (json!({"topic": ""}), "string_too_short"),
        (json!({"topic": "x".repeat(101)}), "string_too_long"),
        (json!({"topic": "t", "payload": "text"}), "dict_type"),
        (json!({"topic": "t", "source_agent_id": "me"}), "uuid_parsing"),
        (json!({"topic": "t", "more": 1}), "extra_forbidden"),
        (json!({"topic": "t", "payload": {"a": "\u{0}"}}), "value_error"),
    ] {
        let (status, answer) = api.post("/events", body.clone()).await;
        assert_eq!((status, &answer["detail"][0]["type"]), (422, &json!(kind)), "{body}");
    }
    let named = json!({"topic": "t", "source_agent_id": NOBODY});
    assert_eq!(api.post("/events", named).await.0, 202, "the system agent may");
    let by = "SELECT string_agg(concat_ws(' ', topic, published_by), ', ' ORDER BY published_at) FROM ordctl.event";
    assert_eq!(api.tables.db.value(by).await, "orders api, nobody api, t api (system)");
    let audit = "SELECT count(*) FROM audit_log WHERE action LIKE 'event.%'";
    assert_eq!(api.tables.db.value(audit).await, "0", "the event's own row says who published it");
}

#[tokio::test]
async fn an_event_within_the_window_of_its_dedupe_key_is_dropped() {
    let api = Api::start().await;
    api.task(json!({"dedupe_key": "k", "dedupe_window_seconds": 600})).await;
    let triggered = async |api: &Api| {
        api.post("/events", json!({"topic": "topic"})).await.1["details"]["triggered_tasks"].clone()
    };
    assert_eq!((triggered(&api).await, triggered(&api).await), (json!(1), json!(0)));
    assert_eq!(api.tables.db.value("SELECT count(*) FROM due_work").await, "1");
}

#[tokio::test]
async fn cleanup_deletes_only_old_events() {
    let api = Api::start().await;
    for topic in ["old", "needed", "young"] {
        api.post("/events", json!({"topic": topic})).await;
    }
    api.post("/alerts", message("firing", "2026-01-01T00:00:00Z")).await;
    // Queued work needs one of them; the row of a firing alert identifies repetitions.
    let task = api.task(json!({"schedule_expr": "needed"})).await;
    api.tables
        .db
        .execute(&format!(
            "UPDATE ordctl.event SET published_at = now() - interval '25 h' WHERE topic <> 'young';
             INSERT INTO due_work (task_id, run_at, scheduled_at, occurrence, priority, event)
             SELECT '{}', now() + interval '1 d', now(), gen_random_uuid(), 5, jsonb_build_object('id', e.id)
               FROM ordctl.event e WHERE topic = 'needed'",
            id(&task)
        ))
        .await
        .unwrap();
    let (status, op) =
        api.ask(reqwest::Method::DELETE, "/events/stream/cleanup?max_age_hours=24", Value::Null).await;
    assert_eq!((status, &op["details"]["removed"]), (200, &json!(1)));
    assert_eq!(
        api.tables.db.value("SELECT string_agg(topic, ' ' ORDER BY topic) FROM ordctl.event").await,
        "alert.HighQueueDepth needed young"
    );
    let (_, op) = api.post("/alerts", message("firing", "2026-01-01T00:00:00Z")).await;
    assert_eq!(op["details"]["events"], 0, "it still fires");
    let audit = "SELECT string_agg(details->>'removed', ' ') FROM audit_log WHERE action = 'event.cleanup'";
    assert_eq!(api.tables.db.value(audit).await, "1");
}

/// As Alertmanager sends it.
fn message(status: &str, begin: &str) -> Value {
    json!({
        "version": "4", "groupKey": "{}:{alertname=\"HighQueueDepth\"}", "truncatedAlerts": 0, "status": status,
        "receiver": "ordctl", "groupLabels": {"alertname": "HighQueueDepth"}, "commonLabels": {}, "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093",
        "alerts": [{
            "status": status, "labels": {"alertname": "HighQueueDepth", "severity": "warning"},
            "annotations": {"summary": "many"}, "startsAt": begin, "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "http://prometheus:9090/graph", "fingerprint": "a1b2c3d4e5f60718",
        }],
    })
}

#[tokio::test]
async fn an_alert_publishes_one_event_per_state() {
    let api = Api::with(&[]).await;
    let step = json!({"uses": "log", "with": {"message": "${event.payload.labels.severity}"}, "if": "event.payload.status == 'firing'", "save_as": "said"});
    let task = json!({"schedule_expr": "alert.HighQueueDepth", "payload": {"pipeline": [step]}});
    let task = api.task(task).await;
    let begin = "2026-01-01T00:00:00Z";
    let taken = async |body: Value| {
        let (status, op) = api.post("/alerts", body).await;
        assert_eq!(status, 202, "{op}");
        (op["details"]["events"].clone(), op["details"]["triggered_tasks"].clone())
    };
    assert_eq!(taken(message("firing", begin)).await, (json!(1), json!(1)));
    assert_eq!(taken(message("firing", begin)).await, (json!(0), json!(0)), "Alertmanager repeats itself");
    assert_eq!(taken(message("resolved", begin)).await, (json!(1), json!(1)));
    assert_eq!(taken(message("resolved", begin)).await, (json!(0), json!(0)));
    assert_eq!(
        taken(message("firing", "2026-01-02T00:00:00Z")).await,
        (json!(1), json!(1)),
        "it fires again"
    );
    let runs = format!("SELECT count(*) FROM task_run WHERE success AND task_id = '{}'", id(&task));
    api.tables.until(&runs, "3").await;
    for body in [
        json!([]),
        json!({}),
        json!({"alerts": [{"labels": {}}]}),
        json!({"alerts": [{"status": "maybe", "labels": {}}]}),
    ] {
        assert_eq!(api.post("/alerts", body.clone()).await.0, 422, "{body}");
    }
}

/// Alertmanager drops a message that was answered with 422.
#[tokio::test]
async fn one_alert_that_cannot_be_stored_does_not_take_its_group_along() {
    let api = Api::start().await;
    let group = |alerts: Value| json!({"version": "4", "receiver": "ordctl", "alerts": alerts});
    let alert = |name: &str, text: &str| {
        json!({"status": "firing", "labels": {"alertname": name}, "annotations": {"summary": text},
               "startsAt": "2026-01-01T00:00:00Z", "fingerprint": ""})
    };
    let (status, op) = api.post("/alerts", group(json!([alert("Nul", "a\0b"), alert("Good", "c")]))).await;
    assert_eq!((status, &op["details"]["events"]), (202, &json!(2)), "{op}");
    let stored = "SELECT payload->'annotations'->>'summary' FROM ordctl.event WHERE topic = 'alert.Nul'";
    assert_eq!(api.tables.db.value(stored).await, "a\u{fffd}b");
    let broken = json!({"status": "maybe", "labels": {"alertname": "Broken"}});
    let (status, op) = api.post("/alerts", group(json!([broken, alert("Fine", "d"), 7]))).await;
    assert_eq!(
        (status, &op["details"]["events"], &op["details"]["refused"]),
        (202, &json!(1), &json!(2)),
        "{op}"
    );
    let (status, answer) = api.post("/alerts", group(json!([broken]))).await;
    assert_eq!(
        (status, &answer["detail"][0]["loc"]),
        (422, &json!(["body", "alerts", 0, "status"])),
        "{answer}"
    );
}

/// A character that the database's encoding lacks.
#[tokio::test]
async fn an_alert_that_the_encoding_cannot_hold_is_refused_alone() {
    let name = format!("latin_{}", std::process::id());
    let create =
        format!("CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    execute(&cluster().store("postgres", "postgres"), &create).await.unwrap();
    let node = Setup::at(cluster(), &name).node(&["--role", "api"]);
    let url = format!("{}/alerts", node.http().await);
    let alert = |name: &str, text: &str| json!({"status": "firing", "labels": {"alertname": name}, "annotations": {"summary": text}});
    let body = json!({"alerts": [alert("Arrow", "a → b"), alert("Plain", "a b")]});
    let answer = http().post(&url).json(&body).send().await.unwrap();
    let (status, op): (u16, Value) = (answer.status().as_u16(), answer.json().await.unwrap());
    let details = &op["details"];
    assert_eq!((status, &details["events"], &details["refused"]), (202, &json!(1), &json!(1)), "{op}");
}

#[tokio::test]
async fn alertmanager_delivers_alerts_with_an_api_key() {
    if left_out("alertmanager_delivers_alerts_with_an_api_key", &["alertmanager"]) {
        return;
    }
    let mut api = Api::with(&[]).await;
    let (alertmanager, root) = (api.agent("alertmanager", &["events:write"]), api.agent("root", &["admin"]));
    api.bear(&root);
    let step = json!({"uses": "transform", "with": {"expr": "status", "data": "${event.payload}"}, "save_as": "status"});
    let task = json!({"schedule_expr": "alert.HighQueueDepth", "payload": {"pipeline": [step]}});
    let task = api.task(task).await;
    let config = format!(
        "route: {{ receiver: ordctl, group_wait: 10ms, group_interval: 100ms }}\n\
         receivers:\n  - name: ordctl\n    webhook_configs:\n      - url: {}/alerts\n        \
         http_config: {{ authorization: {{ credentials: {alertmanager} }} }}\n",
        api.url
    );
    let server = systems::alertmanager(&config);
    let statuses = format!(
        "SELECT coalesce(string_agg(output->'steps'->>'status', ' ' ORDER BY started_at), '') FROM task_run
          WHERE success AND task_id = '{}'",
        id(&task)
    );
    let alerts = format!("http://127.0.0.1:{}/api/v2/alerts", server.port);
    let begin = chrono::Utc::now();
    let mut alert = json!({"labels": {"alertname": "HighQueueDepth"}, "startsAt": begin.to_rfc3339()});
    api.http.post(&alerts).json(&json!([alert])).send().await.unwrap().error_for_status().unwrap();
    api.tables.until(&statuses, "firing").await;
    alert["endsAt"] = json!(chrono::Utc::now().to_rfc3339());
    api.http.post(&alerts).json(&json!([alert])).send().await.unwrap().error_for_status().unwrap();
    api.tables.until(&statuses, "firing resolved").await;
    let by = "SELECT string_agg(DISTINCT a.name, ' ') FROM ordctl.event e JOIN agent a ON a.id = e.source_agent_id";
    assert_eq!(api.tables.db.value(by).await, "alertmanager");
}

#[tokio::test]
async fn nul_characters_are_rejected_where_they_are() {
    let api = Api::start().await;
    let body = json!({"topic": "t", "payload": {"a": [{"b": "\0"}]}});
    let (status, answer) = api.post("/events", body).await;
    let issue = &answer["detail"][0];
    assert_eq!((status, &issue["loc"]), (422, &json!(["body", "payload", "a", 0, "b"])), "{answer}");
    assert_eq!(issue["msg"], "String should not contain NUL characters");
    assert_eq!(api.tables.db.value("SELECT count(*) FROM ordctl.event").await, "0");
}
