//! The manifest beside a dump: where it comes from, what it holds, and whether it was verified.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{Locale, TableRows};

/// Raised when a field changes its meaning or is removed. Fields may be added.
pub(crate) const MANIFEST_VERSION: u32 = 1;

/// The database that a dump comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) environment: String,
    pub(crate) database: String,
    /// The server's system identifier; null if the role may not read it.
    pub(crate) system: Option<String>,
}

/// A successful restore and comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verified {
    pub(crate) at: DateTime<Utc>,
    pub(crate) seconds: f64,
    /// The major version of the server that the dump was restored on.
    pub(crate) server: u32,
}

/// The dump of the server's global objects: roles, memberships, tablespaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Globals {
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
    /// Whether it contains role passwords.
    pub(crate) passwords: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub(crate) manifest_version: u32,
    pub(crate) origin: Origin,
    /// The server's version string.
    pub(crate) server: String,
    /// The major version of pg_dump.
    pub(crate) program: u32,
    /// The time of the snapshot.
    pub(crate) made_at: DateTime<Utc>,
    pub(crate) seconds: f64,
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: String,
    /// The size of the database.
    pub(crate) database_bytes: u64,
    pub(crate) locale: Locale,
    /// Row counts per table in the snapshot.
    pub(crate) rows: Vec<TableRows>,
    /// Number of indexes, constraints and so on in the snapshot.
    pub(crate) objects: Map<String, Value>,
    /// Null if the global objects could not be dumped.
    #[serde(default)]
    pub(crate) globals: Option<Globals>,
    /// The last verification; null before the first and after a failed one.
    pub(crate) verified: Option<Verified>,
}

impl Manifest {
    pub(crate) fn total_rows(&self) -> u64 {
        self.rows.iter().map(|t| t.rows).sum()
    }

    /// Whether the dump was verified and still has the size that it had then.
    pub(crate) fn is_verified_at(&self, bytes: u64) -> bool {
        self.verified.is_some() && self.bytes == bytes
    }
}
