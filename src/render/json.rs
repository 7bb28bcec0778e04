//! JSON and YAML: the same value, the same contract.

use serde::Serialize;

use crate::base::clean::{is_printable_ascii, is_unsafe};

/// Indented JSON with a final newline.
pub(crate) fn json<T: Serialize>(value: &T) -> anyhow::Result<String> {
    Ok(printable(serde_json::to_string_pretty(value)?) + "\n")
}

/// Escapes what a terminal would obey. In JSON such characters are always inside a string.
pub(super) fn printable(text: String) -> String {
    let must_escape = |c| c != '\n' && is_unsafe(c);
    if is_printable_ascii(text.as_bytes(), b'\n') || !text.contains(must_escape) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if must_escape(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// YAML with a final newline. A value that a terminal would obey is escaped as JSON, which is YAML, too.
pub(crate) fn yaml<T: Serialize>(value: &T) -> anyhow::Result<String> {
    let text = crate::base::yaml::render(value)?;
    if text.contains(|c| c != '\n' && is_unsafe(c)) {
        return json(value);
    }
    Ok(if text.ends_with('\n') { text } else { text + "\n" })
}

/// JSON on one line, with a final newline.
pub(crate) fn line<T: Serialize>(value: &T) -> anyhow::Result<String> {
    Ok(printable(serde_json::to_string(value)?) + "\n")
}
