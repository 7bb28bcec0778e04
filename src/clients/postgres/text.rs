//! Text of a database whose encoding is not UTF8.
//!
//! * SQL_ASCII stores any bytes and converts none. A session takes them as they are, so that one row that is not
//!   UTF-8 does not fail the statement that reads it and, with it, every other row.
//! * Any other encoding lacks characters, and PostgreSQL refuses to store those. What the engine must record is then
//!   stored with their code points.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Write;

use bytes::BytesMut;
use serde_json::Value;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// The encoding that accepts any bytes.
pub(crate) const UNCHECKED: &str = "SQL_ASCII";

/// Text as the server sent it. Sent back, it equals the stored text even if it is not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawText(Vec<u8>);

impl RawText {
    /// The text, or why it cannot be used.
    pub(crate) fn checked(self, column: &str) -> Result<String, String> {
        String::from_utf8(self.0).map_err(|_| not_utf8(column))
    }

    /// The text with replacement characters for invalid bytes.
    pub(crate) fn lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromSql<'_> for RawText {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw.to_vec()))
    }

    fn accepts(ty: &Type) -> bool {
        <String as FromSql>::accepts(ty)
    }
}

impl ToSql for RawText {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        <String as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}

/// JSON with replacement characters for invalid bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawJson {
    value: Value,
    is_utf8: bool,
}

impl RawJson {
    /// The value, or why it cannot be used.
    pub(crate) fn checked(self, column: &str) -> Result<Value, String> {
        if self.is_utf8 { Ok(self.value) } else { Err(not_utf8(column)) }
    }

    pub(crate) fn lossy(self) -> Value {
        self.value
    }
}

impl FromSql<'_> for RawJson {
    fn from_sql(ty: &Type, raw: &[u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let text = String::from_utf8_lossy(raw);
        let is_utf8 = matches!(text, Cow::Borrowed(_));
        Ok(Self { value: Value::from_sql(ty, text.as_bytes())?, is_utf8 })
    }

    fn accepts(ty: &Type) -> bool {
        <Value as FromSql>::accepts(ty)
    }
}

fn not_utf8(column: &str) -> String {
    format!("{column} is not UTF-8, and the database's encoding {UNCHECKED} does not say what it is")
}

/// Whether a text was stored as this, perhaps with code points.
pub(crate) fn is_stored_as(text: &str, stored: &str) -> bool {
    [char::MAX, LATIN1_LAST, ASCII_LAST].into_iter().any(|last| code_points(text, last) == stored)
}

/// Whether the database's encoding lacks a character of a value.
pub(crate) fn is_missing_character(state: &SqlState) -> bool {
    [SqlState::UNTRANSLATABLE_CHARACTER, SqlState::CHARACTER_NOT_IN_REPERTOIRE].contains(state)
}

/// The last character to keep when one up to `last` could not be stored: Latin-1 first, then ASCII, which every
/// encoding has. None: the error has another cause, or ASCII failed.
pub(crate) fn keep_less(last: char, error: &tokio_postgres::Error) -> Option<char> {
    let less = [LATIN1_LAST, ASCII_LAST].into_iter().find(|less| *less < last);
    less.filter(|_| error.code().is_some_and(is_missing_character))
}

pub(crate) const LATIN1_LAST: char = '\u{ff}';
pub(crate) const ASCII_LAST: char = '\u{7f}';

/// The text, which may be JSON, with `<U+2192>` for each character after `last`.
pub(crate) fn code_points(text: &str, last: char) -> Cow<'_, str> {
    if text.chars().all(|c| c <= last) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        // Writing to a String does not fail.
        _ = if c <= last { out.write_char(c) } else { write!(out, "<U+{:04X}>", u32::from(c)) };
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn code_points_keep_json_valid_and_keys_distinct() {
        let value = json!({ "\u{6f22}": "caf\u{e9} \u{2192} \"", "\u{5b57}": ["\u{1f600}\\"] }).to_string();
        let stored = json!({ "<U+6F22>": "caf\u{e9} <U+2192> \"", "<U+5B57>": ["<U+1F600>\\"] });
        assert_eq!(serde_json::from_str::<Value>(&code_points(&value, LATIN1_LAST)).unwrap(), stored);
        assert_eq!(code_points("caf\u{e9}", ASCII_LAST), "caf<U+00E9>");
        assert_eq!(code_points(&value, char::MAX), value);
    }

    #[test]
    fn only_valid_text_and_json_can_be_used() {
        let text = RawText::from_sql(&Type::TEXT, b"caf\xe9").unwrap();
        assert_eq!(text.lossy(), "caf\u{fffd}");
        assert!(text.checked("title").unwrap_err().starts_with("title is not UTF-8"));
        // The first byte is the version of the format.
        let json = RawJson::from_sql(&Type::JSONB, b"\x01{\"a\": \"\xe9\"}").unwrap();
        assert_eq!(json.clone().lossy(), json!({ "a": "\u{fffd}" }));
        assert!(json.checked("payload").is_err());
        let valid = RawJson::from_sql(&Type::JSONB, b"\x01[1]").unwrap();
        assert_eq!(valid.checked("payload"), Ok(json!([1])));
    }
}
