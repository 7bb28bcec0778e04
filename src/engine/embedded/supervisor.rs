//! Restarts the server when it dies while a member uses it. PostgreSQL recovers by itself at the start.

use std::time::{Duration, Instant};

use super::locks::Lock;
use super::postmaster::{Postmaster, State};
use super::{Embedded, EmbeddedError, blocking, ensure_running};
use crate::base::units;

const POLL: Duration = Duration::from_millis(250);
/// Maximum starts in a row; each waits twice as long as the one before it.
const ATTEMPTS_MAX: u32 = 5;
const FIRST_DELAY: Duration = Duration::from_millis(500);
/// A server that ran for this long starts a new row of attempts.
const STABLE_AFTER: Duration = Duration::from_secs(60);

impl Embedded {
    /// Restarts the server whenever it is down. Returns why it gave up.
    pub(crate) async fn supervise(&self) -> EmbeddedError {
        let (mut attempts, mut started_at) = (0, Instant::now());
        loop {
            tokio::time::sleep(POLL).await;
            let layout = self.layout.clone();
            if !matches!(blocking(move || Ok(Postmaster::new(&layout).state())).await, Ok(State::Down)) {
                continue;
            }
            if started_at.elapsed() >= STABLE_AFTER {
                attempts = 0;
            }
            let died_at = Instant::now();
            tracing::warn!("the embedded PostgreSQL has died; restarting it");
            loop {
                attempts += 1;
                match self.restart().await {
                    Ok(()) => break,
                    Err(cause) if attempts >= ATTEMPTS_MAX => {
                        return EmbeddedError::GaveUp { attempts, cause: Box::new(cause) };
                    }
                    Err(error) => tracing::debug!(%error, attempts, "it did not start"),
                }
                tokio::time::sleep(FIRST_DELAY * (1 << (attempts - 1))).await;
            }
            started_at = Instant::now();
            let after = units::duration(died_at.elapsed().as_secs_f64());
            tracing::info!("the embedded PostgreSQL is back after {after}, attempts: {attempts}");
            // A server that dies right after its start is not restarted in a hurry.
            tokio::time::sleep(FIRST_DELAY * (1 << (attempts - 1).min(ATTEMPTS_MAX))).await;
        }
    }

    async fn restart(&self) -> Result<(), EmbeddedError> {
        let (layout, account, search) = (self.layout.clone(), self.account.clone(), self.search.clone());
        blocking(move || {
            // Another member may be restarting it.
            let _mutex = Lock::mutex(&layout.embedded(), &account)?;
            ensure_running(&layout, &account, &search).map(drop)
        })
        .await
    }
}
