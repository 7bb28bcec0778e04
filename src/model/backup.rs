//! What is written down beside a dump.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Raised when a field of the manifest changes its meaning or goes away. Fields may be added.
pub const MANIFEST_VERSION: u32 = 1;

/// Which database a dump comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The environment's name.
    pub environment: String,
    /// The database's.
    pub database: String,
    /// The server's system identifier; null where it may not be known.
    pub system: Option<String>,
}

/// The rows of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRows {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// So many, exactly.
    pub rows: u64,
}

/// How a database writes and sorts text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locale {
    /// Such as `UTF8`.
    pub encoding: String,
    /// LC_COLLATE.
    pub collate: String,
    /// LC_CTYPE.
    pub ctype: String,
    /// `c`, `i` for ICU, `b` for the builtin; null before PostgreSQL 15.
    pub provider: Option<String>,
    /// The locale of ICU or the builtin provider.
    pub locale: Option<String>,
}

/// That a dump was restored and compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verified {
    /// When.
    pub at: DateTime<Utc>,
    /// How long that took.
    pub seconds: f64,
    /// The major version of the server that it was restored on.
    pub server: u32,
}

/// What belongs to the whole server: roles, memberships, tablespaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Globals {
    /// Its size.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Whether the passwords of the roles are in it.
    pub passwords: bool,
}

/// What a dump holds, and whether that was verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub manifest_version: u32,
    /// Where it comes from.
    pub origin: Origin,
    /// The server's version, as it calls itself.
    pub server: String,
    /// The major version of the pg_dump that made it.
    pub program: u32,
    /// The moment that it shows.
    pub made_at: DateTime<Utc>,
    /// How long it took.
    pub seconds: f64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// The size of the database.
    pub database_bytes: u64,
    /// What a database needs to take it.
    pub locale: Locale,
    /// The rows of each table at that moment.
    pub rows: Vec<TableRows>,
    /// How many indexes, constraints and so on there were.
    pub objects: Map<String, Value>,
    /// What lies beside it of the whole server; null when that could not be dumped.
    #[serde(default)]
    pub globals: Option<Globals>,
    /// When it was last verified; null before, and after a verification that failed.
    pub verified: Option<Verified>,
}

impl Manifest {
    /// Rows of all tables.
    pub fn all_rows(&self) -> u64 {
        self.rows.iter().map(|t| t.rows).sum()
    }
}
