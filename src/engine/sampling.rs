//! Sampling: stores once an hour how large everything is, for reports that ask how it has grown.
//!
//! Every node that schedules or works looks every few minutes; an advisory lock lets one of them
//! store at a time, and the statement stores nothing while the last sample is younger than an hour.

use std::time::Duration;

use tokio::sync::watch;

use super::sql;
use crate::clients::ClientError;
use crate::clients::postgres::explain;
use crate::store::{Store, StoreError};

/// How often a node looks, more or less: nodes that start together should not come together.
const EVERY: Duration = Duration::from_secs(300);
/// The first time comes sooner: a node that is started often would never get to it.
const FIRST: Duration = Duration::from_secs(1);
/// A sample that is younger than so many seconds is enough.
const HOUR: Duration = Duration::from_secs(3600);

/// Samples until `stop` turns true. A database that is lost is asked again at the next turn.
pub(crate) async fn sample(store: Store, mut stop: watch::Receiver<bool>) {
    let turns = async {
        let mut wait = FIRST;
        loop {
            tokio::time::sleep(wait.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            wait = EVERY;
            if let Err(error) = turn(&store).await {
                tracing::warn!(%error, "no sample can be stored; it will be tried again");
            }
        }
    };
    tokio::select! {
        biased;
        _ = stop.wait_for(|s| *s) => {}
        () = turns => {}
    }
}

/// One look. The lock ends with its session, when that is dropped.
async fn turn(store: &Store) -> Result<(), StoreError> {
    let session = store.postgres().session().await?;
    let row = session.query_typed_one(&sql("samples/try_lock")?, &[]).await.map_err(failed)?;
    if row.try_get("taken").map_err(failed)? { store.store_sample(HOUR).await } else { Ok(()) }
}

fn failed(error: tokio_postgres::Error) -> ClientError {
    explain(&error)
}
