//! Typed access to the database: one function and one row type per query, by subject. The SQL lies in
//! `queries/`, one question a file; no other layer contains SQL or names a query, except for queries that
//! a user names in `check.query`, `sql.query` or `measure.database`.
//!
//! Queries run in a read-only transaction with a statement timeout, so that a user's file that replaces
//! one can neither write nor run forever. They work behind a transaction pooler: values are bound as
//! text, statements are unnamed, and settings are local to the transaction.

pub(crate) mod agents;
pub(crate) mod backup;
pub(crate) mod dead_letters;
mod error;
pub(crate) mod events;
pub(crate) mod hold;
mod library;
pub mod migrations;
pub(crate) mod operations;
pub(crate) mod prepared;
pub(crate) mod probes;
pub(crate) mod progress;
pub(crate) mod queue;
mod read;
pub(crate) mod retention;
pub(crate) mod runs;
pub(crate) mod samples;
pub(crate) mod schedules;
pub(crate) mod security;
pub(crate) mod server;
pub(crate) mod sessions;
mod snapshot;
pub(crate) mod statements;
pub(crate) mod tables;
pub(crate) mod tasks;
pub(crate) mod workers;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use tokio_postgres::types::{ToSql, Type};

use crate::clients::postgres::{LIMIT_MARGIN, PooledSession, Postgres, Session, explain};

pub use error::StoreError;
pub use library::{Language, Library, Query};
pub(crate) use read::RowLimit;
pub(crate) use snapshot::{ExportedSnapshot, Snapshot};
pub(crate) use write::{Audit, IdempotencyKey, IdempotentResult};

/// Values of a query's binds, by name; all are passed as text and cast in the query.
pub(crate) type Binds = BTreeMap<String, String>;

/// A database and the queries for it.
#[derive(Clone)]
pub struct Store {
    postgres: Arc<Postgres>,
    library: Arc<Library>,
    statement_timeout: Duration,
    lock_timeout: Option<Duration>,
}

impl Store {
    pub fn new(postgres: Arc<Postgres>, library: Arc<Library>, statement_timeout: Duration) -> Self {
        Self { postgres, library, statement_timeout, lock_timeout: None }
    }

    /// The same store, whose queries fail with a lock timeout when they wait for a lock this long.
    #[must_use]
    pub(crate) fn with_lock_timeout(mut self, timeout: Duration) -> Self {
        self.lock_timeout = Some(timeout);
        self
    }

    /// A session of the pool, whose deadline is a little later than the server's.
    async fn session(&self) -> Result<PooledSession, StoreError> {
        let session = self.postgres.get().await?;
        session.set_limit(self.statement_timeout.saturating_add(LIMIT_MARGIN));
        Ok(session)
    }

    pub fn postgres(&self) -> &Arc<Postgres> {
        &self.postgres
    }

    /// Tries to take the lock that allows one acting run at a time on a database.
    pub(crate) async fn try_run_lock(session: &Session, library: &Library) -> Result<bool, StoreError> {
        let query = library.sql("engine/try_run_lock")?;
        let row = session.query_typed_one(&query.text, &[]).await.map_err(|e| explain(&e))?;
        Ok(row.try_get(0).map_err(|e| explain(&e))?)
    }

    /// Whether a transaction pooler stands between ordctl and PostgreSQL: one backend never serves two open
    /// connections, unless a pooler reassigns it after each transaction (PgBouncer's pool modes `transaction` and
    /// `statement`).
    pub(crate) async fn shares_backends(postgres: &Postgres, library: &Library) -> Result<bool, StoreError> {
        let (first, second) = (postgres.session().await?, postgres.session().await?);
        let mut backends = Vec::new();
        // Alternating, so that a pooler has an idle backend each time and reuses it.
        for session in [&first, &second, &first, &second] {
            backends.push(Self::backend_pid(session, library).await?);
        }
        Ok(backends[0] == backends[1] || backends[0] != backends[2] || backends[1] != backends[3])
    }

    /// The process ID of the backend that serves a session.
    async fn backend_pid(session: &Session, library: &Library) -> Result<i32, StoreError> {
        let query = library.sql("engine/backend_pid")?;
        let row = session.query_typed_one(&query.text, &[]).await.map_err(|e| explain(&e))?;
        Ok(row.try_get(0).map_err(|e| explain(&e))?)
    }
}

fn binds<const N: usize>(values: [(&str, String); N]) -> Binds {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn as_text<'a>(values: &'a [&'a str]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    values.iter().map(|v| (v as &(dyn ToSql + Sync), Type::TEXT)).collect()
}
