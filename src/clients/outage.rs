//! An outage of an outside system, as one loop sees it: when to try again, and one log line for each change.

use std::fmt::Display;
use std::time::{Duration, Instant};

use crate::base::units;

const FIRST_DELAY: Duration = Duration::from_millis(100);
const DELAY_MAX: Duration = Duration::from_secs(2);

/// The delay before the attempt after the `failed`th failure (from 1): exponential, with jitter, so that many
/// nodes do not reconnect together.
pub(crate) fn backoff(failed: u32) -> Duration {
    let delay = FIRST_DELAY.saturating_mul(1 << (failed.max(1) - 1).min(10)).min(DELAY_MAX);
    delay.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// The outages of one loop.
pub(crate) struct Outage {
    /// The loop, as log lines name it.
    what: String,
    since: Option<Instant>,
    attempts: u32,
}

impl Outage {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), since: None, attempts: 0 }
    }

    /// Records a failure; returns the delay before the next attempt. Logs the first failure of an outage.
    pub(crate) fn failed(&mut self, error: &dyn Display) -> Duration {
        self.attempts += 1;
        if self.since.is_none() {
            self.since = Some(Instant::now());
            tracing::warn!(%error, "{}: lost, reconnecting", self.what);
        } else {
            tracing::debug!(%error, attempts = self.attempts, "{}: still lost", self.what);
        }
        backoff(self.attempts)
    }

    /// Records a success: the system did what the loop needs, and did not only accept a connection. Logs the
    /// end of an outage.
    pub(crate) fn ended(&mut self) {
        if let Some(since) = self.since.take() {
            let (after, attempts) = (units::duration(since.elapsed().as_secs_f64()), self.attempts);
            tracing::info!("{}: back after {after}, attempts: {attempts}", self.what);
        }
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_the_maximum_and_start_again_after_an_outage() {
        for (failed, max) in [(1, 100), (2, 200), (5, 1600), (6, 2000), (60, 2000)] {
            let (delay, max) = (backoff(failed), Duration::from_millis(max));
            assert!(delay >= max / 2 && delay <= max, "{failed}: {delay:?}");
        }
        let mut outage = Outage::new("test");
        let last = (0..10).map(|_| outage.failed(&"gone")).last().unwrap();
        assert!(last >= DELAY_MAX / 2, "{last:?}");
        outage.ended();
        assert!(outage.failed(&"gone") <= FIRST_DELAY);
    }
}
