//! Upstream's indexes that cost each write more than they give any reader: lists and drops them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::lock::{Locked, Tries, Try};
use super::{MigrationError, Options};
use crate::model::Consented;
use crate::store::{Store, statements};

/// An index that is better dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostlyIndex {
    pub(crate) schema: String,
    pub name: String,
    pub(crate) relation: String,
    /// Method, columns and condition: `gin (payload)`.
    pub definition: String,
    /// Why it is better dropped.
    pub(crate) because: String,
    pub(crate) bytes: u64,
    /// How often it was used since then.
    pub(crate) scans: u64,
    /// Since when that is counted: the last reset of the database's statistics; none if there was none.
    #[serde(default)]
    pub(crate) since: Option<DateTime<Utc>>,
}

impl CostlyIndex {
    /// The exact statement that [`tune`] runs for it.
    pub fn statement(&self) -> String {
        statements::drop_index_concurrently(&self.schema, &self.name)
    }
}

/// An index that was dropped just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    pub(crate) index: CostlyIndex,
    /// How often it was tried: more than once when its table was in use.
    pub(crate) tries: u32,
}

/// The indexes that [`tune`] would drop.
pub async fn costly_indexes(store: &Store) -> Result<Vec<CostlyIndex>, MigrationError> {
    Ok(store.rows("engine/migrate/costly_indexes").await?)
}

/// Drops these indexes one by one, locking nobody out. Those that have gone meanwhile, or are no
/// longer costly (what stands in for them was dropped), are left out.
pub async fn tune(
    store: &Store,
    listed: &[CostlyIndex],
    options: &Options,
    _: &Consented,
) -> Result<Vec<Dropped>, MigrationError> {
    let locked = Locked::take(store.postgres(), options).await?;
    let token = locked.session.cancel_token();
    let work = async {
        let still = costly_indexes(store).await?;
        let mut dropped = Vec::new();
        for index in listed {
            if still.iter().any(|s| s.schema == index.schema && s.name == index.name) {
                let tries = drop_one(&locked, index, options).await?;
                dropped.push(Dropped { index: index.clone(), tries });
            }
        }
        Ok::<_, MigrationError>(dropped)
    };
    let dropped = store.postgres().cancelling(token, work).await?;
    locked.release().await?;
    Ok(dropped)
}

async fn drop_one(locked: &Locked, index: &CostlyIndex, options: &Options) -> Result<u32, MigrationError> {
    let mut tries = Tries::of(index.name.clone(), options);
    loop {
        match try_drop(locked, index, options).await {
            Ok(()) => return Ok(tries.so_far),
            Err(e) => tries.again(e).await?,
        }
    }
}

async fn try_drop(locked: &Locked, index: &CostlyIndex, options: &Options) -> Result<(), Try> {
    locked.verify().await?;
    let limits = statements::session_limits(options.lock_timeout, options.concurrent_timeout);
    for text in [limits, index.statement()] {
        locked.session.batch_execute(&text).await.map_err(|e| Try::from(&index.name, &e))?;
    }
    Ok(())
}
