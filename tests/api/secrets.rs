//! `${secret:NAME}` in tasks: whoever may write tasks can use only the secrets that the configuration binds.

use serde_json::{Value, json};

use super::Api;
use crate::support::postgres::cluster;
use crate::support::web::Web;

const VALUE: &str = "CANARY-4f9a-Value";

async fn api(web: &Web, dir: &std::path::Path) -> Api {
    std::fs::write(dir.join("token"), VALUE).unwrap();
    std::fs::write(dir.join("free"), VALUE).unwrap();
    let more = format!(
        "secrets: {{ dir: {}, bind: {{ token: ['http.request 127.0.0.1:{}', 'shell.exec /bin/sh'] }} }}\n",
        dir.display(),
        web.port
    );
    Api::set(&[], |setup| {
        setup.allow.extend([format!("127.0.0.1:{}", web.port), "localhost".to_owned()]);
        setup.more = more;
    })
    .await
}

/// The error of a run of these steps; empty when it succeeded.
async fn outcome(api: &Api, task: &str) -> String {
    let columns = "coalesce(error, '') || ' ' || coalesce(output::text, '')";
    let sql = format!("SELECT {columns} FROM task_run WHERE task_id = '{task}' AND final");
    api.tables.until(&format!("SELECT count(*) FROM task_run WHERE task_id = '{task}' AND final"), "1").await;
    api.tables.db.value(&sql).await
}

#[tokio::test]
async fn a_task_uses_only_bound_secrets_and_only_where_they_belong() {
    let (web, dir) = (Web::start(), tempfile::tempdir().unwrap());
    let api = api(&web, dir.path()).await;
    let request = |host: &str, secret: &str| {
        json!({"uses": "http.request", "with": {"url": format!("http://{host}:{}/", web.port),
               "headers": {"authorization": format!("Bearer ${{secret:{secret}}}")}}})
    };
    for (step, expected) in [
        (request("127.0.0.1", "token"), ""),
        (request("127.0.0.1", "free"), "secret 'free' is not bound to http.request"),
        (request("localhost", "token"), "secret 'token' is not bound to http.request localhost"),
    ] {
        let task = api.task(json!({"max_retries": 0, "payload": {"pipeline": [step]}})).await;
        let id = task["id"].as_str().unwrap();
        assert_eq!(api.post(&format!("/tasks/{id}/run_now"), Value::Null).await.0, 200);
        let text = outcome(&api, id).await;
        assert!(
            text.contains(expected) && text.contains("not bound") != expected.is_empty(),
            "{step}: {text}"
        );
    }
    assert_eq!(web.asked().len(), 1, "{:?}", web.asked());
}

/// The second kind of task was stored by a release that did not check it.
#[tokio::test]
async fn a_task_cannot_transform_or_publish_a_secret() {
    let (web, dir) = (Web::start(), tempfile::tempdir().unwrap());
    let api = api(&web, dir.path()).await;
    for step in [
        json!({"uses": "transform", "with": {"expr": "reverse('${secret:token}')"}}),
        json!({"uses": "event.publish", "with": {"topic": "t", "payload": {"a": "${secret:token}"}}}),
    ] {
        let body = super::task(json!({"payload": {"pipeline": [step]}}));
        let (status, answer) = api.post("/tasks", body).await;
        assert_eq!(status, 422, "{answer}");
        assert!(answer.to_string().contains("takes no secrets"), "{answer}");
        let task = api.tables.task(&[step.to_string()], "max_retries = 0").await;
        api.tables.queue(&task, 1).await;
        let text = outcome(&api, &task).await;
        let reversed: String = VALUE.chars().rev().collect();
        assert!(text.contains("takes no secrets"), "{text}");
        assert!(!text.contains(VALUE) && !text.contains(&reversed), "{text}");
    }
    assert_eq!(api.tables.db.value("SELECT count(*) FROM ordctl.event").await, "0");
}

/// The executor masks errors: the tool does not know where the secret comes back from. A host is shown in lower case.
#[tokio::test]
async fn an_error_that_repeats_a_secret_is_masked_before_it_is_stored() {
    let (web, dir) = (Web::start(), tempfile::tempdir().unwrap());
    let api = api(&web, dir.path()).await;
    let url = |path: &str| format!("http://127.0.0.1:{}{path}", web.port);
    for (step, begin) in [
        (
            // The server redirects to a host that is the secret.
            json!({"uses": "http.request", "with": {"url": url("/redirect/302/http://${secret:token}.invalid/")}}),
            "step 'request': http.request: redirect not followed: ********.invalid:80",
        ),
        (
            json!({"uses": "http.request", "with": {"url": url("/echo/${secret:token}"), "expect": [404]}}),
            "step 'request': 127.0.0.1: HTTP status 200",
        ),
        (
            // A parameter of the wrong type is quoted.
            json!({"uses": "http.request", "with": {"url": url("/"), "query": "${secret:token}"}}),
            "step 'request': http.request: ",
        ),
        (
            json!({"uses": "shell.exec", "with": {"program": "/bin/sh", "args": ["-c", "cat >&2; exit 1"],
                   "stdin": "${secret:token}"}}),
            "step 'exec': /bin/sh: exit status: 1: ********",
        ),
    ] {
        let task = api.tables.task(&[step.to_string()], "max_retries = 0").await;
        api.tables.queue(&task, 1).await;
        let text = outcome(&api, &task).await;
        assert!(text.starts_with(begin), "{step}: {text}");
        assert!(text.contains("********"), "{step}: {text}");
        assert!(!text.to_lowercase().contains("canary"), "{step}: {text}");
    }
    let rows = crate::support::run(cluster().client("pg_dump", &api.tables.db.name).arg("--data-only"));
    assert!(!rows.to_lowercase().contains("canary"), "{rows}");
    assert!(!api._node.log().to_lowercase().contains("canary"), "{}", api._node.log());
}
