//! What a backup needs to know about the database, and the scratch databases of verifications.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Store, StoreError};
use crate::model::Locale;

/// The database to back up, and the privileges of the connected role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BackupSource {
    pub(crate) database: String,
    pub(crate) role: String,
    /// The server's system identifier, where the role may read it.
    pub(crate) system: Option<String>,
    /// `server_version`.
    pub(crate) server: String,
    pub(crate) major: u32,
    pub(crate) bytes: u64,
    /// The role may create databases.
    pub(crate) creates: bool,
    /// The role may read the password hashes of roles.
    pub(crate) passwords: bool,
    /// The data directory, where the role may read it.
    pub(crate) directory: Option<String>,
    /// The server's clock.
    pub(crate) now: DateTime<Utc>,
    /// Tables that the role may not read, comma-separated.
    pub(crate) unreadable: Option<String>,
    /// Tables of which row-level security hides rows from the role, comma-separated. pg_dump refuses them.
    pub(crate) filtered: Option<String>,
    /// Large objects that the role may not read.
    pub(crate) foreign_large_objects: i64,
    #[serde(flatten)]
    pub(crate) locale: Locale,
}

/// A database that a verification left behind.
#[derive(Debug, Deserialize)]
pub(crate) struct ScratchDatabase {
    pub(crate) name: String,
    /// A session is connected to it.
    pub(crate) busy: bool,
}

impl Store {
    pub(crate) async fn backup_source(&self) -> Result<BackupSource, StoreError> {
        self.one("backup_source").await
    }

    pub(crate) async fn scratch_databases(&self) -> Result<Vec<ScratchDatabase>, StoreError> {
        self.rows("scratch_databases").await
    }
}
