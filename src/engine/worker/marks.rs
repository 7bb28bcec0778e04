//! Marks: how far a node has claimed, for each priority.
//!
//! Rows are claimed in the order of their index, so what lies before the last claimed row is leased
//! or finished, and its entries in the index stay until they are vacuumed. A claim that begins at
//! the mark does not read them again. What has come up behind a mark (a row that was handed back,
//! one that was skipped because another claim had it locked) is found by the next claim without
//! marks, of which there is one every [`WHOLE`], and one before a lane rests.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::claim::Claimed;

/// How often a claim reads from the beginning.
const WHOLE: Duration = Duration::from_millis(100);
const PRIORITIES: usize = 9;

#[derive(Default)]
pub(crate) struct Marks(Mutex<State>);

struct State {
    marks: [Mark; PRIORITIES],
    whole_at: Option<Instant>,
}

type Mark = (DateTime<Utc>, i64);

const BEGINNING: Mark = (DateTime::UNIX_EPOCH, i64::MIN);

impl Default for State {
    fn default() -> Self {
        Self { marks: [BEGINNING; PRIORITIES], whole_at: None }
    }
}

pub(crate) struct From {
    pub(crate) times: Vec<DateTime<Utc>>,
    pub(crate) ids: Vec<i64>,
    /// At the beginning of everything.
    pub(crate) whole: bool,
}

impl Marks {
    /// Where the next claim begins. `rested`: it is the first after a rest.
    pub(crate) fn begin(&self, rested: bool) -> From {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let whole = rested || state.whole_at.is_none_or(|at| at.elapsed() >= WHOLE);
        if whole {
            *state = State { marks: [BEGINNING; PRIORITIES], whole_at: Some(Instant::now()) };
        }
        let (times, ids) = state.marks.iter().copied().unzip();
        From { times, ids, whole }
    }

    pub(crate) fn advance(&self, rows: &[Claimed]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let index = usize::try_from(row.priority - 1).unwrap_or(PRIORITIES);
            if let Some(mark) = state.marks.get_mut(index) {
                *mark = (*mark).max((row.run_at, row.id));
            }
        }
    }
}
