//! The PostgreSQL server, the privileges of the connected role and the database's encoding.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Store, StoreError};
use crate::clients::postgres::UNCHECKED;

/// Shows who uses the connections; for a hint, since a full server has none left for ordctl.
pub(crate) const SESSIONS_BY_STATE: &str = "SELECT usename, application_name, state, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC";

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PostgresServer {
    /// Such as `15.18 (Debian …)`.
    pub(crate) version: String,
    /// Such as 150018.
    pub(crate) version_number: u32,
    pub(crate) standby: bool,
    /// Since its start.
    pub(crate) up_seconds: f64,
}

/// The privileges of the connected role.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RolePrivileges {
    pub(crate) role: String,
    /// The connected database.
    pub(crate) database: String,
    pub(crate) superuser: bool,
    /// Sees the statements of other roles (`pg_monitor`).
    pub(crate) monitor: bool,
    /// May end sessions of other roles (`pg_signal_backend`).
    pub(crate) signal_backend: bool,
    /// May create schemas.
    pub(crate) create_in_database: bool,
    /// Roles that only a managed PostgreSQL has, comma-separated.
    pub(crate) managed_by: Option<String>,
    /// `pg_stat_statements` is installed.
    pub(crate) stat_statements: bool,
    /// The server has loaded `pg_stat_statements`.
    pub(crate) stat_statements_loaded: bool,
    /// The scheduler's tables exist.
    pub(crate) has_tasks: bool,
    /// The tables of `ordctl migrate` exist.
    pub(crate) migrated: bool,
    /// Tables of the scheduler that the role may not read, comma-separated.
    pub(crate) unreadable: Option<String>,
}

/// Whether the role may reset the statistics and analyze every table afterwards.
#[derive(Debug, Deserialize)]
pub(crate) struct StatisticsPrivileges {
    pub(crate) role: String,
    pub(crate) may_reset: bool,
    pub(crate) may_analyze: bool,
}

/// The statement with the highest mean execution time.
#[derive(Debug, Deserialize)]
pub(crate) struct SlowStatement {
    pub(crate) seconds: f64,
    pub(crate) calls: u64,
    pub(crate) query: String,
}

/// The database's encoding.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DatabaseEncoding {
    pub(crate) database: String,
    /// Such as `UTF8`.
    pub(crate) encoding: String,
    /// Tasks whose text is not UTF-8; only SQL_ASCII stores any.
    #[serde(default)]
    pub(crate) invalid_tasks: Vec<Uuid>,
    /// The options with which `pg_dump` reaches the server.
    #[serde(skip)]
    pub(crate) options: String,
}

impl Store {
    /// In a database that is not migrated it names no tasks.
    pub(crate) async fn database_encoding(&self) -> Result<DatabaseEncoding, StoreError> {
        #[derive(Deserialize)]
        struct Task {
            id: Uuid,
        }
        let mut found: DatabaseEncoding = self.one("engine/encoding").await?;
        if found.encoding == UNCHECKED {
            let tasks: Vec<Task> = self.rows_if_migrated("engine/tasks_not_utf8").await?;
            found.invalid_tasks = tasks.into_iter().map(|task| task.id).collect();
        }
        found.options = self.postgres.program_options();
        Ok(found)
    }

    pub(crate) async fn postgres_server(&self) -> Result<PostgresServer, StoreError> {
        self.one("postgres_server").await
    }

    pub(crate) async fn role_privileges(&self) -> Result<RolePrivileges, StoreError> {
        self.one("postgres_privileges").await
    }

    pub(crate) async fn statistics_privileges(&self) -> Result<StatisticsPrivileges, StoreError> {
        self.one("statistics_privileges").await
    }

    /// None without `pg_stat_statements`, or before it has counted a statement.
    pub(crate) async fn slowest_statement(&self) -> Result<Option<SlowStatement>, StoreError> {
        Ok(self.rows("slowest_statement").await?.into_iter().next())
    }
}
