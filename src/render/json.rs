//! JSON and YAML: the same value, the same contract.

use serde::Serialize;

/// Indented JSON with a final newline.
pub(crate) fn json<T: Serialize>(value: &T) -> anyhow::Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// YAML with a final newline.
pub(crate) fn yaml<T: Serialize>(value: &T) -> anyhow::Result<String> {
    let text = crate::base::yaml::render(value)?;
    Ok(if text.ends_with('\n') { text } else { text + "\n" })
}

/// JSON on one line, with a final newline.
pub(crate) fn line<T: Serialize>(value: &T) -> anyhow::Result<String> {
    Ok(serde_json::to_string(value)? + "\n")
}
