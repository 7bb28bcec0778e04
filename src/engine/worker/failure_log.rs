//! Failed runs in the log of the node, where an engineer looks first. A task that fails thousands of times a second
//! does not fill the disk: what is left out is counted.

use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use governor::clock::MonotonicClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use super::claim::ClaimedJob;
use super::outcome::RunResult;

/// Failures that a node logs in a second, on average and at once.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();

type Limiter = RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

static LIMITER: LazyLock<Limiter> =
    LazyLock::new(|| RateLimiter::direct_with_clock(Quota::per_second(PER_SECOND), MonotonicClock));
static LEFT_OUT: AtomicU64 = AtomicU64::new(0);

/// Logs a result that is a failure.
pub(super) fn log(job: &ClaimedJob, title: &str, result: &RunResult) {
    let (error, is_last) = match result {
        RunResult::DeadLetter { error, .. } => (error, true),
        RunResult::Retry { error, .. } => (error, false),
        RunResult::Success { .. } | RunResult::Canceled | RunResult::HandBack => return,
    };
    if LIMITER.check().is_err() {
        LEFT_OUT.fetch_add(1, Ordering::Relaxed);
        return;
    }
    let left_out = LEFT_OUT.swap(0, Ordering::Relaxed);
    if left_out > 0 {
        tracing::warn!(left_out, "failed runs were not logged, because there were too many");
    }
    // The span around the run has its id.
    let attempt = job.attempts + 1;
    let error = error.lines().next().unwrap_or_default();
    if is_last {
        tracing::warn!(task = title, attempt, %error, "a run failed, no attempts are left");
    } else {
        tracing::warn!(task = title, attempt, %error, "a run failed and will be tried again");
    }
}
