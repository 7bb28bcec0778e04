//! Fills a migrated database with a plausible day, for a first look and for tests: agents, tasks
//! of every kind, a day's runs with a few failures, a queue with due, leased, abandoned and
//! future work, workers of whom one has gone. The same each time, but for the times, which are
//! those of the last 24 hours.

use serde::{Deserialize, Serialize};

use super::sql;
use crate::clients::ClientError;
use crate::clients::postgres::explain;
use crate::store::{Store, StoreError};

/// The files, in order.
const PARTS: [&str; 3] = ["demo/1_tasks", "demo/2_runs", "demo/3_queue"];

/// How many rows each table has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "they are the tables' names")]
pub struct Counts {
    pub agents: u64,
    pub tasks: u64,
    pub runs: u64,
    pub due_work: u64,
    pub workers: u64,
    pub audit_log: u64,
}

/// Why the database was not filled.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The database gave no answer, or said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There are tasks already, perhaps real ones.
    #[error("{target} has {tasks} tasks; a demonstration needs a database without any")]
    NotEmpty {
        /// The database.
        target: String,
        /// How many.
        tasks: u64,
    },
}

/// Fills a migrated database that has no tasks yet, in one transaction.
///
/// # Errors
/// See [`DemoError`].
pub async fn fill(store: &Store) -> Result<Counts, DemoError> {
    let before: Counts = store.one("engine/demo/counts").await?;
    if before.tasks > 0 {
        return Err(DemoError::NotEmpty { target: store.postgres().target(), tasks: before.tasks });
    }
    let texts = PARTS.iter().map(|part| sql(part)).collect::<Result<Vec<_>, _>>()?;
    let mut session = store.postgres().session().await.map_err(StoreError::from)?;
    let token = session.cancel_token();
    let work = async {
        let transaction = session.transaction().await?;
        for text in &texts {
            transaction.batch_execute(text).await?;
        }
        transaction.commit().await
    };
    let failed = |e: tokio_postgres::Error| -> ClientError { explain(&e) };
    store.postgres().cancelling(token, work).await.map_err(failed).map_err(StoreError::from)?;
    Ok(store.one("engine/demo/counts").await?)
}
