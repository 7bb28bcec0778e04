//! Removing probe tasks: by whoever holds their lock, and within a bounded time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout_at};

use crate::base::units;
use crate::base::units::count;
use crate::clients::postgres::{SYSTEM, Session};
use crate::model::{Finding, Status};
use crate::store::{Store, StoreError};
use crate::tools::baseline::probe::{LOOK, Making};

/// How long the removal may take in all, with waiting for the statement that makes the probes: whoever
/// interrupts a run waits for it.
const REMOVAL: Duration = Duration::from_secs(15);

/// Removes every probe; a run that is recorded at the same instant makes it try again. The lock goes
/// with it.
pub(crate) async fn remove(store: Store, lock: Session, making: Making) -> Finding {
    let lock = Arc::new(Mutex::new(Some(lock)));
    match persist(making, || attempt(store.clone(), lock.clone())).await {
        Ok(removed) => {
            let summary =
                format!("{} probe tasks are removed, with their work and runs", count(removed as f64));
            Finding::new("removed", SYSTEM, Status::Ok, summary)
        }
        Err(why) => {
            let summary = format!("probe tasks may be left behind, they could not be removed: {why}");
            Finding::new("removed", SYSTEM, Status::Crit, summary)
                .hint("ordctl baseline --only probes --yes, which removes them first")
        }
    }
}

/// Removes them if the lock is this run's, or can be had again. None: somebody else has it. Every run's
/// probes bear the same mark, and those that he measures with must not go.
async fn attempt(store: Store, lock: Arc<Mutex<Option<Session>>>) -> Result<Option<u64>, StoreError> {
    let mut lock = lock.lock().await;
    let ours = match lock.as_ref() {
        Some(session) => store.holds_probe_lock(session).await?,
        None => false,
    };
    if !ours {
        *lock = store.lock_probes().await?;
    }
    match lock.as_ref() {
        Some(_) => store.remove_probes().await.map(Some),
        None => Ok(None),
    }
}

/// Attempts it once the probes are made or not, over and over, until it is done or the time is over.
async fn persist<A: Future<Output = Result<Option<u64>, StoreError>>>(
    making: Making,
    mut attempt: impl FnMut() -> A,
) -> Result<u64, String> {
    let limit = units::duration(REMOVAL.as_secs_f64());
    let mut why = format!("the statement that makes them has not ended within {limit}");
    let work = async {
        drop(making.await);
        why = format!("no answer within {limit}");
        loop {
            match attempt().await {
                Ok(Some(removed)) => return removed,
                Ok(None) => {
                    "the lock was lost, and somebody else measures with probe tasks".clone_into(&mut why)
                }
                Err(e) => why = e.to_string(),
            }
            sleep(LOOK).await;
        }
    };
    let done = timeout_at(Instant::now() + REMOVAL, work).await;
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
        let why = persist(never, || async { Ok(Some(1)) }).await.unwrap_err();
        assert!(why.contains("the statement that makes them"), "{why}");
        let why = persist(made(), std::future::pending).await.unwrap_err();
        assert!(why.contains("no answer within 15 s"), "{why}");
        let why = persist(made(), || async { Ok(None) }).await.unwrap_err();
        assert!(why.contains("somebody else"), "{why}");
        assert_eq!(begin.elapsed(), 3 * REMOVAL);
        let mut tries = 0;
        let removed = persist(made(), || {
            tries += 1;
            std::future::ready(Ok((tries > 2).then_some(6)))
        });
        assert_eq!(removed.await, Ok(6));
    }
}
