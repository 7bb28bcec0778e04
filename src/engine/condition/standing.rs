//! Where a condition stands, and what an evaluation makes of that.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// What is known of a condition between two evaluations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) since: Option<DateTime<Utc>>,
    /// This truth has queued the task.
    pub(crate) fired: bool,
}

impl Standing {
    /// What is left of it when nobody looked for so long: of a truth that has not fired nobody knows
    /// whether it lasted, so it begins when it is seen again.
    #[must_use]
    pub(crate) fn unwatched(self) -> Self {
        if self.fired { self } else { Self::default() }
    }

    /// What it becomes when this is seen at `at`; with the instant of turning true when that fires.
    #[must_use]
    pub(crate) fn after(
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
                let held = (at - since).to_std().unwrap_or_default() >= hold;
                let fires = held && !self.fired;
                (Self { since: Some(since), fired: self.fired || fires }, fires.then_some(since))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At which of the seconds it fires: `t`rue, `f`alse, `?`.
    fn fires(seen: &str, hold: u64) -> Vec<usize> {
        let mut standing = Standing::default();
        let mut fired = Vec::new();
        for (second, c) in seen.chars().enumerate() {
            let at = DateTime::UNIX_EPOCH + Duration::from_secs(second as u64);
            let truth = match c {
                't' => Some(true),
                'f' => Some(false),
                _ => None,
            };
            let (next, fires) = standing.after(truth, at, Duration::from_secs(hold));
            standing = next;
            if fires.is_some() {
                assert_eq!(fires, standing.since);
                fired.push(second);
            }
        }
        fired
    }

    #[test]
    fn it_fires_once_for_each_truth_that_has_held() {
        for (seen, hold, wanted) in [
            ("ffttft", 0, vec![2, 5]),
            ("t?t?t", 0, vec![0]),
            ("t?ft", 0, vec![0, 3]),
            ("ttttt", 3, vec![3]),
            ("ttfttttt", 3, vec![6]),
            ("t???t", 3, vec![4]),
            ("t????", 3, vec![]),
            ("?f?", 0, vec![]),
        ] {
            assert_eq!(fires(seen, hold), wanted, "{seen} for {hold}s");
        }
    }
}
