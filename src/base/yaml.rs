//! Typed and strict YAML parsing. Errors name the position and suggest the nearest key.

use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_saphyr::granit_parser::{self as parser, Event, Parser};

use crate::base::cli_error::CliError;
use crate::base::suggest;

/// Parses `text`. `origin` is named in the error, usually the path of the file.
pub fn parse<T: DeserializeOwned>(text: &str, origin: &str) -> Result<T, CliError> {
    // An empty file is an empty mapping, not a type error.
    let text = if text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        "{}"
    } else {
        text
    };
    serde_saphyr::from_str(text).map_err(|e| {
        let inner = e.without_snippet();
        let at = inner.location().map_or(String::new(), |l| format!(":{}:{}", l.line(), l.column()));
        let message = without_position(&inner.to_string());
        let error = CliError::usage(format!("{origin}{at}: {message}"));
        match suggest_key(&message) {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })
}

/// Parses one scalar as YAML does: `3` is a number, `true` a boolean, `abc` a string.
pub(crate) fn scalar(text: &str) -> serde_json::Value {
    match serde_saphyr::from_str::<serde_json::Value>(text) {
        Ok(v @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_))) => v,
        _ => serde_json::Value::String(text.to_owned()),
    }
}

pub(crate) fn render<T: Serialize>(value: &T) -> anyhow::Result<String> {
    Ok(serde_saphyr::to_string(&Plain(&serde_json::to_value(value)?))?)
}

/// A tag such as `!reset`, and the keys of the mappings that lead to its node.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) keys: Vec<String>,
    /// Without the exclamation mark.
    pub(crate) name: String,
}

/// The local tags of a text, which a parsed value does not have.
pub(crate) fn tags(text: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    // The collections around a node: a sequence, or a mapping with the key whose value comes next.
    let mut around: Vec<Option<Option<String>>> = Vec::new();
    for (event, _) in Parser::new_from_str(text).map_while(Result::ok) {
        match event {
            Event::Scalar(value, _, _, tag) => {
                if let Some(Some(key @ None)) = around.last_mut() {
                    *key = Some(value.into_owned());
                } else {
                    tags.extend(local_tag(&around, tag.as_deref()));
                    end_node(&mut around);
                }
            }
            Event::SequenceStart(_, _, tag) => {
                tags.extend(local_tag(&around, tag.as_deref()));
                around.push(None);
            }
            Event::MappingStart(_, _, tag) => {
                tags.extend(local_tag(&around, tag.as_deref()));
                around.push(Some(None));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                around.pop();
                end_node(&mut around);
            }
            Event::Alias(_) => end_node(&mut around),
            _ => {}
        }
    }
    tags
}

fn local_tag(around: &[Option<Option<String>>], tag: Option<&parser::Tag>) -> Option<Tag> {
    let tag = tag.filter(|tag| tag.handle() == "!")?;
    let keys = around.iter().map(|key| key.clone().flatten().unwrap_or_default());
    Some(Tag { keys: keys.collect(), name: tag.suffix().to_owned() })
}

/// After a value a key follows, and after a key that is no scalar its value.
fn end_node(around: &mut [Option<Option<String>>]) {
    if let Some(Some(key)) = around.last_mut() {
        *key = if key.is_some() { None } else { Some(String::new()) };
    }
}

/// A JSON value for YAML, which does not know the exact numbers of JSON.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
                (Some(n), ..) => s.serialize_i64(n),
                (_, Some(n), _) => s.serialize_u64(n),
                (.., Some(float)) if n.is_f64() => s.serialize_f64(float),
                // Too large for a number of YAML's readers.
                _ => s.serialize_str(n.as_str()),
            },
            Value::Array(items) => s.collect_seq(items.iter().map(Plain)),
            Value::Object(map) => s.collect_map(map.iter().map(|(k, v)| (k, Plain(v)))),
            other => other.serialize(s),
        }
    }
}

/// Removes the position, which the caller prints first.
fn without_position(message: &str) -> String {
    let message = message.lines().next().unwrap_or(message);
    let cut = message.find(" at line ").or_else(|| message.find(" (line "));
    let head = cut.map_or(message, |i| &message[..i]);
    let head = match head.strip_prefix("line ").and_then(|rest| rest.split_once(": ")) {
        Some((_, rest)) => rest,
        None => head,
    };
    head.strip_prefix("error: ").unwrap_or(head).to_owned()
}

/// Suggests a key from serde's "unknown field `x`, expected one of `a`, `b`".
pub(crate) fn suggest_key(message: &str) -> Option<String> {
    let at = message.find("unknown field").or_else(|| message.find("unknown variant"))?;
    let (word, expected) = message[at..].split_once(", expected ")?;
    let word = word.split('`').nth(1)?;
    let expected = expected.strip_prefix("one of ").unwrap_or(expected);
    let known: Vec<&str> = expected
        .split(", ")
        .flat_map(|part| part.split(" or "))
        .map(|name| name.split(" at line").next().unwrap_or(name).trim_matches('`'))
        .collect();
    Some(suggest::hint(word, &known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[allow(dead_code)]
        database: String,
        #[allow(dead_code)]
        redis: Option<u32>,
    }

    #[test]
    fn tags_are_found_by_the_keys_that_lead_to_them() {
        let text = "a: &x !one\n  b: [1, !two 2, { c: !three {} }]\n  *y : 1\n? [k]\n: !four v\nd: !!str e\nf: !five\n";
        let found = tags(&text.replace("  *y : 1\n", ""));
        let found: Vec<_> = found.iter().map(|t| format!("{} {}", t.keys.join("."), t.name)).collect();
        assert_eq!(found, ["a one", "a.b. two", "a.b..c three", " four", "f five"]);
    }

    #[test]
    fn a_misspelled_key_is_named_with_its_position_and_a_suggestion() {
        let fault = parse::<Sample>("database: x\nrediss: 1\n", "a.yaml").unwrap_err();
        assert!(fault.message.starts_with("a.yaml:2:1: unknown field `rediss`"), "{fault}");
        assert_eq!(fault.hint.as_deref(), Some("did you mean 'redis'?"));
    }

    #[test]
    fn errors_have_a_line_and_a_column() {
        for (text, at) in [("database: [x\n", "a.yaml:"), ("database: x\nredis: many\n", "a.yaml:2:8: ")] {
            let fault = parse::<Sample>(text, "a.yaml").unwrap_err();
            assert!(fault.message.starts_with(at), "{fault}");
            assert!(!fault.message.contains('\n'), "{fault}");
        }
    }

    #[test]
    fn scalars_keep_their_type() {
        assert_eq!(scalar("3"), serde_json::json!(3));
        assert_eq!(scalar("true"), serde_json::json!(true));
        assert_eq!(scalar("task_run"), serde_json::json!("task_run"));
        assert_eq!(scalar("2026-01-01"), serde_json::json!("2026-01-01"));
        assert_eq!(scalar("[a"), serde_json::json!("[a"));
    }
}
