//! What of a stretch of time is to be queued, and what of it is too late.

use chrono::{DateTime, TimeDelta, Utc};

use super::{CatchUp, Schedule, ScheduleError};

/// So many occurrences one call gives at most.
pub const MAX: usize = 1000;
/// What is later than this was missed: nothing ran at its time.
const MISSED: TimeDelta = TimeDelta::seconds(60);
/// A search for the last missed one begins so far back, then ever further.
const FIRST_LOOK: TimeDelta = TimeDelta::minutes(10);

/// What is to be queued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub occurrences: Vec<DateTime<Utc>>,
    /// Everything up to here is dealt with.
    pub cursor: DateTime<Utc>,
    /// The first occurrence after the cursor. It lies before now when there was too much for one
    /// call.
    pub next: Option<DateTime<Utc>>,
}

/// What of (cursor, now] is to be queued.
pub fn due(
    schedule: &Schedule,
    cursor: DateTime<Utc>,
    now: DateTime<Utc>,
    catch_up: CatchUp,
) -> Result<Due, ScheduleError> {
    // What is exactly so late is not later.
    let border = (now - MISSED - TimeDelta::microseconds(1)).max(cursor);
    // Of what was missed, the last ones that count.
    let mut occurrences = match catch_up {
        CatchUp::Skip => Vec::new(),
        CatchUp::Once => last(schedule, cursor, border, 1)?,
        CatchUp::All => last(schedule, cursor, border, MAX)?,
    };
    let mut at = border;
    while occurrences.len() < MAX {
        match schedule.after(at)? {
            Some(next) if next <= now => {
                occurrences.push(next);
                at = next;
            }
            next => return Ok(Due { occurrences, cursor: now, next }),
        }
    }
    // The rest is for the next call.
    let cursor = occurrences.last().copied().unwrap_or(now);
    let next = schedule.after(cursor)?;
    Ok(Due { occurrences, cursor, next })
}

/// The last occurrences of (from, to], at most so many: found by looking back ever further, so that
/// a dense schedule costs no more than it gives.
fn last(
    schedule: &Schedule,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    most: usize,
) -> Result<Vec<DateTime<Utc>>, ScheduleError> {
    let mut back = FIRST_LOOK;
    loop {
        let begin = to.checked_sub_signed(back).unwrap_or(from).max(from);
        let mut found = std::collections::VecDeque::new();
        let mut at = begin;
        while let Some(next) = schedule.after(at)?.filter(|n| *n <= to) {
            if found.len() == most {
                found.pop_front();
            }
            found.push_back(next);
            at = next;
        }
        if found.len() == most || begin == from {
            return Ok(found.into());
        }
        back = back.checked_mul(8).unwrap_or(TimeDelta::MAX);
    }
}
