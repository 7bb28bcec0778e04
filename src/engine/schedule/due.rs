//! The occurrences of a time range that must be queued, by the catch-up policy (promise 1).

use chrono::{DateTime, TimeDelta, Utc};

use super::{CatchUp, Schedule, ScheduleError};

/// Maximum occurrences per call.
pub const MAX: usize = 1000;
/// An occurrence that is later than this was missed: no scheduler ran.
const MISSED: TimeDelta = TimeDelta::seconds(60);
/// The first range of the search for missed occurrences; later ranges are longer.
const FIRST_RANGE: TimeDelta = TimeDelta::minutes(10);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub occurrences: Vec<DateTime<Utc>>,
    /// Everything up to here is processed.
    pub cursor: DateTime<Utc>,
    /// The first occurrence after the cursor; before now if one call was not enough.
    pub next: Option<DateTime<Utc>>,
}

/// The occurrences of (cursor, now] to queue.
pub fn due(
    schedule: &Schedule,
    cursor: DateTime<Utc>,
    now: DateTime<Utc>,
    catch_up: CatchUp,
) -> Result<Due, ScheduleError> {
    // An occurrence that is exactly 60 s late was not missed.
    let border = (now - MISSED - TimeDelta::microseconds(1)).max(cursor);
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
    // The next call continues here.
    let cursor = occurrences.last().copied().unwrap_or(now);
    let next = schedule.after(cursor)?;
    Ok(Due { occurrences, cursor, next })
}

/// The last `max` occurrences of (from, to]. It searches in growing ranges back from `to`, so the cost
/// depends on `max` and not on the length of the range.
fn last(
    schedule: &Schedule,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    max: usize,
) -> Result<Vec<DateTime<Utc>>, ScheduleError> {
    let mut back = FIRST_RANGE;
    loop {
        let begin = to.checked_sub_signed(back).unwrap_or(from).max(from);
        let mut found = std::collections::VecDeque::new();
        let mut at = begin;
        while let Some(next) = schedule.after(at)?.filter(|n| *n <= to) {
            if found.len() == max {
                found.pop_front();
            }
            found.push_back(next);
            at = next;
        }
        if found.len() == max || begin == from {
            return Ok(found.into());
        }
        back = back.checked_mul(8).unwrap_or(TimeDelta::MAX);
    }
}
