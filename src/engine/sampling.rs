//! Sampling: stores table, index and queue sizes once an hour, for reports about growth.
//!
//! Every node with the scheduler or worker role tries every few minutes. An advisory lock lets one
//! store at a time, and the statement stores nothing while the last sample is younger than an hour.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::progress::LoopProgress;
use crate::clients::ClientError;
use crate::clients::postgres::explain;
use crate::store::prepared::DatabaseTexts;
use crate::store::{Store, StoreError};

/// The average interval; it is randomized so that nodes do not run together.
const INTERVAL: Duration = Duration::from_secs(300);
/// The average delay after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(10);
/// Delay of the first try: a node that restarts often would otherwise never sample.
const FIRST_DELAY: Duration = Duration::from_secs(1);
/// Minimum age of the last sample.
const SAMPLE_AGE_MIN: Duration = Duration::from_secs(3600);

/// Samples until `stop` turns true.
pub(crate) async fn run_sampling(store: Store, progress: Arc<LoopProgress>, mut stop: watch::Receiver<bool>) {
    let turns = async {
        let mut wait = FIRST_DELAY;
        loop {
            tokio::time::sleep(wait.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            wait = INTERVAL;
            match sample_if_due(&store).await {
                Ok(()) => progress.succeed(),
                Err(error) => {
                    progress.fail(&error);
                    wait = RETRY_DELAY;
                }
            }
        }
    };
    tokio::select! {
        biased;
        _ = stop.wait_for(|s| *s) => {}
        () = turns => {}
    }
}

/// Dropping the session releases the lock.
async fn sample_if_due(store: &Store) -> Result<(), StoreError> {
    let session = store.postgres().session().await?;
    let text = DatabaseTexts::load()?.try_sampling_lock;
    let row = session.query_typed_one(&text, &[]).await.map_err(failed)?;
    if row.try_get("taken").map_err(failed)? { store.store_sample(SAMPLE_AGE_MIN).await } else { Ok(()) }
}

fn failed(error: tokio_postgres::Error) -> ClientError {
    explain(&error)
}
