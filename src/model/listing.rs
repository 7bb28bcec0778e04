//! A table of objects that are not findings: settings, runbooks, migrations.

use serde_json::{Map, Value};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listing {
    /// Plural noun for the rows; the key of the list in JSON.
    pub(crate) name: &'static str,
    /// Column headings; the keys of each object in JSON.
    pub(crate) columns: Vec<&'static str>,
    /// Each row has one value per column.
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Listing {
    pub(crate) fn objects(&self) -> Vec<Map<String, Value>> {
        let object = |row: &Vec<Value>| {
            self.columns.iter().map(ToString::to_string).zip(row.iter().cloned()).collect()
        };
        self.rows.iter().map(object).collect()
    }
}
