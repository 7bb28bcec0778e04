//! Outcomes as column arrays, for statements that take many rows.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::outcome::{Outcome, RunResult};
use crate::clients::postgres::RawText;

/// Outcomes as statement parameters, ordered by row id: every session locks rows in that order.
#[derive(Default)]
pub(crate) struct OutcomeColumns<'a> {
    finished: Columns<'a>,
    retried: Columns<'a>,
    handed_back: Columns<'a>,
    keys: Vec<&'a RawText>,
    /// Row ids that hold the keys.
    key_holders: Vec<i64>,
}

#[derive(Default)]
struct Columns<'a> {
    ids: Vec<i64>,
    tokens: Vec<Uuid>,
    successes: Vec<bool>,
    errors: Vec<Option<&'a str>>,
    outputs: Vec<Option<&'a str>>,
    started: Vec<DateTime<Utc>>,
    finished: Vec<DateTime<Utc>>,
    dead_letters: Vec<bool>,
    waits: Vec<f64>,
}

impl<'a> OutcomeColumns<'a> {
    pub(crate) fn new(outcomes: &'a [Outcome]) -> Self {
        let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
        sorted.sort_unstable_by_key(|o| o.id);
        let mut all = Self::default();
        for outcome in sorted {
            match &outcome.result {
                RunResult::Success { output } => all.finished.push(outcome, None, Some(output), None),
                RunResult::DeadLetter { error, output } => {
                    all.finished.push(outcome, Some(error), output.as_deref(), None)
                }
                RunResult::Canceled => all.finished.push(outcome, Some("canceled"), None, None),
                RunResult::Retry { error, output, wait } => {
                    all.retried.push(outcome, Some(error), output.as_deref(), Some(*wait));
                }
                RunResult::HandBack => all.handed_back.push(outcome, None, None, None),
            }
            if let Some(key) = &outcome.concurrency_key {
                all.keys.push(key);
                all.key_holders.push(outcome.id);
            }
        }
        all
    }

    /// How many statements are needed to record the outcomes.
    pub(crate) fn statements(&self) -> usize {
        [self.has_finished(), self.has_retried(), self.has_handed_back(), self.has_keys(), self.has_keys()]
            .into_iter()
            .filter(|needed| *needed)
            .count()
    }

    pub(crate) fn has_finished(&self) -> bool {
        !self.finished.ids.is_empty()
    }

    pub(crate) fn has_retried(&self) -> bool {
        !self.retried.ids.is_empty()
    }

    pub(crate) fn has_handed_back(&self) -> bool {
        !self.handed_back.ids.is_empty()
    }

    pub(crate) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    pub(crate) fn complete_params(&self) -> [&(dyn ToSql + Sync); 8] {
        let c = &self.finished;
        [&c.ids, &c.tokens, &c.successes, &c.errors, &c.outputs, &c.started, &c.finished, &c.dead_letters]
    }

    pub(crate) fn retry_params(&self) -> [&(dyn ToSql + Sync); 7] {
        let c = &self.retried;
        [&c.ids, &c.tokens, &c.errors, &c.outputs, &c.started, &c.finished, &c.waits]
    }

    pub(crate) fn hand_back_params(&self) -> [&(dyn ToSql + Sync); 2] {
        [&self.handed_back.ids, &self.handed_back.tokens]
    }

    pub(crate) fn free_slots_params(&self) -> [&(dyn ToSql + Sync); 2] {
        [&self.keys, &self.key_holders]
    }

    pub(crate) fn promote_params(&self) -> [&(dyn ToSql + Sync); 1] {
        [&self.keys]
    }
}

impl<'a> Columns<'a> {
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
        self.dead_letters.push(matches!(outcome.result, RunResult::DeadLetter { .. }));
        self.waits.push(wait.unwrap_or_default().as_secs_f64());
    }
}
