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

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use croner::parser::{CronParser, Seconds, Year};

use super::ScheduleError;
use super::zone::{Gap, change, instant, offset, wall};

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: [Field; 5] = [
    Field { name: "minute", low: 0, high: 59, step_max: 60, names: &[] },
    Field { name: "hour", low: 0, high: 23, step_max: 24, names: &[] },
    Field { name: "day of month", low: 1, high: 31, step_max: 31, names: &[] },
    Field { name: "month", low: 1, high: 12, step_max: 12, names: &MONTHS },
    Field { name: "day of week", low: 0, high: 7, step_max: 7, names: &DAYS },
];
/// Maximum wall-clock times to skip because they have passed: those of an overlap.
const SKIPPED_MAX: usize = 100_000;

/// How restricted fields for the day of month and the day of week combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Days {
    Both,
    Either,
}

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
            field.check(part)?;
        }
        let star = |part: &str| part.starts_with('*');
        let days = if star(parts[2]) || star(parts[4]) { Days::Both } else { Days::Either };
        Self::build(parts, days, zone)
    }

    /// Reads fields whose syntax was checked.
    pub(super) fn build(parts: [&str; 5], days: Days, zone: Tz) -> Result<Self, ScheduleError> {
        let expr = parts.join(" ");
        let fields = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .dom_and_dow(days == Days::Both)
            .sloppy_ranges(true)
            .build()
            .parse(&expr)
            .map_err(|e| ScheduleError::new(format!("'{expr}': {e}")))?;
        let cron = Self { fields, interval: parts[..2].iter().any(|part| part.starts_with('*')), zone };
        // Rejects dates that do not exist in any year.
        cron.next_wall(DateTime::UNIX_EPOCH.naive_utc()).map_err(|_| {
            ScheduleError::new(format!("day of month, month: '{} {}' has no occurrence", parts[2], parts[3]))
        })?;
        Ok(cron)
    }

    /// The times of a day at which it occurs: minutes and hours.
    pub(super) fn times(&self) -> [Vec<u16>; 2] {
        [self.fields.pattern.minutes.values(), self.fields.pattern.hours.values()]
    }

    pub(super) fn matches_day(&self, date: NaiveDate) -> bool {
        let pattern = &self.fields.pattern;
        let weekday = croner::Weekday::from_days_from_sunday(date.weekday().num_days_from_sunday());
        pattern.month_match(date.month()).unwrap_or(false)
            && pattern.day_match(date.year(), date.month(), date.day(), weekday).unwrap_or(false)
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

/// One of the five fields.
struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    /// A larger step matches only the first value, which is never what its author wants.
    step_max: u32,
    /// The names of the values from `low` on.
    names: &'static [&'static str],
}

impl Field {
    /// Allows only POSIX syntax: numbers, names, lists, ranges, steps. The library accepts more.
    fn check(&self, part: &str) -> Result<(), ScheduleError> {
        let problem = part.split(',').find_map(|item| self.check_item(item).err());
        problem.map_or(Ok(()), |e| Err(ScheduleError::new(format!("{}: {e}", self.name))))
    }

    fn check_item(&self, item: &str) -> Result<(), String> {
        let invalid = || format!("invalid value '{item}'");
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        if let Some(step) = step {
            let step = number(step).filter(|n| *n > 0).ok_or_else(invalid)?;
            if step > self.step_max {
                return Err(format!("the step {step} is larger than the range {}-{}", self.low, self.high));
            }
        }
        if range == "*" {
            return Ok(());
        }
        let Some((first, last)) = range.split_once('-') else {
            return self.value(range, item).map(drop);
        };
        let begin = self.value(first, item)?;
        // Sunday ends a week as 7.
        let end = if last == "SUN" { self.value("7", item)? } else { self.value(last, item)? };
        if begin > end {
            return Err(format!("the range {range} ends before it begins"));
        }
        Ok(())
    }

    fn value(&self, text: &str, item: &str) -> Result<u32, String> {
        if let Some(place) = (self.low..).zip(self.names).find(|(_, name)| **name == text) {
            return Ok(place.0);
        }
        match number(text) {
            Some(n) if (self.low..=self.high).contains(&n) => Ok(n),
            Some(n) => Err(format!("{n} is not in {}-{}", self.low, self.high)),
            None => Err(format!("invalid value '{item}'")),
        }
    }
}

pub(super) fn number(text: &str) -> Option<u32> {
    if text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}
