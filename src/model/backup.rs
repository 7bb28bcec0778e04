//! Properties of a database that a backup records.

use serde::{Deserialize, Serialize};

/// The row count of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableRows {
    pub(crate) schema: String,
    pub(crate) table: String,
    pub(crate) rows: u64,
}

/// The encoding and collation of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Locale {
    /// For example `UTF8`.
    pub(crate) encoding: String,
    pub(crate) collate: String,
    pub(crate) ctype: String,
    /// `c`, `i` for ICU, `b` for the builtin; null before PostgreSQL 15.
    pub(crate) provider: Option<String>,
    /// The locale of ICU or the builtin provider.
    pub(crate) locale: Option<String>,
}
