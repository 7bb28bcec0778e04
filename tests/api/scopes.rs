//! Access control: every route without credentials, with other scopes, and with the required one.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, NOBODY, SYSTEM, error, id, task};

/// The scope each route requires; `-` is public, `known` any credentials.
const RIGHTS: &[(&str, &str, &str)] = &[
    ("get", "/tasks", "tasks:read"),
    ("post", "/tasks", "tasks:write"),
    ("get", "/tasks/{id}", "tasks:read"),
    ("put", "/tasks/{id}", "tasks:write"),
    ("delete", "/tasks/{id}", "tasks:write"),
    ("post", "/tasks/{id}/run_now", "tasks:write"),
    ("post", "/tasks/{id}/pause", "tasks:write"),
    ("post", "/tasks/{id}/resume", "tasks:write"),
    ("post", "/tasks/{id}/cancel", "tasks:write"),
    ("post", "/tasks/{id}/snooze", "tasks:write"),
    ("get", "/runs", "runs:read"),
    ("get", "/runs/stats/summary", "runs:read"),
    ("get", "/runs/stream", "runs:read"),
    ("get", "/runs/{id}", "runs:read"),
    ("post", "/runs/{id}/cancel", "tasks:write"),
    ("get", "/runs/task/{id}/latest", "runs:read"),
    ("get", "/runs/task/{id}/stats", "runs:read"),
    ("post", "/events", "events:write"),
    ("get", "/events/topics", "events:write"),
    ("get", "/events/stream/recent", "events:write"),
    ("delete", "/events/stream/cleanup", "admin"),
    ("post", "/alerts", "events:write"),
    ("get", "/agents", "agents:admin"),
    ("post", "/agents", "agents:admin"),
    ("get", "/agents/{id}", "agents:admin"),
    ("put", "/agents/{id}", "agents:admin"),
    ("delete", "/agents/{id}", "agents:admin"),
    ("post", "/agents/{id}/credentials", "agents:admin"),
    ("post", "/agents/auth/token", "-"),
    ("post", "/agents/auth/refresh", "-"),
    ("post", "/agents/auth/revoke", "known"),
    ("get", "/health", "-"),
    ("get", "/health/ready", "-"),
    ("get", "/health/live", "-"),
    ("get", "/metrics", "-"),
    ("get", "/openapi.json", "-"),
    ("get", "/docs", "-"),
];

#[tokio::test]
async fn every_route_requires_its_scope() {
    let mut api = Api::start().await;
    let (_, described) = api.get("/openapi.json").await;
    let mut known = Vec::new();
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let needs = match operation["security"].as_array().unwrap().first() {
                None => "-",
                Some(scheme) => scheme["bearer"].get(0).map_or("known", |s| s.as_str().unwrap()),
            };
            known.push((method.clone(), path.clone(), needs.to_owned()));
        }
    }
    let wanted = RIGHTS.iter().map(|(m, p, n)| ((*m).to_owned(), (*p).to_owned(), (*n).to_owned()));
    let mut wanted: Vec<(String, String, String)> = wanted.collect();
    known.sort();
    wanted.sort();
    assert_eq!(known, wanted, "the table matches /openapi.json");

    let scopes = ["tasks:read", "tasks:write", "runs:read", "events:write", "agents:admin", "admin"];
    let keys: Vec<(&str, String)> = scopes.iter().map(|s| (*s, api.agent(s, &[s]))).collect();
    for (method, path, needs) in RIGHTS {
        let path = path.replace("{id}", NOBODY);
        let verb: Method = method.to_uppercase().parse().unwrap();
        if *needs == "-" {
            continue;
        }
        api.bearer = None;
        let no = json!({"error": "unauthorized", "message": "credentials required: send Authorization: Bearer TOKEN", "details": {}});
        assert_eq!(error(api.ask(verb.clone(), &path, Value::Null).await), (401, no), "{method} {path}");
        for (scope, key) in &keys {
            if path == "/runs/stream" && [needs, &"admin"].contains(&scope) {
                continue;
            }
            api.bear(key);
            let answer = api.ask(verb.clone(), &path, Value::Null).await;
            if ["known", scope].contains(needs) || *scope == "admin" {
                let admins = path.ends_with("/credentials") && !["admin", "agents:admin"].contains(scope);
                assert!(
                    answer.0 != 401 && (answer.0 != 403 || admins),
                    "{scope} {method} {path}: {answer:?}"
                );
            } else {
                let message = format!("the scope '{needs}' is required");
                let no = json!({"error": "forbidden", "message": message, "details": {}});
                assert_eq!(error(answer), (403, no), "{scope} {method} {path}");
            }
        }
    }
}

