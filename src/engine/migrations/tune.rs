//! Lists and drops Ordinaut's indexes whose write cost exceeds their benefit.

use serde::{Deserialize, Serialize};

use super::lock::{AttemptError, Attempts, MigrationSession};
use super::{MigrationError, Options};
use crate::model::Consented;
use crate::store::migrations::CostlyIndex;
use crate::store::{Store, statements};

/// An index that this run dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DroppedIndex {
    pub(crate) index: CostlyIndex,
    /// Attempts; more than one when the table was in use.
    pub(crate) tries: u32,
}

pub async fn costly_indexes(store: &Store) -> Result<Vec<CostlyIndex>, MigrationError> {
    Ok(store.costly_indexes().await?)
}

/// Drops these indexes concurrently with other work, one by one. It skips indexes that no longer exist
/// and indexes that are needed now because their substitute was dropped.
pub async fn tune(
    store: &Store,
    listed: &[CostlyIndex],
    options: &Options,
    _: &Consented,
) -> Result<Vec<DroppedIndex>, MigrationError> {
    let session = MigrationSession::lock(store.postgres(), options).await?;
    let token = session.session.cancel_token();
    let work = async {
        let still = costly_indexes(store).await?;
        let mut dropped = Vec::new();
        for index in listed {
            if still.iter().any(|s| s.schema == index.schema && s.name == index.name) {
                let tries = drop_index(&session, index, options).await?;
                dropped.push(DroppedIndex { index: index.clone(), tries });
            }
        }
        Ok::<_, MigrationError>(dropped)
    };
    let dropped = store.postgres().cancelling(token, work).await?;
    session.release().await?;
    Ok(dropped)
}

/// Returns the number of attempts.
async fn drop_index(
    session: &MigrationSession,
    index: &CostlyIndex,
    options: &Options,
) -> Result<u32, MigrationError> {
    let mut attempts = Attempts::new(index.name.clone(), options);
    loop {
        match try_drop(session, index, options).await {
            Ok(()) => return Ok(attempts.count),
            Err(e) => attempts.wait_after(e).await?,
        }
    }
}

async fn try_drop(
    session: &MigrationSession,
    index: &CostlyIndex,
    options: &Options,
) -> Result<(), AttemptError> {
    session.verify_lock().await?;
    let limits = statements::session_limits(options.lock_timeout, options.concurrent_timeout);
    for text in [limits, index.statement()] {
        session.session.batch_execute(&text).await.map_err(|e| AttemptError::new(&index.name, &e))?;
    }
    Ok(())
}
