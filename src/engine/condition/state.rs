//! The state of a condition, and how an evaluation changes it.

use std::time::Duration;

use chrono::{DateTime, Utc};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConditionState {
    pub(crate) since: Option<DateTime<Utc>>,
    /// The task was queued in this true period.
    pub(crate) fired: bool,
}

impl ConditionState {
    /// The state after a gap without evaluations. It is unknown whether a true period that has not fired
    /// lasted, so it restarts at the next evaluation.
    #[must_use]
    pub(crate) fn after_gap(self) -> Self {
        if self.fired { self } else { Self::default() }
    }

    /// The state after an evaluation at `at`, and the start of the true period if it fires.
    #[must_use]
    pub(crate) fn after_evaluation(
        self,
        truth: Option<bool>,
        at: DateTime<Utc>,
        hold: Duration,
    ) -> (Self, Option<DateTime<Utc>>) {
        match truth {
            None => (self, None),
            Some(false) => (Self::default(), None),
            Some(true) => {
                let since = self.since.unwrap_or(at);
                let has_held = (at - since).to_std().unwrap_or_default() >= hold;
                let fires = has_held && !self.fired;
                (Self { since: Some(since), fired: self.fired || fires }, fires.then_some(since))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seconds at which it fires, for one evaluation per second: `t`rue, `f`alse, `?` (unknown).
    fn fires(evaluations: &str, hold: u64) -> Vec<usize> {
        let mut state = ConditionState::default();
        let mut fired = Vec::new();
        for (second, c) in evaluations.chars().enumerate() {
            let at = DateTime::UNIX_EPOCH + Duration::from_secs(second as u64);
            let truth = match c {
                't' => Some(true),
                'f' => Some(false),
                _ => None,
            };
            let (next, fires) = state.after_evaluation(truth, at, Duration::from_secs(hold));
            state = next;
            if fires.is_some() {
                assert_eq!(fires, state.since);
                fired.push(second);
            }
        }
        fired
    }

    #[test]
    fn a_condition_fires_once_per_true_period_that_lasts_the_hold_time() {
        for (evaluations, hold, expected) in [
            ("ffttft", 0, vec![2, 5]),
            ("t?t?t", 0, vec![0]),
            ("t?ft", 0, vec![0, 3]),
            ("ttttt", 3, vec![3]),
            ("ttfttttt", 3, vec![6]),
            ("t???t", 3, vec![4]),
            ("t????", 3, vec![]),
            ("?f?", 0, vec![]),
        ] {
            assert_eq!(fires(evaluations, hold), expected, "{evaluations} for {hold}s");
        }
    }
}
