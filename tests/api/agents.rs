//! `/agents`: agents, secrets, tokens and revocation.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, NOBODY, SYSTEM, error, id};

/// Creates an agent with a secret over HTTP; returns its id and secret.
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
async fn agents_are_created_read_updated_and_deleted() {
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
    let exists = json!({"error": "conflict", "message": "an agent with this name exists", "details": {}});
    assert_eq!(error(api.post("/agents", body).await), (409, exists));
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
        (json!({"name": "x", "scopes": [""]}), "string_too_short"),
        (json!({"name": "x", "scopes": ["a b"]}), "string_pattern_mismatch"),
        (json!({"name": "deleted:x", "scopes": []}), "string_pattern_mismatch"),
        (json!({"name": "x", "scopes": [], "webhook_url": "ftp://example.com"}), "string_pattern_mismatch"),
        (json!({"name": "x", "scopes": [], "webhook_url": "http://example.com:99999"}), "url_parsing"),
        (json!({"name": "x", "scopes": [], "webhook_url": "no"}), "url_parsing"),
        (json!({"name": "x", "scopes": [], "secret": "s"}), "extra_forbidden"),
    ] {
        let (status, answer) = api.post("/agents", body.clone()).await;
        assert_eq!((status, &answer["detail"][0]["type"]), (422, &json!(kind)), "{body}");
    }
    let (status, answer) = api.ask(Method::PUT, &path, Value::Null).await;
    assert_eq!((status, &answer["detail"][0]["type"]), (422, &json!("missing")), "an update needs a body");
    assert_eq!(api.ask(Method::DELETE, &path, Value::Null).await.0, 200);
    assert_eq!(api.get(&path).await.0, 404);
    assert_eq!(
        api.post("/agents", json!({"name": "ci", "scopes": []})).await.0,
        201,
        "the name can be used again"
    );
    let keeps =
        json!({"error": "bad_request", "message": "the system agent cannot be deleted", "details": {}});
    assert_eq!(error(api.ask(Method::DELETE, &format!("/agents/{SYSTEM}"), Value::Null).await), (400, keeps));
    assert_eq!(api.get(&format!("/agents/{NOBODY}")).await.0, 404);
    let audit = "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log WHERE actor_agent_id <> '00000000-0000-0000-0000-000000000001'";
    assert_eq!(api.tables.db.value(audit).await, "agent.created agent.updated agent.deleted agent.created");
}

