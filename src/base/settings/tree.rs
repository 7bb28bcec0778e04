//! Settings as trees of values, as they are read, merged and written.

use serde_json::{Map, Value};

/// The tree that holds one value at the end of these keys.
pub(crate) fn nest<'a>(keys: impl DoubleEndedIterator<Item = &'a str>, value: Value) -> Value {
    keys.rev().fold(value, |inner, key| Value::Object(Map::from_iter([(key.to_owned(), inner)])))
}

/// Merges a tree into the one below it. Everything but a mapping is replaced.
pub(crate) fn overlay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                overlay(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

/// Calls `leaf` with the dotted path of every value that is not a mapping.
pub(crate) fn flatten(prefix: &str, value: &Value, leaf: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, inner) in map {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&path, inner, leaf);
            }
        }
        _ => leaf(prefix, value),
    }
}
