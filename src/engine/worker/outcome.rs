//! What became of a run, and what follows from it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::model::Backoff;

/// A run that has ended, as it is recorded.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The row of due work.
    pub(crate) id: i64,
    /// The lease under which it ran.
    pub(crate) token: Uuid,
    /// The concurrency key that it holds.
    pub(crate) key: Option<String>,
    /// When it began, by the database's clock.
    pub(crate) started_at: DateTime<Utc>,
    /// When it ended, by the database's clock.
    pub(crate) finished_at: DateTime<Utc>,
    pub(crate) verdict: Verdict,
}

#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// It worked. `output` is JSON.
    Done {
        output: String,
    },
    /// It did not work and is tried again after `wait`.
    Retry {
        error: String,
        output: Option<String>,
        wait: Duration,
    },
    /// It did not work and has no attempts left.
    Dead {
        error: String,
        output: Option<String>,
    },
    Canceled,
    /// The node stops: it is handed back as if it had never been claimed.
    HandBack,
}

impl Verdict {
    /// What follows from a failure: `failed` counts the attempts that have failed, with this one.
    pub(crate) fn of_failure(
        error: String,
        output: Option<String>,
        failed: u32,
        max_retries: u32,
        strategy: Backoff,
    ) -> Self {
        if failed > max_retries {
            return Self::Dead { error, output };
        }
        Self::Retry { error, output, wait: backoff(strategy, failed, fastrand::f64()) }
    }
}

/// Delay before the next attempt, after `failed` attempts (from 1); `chance` is in 0..1. `exponential_jitter` is
/// min(2^(n-1), 60) s times uniform(0.5, 1), `linear` n s up to 60 s, `fixed` 1 s.
pub(crate) fn backoff(strategy: Backoff, failed: u32, chance: f64) -> Duration {
    let n = failed.max(1);
    let seconds = match strategy {
        Backoff::Fixed => 1.0,
        Backoff::Linear => f64::from(n.min(60)),
        Backoff::ExponentialJitter => 2f64.powi(n.min(7) as i32 - 1).min(60.0) * (0.5 + chance / 2.0),
    };
    Duration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_as_the_contract_says() {
        let seconds = |strategy, n, chance| backoff(strategy, n, chance).as_secs_f64();
        assert_eq!([1, 2, 9].map(|n| seconds(Backoff::Fixed, n, 0.3)), [1.0, 1.0, 1.0]);
        assert_eq!([1, 2, 60, 61].map(|n| seconds(Backoff::Linear, n, 0.3)), [1.0, 2.0, 60.0, 60.0]);
        assert_eq!(
            [1, 2, 6, 7, 40].map(|n| seconds(Backoff::ExponentialJitter, n, 1.0)),
            [1.0, 2.0, 32.0, 60.0, 60.0]
        );
        assert_eq!([1, 2, 7].map(|n| seconds(Backoff::ExponentialJitter, n, 0.0)), [0.5, 1.0, 30.0]);
    }

    #[test]
    fn the_last_attempt_is_followed_by_no_retry() {
        let verdict = |failed| Verdict::of_failure("e".into(), None, failed, 2, Backoff::Fixed);
        assert!(matches!(verdict(1), Verdict::Retry { .. }));
        assert!(matches!(verdict(2), Verdict::Retry { .. }));
        assert!(matches!(verdict(3), Verdict::Dead { .. }));
    }
}
