//! Outcomes as columns, for statements that take many at once.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::outcome::{Outcome, Verdict};

/// Outcomes as the columns that the statements take, in the order of the rows' ids: whoever locks
/// several rows does so in that order.
#[derive(Default)]
pub(crate) struct Columns<'a> {
    end: Ends<'a>,
    again: Ends<'a>,
    back: Ends<'a>,
    keys: Vec<&'a str>,
    keyed: Vec<i64>,
}

#[derive(Default)]
struct Ends<'a> {
    ids: Vec<i64>,
    tokens: Vec<Uuid>,
    successes: Vec<bool>,
    errors: Vec<Option<&'a str>>,
    outputs: Vec<Option<&'a str>>,
    started: Vec<DateTime<Utc>>,
    finished: Vec<DateTime<Utc>>,
    letters: Vec<bool>,
    waits: Vec<f64>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(outcomes: &'a [Outcome]) -> Self {
        let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
        sorted.sort_unstable_by_key(|o| o.id);
        let mut all = Self::default();
        for outcome in sorted {
            match &outcome.verdict {
                Verdict::Done { output } => all.end.push(outcome, None, Some(output), None),
                Verdict::Dead { error, output } => {
                    all.end.push(outcome, Some(error), output.as_deref(), None)
                }
                Verdict::Canceled => all.end.push(outcome, Some("canceled"), None, None),
                Verdict::Retry { error, output, wait } => {
                    all.again.push(outcome, Some(error), output.as_deref(), Some(*wait));
                }
                Verdict::HandBack => all.back.push(outcome, None, None, None),
            }
            if let Some(key) = &outcome.key {
                all.keys.push(key);
                all.keyed.push(outcome.id);
            }
        }
        all
    }

    /// How many statements they need.
    pub(crate) fn statements(&self) -> usize {
        let one = |ends: &Ends<'_>| usize::from(!ends.ids.is_empty());
        one(&self.end) + one(&self.again) + one(&self.back) + 2 * usize::from(self.keyed())
    }

    /// Whether any ends for good.
    pub(crate) fn ends(&self) -> bool {
        !self.end.ids.is_empty()
    }

    /// Whether any is tried again.
    pub(crate) fn retries(&self) -> bool {
        !self.again.ids.is_empty()
    }

    /// Whether any is handed back.
    pub(crate) fn backs(&self) -> bool {
        !self.back.ids.is_empty()
    }

    /// Whether any holds a key.
    pub(crate) fn keyed(&self) -> bool {
        !self.keys.is_empty()
    }

    pub(crate) fn complete(&self) -> [&(dyn ToSql + Sync); 8] {
        let e = &self.end;
        [&e.ids, &e.tokens, &e.successes, &e.errors, &e.outputs, &e.started, &e.finished, &e.letters]
    }

    pub(crate) fn retry(&self) -> [&(dyn ToSql + Sync); 7] {
        let e = &self.again;
        [&e.ids, &e.tokens, &e.errors, &e.outputs, &e.started, &e.finished, &e.waits]
    }

    pub(crate) fn back(&self) -> [&(dyn ToSql + Sync); 2] {
        [&self.back.ids, &self.back.tokens]
    }

    pub(crate) fn slots(&self) -> [&(dyn ToSql + Sync); 2] {
        [&self.keys, &self.keyed]
    }

    pub(crate) fn promoted(&self) -> [&(dyn ToSql + Sync); 1] {
        [&self.keys]
    }
}

impl<'a> Ends<'a> {
    fn push(
        &mut self,
        outcome: &Outcome,
        error: Option<&'a str>,
        output: Option<&'a str>,
        wait: Option<Duration>,
    ) {
        self.ids.push(outcome.id);
        self.tokens.push(outcome.token);
        self.successes.push(error.is_none());
        self.errors.push(error);
        self.outputs.push(output);
        self.started.push(outcome.started_at);
        self.finished.push(outcome.finished_at);
        self.letters.push(matches!(outcome.verdict, Verdict::Dead { .. }));
        self.waits.push(wait.unwrap_or_default().as_secs_f64());
    }
}