#[tokio::test]
async fn an_agent_id_is_no_credential() {
    let mut api = Api::start().await;
    assert_eq!(api.get("/tasks").await.0, 200, "before the first credential");
    let key = api.agent("ci", &["tasks:read"]);
    assert_eq!(api.get("/tasks").await.0, 401, "after the first credential");
    let no =
        json!({"error": "unauthorized", "message": "invalid, expired or revoked credentials", "details": {}});
    let other = if key.ends_with('A') { 'E' } else { 'A' };
    let almost = format!("{}{other}", &key[..key.len() - 1]);
    for bad in [SYSTEM, "", "x", &almost, &key[..key.len() - 1], "a.b.c"] {
        api.bear(bad);
        assert_eq!(error(api.get("/tasks").await), (401, no.clone()), "{bad}");
    }
    let basic =
        api.http.get(format!("{}/tasks", api.url)).basic_auth(SYSTEM, Some(&key)).send().await.unwrap();
    assert_eq!(
        (basic.status().as_u16(), &basic.headers()["www-authenticate"]),
        (401, &"Bearer".parse().unwrap())
    );
    api.bear(&key);
    assert_eq!(api.get("/tasks").await.0, 200);
    let output = api.setup.ordctl().run(&["agent", "list"]);
    assert!(output.out.contains("ci") && !output.out.contains(&key), "{output:?}");
    let kept = "SELECT string_agg(digest, ' ') FROM ordctl.credential";
    assert!(
        !api.tables.db.value(kept).await.contains(key.rsplit('_').next().unwrap()),
        "only a digest is stored"
    );
}