#[tokio::test]
async fn an_agent_cannot_grant_or_take_scopes_that_it_lacks() {
    let mut api = Api::start().await;
    let manager = api.agent("manager", &["agents:admin", "tasks:read"]);
    let root = api.agent("root", &["admin"]);
    api.bear(&root);
    let (mighty, _) = with_secret(&api, "mighty", &["admin"]).await;
    api.bear(&manager);
    let only =
        json!({"error": "forbidden", "message": "you can grant only scopes that you have", "details": {}});
    for scopes in [json!(["admin"]), json!(["tasks:read", "tasks:write"])] {
        let (status, answer) = error(api.post("/agents", json!({"name": "x", "scopes": scopes})).await);
        assert_eq!((status, &answer), (403, &only));
    }
    let (weak, _) = with_secret(&api, "weak", &["tasks:read"]).await;
    let raised = api.ask(Method::PUT, &format!("/agents/{weak}"), json!({"scopes": ["admin"]})).await;
    assert_eq!(error(raised), (403, only));
    let above =
        json!({"error": "forbidden", "message": "the agent has scopes that you do not have", "details": {}});
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
async fn a_refresh_token_is_valid_once() {
    let mut api = Api::start().await;
    let root = api.agent("root", &["admin"]);
    api.bear(&root);
    let (agent, secret) = with_secret(&api, "app", &["tasks:read", "tasks:write"]).await;
    api.bearer = None;
    let no = json!({"error": "unauthorized", "message": "unknown agent or wrong secret", "details": {}});
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
    let used = json!({"error": "unauthorized", "message": "the refresh token is unknown, expired or revoked", "details": {}});
    assert_eq!(error(api.post("/agents/auth/refresh", refresh).await), (401, used.clone()), "a second time");
    assert_eq!(api.get("/tasks").await.0, 401, "a reused refresh token revokes the session");
    let newest = json!({"refresh_token": second["refresh_token"]});
    assert_eq!(error(api.post("/agents/auth/refresh", newest).await), (401, used));
    let reused = "SELECT count(*) FROM audit_log WHERE action = 'agent.refresh_token_reused'";
    assert_eq!(api.tables.db.value(reused).await, "1");
}

#[tokio::test]
async fn revocation_takes_effect_at_once_on_every_node() {
    let mut api = Api::start().await;
    let root = api.agent("root", &["admin"]);
    let (one, two) = (api.setup.node(&["--role", "api"]), api.setup.node(&["--role", "api"]));
    let (one, two) = (one.http().await + "", (two.http().await, two, one));
    api.url = one;
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
    // The session of the token itself.
    assert_eq!(api.post("/agents/auth/revoke", json!({})).await.1["details"]["ended"], true);
    on_both(&mut api, &access, 401).await;
    let refresh = json!({"refresh_token": tokens["refresh_token"]});
    assert_eq!(api.post("/agents/auth/refresh", refresh).await.0, 401);
    // All credentials of another agent, by an admin.
    let access = text(&others["access_token"]).to_owned();
    on_both(&mut api, &access, 200).await;
    api.bear(&root);
    assert_eq!(api.post("/agents/auth/revoke", json!({"agent_id": other.0})).await.0, 200);
    on_both(&mut api, &access, 401).await;
    assert_eq!(token(&api, &other.0, &other.1).await.0, 401);
    // An API key, at the terminal: rotated, then revoked.
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
}

#[tokio::test]
async fn access_tokens_are_opaque_and_stored_as_digests() {
    let mut api = Api::start().await;
    let root = api.agent("root", &["admin"]);
    api.bear(&root);
    let (agent, secret) = with_secret(&api, "app", &["tasks:read"]).await;
    let (_, tokens) = token(&api, &agent, &secret).await;
    let stored = api.tables.db.value("SELECT string_agg(s::text, ' ') FROM ordctl.session s").await;
    for name in ["access_token", "refresh_token"] {
        assert!(!stored.contains(text(&tokens[name]).rsplit_once('_').unwrap().1), "{name} is stored");
    }
    let (access, refresh) = (text(&tokens["access_token"]), text(&tokens["refresh_token"]));
    let forged = format!("{}_forged", &access[..access.rfind('_').unwrap()]);
    for bad in [forged.as_str(), refresh, &access.replacen("oa_", "or_", 1)] {
        api.bear(bad);
        assert_eq!(api.get("/tasks").await.0, 401, "{bad}");
    }
    api.tables.db.execute("UPDATE ordctl.session SET access_expires_at = now()").await.unwrap();
    api.bear(access);
    assert_eq!(api.get("/tasks").await.0, 401, "expired");
    let again = api.post("/agents/auth/refresh", json!({"refresh_token": refresh})).await;
    assert_eq!(again.0, 200, "an expired access token does not end the session");
}

#[tokio::test]
async fn a_json_web_token_is_refused_with_the_way_to_log_in() {
    let mut api = Api::start().await;
    api.agent("root", &["admin"]);
    api.bear("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJvcmRjdGwifQ.c2lnbmF0dXJl");
    let message = "JSON Web Tokens are no longer accepted; log in again with POST /agents/auth/token";
    let refused = json!({"error": "unauthorized", "message": message, "details": {}});
    assert_eq!(error(api.get("/tasks").await), (401, refused));
}

#[test]
fn the_removed_signing_key_setting_is_a_warning() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut api = runtime.block_on(Api::start());
    api.setup.more = "api: { signing_key_file: /run/secrets/key }\n".into();
    let run = api.setup.ordctl().run(&["agent", "list"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.err.contains("warning: api.signing_key_file has no effect"), "{run:?}");
}

#[tokio::test]
async fn changed_scopes_apply_to_issued_tokens() {
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
async fn a_new_secret_revokes_sessions_of_the_old_one() {
    let mut api = Api::start().await;
    let root = api.agent("root", &["admin"]);
    api.bear(&root);
    let (agent, secret) = with_secret(&api, "app", &["tasks:read"]).await;
    let (_, tokens) = token(&api, &agent, &secret).await;
    // The session's id alone is no credential.
    let refresh = text(&tokens["refresh_token"]);
    let guess = format!(
        "{}_guess",
        refresh.rsplit_once('_').map_or("", |(id, _)| id).split('_').take(2).collect::<Vec<_>>().join("_")
    );
    assert_eq!(api.post("/agents/auth/refresh", json!({"refresh_token": guess})).await.0, 401);
    let (status, tokens) = api.post("/agents/auth/refresh", json!({"refresh_token": refresh})).await;
    assert_eq!(status, 200, "a wrong token does not revoke the session");
    assert_eq!(api.post(&format!("/agents/{agent}/credentials"), Value::Null).await.0, 201);
    assert_eq!(token(&api, &agent, &secret).await.0, 401);
    api.bear(text(&tokens["access_token"]));
    assert_eq!(api.get("/tasks").await.0, 401);
    let again = json!({"refresh_token": tokens["refresh_token"]});
    assert_eq!(api.post("/agents/auth/refresh", again).await.0, 401);
}

#[tokio::test]
async fn unauthenticated_bodies_are_small_and_secrets_are_not_echoed() {
    let api = Api::start().await;
    let long = json!({"agent_id": NOBODY, "agent_secret": "s", "more": "x".repeat(5000)});
    let wanted =
        json!({"error": "too_large", "message": "the body is larger than 4096 bytes", "details": {}});
    assert_eq!(error(api.post("/agents/auth/token", long).await), (413, wanted));
    let (status, answer) = api.post("/agents/auth/token", json!({"agent_secret": "hidden", "x": 1})).await;
    assert_eq!((status, answer["detail"].as_array().map(Vec::len)), (422, Some(2)));
    assert!(!answer.to_string().contains("hidden"), "{answer}");
}

#[tokio::test]
async fn concurrent_new_secrets_leave_one_valid() {
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
