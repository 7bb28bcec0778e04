//! `/openapi.json` (OpenAPI 3.1) and `/docs`, generated from the routes and the types of their bodies.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::Api;
use super::route::{Access, Content, Route, schema_of};
use super::routes::routes;
use super::step_schema::step_schema;
use crate::engine::tasks::input::schema_settings;

/// Every error but 422.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "describes what the module `error` writes")]
struct Error {
    /// The kind of error, one word.
    error: String,
    message: String,
    details: Value,
    /// As in `X-Request-ID`.
    request_id: String,
    /// RFC 3339.
    timestamp: String,
}

/// 422: all problems of a request.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "describes what the module `error` writes")]
struct Invalid {
    detail: Vec<InvalidDetail>,
}

/// One problem of a request.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "describes what the module `error` writes")]
struct InvalidDetail {
    /// The kind of problem, one word.
    r#type: String,
    /// Path of the value: `["body", "title"]`.
    loc: Vec<Value>,
    msg: String,
    /// The value; null for secrets.
    input: Value,
}

/// `GET /openapi.json`
pub(crate) async fn document(State(api): State<Api>) -> impl IntoResponse {
    let write = || write(&routes(), step_schema(&api.tasks.executor)).to_string();
    ([(CONTENT_TYPE, "application/json")], api.document.get_or_init(write).clone())
}

/// `GET /docs`: self-contained.
pub(crate) async fn page() -> Html<&'static str> {
    Html(include_str!("docs.html"))
}

/// `step`: the schema of a task's step.
fn write(routes: &[Route], step: Value) -> Value {
    let mut generator = schema_settings().into_generator();
    let mut paths = Map::new();
    for route in routes {
        let operation = operation(route, &mut generator);
        let entry = paths.entry(route.path).or_insert_with(|| json!({}));
        entry[route.method] = operation;
    }
    let mut schemas = generator.take_definitions(true);
    schemas.insert("TaskStep".into(), step);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ordctl",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Tasks, runs, events and agents.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn operation(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let mut parameters = query_parameters(route, generator);
    if route.path.contains("{id}") {
        let schema = json!({ "type": "string", "format": "uuid" });
        parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": schema }));
    }
    if route.is_idempotent {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 255 });
        parameters
            .push(json!({ "name": "Idempotency-Key", "in": "header", "required": false, "schema": schema }));
    }
    let mut operation = json!({
        "operationId": format!("{}_{}", route.method, route.path.trim_matches('/').replace(['/', '{', '}', '.'], "_")),
        "summary": route.summary,
        "tags": [route.path.split('/').nth(1).unwrap_or_default()],
        "parameters": parameters,
        "responses": answers(route, generator),
    });
    if let Some(make) = route.body {
        let schema = make(generator);
        operation["requestBody"] = json!({ "required": !route.is_body_optional, "content": { "application/json": { "schema": schema } } });
    }
    operation["security"] = match route.access {
        Access::Public => json!([]),
        Access::Authenticated => json!([{ "bearer": [] }]),
        // OpenAPI 3.1 permits required roles for every scheme.
        Access::Requires(scope) => json!([{ "bearer": [scope.name()] }]),
    };
    operation
}

/// One parameter per property of the query's schema. A parameter that is present is never null.
fn query_parameters(route: &Route, generator: &mut SchemaGenerator) -> Vec<Value> {
    let Some(schema) = route.query.map(|make| make(generator).to_value()) else { return Vec::new() };
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let parameter = |(name, schema): (String, Value)| json!({ "name": name, "in": "query", "required": false, "schema": not_null(schema) });
    properties.into_iter().map(parameter).collect()
}

fn not_null(mut schema: Value) -> Value {
    if let Some(kinds) = schema["type"].as_array()
        && let Some(kind) = kinds.iter().find(|kind| *kind != "null")
    {
        schema["type"] = kind.clone();
    }
    let of_any = schema["anyOf"].as_array().and_then(|all| all.iter().find(|s| s["type"] != "null"));
    of_any.cloned().unwrap_or(schema)
}

fn answers(route: &Route, generator: &mut SchemaGenerator) -> Value {
    let (status, content) = route.success;
    let (media, schema) = match content {
        Content::Json(make) => ("application/json", json!(make(generator))),
        Content::Text(media) => (media, json!({ "type": "string" })),
    };
    let mut all = Map::new();
    let described = |description: &str, media: &str, schema: &Value| json!({ "description": description, "content": { media: { "schema": schema } } });
    all.insert(status.to_string(), described("Success", media, &schema));
    let mut statuses: Vec<u16> = vec![429, 500, 503];
    if route.access != Access::Public {
        statuses.extend([401, 403]);
    }
    if route.path.contains("{id}") {
        statuses.push(404);
    }
    if route.body.is_some() {
        statuses.extend([400, 408, 413]);
    }
    if route.path.contains("{id}") && route.method != "get" {
        statuses.push(400);
    }
    statuses.extend(route.extra_statuses);
    statuses.sort_unstable();
    statuses.dedup();
    let error = json!(schema_of::<Error>(generator));
    for status in statuses {
        // Readiness has one format, with 200 and with 503.
        let schema = if status == 503 && route.extra_statuses.contains(&503) { &schema } else { &error };
        let reason = axum::http::StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason());
        all.insert(status.to_string(), described(reason.unwrap_or("Error"), "application/json", schema));
    }
    if route.query.is_some() || route.body.is_some() || route.path.contains("{id}") {
        let schema = json!(schema_of::<Invalid>(generator));
        all.insert("422".into(), described("Unprocessable Content", "application/json", &schema));
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::events::{EventInput, alerts::AlertsInput};
    use crate::engine::tasks::input::schema_for;
    use crate::model::{AgentInput, AgentUpdate, SnoozeInput, TaskInput, TaskUpdate};

    #[test]
    fn bodies_are_validated_against_the_published_schemas() {
        let document = write(&routes(), json!({ "type": "object" }));
        let published = |name: &str| document["components"]["schemas"][name].clone();
        for (name, mut schema) in [
            ("TaskInput", schema_for::<TaskInput>()),
            ("TaskUpdate", schema_for::<TaskUpdate>()),
            ("SnoozeInput", schema_for::<SnoozeInput>()),
            ("AgentInput", schema_for::<AgentInput>()),
            ("AgentUpdate", schema_for::<AgentUpdate>()),
            ("EventInput", schema_for::<EventInput>()),
            ("AlertsInput", schema_for::<AlertsInput>()),
        ] {
            let definitions = schema["components"]["schemas"].take();
            let root = schema.as_object_mut().unwrap();
            root.retain(|key, _| !["$schema", "title", "components"].contains(&key.as_str()));
            let mut wanted = published(name);
            wanted.as_object_mut().unwrap().remove("title");
            assert_eq!(schema, wanted, "{name}");
            for (used, definition) in definitions.as_object().into_iter().flatten() {
                assert_eq!(definition, &published(used), "{used}");
            }
        }
    }
}
