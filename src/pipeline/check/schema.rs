//! The JSON Schema of a tool's parameters as a step writes them: a template fits every type. Editors and clients get
//! this schema; [`super::check`] compares the same keywords and suggests names.

use serde_json::{Map, Value, json};

use crate::tools::AnyTool;

const TEMPLATE: &str = r"\$\{";
/// The keywords that are taken over; `super::fit` compares no other ones.
const COMPARED: [&str; 8] =
    ["description", "default", "type", "enum", "const", "minimum", "maximum", "required"];

/// The schema of `with`, without references.
pub(crate) fn parameters(tool: &dyn AnyTool) -> Value {
    let schema = tool.schema().to_value();
    let properties = schema["properties"].as_object().into_iter().flatten();
    let properties: Map<_, _> = properties.map(|(key, one)| (key.clone(), templated(one, &schema))).collect();
    let mut with = json!({ "type": "object", "properties": properties, "additionalProperties": false });
    for key in ["description", "required"] {
        if let Some(value) = schema.get(key) {
            with[key] = value.clone();
        }
    }
    with
}

/// The schema of a value or of a template for it. `root` contains the definitions that `$ref` names.
fn templated(schema: &Value, root: &Value) -> Value {
    let empty = Map::new();
    let map = schema.as_object().unwrap_or(&empty);
    if let Some(target) = map.get("$ref").and_then(Value::as_str) {
        let target = target.strip_prefix('#').and_then(|path| root.pointer(path));
        let mut target = target.and_then(Value::as_object).cloned().unwrap_or_default();
        target.extend(map.iter().filter(|(key, _)| *key != "$ref").map(|(k, v)| (k.clone(), v.clone())));
        return templated(&Value::Object(target), root);
    }
    let mut out: Map<String, Value> = map.clone();
    out.retain(|key, _| COMPARED.contains(&key.as_str()));
    if let Some(choices) = map.get("anyOf").or_else(|| map.get("oneOf")).and_then(Value::as_array) {
        // Not `oneOf`: a template fits each choice.
        out.insert("anyOf".into(), choices.iter().map(|choice| templated(choice, root)).collect());
        return Value::Object(out);
    }
    if let Some(items) = map.get("items") {
        out.insert("items".into(), templated(items, root));
    }
    if let Some(properties) = map.get("properties").and_then(Value::as_object) {
        let all = properties.iter().map(|(key, one)| (key.clone(), templated(one, root))).collect();
        out.insert("properties".into(), Value::Object(all));
    }
    if let Some(rest) = map.get("additionalProperties") {
        let rest = if rest.is_boolean() { rest.clone() } else { templated(rest, root) };
        out.insert("additionalProperties".into(), rest);
    }
    let is_chosen = out.contains_key("enum") || out.contains_key("const");
    let is_typed = is_chosen || out.contains_key("type");
    if !is_typed || (takes_text(&out) && !is_chosen) {
        return Value::Object(out);
    }
    let description = out.shift_remove("description");
    let mut both = json!({ "anyOf": [out, { "type": "string", "pattern": TEMPLATE }] });
    if let Some(text) = description {
        both["description"] = text;
    }
    both
}

/// Whether a schema accepts strings, and so templates.
pub(crate) fn takes_text(schema: &Map<String, Value>) -> bool {
    match schema.get("type") {
        Some(Value::String(kind)) => kind == "string",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "string"),
        _ => false,
    }
}
