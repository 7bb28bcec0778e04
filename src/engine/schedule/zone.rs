//! Wall-clock times and instants where the offset changes.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// No zone has two changes closer to each other than this.
const STRIDE: TimeDelta = TimeDelta::hours(12);

/// Which instant a wall-clock time has that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// The first one after the gap.
    End,
    /// That which it would have by the offset before the gap (RFC 5545 §3.3.5).
    OffsetBefore,
}

/// The instant of a wall-clock time; the first, where it comes twice.
pub(crate) fn instant(zone: Tz, wall: NaiveDateTime, gap: Gap) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => in_gap(zone, wall, gap),
    }
}

fn in_gap(zone: Tz, wall: NaiveDateTime, gap: Gap) -> DateTime<Utc> {
    let day_before = wall.and_utc() - TimeDelta::hours(38);
    // By an offset of about a day ago the wall-clock time lies at or after the change.
    let guess = wall.and_utc() - offset(zone, day_before);
    let Some(change) = change(zone, day_before, guess) else { return guess };
    match gap {
        Gap::End => change,
        Gap::OffsetBefore => wall.and_utc() - offset(zone, change - TimeDelta::seconds(1)),
    }
}

/// How far the wall clock is ahead of UTC.
pub(crate) fn offset(zone: Tz, at: DateTime<Utc>) -> TimeDelta {
    TimeDelta::seconds(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc().into())
}

/// What the wall clock shows.
pub(crate) fn wall(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// The first instant after `from` and up to `to` at which the offset is another than at `from`.
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
        // Changes come at whole seconds.
        let second = high.timestamp();
        return DateTime::from_timestamp(second, 0).filter(|at| offset(zone, *at) != before).or(Some(high));
    }
    None
}
