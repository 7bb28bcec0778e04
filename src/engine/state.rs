//! Whether work may start: `hold`, `resume`, and the check that this is the database on which the
//! engine ran last. The claim and the scheduler read the state in their own statements, so a hold
//! counts from its commit on.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::sql;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, explain};
use crate::store::{Binds, Store, StoreError};

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Standing {
    pub(crate) held: bool,
    pub(crate) held_by: Option<String>,
    pub(crate) held_because: Option<String>,
    pub(crate) held_at: Option<DateTime<Utc>>,
}

/// Keeps every node from starting work. A hold that is there stays as it is.
pub(crate) async fn hold(store: &Store, by: &str, because: &str) -> Result<(), StoreError> {
    let binds = Binds::from([("by".into(), by.into()), ("because".into(), because.into())]);
    store.write("engine/hold", &binds).await.map(drop)
}

/// Lets work start, in this database: from now on it is the known one.
pub(crate) async fn resume(store: &Store) -> Result<(), StoreError> {
    store.write("engine/resume", &Binds::new()).await.map(drop)
}

pub(crate) async fn standing(store: &Store) -> Result<Standing, StoreError> {
    store.one("engine/standing").await
}

/// Remembers which database this is. One that was restored or cloned since is held from here on.
pub(crate) async fn identify(postgres: &Postgres) -> Result<Standing, ClientError> {
    let text = sql("identify")?;
    let session = postgres.get().await?;
    let read = async {
        let row = session.query_typed_one(&text, &[]).await?;
        Ok(Standing {
            held: row.try_get("held")?,
            held_by: row.try_get("held_by")?,
            held_because: row.try_get("held_because")?,
            held_at: row.try_get("held_at")?,
        })
    };
    read.await.map_err(|e: tokio_postgres::Error| explain(&e))
}
