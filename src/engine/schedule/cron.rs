//! `cron`: five POSIX fields, with Debian's rules for DST changes.
//!
//! * 0 and 7 are Sunday. Day of month and day of week are alternatives when both are restricted;
//!   when one of them starts with `*`, both must match.
//! * A fixed-time rule (neither the minute nor the hour field starts with `*`) runs at its wall-clock
//!   times: once in an overlap, at the end of the gap for times inside a gap.
//! * An interval rule (one of these fields starts with `*`) follows elapsed time: it runs at every
//!   instant whose wall-clock time matches, in both passes of an overlap.
//!
//! Fields are matched on wall-clock times as if they were UTC, then converted to the zone.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};

use super::ScheduleError;
use super::zone::{Gap, change, instant, offset, wall};

const FIELDS: [&str; 5] = ["minute", "hour", "day of month", "month", "day of week"];
const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// Maximum wall-clock times to skip because they have passed: those of an overlap.
const SKIPPED_MAX: usize = 100_000;

#[derive(Clone, Debug)]
pub(crate) struct Cron {
    fields: croner::Cron,
    interval: bool,
    zone: Tz,
}

impl Cron {
    pub(crate) fn parse(expr: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let given = expr.trim();
        let expr = nickname(given).to_ascii_uppercase();
        let parts: Vec<&str> = expr.split_whitespace().collect();
        let Ok(parts) = <[&str; 5]>::try_from(parts.as_slice()) else {
            return Err(ScheduleError::new(format!(
                "'{given}': expected five fields (minute, hour, day of month, month, day of week), found {}",
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
        // Rejects dates that do not exist in any year.
        cron.next_wall(DateTime::UNIX_EPOCH.naive_utc())
            .map_err(|_| ScheduleError::new(format!("'{expr}' has no occurrence")))?;
        Ok(cron)
    }

    /// The first occurrence strictly after an instant.
    pub(crate) fn after(&self, after: DateTime<Utc>) -> Result<DateTime<Utc>, ScheduleError> {
        if self.interval { self.elapsed(after) } else { self.fixed(after) }
    }

    /// Wall-clock times and their instants increase together, so the first instant after `after` is the
    /// next occurrence. Times that an overlap repeats are skipped.
    fn fixed(&self, after: DateTime<Utc>) -> Result<DateTime<Utc>, ScheduleError> {
        let mut time = wall(self.zone, after);
        for _ in 0..SKIPPED_MAX {
            time = self.next_wall(time)?;
            let at = instant(self.zone, time, Gap::End);
            if at > after {
                return Ok(at);
            }
        }
        Err(ScheduleError::new("no occurrence found within the search limit"))
    }

    /// Between two offset changes the wall clock runs evenly: the next match is valid if it is before the
    /// next change; otherwise the search continues there.
    fn elapsed(&self, after: DateTime<Utc>) -> Result<DateTime<Utc>, ScheduleError> {
        let (mut begin, mut time) = (after, wall(self.zone, after));
        loop {
            let ahead = offset(self.zone, begin);
            let at = self.next_wall(time)?.and_utc() - ahead;
            match change(self.zone, begin, at) {
                None => return Ok(at),
                Some(changed) => {
                    begin = changed;
                    // The instant of the change itself can match.
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
            .map_err(|_| ScheduleError::new("no occurrence found within the search limit"))
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

/// Allows only POSIX syntax: numbers, names, lists, ranges, steps. The library accepts more.
fn check(part: &str, field: &str) -> Result<(), ScheduleError> {
    let bad = |what: &str| Err(ScheduleError::new(format!("{field}: invalid value '{what}'")));
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
