//! Why a database was not migrated.

use std::time::Duration;

use crate::base::cli_error::CliError;
use crate::base::units;
use crate::clients::ClientError;
use crate::store::StoreError;

/// A migration that did not happen. Whatever was applied before it stays applied.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database gave no answer, or said no.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A query of ours gave no usable rows.
    #[error(transparent)]
    Store(StoreError),
    /// A migration's file cannot be used.
    #[error("migration {file}: {message}")]
    BadFile { file: String, message: String },
    /// This database was migrated by other text than ours under the same number.
    #[error("migration {0} was applied with another content than this program has")]
    Changed(String),
    /// Somebody else migrates and does not come to an end.
    #[error("another process has been migrating this database for {}", units::duration(.0.as_secs_f64()))]
    Busy(Duration),
    /// The session that took the lock is not the one that runs our statements.
    #[error("the migration lock was lost: the connection is not one session")]
    NoSession,
    /// A standby takes no changes.
    #[error("{0} is a standby, it cannot be migrated")]
    Standby(String),
    /// A table was in use at every try.
    #[error("migration {name}: the table was in use at each of {tries} tries")]
    Blocked {
        name: String,
        /// How often it was tried.
        tries: u32,
    },
    /// The database refused a statement.
    #[error("migration {name}: {cause}")]
    Failed { name: String, cause: ClientError },
}

impl From<StoreError> for MigrationError {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Client(e) => Self::Client(e),
            other => Self::Store(other),
        }
    }
}

impl MigrationError {
    /// As a fault for the terminal.
    pub fn fault(self) -> CliError {
        let text = self.to_string();
        match self {
            Self::Client(e) => e.fault(),
            Self::Store(_) | Self::BadFile { .. } => CliError::failed(text),
            Self::Changed(_) => CliError::refused(text).hint(
                "the database was migrated by another build of ordctl: use that one, or a newer release",
            ),
            Self::Busy(_) => CliError::refused(text)
                .hint("see who holds the advisory lock in pg_locks, then run ordctl migrate again"),
            Self::NoSession => CliError::refused(text)
                .hint("name the server itself in database.url, not a transaction pooler such as PgBouncer"),
            Self::Standby(_) => CliError::refused(text)
                .hint("name the primary, or add target_session_attrs=primary to database.url"),
            Self::Blocked { .. } => CliError::refused(text)
                .hint("end the longest transactions on it (pg_stat_activity), then run ordctl migrate again"),
            Self::Failed { ref cause, .. } => match cause {
                ClientError::Denied { .. } => CliError::failed(text).hint(
                    "migrate as the owner of the tables, with CREATE on the database and on schema public",
                ),
                _ => CliError::failed(text),
            },
        }
    }
}
