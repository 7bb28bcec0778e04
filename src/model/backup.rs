//! What is written down beside a dump.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Raised when a field of the manifest changes its meaning or goes away. Fields may be added.
pub(crate) const MANIFEST_VERSION: u32 = 1;

/// Which database a dump comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) environment: String,
    pub(crate) database: String,
    /// The server's system identifier; null where it may not be known.
    pub(crate) system: Option<String>,
}

/// The rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableRows {
    pub(crate) schema: String,
    pub(crate) table: String,
    pub(crate) rows: u64,
}

/// How a database writes and sorts text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Locale {
    /// Such as `UTF8`.
    pub(crate) encoding: String,
    pub(crate) collate: String,
    pub(crate) ctype: String,
    /// `c`, `i` for ICU, `b` for the builtin; null before PostgreSQL 15.
    pub(crate) provider: Option<String>,
    /// The locale of ICU or the builtin provider.
    pub(crate) locale: Option<String>,
}

/// That a dump was restored and compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verified {
    pub(crate) at: DateTime<Utc>,
    pub(crate) seconds: f64,
    /// The major version of the server that it was restored on.
    pub(crate) server: u32,
}

/// What belongs to the whole server: roles, memberships, tablespaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Globals {
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
    /// Whether the passwords of the roles are in it.
    pub(crate) passwords: bool,
}

/// What a dump holds, and whether that was verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) manifest_version: u32,
    pub(crate) origin: Origin,
    /// The server's version, as it calls itself.
    pub(crate) server: String,
    /// The major version of the pg_dump that made it.
    pub(crate) program: u32,
    /// The moment that it shows.
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) seconds: f64,
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
    /// The size of the database.
    pub(crate) database_bytes: u64,
    /// What a database needs to take it.
    pub(crate) locale: Locale,
    /// The rows of each table at that moment.
    pub(crate) rows: Vec<TableRows>,
    /// How many indexes, constraints and so on there were.
    pub(crate) objects: Map<String, Value>,
    /// What lies beside it of the whole server; null when that could not be dumped.
    #[serde(default)]
    pub(crate) globals: Option<Globals>,
    /// When it was last verified; null before, and after a verification that failed.
    pub(crate) verified: Option<Verified>,
}

impl Manifest {
    pub(crate) fn all_rows(&self) -> u64 {
        self.rows.iter().map(|t| t.rows).sum()
    }
}
