//! Removal of probe tasks: only with their lock, and within a limited time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

use crate::base::units;
use crate::base::units::count;
use crate::clients::postgres::{SYSTEM, Session};
use crate::model::{Consented, Finding, Status};
use crate::store::{Store, StoreError};
use crate::tools::baseline::probe::{Making, POLL_INTERVAL};

/// Limit for the removal, including the wait for the statement that creates the probes: an interrupted run
/// waits for it.
const REMOVAL_TIMEOUT: Duration = Duration::from_secs(15);

/// Removes every probe and releases the lock. Retries when a run of a probe is recorded concurrently.
pub(crate) async fn remove(store: Store, lock: Session, making: Making, consented: Consented) -> Finding {
    let lock = Arc::new(Mutex::new(Some(lock)));
    match retry(making, || attempt(store.clone(), lock.clone(), &consented)).await {
        Ok(removed) => {
            let summary = format!("Probe tasks: {} removed, with their work and runs", count(removed as f64));
            Finding::new("removed", SYSTEM, Status::Ok, summary)
        }
        Err(why) => {
            let summary = format!("Probe tasks: not removed: {why}");
            Finding::new("removed", SYSTEM, Status::Crit, summary).hint("ordctl baseline --only probes --yes")
        }
    }
}

/// Removes them if this run holds the lock or can take it again. None if another run holds it: all probes have
/// the same mark, and the probes of the other run must stay.
async fn attempt(
    store: Store,
    lock: Arc<Mutex<Option<Session>>>,
    consented: &Consented,
) -> Result<Option<u64>, StoreError> {
    let mut lock = lock.lock().await;
    let ours = match lock.as_ref() {
        Some(session) => store.holds_probe_lock(session).await?,
        None => false,
    };
    if !ours {
        *lock = store.lock_probes().await?;
    }
    match lock.as_ref() {
        Some(_) => store.remove_probes(consented).await.map(Some),
        None => Ok(None),
    }
}

/// Waits until the creation ends, then retries the removal until it succeeds or times out.
async fn retry<A: Future<Output = Result<Option<u64>, StoreError>>>(
    making: Making,
    mut attempt: impl FnMut() -> A,
) -> Result<u64, String> {
    let limit = units::duration(REMOVAL_TIMEOUT.as_secs_f64());
    let mut why = format!("the statement that creates them did not finish within {limit}");
    let work = async {
        drop(making.await);
        why = format!("no answer within {limit}");
        loop {
            match attempt().await {
                Ok(Some(removed)) => return removed,
                Ok(None) => {
                    "the lock was lost and another run measures with probe tasks".clone_into(&mut why)
                }
                Err(e) => why = e.to_string(),
            }
            sleep(POLL_INTERVAL).await;
        }
    };
    let done = timeout_at(Instant::now() + REMOVAL_TIMEOUT, work).await;
    done.map_err(|_| why)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn made() -> Making {
        async { Ok(Vec::new()) }.boxed().shared()
    }

    #[tokio::test(start_paused = true)]
    async fn a_removal_ends_whatever_it_waits_for() {
        let begin = Instant::now();
        let never = futures_util::future::pending().boxed().shared();
        let why = retry(never, || async { Ok(Some(1)) }).await.unwrap_err();
        assert!(why.contains("the statement that creates them"), "{why}");
        let why = retry(made(), std::future::pending).await.unwrap_err();
        assert!(why.contains("no answer within 15 s"), "{why}");
        let why = retry(made(), || async { Ok(None) }).await.unwrap_err();
        assert!(why.contains("another run"), "{why}");
        assert_eq!(begin.elapsed(), 3 * REMOVAL_TIMEOUT);
        let mut tries = 0;
        let removed = retry(made(), || {
            tries += 1;
            std::future::ready(Ok((tries > 2).then_some(6)))
        });
        assert_eq!(removed.await, Ok(6));
    }
}
