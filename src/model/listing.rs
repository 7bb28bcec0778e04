//! A table of things that are not findings: settings, runbooks, migrations.

use serde_json::{Map, Value};

/// Rows under named columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// What the rows are, in the plural: the key of the list in JSON.
    pub name: &'static str,
    /// Column names, also the keys in JSON.
    pub columns: Vec<&'static str>,
    /// One row a thing, as many values as there are columns.
    pub rows: Vec<Vec<Value>>,
}

impl Listing {
    /// Rows as objects.
    pub fn objects(&self) -> Vec<Map<String, Value>> {
        let object = |row: &Vec<Value>| {
            self.columns.iter().map(ToString::to_string).zip(row.iter().cloned()).collect()
        };
        self.rows.iter().map(object).collect()
    }
}
