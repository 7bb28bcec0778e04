//! Whether a value fits a tool's parameter, as far as its JSON Schema tells. A text with a template
//! fits everything: only the run can tell.

use serde_json::{Map, Value};

use super::{LocPart, is_open};
use crate::base::suggest;

/// A value that cannot be what it should be.
pub(crate) struct Misfit {
    pub(crate) loc: Vec<LocPart>,
    pub(crate) message: String,
}

fn here(message: impl Into<String>) -> Option<Misfit> {
    Some(Misfit { loc: Vec::new(), message: message.into() })
}

/// What does not fit, if something does not. `root` holds the definitions that a schema points to.
pub(crate) fn misfit(schema: &Value, root: &Value, value: &Value) -> Option<Misfit> {
    let schema = schema.as_object()?;
    if value.is_string() && is_open(value) {
        return None;
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let target = target.strip_prefix('#').and_then(|path| root.pointer(path));
        return misfit(target?, root, value);
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
            let inner = |(i, v)| misfit(schema, root, v).map(|m| inside(i, m));
            items.iter().enumerate().map(|(i, v)| (LocPart::from(i), v)).find_map(inner)
        }
        Value::Object(map) => object(schema, root, map),
        _ => None,
    })
}

fn inside(part: LocPart, mut misfit: Misfit) -> Misfit {
    misfit.loc.insert(0, part);
    misfit
}

fn choice(choices: &[Value], root: &Value, value: &Value) -> Option<Misfit> {
    let mut misfits = Vec::new();
    for choice in choices {
        misfits.push(misfit(choice, root, value)?);
    }
    let all: Option<Vec<&Value>> = choices.iter().map(|c| c.get("const")).collect();
    match all {
        Some(words) => here(unknown(value, &words)),
        // Of what may also be left out, the other form says more.
        None => {
            let is_null = |c: &Value| c.get("type") == Some(&Value::String("null".into()));
            let best = choices.iter().position(|c| !is_null(c))?;
            (best < misfits.len()).then(|| misfits.swap_remove(best))
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
    let said = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    format!("'{said}' is not known; {}", suggest::hint(&said, &known))
}

fn kind(schema: &Map<String, Value>, value: &Value) -> Option<Misfit> {
    let kinds: Vec<&str> = match schema.get("type")? {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let (is, name) = match value {
        Value::Null => ("null", "null"),
        Value::Bool(_) => ("boolean", "a truth value"),
        Value::Number(n) if n.is_f64() => ("number", "a number with a fraction"),
        Value::Number(_) => ("integer", "a number"),
        Value::String(_) => ("string", "a text"),
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
            "integer" => "a whole number",
            "string" => "a text",
            "array" => "a list",
            _ => "a mapping",
        })
        .collect();
    if fits { None } else { here(format!("it is {name}, and must be {}", wanted.join(" or "))) }
}

fn range(schema: &Map<String, Value>, value: &Value) -> Option<Misfit> {
    let n = value.as_f64()?;
    let bound = |key| schema.get(key).and_then(Value::as_f64);
    match (bound("minimum"), bound("maximum")) {
        (Some(min), _) if n < min => here(format!("{value} is less than {min}")),
        (_, Some(max)) if n > max => here(format!("{value} is more than {max}")),
        _ => None,
    }
}

fn object(schema: &Map<String, Value>, root: &Value, map: &Map<String, Value>) -> Option<Misfit> {
    let empty = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let rest = schema.get("additionalProperties");
    for (key, value) in map {
        let found = match (properties.get(key), rest) {
            (Some(property), _) => misfit(property, root, value),
            (None, Some(Value::Bool(false))) => {
                let known: Vec<&str> = properties.keys().map(String::as_str).collect();
                here(format!("there is no '{key}' here; {}", suggest::hint(key, &known)))
            }
            (None, Some(rest)) => misfit(rest, root, value),
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

/// The parameters as a tool can read them: templates stay where any text does, and are null where
/// anything does. None where a template stands for something that cannot be made up.
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

/// Whether a value with templates can be read as it stands, since any text can be.
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
