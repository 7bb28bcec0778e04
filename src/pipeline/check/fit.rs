//! Checks values against a tool's JSON Schema before templates are expanded. A string with a template fits every type,
//! which a JSON Schema validator cannot express.

use serde_json::{Map, Value};

use super::{LocPart, is_open};
use crate::base::suggest;

/// A value that does not match its schema.
pub(crate) struct Mismatch {
    pub(crate) loc: Vec<LocPart>,
    pub(crate) message: String,
}

fn here(message: impl Into<String>) -> Option<Mismatch> {
    Some(Mismatch { loc: Vec::new(), message: message.into() })
}

/// The first mismatch. `root` contains the definitions that `$ref` names.
pub(crate) fn mismatch(schema: &Value, root: &Value, value: &Value) -> Option<Mismatch> {
    let schema = schema.as_object()?;
    if value.is_string() && is_open(value) {
        return None;
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = target.strip_prefix('#').and_then(|path| root.pointer(path));
        return mismatch(target?, root, value);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(choices)) = schema.get(key) {
            return choice(choices, root, value);
        }
    }
    if let Some(words) = words(schema).filter(|words| !words.contains(&value)) {
        return here(unknown(value, &words));
    }
    kind(schema, value).or_else(|| range(schema, value)).or_else(|| match value {
        Value::Array(items) => {
            let schema = schema.get("items")?;
            let inner = |(i, v)| mismatch(schema, root, v).map(|m| inside(i, m));
            items.iter().enumerate().map(|(i, v)| (LocPart::from(i), v)).find_map(inner)
        }
        Value::Object(map) => object(schema, root, map),
        _ => None,
    })
}

fn inside(part: LocPart, mut mismatch: Mismatch) -> Mismatch {
    mismatch.loc.insert(0, part);
    mismatch
}

fn choice(choices: &[Value], root: &Value, value: &Value) -> Option<Mismatch> {
    let mut mismatches = Vec::new();
    for choice in choices {
        mismatches.push(mismatch(choice, root, value)?);
    }
    let all: Option<Vec<&Value>> = choices.iter().map(|c| c.get("const")).collect();
    match all {
        Some(words) => here(unknown(value, &words)),
        // For an optional value, report the branch that is not null.
        None => {
            let is_null = |c: &Value| c.get("type") == Some(&Value::String("null".into()));
            let best = choices.iter().position(|c| !is_null(c))?;
            (best < mismatches.len()).then(|| mismatches.swap_remove(best))
        }
    }
}

fn words(schema: &Map<String, Value>) -> Option<Vec<&Value>> {
    match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(all)), _) => Some(all.iter().collect()),
        (_, Some(one)) => Some(vec![one]),
        _ => None,
    }
}

fn unknown(value: &Value, words: &[&Value]) -> String {
    let known: Vec<&str> = words.iter().filter_map(|w| w.as_str()).collect();
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("unknown value '{text}'; {}", suggest::hint(&text, &known))
}

fn kind(schema: &Map<String, Value>, value: &Value) -> Option<Mismatch> {
    let kinds: Vec<&str> = match schema.get("type")? {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let (is, name) = match value {
        Value::Null => ("null", "null"),
        Value::Bool(_) => ("boolean", "a boolean"),
        Value::Number(n) if n.is_f64() => ("number", "a number with a fraction"),
        Value::Number(_) => ("integer", "an integer"),
        Value::String(_) => ("string", "a string"),
        Value::Array(_) => ("array", "a list"),
        Value::Object(_) => ("object", "a mapping"),
    };
    let fits = kinds.contains(&is) || (is == "integer" && kinds.contains(&"number"));
    let wanted: Vec<&str> = kinds
        .iter()
        .filter(|k| **k != "null")
        .map(|k| match *k {
            "boolean" => "true or false",
            "number" => "a number",
            "integer" => "an integer",
            "string" => "a string",
            "array" => "a list",
            _ => "a mapping",
        })
        .collect();
    if fits { None } else { here(format!("must be {}, not {name}", wanted.join(" or "))) }
}

fn range(schema: &Map<String, Value>, value: &Value) -> Option<Mismatch> {
    let n = value.as_f64()?;
    let bound = |key| schema.get(key).and_then(Value::as_f64);
    match (bound("minimum"), bound("maximum")) {
        (Some(min), _) if n < min => here(format!("{value} is below the minimum {min}")),
        (_, Some(max)) if n > max => here(format!("{value} is above the maximum {max}")),
        _ => None,
    }
}

fn object(schema: &Map<String, Value>, root: &Value, map: &Map<String, Value>) -> Option<Mismatch> {
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let rest = schema.get("additionalProperties");
    for (key, value) in map {
        let found = match (properties.get(key), rest) {
            (Some(property), _) => mismatch(property, root, value),
            (None, Some(Value::Bool(false))) => {
                let known: Vec<&str> = properties.keys().map(String::as_str).collect();
                here(format!("unknown key '{key}'; {}", suggest::hint(key, &known)))
            }
            (None, Some(rest)) => mismatch(rest, root, value),
            (None, None) => None,
        };
        if let Some(found) = found {
            return Some(inside(key.as_str().into(), found));
        }
    }
    let required = schema.get("required").and_then(Value::as_array)?.iter().filter_map(Value::as_str);
    let missing = required.into_iter().find(|key| !map.contains_key(*key))?;
    here(format!("'{missing}' is missing"))
}

/// The parameters as a tool can read them: a template stays where the tool accepts any string, and becomes null where it
/// accepts any value. None where no placeholder fits.
pub(crate) fn probe(with: &Map<String, Value>, properties: &Map<String, Value>) -> Option<Value> {
    let one = |(key, value): (&String, &Value)| {
        let property = properties.get(key)?;
        let anything = property == &Value::Bool(true)
            || property.as_object().is_some_and(|o| o.keys().all(|k| k == "description" || k == "default"));
        let value = match (is_open(value), anything) {
            (false, _) => value.clone(),
            (true, true) => Value::Null,
            (true, false) => takes_text(property, value).then(|| value.clone())?,
        };
        Some((key.clone(), value))
    };
    with.iter().map(one).collect::<Option<Map<_, _>>>().map(Value::Object)
}

/// Whether the schema accepts the value's templates as plain strings.
fn takes_text(schema: &Value, value: &Value) -> bool {
    let plain = ["$ref", "format", "enum", "const", "pattern", "anyOf", "oneOf", "properties"];
    if plain.iter().any(|key| schema.get(key).is_some()) {
        return false;
    }
    match value {
        _ if !is_open(value) => true,
        Value::String(_) => match schema.get("type") {
            Some(Value::String(kind)) => kind == "string",
            Some(Value::Array(kinds)) => kinds.contains(&Value::String("string".into())),
            _ => schema == &Value::Bool(true),
        },
        Value::Array(items) => items.iter().all(|v| schema.get("items").is_some_and(|s| takes_text(s, v))),
        Value::Object(map) => {
            let rest = schema.get("additionalProperties");
            map.values().all(|v| rest.is_some_and(|s| takes_text(s, v)))
        }
        _ => true,
    }
}
