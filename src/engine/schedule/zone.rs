//! Converts wall-clock times to instants across offset changes.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// Shorter than the time between two offset changes of any zone.
const STRIDE: TimeDelta = TimeDelta::hours(12);

/// The instant of a wall-clock time inside a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// The end of the gap.
    End,
    /// By the offset before the gap (RFC 5545 §3.3.5).
    OffsetBefore,
}

/// The instant of a wall-clock time; in an overlap the first one.
pub(crate) fn instant(zone: Tz, wall: NaiveDateTime, gap: Gap) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => in_gap(zone, wall, gap),
    }
}

fn in_gap(zone: Tz, wall: NaiveDateTime, gap: Gap) -> DateTime<Utc> {
    let day_before = wall.and_utc() - TimeDelta::hours(38);
    // By the offset of about a day earlier, the wall-clock time is at or after the change.
    let guess = wall.and_utc() - offset(zone, day_before);
    let Some(change) = change(zone, day_before, guess) else { return guess };
    match gap {
        Gap::End => change,
        Gap::OffsetBefore => wall.and_utc() - offset(zone, change - TimeDelta::seconds(1)),
    }
}

/// The offset from UTC.
pub(crate) fn offset(zone: Tz, at: DateTime<Utc>) -> TimeDelta {
    TimeDelta::seconds(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into())
}

pub(crate) fn wall(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The first instant in (from, to] with another offset than `from`.
pub(crate) fn change(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let before = offset(zone, from);
    let mut low = from;
    while low < to {
        let mut high = (low + STRIDE).min(to);
        if offset(zone, high) == before {
            low = high;
            continue;
        }
        while high - low > TimeDelta::seconds(1) {
            let middle = low + (high - low) / 2;
            if offset(zone, middle) == before { low = middle } else { high = middle }
        }
        // Offsets change at whole seconds.
        let second = high.timestamp();
        return DateTime::from_timestamp(second, 0).filter(|at| offset(zone, *at) != before).or(Some(high));
    }
    None
}
