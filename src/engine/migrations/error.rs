//! Why a database was not migrated, and the hint for each cause.

use std::time::Duration;

use crate::base::cli_error::CliError;
use crate::base::units;
use crate::clients::ClientError;
use crate::store::StoreError;

/// Migrations applied before the error stay applied.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Store(StoreError),
    #[error("migration {file}: {message}")]
    BadFile { file: String, message: String },
    #[error("migration {0} was applied with different statements than this version contains")]
    Changed(String),
    /// Another process holds the migration lock.
    #[error("another process has held the migration lock for {}", units::duration(.0.as_secs_f64()))]
    Busy(Duration),
    /// The session that took the lock does not run the statements.
    #[error("migration lock lost: the connection does not keep one session")]
    NoSession,
    #[error("cannot migrate {0}: it is a standby")]
    Standby(String),
    #[error("migration {name}: the table was in use in all {tries} attempts")]
    Blocked { name: String, tries: u32 },
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

/// Shows who migrates: the sessions with an advisory lock.
const HOLDER: &str = "psql -xc 'TABLE pg_locks'";
/// Shows whom the migration waits for.
const TRANSACTIONS: &str = "psql -xc 'TABLE pg_stat_activity'";

impl MigrationError {
    pub fn into_cli_error(self) -> CliError {
        let text = self.to_string();
        match self {
            Self::Client(e) => e.fault(),
            Self::Store(_) | Self::BadFile { .. } => CliError::failed(text),
            Self::Changed(_) => CliError::refused(text).hint(
                "use the build of ordctl that migrated this database, or a newer release",
            ),
            Self::Busy(_) => CliError::refused(text).hint(HOLDER),
            Self::NoSession => CliError::refused(text)
                .hint("set database.url to the server itself, not to a transaction pooler such as PgBouncer"),
            Self::Standby(_) => CliError::refused(text)
                .hint("set database.url to the primary, or add target_session_attrs=primary to it"),
            Self::Blocked { .. } => CliError::refused(text).hint(TRANSACTIONS),
            Self::Failed { ref cause, .. } => match cause {
                ClientError::Denied { .. } => CliError::failed(text).hint(
                    "connect as the owner of the tables, with the CREATE privilege on the database and on schema public",
                ),
                _ => CliError::failed(text),
            },
        }
    }
}
