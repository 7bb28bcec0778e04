//! A table of things that are not findings: settings, runbooks, migrations.

use serde_json::{Map, Value};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Listing {
    /// What the rows are, in the plural: the key of the list in JSON.
    pub(crate) name: &'static str,
    /// Column names, also the keys in JSON.
    pub(crate) columns: Vec<&'static str>,
    /// One row a thing, as many values as there are columns.
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
