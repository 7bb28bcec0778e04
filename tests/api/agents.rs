//! `/agents`: making them, their secrets, and tokens that can really be taken back.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, NOBODY, SYSTEM, error, id};

/// An agent with a secret, made over HTTP; its id and its secret.
async fn with_secret(api: &Api, name: &str, scopes: &[&str]) -> (String, String) {
    let (status, agent) = api.post("/agents", json!({"name": name, "scopes": scopes})).await;
    assert_eq!(status, 201, "{agent}");
    let (status, secret) = api.post(&format!("/agents/{}/credentials", id(&agent)), Value::Null).await;
    assert_eq!((status, &secret["agent_id"]), (201, &agent["id"]));
    (id(&agent).to_owned(), secret["agent_secret"].as_str().unwrap().to_owned())
}

async fn token(api: &Api, agent: &str, secret: &str) -> (u16, Value) {
    api.post("/agents/auth/token", json!({"agent_id": agent, "agent_secret": secret})).await
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn an_agent_is_made_read_changed_and_deleted() {
    let mut api = Api::start().await;
    let key = api.agent("root", &["admin"]);
    api.bear(&key);
    let body = json!({"name": "ci", "scopes": ["tasks:read"], "webhook_url": "https://example.com/hook"});
    let (status, agent) = api.post("/agents", body.clone()).await;
    assert_eq!((status, &agent["name"], &agent["webhook_url"]), (201, &body["name"], &body["webhook_url"]));
    let path = format!("/agents/{}", id(&agent));
    assert_eq!(api.get(&path).await, (200, agent.clone()));
    let names: Vec<Value> =
        api.get("/agents").await.1.as_array().unwrap().iter().map(|a| a["name"].clone()).collect();
    assert_eq!(names, ["system", "root", "ci"]);
    let wrong = json!({"error": "bad_request", "message": "there is an agent of this name", "details": {}});
    assert_eq!(error(api.post("/agents", body).await), (400, wrong));
    let (_, changed) = api.ask(Method::PUT, &path, json!({"webhook_url": null, "scopes": []})).await;
    assert_eq!(
        (&changed["webhook_url"], &changed["scopes"], &changed["name"]),
        (&Value::Null, &json!([]), &json!("ci"))
    );
    for (body, kind) in [
        (json!({"scopes": []}), "missing"),
        (json!({"name": "", "scopes": []}), "string_too_short"),
        (json!({"name": "x".repeat(101), "scopes": []}), "string_too_long"),
        (json!({"name": "x", "scopes": "admin"}), "list_type"),
        (json!({"name": "x", "scopes": [""]}), "value_error"),
        (json!({"name": "x", "scopes": [], "webhook_url": "no"}), "url_parsing"),
        (json!({"name": "x", "scopes": [], "secret": "s"}), "extra_forbidden"),
    ] {
        let (status, answer) = api.post("/agents", body.clone()).await;
        assert_eq!((status, &answer["detail"][0]["type"]), (422, &json!(kind)), "{body}");
    }
    assert_eq!(api.ask(Method::DELETE, &path, Value::Null).await.0, 200);
    assert_eq!(api.get(&path).await.0, 404);
    assert_eq!(api.post("/agents", json!({"name": "ci", "scopes": []})).await.0, 201, "its name is free");
    let keeps =
        json!({"error": "bad_request", "message": "the system agent cannot be deleted", "details": {}});
    assert_eq!(error(api.ask(Method::DELETE, &format!("/agents/{SYSTEM}"), Value::Null).await), (400, keeps));
    assert_eq!(api.get(&format!("/agents/{NOBODY}")).await.0, 404);
    let audit = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log WHERE actor_agent_id <> '00000000-0000-0000-0000-000000000001'";
    assert_eq!(api.tables.db.value(audit).await, "agent.created agent.updated agent.deleted agent.created");
}

#[tokio::test]
async fn nobody_gives_or_takes_rights_that_he_does_not_have() {
    let mut api = Api::start().await;
    let manager = api.agent("manager", &["agents:admin", "tasks:read"]);
    let root = api.agent("root", &["admin"]);
    api.bear(&root);
    let (mighty, _) = with_secret(&api, "mighty", &["admin"]).await;
    api.bear(&manager);
    let only =
        json!({"error": "forbidden", "message": "you can give only rights that you have", "details": {}});
    for scopes in [json!(["admin"]), json!(["tasks:read", "tasks:write"])] {
        let (status, answer) = error(api.post("/agents", json!({"name": "x", "scopes": scopes})).await);
        assert_eq!((status, &answer), (403, &only));
    }
    let (weak, _) = with_secret(&api, "weak", &["tasks:read"]).await;
    let raised = api.ask(Method::PUT, &format!("/agents/{weak}"), json!({"scopes": ["admin"]})).await;
    assert_eq!(error(raised), (403, only));
    let above =
        json!({"error": "forbidden", "message": "the agent has rights that you do not have", "details": {}});
    for id in [mighty.as_str(), SYSTEM] {
        for (method, path, body) in [
            (Method::PUT, format!("/agents/{id}"), json!({"webhook_url": "http://example.com"})),
            (Method::POST, format!("/agents/{id}/credentials"), Value::Null),
            (Method::POST, "/agents/auth/revoke".to_owned(), json!({"agent_id": id})),
        ] {
            assert_eq!(error(api.ask(method, &path, body).await), (403, above.clone()), "{path}");
        }
    }
    assert_eq!(error(api.ask(Method::DELETE, &format!("/agents/{mighty}"), Value::Null).await), (403, above));
}

#[tokio::test]
async fn a_secret_buys_tokens_and_a_refresh_token_is_good_once() {
    let mut api = Api::start().await;
    let root = api.agent("root", &["admin"]);
    api.bear(&root);
    let (agent, secret) = with_secret(&api, "app", &["tasks:read", "tasks:write"]).await;
    api.bearer = None;
    let no =
        json!({"error": "unauthorized", "message": "the agent or its secret is not right", "details": {}});
    for (agent, secret) in [(agent.as_str(), "wrong"), (NOBODY, secret.as_str()), (SYSTEM, secret.as_str())] {
        assert_eq!(error(token(&api, agent, secret).await), (401, no.clone()));
    }
    let (status, tokens) = token(&api, &agent, &secret).await;
    assert_eq!(
        (status, &tokens["token_type"], &tokens["expires_in"], &tokens["scope"]),
        (200, &json!("bearer"), &json!(900), &json!("tasks:read tasks:write"))
    );
    api.bear(text(&tokens["access_token"]));
    assert_eq!(api.get("/tasks").await.0, 200);
    assert_eq!(api.get("/agents").await.0, 403);
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    let (status, second) = api.post("/agents/auth/refresh", refresh.clone()).await;
    assert_eq!(status, 200, "{second}");
    api.bear(text(&second["access_token"]));
    assert_eq!(api.get("/tasks").await.0, 200);
    let used = json!({"error": "unauthorized", "message": "this refresh token is not good, or no longer", "details": {}});
    assert_eq!(error(api.post("/agents/auth/refresh", refresh).await), (401, used.clone()), "a second time");
    assert_eq!(api.get("/tasks").await.0, 401, "somebody has a copy: the session is ended");
    let newest = json!({"refresh_token": second["refresh_token"]});
    assert_eq!(error(api.post("/agents/auth/refresh", newest).await), (401, used));
    let reused = "SELECT count(*) FROM audit_log WHERE action = 'agent.refresh_token_reused'";
    assert_eq!(api.tables.db.value(reused).await, "1");
}

#[tokio::test]
async fn what_is_revoked_is_revoked_at_once_on_every_node() {
    let mut api = Api::start().await;
    let root = api.agent("root", &["admin"]);
    // The other node has the same key, as it must.
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    std::fs::write(&key, "x".repeat(40)).unwrap();
    api.setup.more = format!("api: {{ signing_key_file: {:?} }}\n", key.display().to_string());
    let (one, two) = (api.setup.node(&["--role", "api"]), api.setup.node(&["--role", "api"]));
    let (one, two) = (one.http().await + "", (two.http().await, two, one));
    let foreign = std::mem::replace(&mut api.url, one);
    api.bear(&root);
    let (agent, secret) = with_secret(&api, "app", &["tasks:read"]).await;
    let (_, tokens) = token(&api, &agent, &secret).await;
    let other = with_secret(&api, "other", &["tasks:read"]).await;
    let (_, others) = token(&api, &other.0, &other.1).await;
    let nodes = [api.url.clone(), two.0.clone()];
    let on_both = async |api: &mut Api, bearer: &str, status: u16| {
        api.bear(bearer);
        for url in &nodes {
            api.url.clone_from(url);
            assert_eq!(api.get("/tasks").await.0, status, "{url}");
        }
    };
    let access = text(&tokens["access_token"]).to_owned();
    on_both(&mut api, &access, 200).await;
    // One's own session, by the token itself.
    assert_eq!(api.post("/agents/auth/revoke", json!({})).await.1["details"]["ended"], true);
    on_both(&mut api, &access, 401).await;
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    assert_eq!(api.post("/agents/auth/refresh", refresh).await.0, 401);
    // Everything of another, by an admin; his secret, too.
    let access = text(&others["access_token"]).to_owned();
    on_both(&mut api, &access, 200).await;
    api.bear(&root);
    assert_eq!(api.post("/agents/auth/revoke", json!({"agent_id": other.0})).await.0, 200);
    on_both(&mut api, &access, 401).await;
    assert_eq!(token(&api, &other.0, &other.1).await.0, 401);
    // An API key, at the terminal: a new one, then none.
    let ci = api.agent("ci", &["tasks:read"]);
    on_both(&mut api, &ci, 200).await;
    let rotated = api.setup.ordctl().run(&["agent", "rotate", "ci", "--yes"]).out;
    on_both(&mut api, &ci, 401).await;
    on_both(&mut api, rotated.trim(), 200).await;
    let kept = api.setup.ordctl().run(&["agent", "rotate", "ci", "--grace", "1h", "--yes"]).out;
    on_both(&mut api, rotated.trim(), 200).await;
    on_both(&mut api, kept.trim(), 200).await;
    assert_eq!(
        api.setup.ordctl().run(&["agent", "revoke", "ci"]).code,
        4,
        "without a terminal it asks for --yes"
    );
    assert_eq!(api.setup.ordctl().run(&["agent", "revoke", "ci", "--yes"]).code, 0);
    on_both(&mut api, kept.trim(), 401).await;
    // A node with another key believes no token of these.
    let (_, tokens) = {
        api.bear(&root);
        let (a, s) = with_secret(&api, "last", &["tasks:read"]).await;
        token(&api, &a, &s).await
    };
    api.url = foreign;
    api.bear(text(&tokens["access_token"]));
    assert_eq!(api.get("/tasks").await.0, 401);
}

#[tokio::test]
async fn scopes_that_change_count_at_once_for_tokens_that_are_out() {
    let mut api = Api::start().await;
    let root = api.agent("root", &["admin"]);
    api.bear(&root);
    let (agent, secret) = with_secret(&api, "app", &["tasks:read"]).await;
    let (_, tokens) = token(&api, &agent, &secret).await;
    api.ask(Method::PUT, &format!("/agents/{agent}"), json!({"scopes": ["runs:read"]})).await;
    api.bear(text(&tokens["access_token"]));
    assert_eq!((api.get("/tasks").await.0, api.get("/runs").await.0), (403, 200));
}

#[tokio::test]
async fn a_new_secret_ends_what_the_old_one_bought_and_a_guess_ends_nothing() {
    let mut api = Api::start().await;
    let root = api.agent("root", &["admin"]);
    api.bear(&root);
    let (agent, secret) = with_secret(&api, "app", &["tasks:read"]).await;
    let (_, tokens) = token(&api, &agent, &secret).await;
    // Whoever knows the session's id only.
    let refresh = text(&tokens["refresh_token"]);
    let guess = format!(
        "{}_guess",
        refresh.rsplit_once('_').map_or("", |(id, _)| id).split('_').take(2).collect::<Vec<_>>().join("_")
    );
    assert_eq!(api.post("/agents/auth/refresh", json!({"refresh_token": guess})).await.0, 401);
    let (status, tokens) = api.post("/agents/auth/refresh", json!({"refresh_token": refresh})).await;
    assert_eq!(status, 200, "a guess ends nobody's session");
    assert_eq!(api.post(&format!("/agents/{agent}/credentials"), Value::Null).await.0, 201);
    assert_eq!(token(&api, &agent, &secret).await.0, 401);
    api.bear(text(&tokens["access_token"]));
    assert_eq!(api.get("/tasks").await.0, 401);
    let again = json!({"refresh_token": tokens["refresh_token"]});
    assert_eq!(api.post("/agents/auth/refresh", again).await.0, 401);
}

#[tokio::test]
async fn who_has_not_proven_who_he_is_says_little_and_hears_no_secret_back() {
    let api = Api::start().await;
    let long = json!({"agent_id": NOBODY, "agent_secret": "s", "more": "x".repeat(5000)});
    let wanted = json!({"error": "too_large", "message": "a body has at most 4096 bytes", "details": {}});
    assert_eq!(error(api.post("/agents/auth/token", long).await), (413, wanted));
    let (status, answer) = api.post("/agents/auth/token", json!({"agent_secret": "hidden", "x": 1})).await;
    assert_eq!((status, answer["detail"].as_array().map(Vec::len)), (422, Some(2)));
    assert!(!answer.to_string().contains("hidden"), "{answer}");
}

#[tokio::test]
async fn of_secrets_that_are_made_at_once_one_is_good() {
    let mut api = Api::start().await;
    let root = api.agent("root", &["admin"]);
    api.bear(&root);
    let (agent, _) = with_secret(&api, "app", &["tasks:read"]).await;
    let path = format!("/agents/{agent}/credentials");
    let made = futures_util::future::join_all((0..6).map(|_| api.post(&path, Value::Null))).await;
    assert!(made.iter().all(|(status, _)| *status == 201), "{made:?}");
    let live = "SELECT count(*) FROM ordctl.credential WHERE kind = 'secret' AND revoked_at IS NULL";
    assert_eq!(api.tables.db.value(live).await, "1");
}
