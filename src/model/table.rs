//! A table of rows for people and for programs: runs, tasks, agents.
//!
//! A row is one object, which JSON prints exactly. The columns say how text shows its values, so that one row fits one
//! line of a terminal.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// Plural noun for the rows; the key of the list in JSON.
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    /// The note that replaces a text without rows.
    pub(crate) none: Cow<'static, str>,
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) object: Map<String, Value>,
    /// Number of characters that make its id unique in the database; 0 if only this table counts.
    pub(crate) prefix: usize,
    /// The text of a column, by its key, that the short form shows instead of the value.
    pub(crate) short: Option<(&'static str, String)>,
}

/// How text shows one value of the rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) heading: &'static str,
    /// The key of the value in the object.
    pub(crate) key: &'static str,
    pub(crate) kind: Kind,
    pub(crate) view: View,
    /// Left out when all values are empty, or when the terminal is too narrow.
    pub(crate) is_optional: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Never cut.
    Plain,
    /// Right-aligned.
    Count,
    /// A UUID, shortened to a unique beginning.
    Id,
    /// Cut where the terminal is too narrow; a list is joined with spaces.
    Text,
    /// RFC 3339, shown in local time.
    Time,
    /// RFC 3339, shown as the time since then or until then.
    Age,
    /// A number of seconds.
    Duration,
}

/// The forms of text that show a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Both,
    /// Only the form that fits a terminal.
    Short,
    /// Only `-o wide` and Markdown.
    Wide,
}

impl Column {
    pub(crate) const fn new(heading: &'static str, key: &'static str, kind: Kind) -> Self {
        Self { heading, key, kind, view: View::Both, is_optional: false }
    }

    #[must_use]
    pub(crate) const fn optional(mut self) -> Self {
        self.is_optional = true;
        self
    }

    #[must_use]
    pub(crate) const fn only(mut self, view: View) -> Self {
        self.view = view;
        self
    }
}

impl Row {
    /// A row from an object.
    pub(crate) fn new(object: Value) -> Self {
        let object = match object {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        Self { object, prefix: 0, short: None }
    }

    #[must_use]
    pub(crate) fn unique_by(mut self, prefix: usize) -> Self {
        self.prefix = prefix;
        self
    }

    /// A shorter text of a column for the form that fits a terminal, if there is one.
    #[must_use]
    pub(crate) fn shortened(mut self, key: &'static str, text: Option<String>) -> Self {
        self.short = text.map(|text| (key, text));
        self
    }
}

/// Shortest beginning of an id that is shown.
pub(crate) const SHORT_ID: usize = 8;

/// The ids before and after an id in the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Neighbors {
    before: Option<Uuid>,
    after: Option<Uuid>,
}

impl Neighbors {
    /// Number of characters that tell the id from its neighbors.
    pub(crate) fn unique_prefix(self, id: Uuid) -> usize {
        let id = id.to_string();
        let common = |other: Uuid| {
            let other = other.to_string();
            id.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count()
        };
        let longest = [self.before, self.after].into_iter().flatten().map(common).max();
        longest.map_or(SHORT_ID, |n| (n + 1).max(SHORT_ID))
    }
}

/// The beginning of an id with at least this many characters. It does not end with a hyphen.
pub(crate) fn short_id(id: &str, length: usize) -> &str {
    let mut length = length.max(SHORT_ID);
    if id.get(..length).is_some_and(|start| start.ends_with('-')) {
        length += 1;
    }
    id.get(..length).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_id_differs_from_its_neighbors() {
        let id = "01a1fcad-0580-8ae2-9142-7066751f7a30";
        for (before, after, short) in [
            (None, None, "01a1fcad"),
            (Some("01a1f000-0580-8ae2-9142-7066751f7a30"), None, "01a1fcad"),
            // Nine characters would end with the hyphen.
            (None, Some("01a1fcad-1580-8ae2-9142-7066751f7a30"), "01a1fcad-0"),
            (Some("01a1fcad-0580-8ae1-0000-000000000000"), None, "01a1fcad-0580-8ae2"),
        ] {
            let [before, after] = [before, after].map(|other| other.map(|id| id.parse().unwrap()));
            let length = Neighbors { before, after }.unique_prefix(id.parse().unwrap());
            assert_eq!(short_id(id, length), short, "{before:?} {after:?}");
        }
        assert_eq!(short_id("short", 8), "short");
    }
}