#[tokio::test]
async fn agents_see_and_change_only_their_own_objects() {
    let mut api = Api::with(&["--role", "api,worker"]).await;
    let scopes = ["tasks:read", "tasks:write", "runs:read", "events:write"];
    let (ann, bob, root) =
        (api.agent("ann", &scopes), api.agent("bob", &scopes), api.agent("root", &["admin"]));
    api.bear(&ann);
    let hers = api.task(json!({"title": "hers"})).await;
    let name = "SELECT name FROM agent JOIN task ON created_by = agent.id";
    assert_eq!(api.tables.db.value(name).await, "ann");
    let path = format!("/tasks/{}", id(&hers));
    assert_eq!(api.post(&format!("{path}/run_now"), Value::Null).await.0, 200);
    api.tables.until("SELECT count(*) FROM task_run WHERE final", "1").await;
    let (_, runs) = api.get("/runs").await;
    let run = format!("/runs/{}", id(&runs["items"][0]));
    assert_eq!(api.get("/runs/stats/summary").await.1["total"], 1);

    api.bear(&bob);
    let missing = |what: &str| {
        let message = format!("no {what} has this id");
        (404, json!({"error": "not_found", "message": message, "details": {}}))
    };
    for (method, path, what) in [
        (Method::GET, path.clone(), "task"),
        (Method::PUT, path.clone(), "task"),
        (Method::DELETE, path.clone(), "task"),
        (Method::POST, format!("{path}/run_now"), "task"),
        (Method::POST, format!("{path}/pause"), "task"),
        (Method::POST, format!("{path}/resume"), "task"),
        (Method::POST, format!("{path}/cancel"), "task"),
        (Method::GET, format!("/runs/task/{}/latest", id(&hers)), "task"),
        (Method::GET, format!("/runs/task/{}/stats", id(&hers)), "task"),
        (Method::GET, run.clone(), "run"),
        (Method::POST, format!("{run}/cancel"), "run"),
    ] {
        let body = if method == Method::PUT { json!({"priority": 1}) } else { Value::Null };
        assert_eq!(error(api.ask(method.clone(), &path, body).await), missing(what), "{method} {path}");
    }
    let snoozed = api.post(&format!("{path}/snooze"), json!({"delay_seconds": 5})).await;
    assert_eq!(error(snoozed), missing("task"));
    for list in [
        "/tasks".to_owned(),
        "/runs".to_owned(),
        format!("/tasks?created_by={}", hers["created_by"].as_str().unwrap()),
    ] {
        let (status, page) = api.get(&list).await;
        assert_eq!((status, &page["total"], &page["items"]), (200, &json!(0), &json!([])), "{list}");
    }
    assert_eq!(api.get("/runs/stats/summary").await.1["total"], 0);
    let (status, answer) = api.post("/tasks", task(json!({"created_by": hers["created_by"]}))).await;
    assert_eq!((status, &answer["detail"][0]["loc"]), (422, &json!(["body", "created_by"])));
    let named = json!({"topic": "t", "source_agent_id": hers["created_by"]});
    assert_eq!(api.post("/events", named.clone()).await.0, 422);
    assert_eq!(api.get(&format!("{path}/")).await.0, 404, "with a slash at its end, too");

    api.bear(&root);
    assert_eq!(api.get(&path).await.0, 200);
    assert_eq!(api.get("/runs").await.1["total"], 1);
    let (status, made) = api.post("/tasks", task(json!({"created_by": hers["created_by"]}))).await;
    assert_eq!((status, &made["created_by"]), (201, &hers["created_by"]));
    assert_eq!(api.post("/events", named).await.0, 202);
    api.bear(&ann);
    let (_, recent) = api.get("/events/stream/recent").await;
    assert_eq!(recent["count"], 1, "what was published in her name");
    api.bear(&bob);
    assert_eq!(api.get("/events/stream/recent").await.1["count"], 0);
}

#[test]
fn off_loopback_the_server_requires_credentials() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let api = runtime.block_on(Api::start());
    let home = api.setup.ordctl();
    let output = home.run(&["serve", "--role", "api", "--listen", "0.0.0.0:0"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(
        output.err.contains("no agent has credentials") && output.err.contains("ordctl agent create"),
        "{output:?}"
    );
}

#[tokio::test]
async fn without_credentials_only_direct_local_requests_pass_until_the_first_key() {
    let mut api = Api::start().await;
    for (name, value) in [
        ("origin", "http://evil.example"),
        ("host", "evil.example"),
        ("host", "127.0.0.1.evil.example:8080"),
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("via", "1.1 proxy"),
    ] {
        let sent = api.request(Method::GET, "/tasks").header(name, value).send().await.unwrap();
        assert_eq!(sent.status(), 401, "{name}: {value}");
    }
    for host in ["localhost:8080", "127.0.0.1", "[::1]:8080"] {
        let sent = api.request(Method::GET, "/tasks").header("host", host).send().await.unwrap();
        assert_eq!(sent.status(), 200, "{host}");
    }
    // Revoking the only key does not open the API.
    let key = api.agent("ci", &["tasks:read"]);
    api.bear(&key);
    assert_eq!(api.post("/agents/auth/revoke", json!({"agent_id": own(&api).await})).await.0, 200);
    assert_eq!(api.get("/tasks").await.0, 401);
    api.bearer = None;
    assert_eq!(api.get("/tasks").await.0, 401);
}

async fn own(api: &Api) -> String {
    api.tables.db.value("SELECT id FROM agent WHERE name = 'ci'").await
}
