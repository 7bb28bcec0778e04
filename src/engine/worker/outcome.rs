//! The outcome of a run, and the retry policy after a failure.

use std::borrow::Cow;
use std::time::Duration;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::clients::postgres::{RawText, code_points};
use crate::model::Backoff;

/// A finished run, ready to be recorded.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The row of due work.
    pub(crate) id: i64,
    /// The lease token under which it ran.
    pub(crate) token: Uuid,
    pub(crate) concurrency_key: Option<RawText>,
    /// By the database's clock.
    pub(crate) started_at: DateTime<Utc>,
    /// By the database's clock.
    pub(crate) finished_at: DateTime<Utc>,
    pub(crate) result: RunResult,
}

#[derive(Clone, Debug)]
pub(crate) enum RunResult {
    /// `output` is JSON.
    Success {
        output: String,
    },
    /// Failed; runs again after `wait`.
    Retry {
        error: String,
        output: Option<String>,
        wait: Duration,
    },
    /// Failed with no attempts left.
    DeadLetter {
        error: String,
        output: Option<String>,
    },
    Canceled,
    /// The node stops: the row is handed back as if it had never been claimed.
    HandBack,
}

impl RunResult {
    /// The same with code points for characters after `last`; None if it has none.
    pub(crate) fn with_code_points(&self, last: char) -> Option<Self> {
        let (mut result, mut is_changed) = (self.clone(), false);
        let (error, output) = match &mut result {
            Self::Success { output } => (None, Some(output)),
            Self::Retry { error, output, .. } | Self::DeadLetter { error, output } => {
                (Some(error), output.as_mut())
            }
            Self::Canceled | Self::HandBack => (None, None),
        };
        for text in error.into_iter().chain(output) {
            if let Cow::Owned(replaced) = code_points(text, last) {
                *text = replaced;
                is_changed = true;
            }
        }
        is_changed.then_some(result)
    }

    /// `failed` counts the failed attempts, including this one.
    pub(crate) fn after_failure(
        error: String,
        output: Option<String>,
        failed: u32,
        max_retries: u32,
        strategy: Backoff,
    ) -> Self {
        if failed > max_retries {
            return Self::DeadLetter { error, output };
        }
        Self::Retry { error, output, wait: backoff(strategy, failed, fastrand::f64()) }
    }
}

/// The wait after the `failed`th failed attempt (from 1); `jitter` is in 0..1.
/// `exponential_jitter` is min(2^(n-1), 60) s times uniform(0.5, 1), `linear` n s up to 60,
/// `fixed` 1 s.
pub(crate) fn backoff(strategy: Backoff, failed: u32, jitter: f64) -> Duration {
    let n = failed.max(1);
    let seconds = match strategy {
        Backoff::Fixed => 1.0,
        Backoff::Linear => f64::from(n.min(60)),
        Backoff::ExponentialJitter => 2f64.powi(n.min(7) as i32 - 1).min(60.0) * (0.5 + jitter / 2.0),
    };
    Duration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_matches_the_documented_strategies() {
        let seconds = |strategy, n, jitter| backoff(strategy, n, jitter).as_secs_f64();
        assert_eq!([1, 2, 9].map(|n| seconds(Backoff::Fixed, n, 0.3)), [1.0, 1.0, 1.0]);
        assert_eq!([1, 2, 60, 61].map(|n| seconds(Backoff::Linear, n, 0.3)), [1.0, 2.0, 60.0, 60.0]);
        assert_eq!(
            [1, 2, 6, 7, 40].map(|n| seconds(Backoff::ExponentialJitter, n, 1.0)),
            [1.0, 2.0, 32.0, 60.0, 60.0]
        );
        assert_eq!([1, 2, 7].map(|n| seconds(Backoff::ExponentialJitter, n, 0.0)), [0.5, 1.0, 30.0]);
    }

    #[test]
    fn the_last_failed_attempt_becomes_a_dead_letter() {
        let result = |failed| RunResult::after_failure("e".into(), None, failed, 2, Backoff::Fixed);
        assert!(matches!(result(1), RunResult::Retry { .. }));
        assert!(matches!(result(2), RunResult::Retry { .. }));
        assert!(matches!(result(3), RunResult::DeadLetter { .. }));
    }
}
