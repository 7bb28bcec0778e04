//! `/openapi.json` (OpenAPI 3.1) and `/docs`, made from the routes and the types of their bodies.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::route::{Content, Right, Route, of};
use super::routes::routes;

/// Any answer that says no, but for 422.
#[derive(JsonSchema)]
#[schemars(rename = "Error")]
#[allow(dead_code, reason = "it only describes what `error` writes")]
struct Refusal {
    /// A word for the kind of error.
    error: String,
    message: String,
    /// What is known besides.
    details: Value,
    /// As in `X-Request-ID`.
    request_id: String,
    /// RFC 3339.
    timestamp: String,
}

/// 422: everything that is wrong with a request, at once.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "it only describes what `error` writes")]
struct Invalid {
    detail: Vec<InvalidDetail>,
}

/// One thing that is wrong.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "it only describes what `error` writes")]
struct InvalidDetail {
    /// The kind of fault.
    r#type: String,
    /// Where: `["body", "title"]`.
    loc: Vec<Value>,
    msg: String,
    /// What stood there.
    input: Value,
}

/// Written once: it is long, and the same for everybody.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| write(&routes()).to_string());

/// `GET /openapi.json`
pub(crate) async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

/// `GET /docs`: needs no other host.
pub(crate) async fn page() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}

fn write(routes: &[Route]) -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for route in routes {
        let operation = operation(route, &mut generator);
        let entry = paths.entry(route.path).or_insert_with(|| json!({}));
        entry[route.method] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ordctl",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Tasks, their runs, events and agents.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = route
        .query
        .iter()
        .map(|p| json!({ "name": p.name, "in": "query", "required": false, "schema": (p.schema)() }))
        .collect();
    if route.path.contains("{id}") {
        let schema = json!({ "type": "string", "format": "uuid" });
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": schema }));
    }
    if route.once {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
        parameters
            .push(json!({ "name": "Idempotency-Key", "in": "header", "required": false, "schema": schema }));
    }
    let mut operation = json!({
        "operationId": format!("{}_{}", route.method, route.path.trim_matches('/').replace(['/', '{', '}', '.'], "_")),
        "summary": route.says,
        "tags": [route.path.split('/').nth(1).unwrap_or_default()],
        "parameters": parameters,
        "responses": answers(route, generator),
    });
    if let Some(make) = route.body {
        let schema = make(generator);
        operation["requestBody"] = json!({ "required": !route.body_optional, "content": { "application/json": { "schema": schema } } });
    }
    operation["security"] = match route.right {
        Right::Public => json!([]),
        Right::Known => json!([{ "bearer": [] }]),
        // Since 3.1 the roles that are needed may be named for every scheme.
        Right::Needs(scope) => json!([{ "bearer": [scope.name()] }]),
    };
    operation
}

fn answers(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let (status, content) = route.good;
    let (media, schema) = match content {
        Content::Json(make) => ("application/json", json!(make(generator))),
        Content::Text(media) => (media, json!({ "type": "string" })),
    };
    let mut all = Map::new();
    let good = json!({ "description": "It went well", "content": { media: { "schema": schema.clone() } } });
    all.insert(status.to_string(), good);
    let mut no: Vec<u16> = vec![429, 500, 503];
    if route.right != Right::Public {
        no.extend([401, 403]);
    }
    if route.path.contains("{id}") {
        no.push(404);
    }
    if route.body.is_some() {
        no.extend([400, 408, 413]);
    }
    if route.path.contains("{id}") && route.method != "get" {
        no.push(400);
    }
    no.extend(route.also);
    no.sort_unstable();
    no.dedup();
    let refusal = json!(of::<Refusal>(generator));
    for status in no {
        // How the engine is, is said in one shape whether it is well or not.
        let schema = if status == 503 && route.also.contains(&503) { &schema } else { &refusal };
        let words = axum::http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason());
        all.insert(
            status.to_string(),
            json!({ "description": words.unwrap_or("No"), "content": { "application/json": { "schema": schema } } }),
        );
    }
    if !route.query.is_empty() || route.body.is_some() || route.path.contains("{id}") {
        let schema = json!(of::<Invalid>(generator));
        all.insert("422".into(), json!({ "description": "The request cannot be used", "content": { "application/json": { "schema": schema } } }));
    }
    Value::Object(all)
}
