//! The published JSON Schema of a task's step: one branch per tool, with its parameters. The pipeline's checker
//! validates steps instead of this schema, because it also reads templates and suggests names.

use serde_json::{Map, Value, json};

use crate::engine::tasks::input::schema_for;
use crate::model::{NO_NUL, Step};
use crate::pipeline::Executor;
use crate::pipeline::check::schema;

const STORABLE: &str = "#/components/schemas/Storable";

/// The schema of a step with each tool that the engine knows.
pub(crate) fn step_schema(executor: &Executor) -> Value {
    let mut step = schema_for::<Step>();
    if let Some(properties) = step["properties"].as_object_mut() {
        // Only runbooks have optional steps.
        properties.retain(|key, _| key != "optional" && key != "with");
        properties.insert("with".into(), json!({ "type": ["object", "null"] }));
    }
    let tools = executor.registry.all().map(|tool| {
        let mut with = schema::parameters(tool.as_ref());
        let mut required = vec!["uses"];
        match with["required"].as_array().is_some_and(|keys| !keys.is_empty()) {
            true => required.push("with"),
            false => with["type"] = json!(["object", "null"]),
        }
        json!({
            "title": tool.name(),
            "description": tool.help(),
            "properties": { "uses": { "const": tool.name() }, "with": with },
            "required": required,
        })
    });
    let mut schema = json!({
        "description": "A step: a tool with its parameters.",
        "type": "object",
        "properties": step["properties"],
        "required": ["uses"],
        "additionalProperties": false,
        "anyOf": tools.collect::<Vec<Value>>(),
    });
    make_storable(&mut schema);
    schema
}

/// Forbids NUL characters, which PostgreSQL cannot store, in every string below.
fn make_storable(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else { return };
    let typed = ["type", "enum", "const", "anyOf", "properties"];
    if !typed.iter().any(|key| map.contains_key(*key)) {
        map.insert("$ref".into(), STORABLE.into());
        return;
    }
    let is_plain = ["enum", "const", "pattern"].iter().all(|key| !map.contains_key(*key));
    if is_plain && schema::takes_text(map) {
        map.insert("pattern".into(), NO_NUL.into());
    }
    if map.get("additionalProperties").is_some_and(Value::is_object) {
        map.insert("propertyNames".into(), json!({ "pattern": NO_NUL }));
    }
    for key in ["items", "additionalProperties"] {
        map.get_mut(key).into_iter().for_each(make_storable);
    }
    let properties = map.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flat_map(Map::values_mut).for_each(make_storable);
    let choices = map.get_mut("anyOf").and_then(Value::as_array_mut);
    choices.into_iter().flatten().for_each(make_storable);
}
