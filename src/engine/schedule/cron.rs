//! `cron`: five POSIX fields, with Debian's rules for the changes of summer time.
//!
//! * 0 and 7 are Sunday. Day of month and day of week are alternatives when both are restricted;
//!   when one of them begins with `*`, both must match.
//! * A fixed-time rule (neither the minute nor the hour field begins with `*`) comes at its
//!   wall-clock times: once in an overlap, at the gap's end where a gap has swallowed it.
//! * An interval rule (one of them begins with `*`) follows elapsed time: it comes at every instant
//!   whose wall-clock time matches, in both passes of an overlap.
//!
//! The fields are matched on wall-clock times alone, as if they were UTC; the zone comes after.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};

use super::ScheduleError;
use super::zone::{Gap, change, instant, offset, wall};

const FIELDS: [&str; 5] = ["minute", "hour", "day of month", "month", "day of week"];
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// So many wall-clock times that have passed already are skipped at most: those of an overlap.
const SKIPPED_MAX: usize = 100_000;

/// A rule in its zone.
#[derive(Clone, Debug)]
pub(crate) struct Cron {
    fields: croner::Cron,
    interval: bool,
    zone: Tz,
}

impl Cron {
    pub(crate) fn parse(expr: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let expr = nickname(expr.trim()).to_ascii_uppercase();
        let parts: Vec<&str> = expr.split_whitespace().collect();
        let Ok(parts) = <[&str; 5]>::try_from(parts.as_slice()) else {
            return Err(ScheduleError::new(format!(
                "'{expr}' has {} fields; cron has five: minute, hour, day of month, month, day of week",
                parts.len()
            )));
        };
        for (part, field) in parts.iter().zip(FIELDS) {
            check(part, field)?;
        }
        let star = |part: &str| part.starts_with('*');
        let fields = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .dom_and_dow(star(parts[2]) || star(parts[4]))
            .sloppy_ranges(true)
            .build()
            .parse(&parts.join(" "))
            .map_err(|e| ScheduleError::new(format!("'{expr}': {e}")))?;
        let cron = Self { fields, interval: star(parts[0]) || star(parts[1]), zone };
        // A date that no year has is found out here.
        cron.next_wall(DateTime::UNIX_EPOCH.naive_utc())
            .map_err(|_| ScheduleError::new(format!("'{expr}' never comes")))?;
        Ok(cron)
    }

    /// The first occurrence strictly after an instant.
    pub(crate) fn after(&self, after: DateTime<Utc>) -> Result<DateTime<Utc>, ScheduleError> {
        if self.interval { self.elapsed(after) } else { self.fixed(after) }
    }

    /// Wall-clock times and their instants grow together, so the first of them that is later than
    /// `after` comes next; those which an overlap shows a second time are skipped.
    fn fixed(&self, after: DateTime<Utc>) -> Result<DateTime<Utc>, ScheduleError> {
        let mut time = wall(self.zone, after);
        for _ in 0..SKIPPED_MAX {
            time = self.next_wall(time)?;
            let at = instant(self.zone, time, Gap::End);
            if at > after {
                return Ok(at);
            }
        }
        Err(ScheduleError::new("no occurrence within reach"))
    }

    /// Between two changes of the offset the wall clock runs evenly: the next match counts if it
    /// comes before the next change; else the search goes on there.
    fn elapsed(&self, after: DateTime<Utc>) -> Result<DateTime<Utc>, ScheduleError> {
        let (mut begin, mut time) = (after, wall(self.zone, after));
        loop {
            let ahead = offset(self.zone, begin);
            let at = self.next_wall(time)?.and_utc() - ahead;
            match change(self.zone, begin, at) {
                None => return Ok(at),
                Some(changed) => {
                    begin = changed;
                    // The very instant of the change may match.
                    time = wall(self.zone, changed) - TimeDelta::seconds(1);
                }
            }
        }
    }

    fn next_wall(&self, time: NaiveDateTime) -> Result<NaiveDateTime, ScheduleError> {
        let time = time.with_nanosecond(0).unwrap_or(time);
        self.fields
            .find_next_occurrence(&time.and_utc(), false)
            .map(|found| found.naive_utc())
            .map_err(|_| ScheduleError::new("no occurrence within reach"))
    }
}

fn nickname(expr: &str) -> &str {
    match expr {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        other => other,
    }
}

/// Only what POSIX knows: numbers, names, lists, ranges, steps. The library knows more.
fn check(part: &str, field: &str) -> Result<(), ScheduleError> {
    let bad = |what: &str| Err(ScheduleError::new(format!("{field}: '{what}' is not understood")));
    let names: &[&str] = match field {
        "month" => &MONTHS,
        "day of week" => &DAYS,
        _ => &[],
    };
    let (low, high) = match field {
        "minute" => (0, 59),
        "hour" => (0, 23),
        "day of month" => (1, 31),
        "month" => (1, 12),
        _ => (0, 7),
    };
    for item in part.split(',') {
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        if step.is_some_and(|s| s.parse::<u8>().map_or(true, |n| n == 0)) {
            return bad(item);
        }
        if range == "*" {
            continue;
        }
        for end in range.splitn(2, '-') {
            match end.parse::<u8>() {
                Ok(n) if n < low || n > high => {
                    return Err(ScheduleError::new(format!("{field}: {n} is not in {low}-{high}")));
                }
                Ok(_) if end.bytes().all(|b| b.is_ascii_digit()) => {}
                _ if names.contains(&end) => {}
                _ => return bad(item),
            }
        }
    }
    Ok(())
}
