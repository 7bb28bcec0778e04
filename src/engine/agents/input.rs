//! An agent's document.

use serde_json::{Map, Value, json};

use crate::engine::tasks::input::{InputIssue, Reader, dictionary};

/// Reads an agent, or changes to one.
pub(crate) fn read(document: &Value, whole_one: bool) -> Result<Map<String, Value>, Vec<InputIssue>> {
    let map = dictionary(document)?;
    let mut reader = Reader::new("body", map);
    let mut fields = Map::new();
    if let Some(name) = reader.text("name", 1, 100) {
        if name.chars().any(char::is_control) {
            reader.fault("name", "value_error", "a name holds no control characters");
        }
        if name.starts_with("deleted:") {
            reader.fault("name", "value_error", "a name does not begin with 'deleted:'");
        }
        fields.insert("name".into(), json!(name));
    }
    if let Some(scopes) = scopes(&mut reader) {
        fields.insert("scopes".into(), json!(scopes));
    }
    if let Some(url) = reader.text("webhook_url", 1, 2000) {
        if !url::Url::parse(&url).is_ok_and(|u| matches!(u.scheme(), "http" | "https")) {
            reader.fault("webhook_url", "url_parsing", "Input should be a valid URL");
        }
        fields.insert("webhook_url".into(), json!(url));
    } else if map.get("webhook_url").is_some_and(Value::is_null) {
        fields.insert("webhook_url".into(), Value::Null);
    }
    if whole_one {
        reader.needs(&["name", "scopes"]);
    }
    let faults = reader.finish();
    if faults.is_empty() { Ok(fields) } else { Err(faults) }
}

fn scopes(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let value = reader.get("scopes")?;
    let words: Option<Vec<String>> =
        value.as_array().and_then(|all| all.iter().map(|s| s.as_str().map(str::to_owned)).collect());
    match words {
        None => reader.fault("scopes", "list_type", "Input should be a valid list of strings"),
        Some(words) if words.len() > 50 => {
            reader.fault("scopes", "too_long", "List should have at most 50 items");
        }
        Some(words)
            if words
                .iter()
                .any(|w| w.is_empty() || w.len() > 100 || !w.bytes().all(|b| b.is_ascii_graphic())) =>
        {
            reader.fault("scopes", "value_error", "a scope is a word of 1 to 100 visible ASCII characters");
        }
        Some(words) => return Some(words),
    }
    None
}
