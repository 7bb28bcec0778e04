//! The HTTP API of a running server: success and errors of every route.

mod agents;
mod clocks;
mod events;
mod fuzz;
mod once;
mod open_mode;
mod runs;
mod scopes;
mod secrets;
mod shape;
mod stream;
mod tasks;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::engine::{Node, Setup, Tables, http};

const NOBODY: &str = "11111111-1111-1111-1111-111111111111";
const SYSTEM: &str = "00000000-0000-0000-0000-000000000001";

struct Api {
    tables: Tables,
    setup: Setup,
    http: Client,
    url: String,
    /// For `Authorization: Bearer …`.
    bearer: Option<String>,
    _node: Node,
}

impl Api {
    /// A server without scheduler and worker.
    async fn start() -> Self {
        Self::with(&["--role", "api"]).await
    }

    async fn with(args: &[&str]) -> Self {
        Self::set(args, |_| {}).await
    }

    /// A server with changed settings.
    async fn set(args: &[&str], set: impl FnOnce(&mut Setup)) -> Self {
        let tables = Tables::new().await;
        let mut setup = Setup::of(&tables.db);
        set(&mut setup);
        let node = setup.node(args);
        let url = node.http().await;
        Self { tables, setup, http: http(), url, bearer: None, _node: node }
    }

    /// Creates an agent; returns its API key.
    fn agent(&self, name: &str, scopes: &[&str]) -> String {
        let mut args = vec!["agent", "create", name, "--yes"];
        args.extend(scopes.iter().flat_map(|s| ["--scope", s]));
        let run = self.setup.ordctl().run(&args);
        assert_eq!(run.code, 0, "{run:?}");
        run.out.trim().to_owned()
    }

    /// Sends this token with later requests.
    fn bear(&mut self, bearer: &str) {
        self.bearer = Some(bearer.to_owned());
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.bearer {
            Some(bearer) => request.bearer_auth(bearer),
            None => request,
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let mut request = self.request(method, path);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        assert!(answer.headers().contains_key("x-request-id"), "{path}");
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask(Method::GET, path, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask(Method::POST, path, body).await
    }

    async fn task(&self, more: Value) -> Value {
        let (status, task) = self.post("/tasks", task(more)).await;
        assert_eq!(status, 201, "{task}");
        task
    }
}

/// A task's document.
fn task(more: Value) -> Value {
    let mut body = json!({
        "title": "t", "description": "d", "schedule_kind": "event", "schedule_expr": "topic",
        "payload": {"pipeline": [{"id": "a", "uses": "noop", "with": {}}]},
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

fn id(task: &Value) -> &str {
    task["id"].as_str().unwrap()
}

/// Status and body, without the request id and time.
fn error((status, mut body): (u16, Value)) -> (u16, Value) {
    let map = body.as_object_mut().unwrap();
    assert!(map.remove("request_id").is_some() && map.remove("timestamp").is_some(), "{map:?}");
    (status, body)
}
