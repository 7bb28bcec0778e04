//! One RRULE, read by RFC 5545 §3.3.10 where the library is laxer or stricter.
//!
//! * The library drops a BYDAY number that it cannot read (`0MO`), and ignores numbers outside MONTHLY and
//!   YEARLY: the rule would occur on every such weekday. Both are errors here.
//! * It requires `MO` and `1TU` of the same list at once; the RFC means either of them.
//! * It accepts zero in lists that count from 1.
//! * It refuses the lowest ordinal, `-5MO` of a month and `-53MO` of a year. A fifth-last Monday is always the
//!   first one, so the rule asks for the first and leaves out the dates that are not the fifth last.

use std::collections::HashSet;

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use rrule::{Frequency, NWeekday, RRule, Unvalidated, Validated};

use super::ScheduleError;
use super::rrule::{moment, utc};
use super::zone::{Gap, instant, wall};

/// Maximum COUNT of a rule.
const COUNT_MAX: u32 = 50_000;

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Without COUNT, which counts dates that [`Rule::excludes`] leaves out.
    pub(crate) library: RRule<Unvalidated>,
    pub(crate) count: Option<u32>,
    /// The days that BYDAY names, where the library's rule has more.
    days: Option<Vec<NWeekday>>,
    period: Period,
}

/// What the number of a BYDAY counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Month,
    Year,
}

impl Rule {
    /// UNTIL becomes a wall-clock time of the zone.
    pub(crate) fn parse(text: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let mut parts: Vec<&str> = text.split(';').filter(|p| !p.is_empty()).collect();
        let mut names = HashSet::new();
        if let Some(name) =
            parts.iter().map(|p| p.split('=').next().unwrap_or(p)).find(|name| !names.insert(*name))
        {
            return Err(wrong(format!("{name} occurs twice")));
        }
        let mut take = |name: &str| {
            let at = parts.iter().position(|p| p.split('=').next() == Some(name))?;
            parts.remove(at).split_once('=').map(|(_, value)| value)
        };
        let (until, count, days) = (take("UNTIL"), take("COUNT"), take("BYDAY"));
        let mut library: RRule<Unvalidated> = parts.join(";").parse().map_err(wrong)?;
        if library.get_interval() == 0 {
            return Err(wrong("INTERVAL must be at least 1"));
        }
        reject_zeros(&library)?;
        if let Some(value) = until {
            library = library.until(utc(parse_until(value, zone)?));
        }
        let count = count.map(parse_count).transpose()?;
        let in_month = library.get_freq() == Frequency::Monthly || !library.get_by_month().is_empty();
        let period = if in_month { Period::Month } else { Period::Year };
        let mut rule = Self { library, count, days: None, period };
        if let Some(days) = days {
            rule.set_days(days)?;
        }
        Ok(rule)
    }

    /// The library's rule with its own checks, for a start.
    pub(crate) fn validated(&self, start: NaiveDateTime) -> Result<RRule<Validated>, ScheduleError> {
        self.library.clone().validate(utc(start)).map_err(wrong)
    }

    /// Whether BYDAY does not name a date of the library's rule.
    pub(crate) fn excludes(&self, date: NaiveDate) -> bool {
        self.days.as_ref().is_some_and(|days| !days.iter().any(|day| self.period.matches(*day, date)))
    }

    fn set_days(&mut self, text: &str) -> Result<(), ScheduleError> {
        let freq = self.library.get_freq();
        let days = text.split(',').map(|day| parse_day(day.trim())).collect::<Result<Vec<_>, _>>()?;
        let numbers =
            || days.iter().filter_map(|day| if let NWeekday::Nth(n, _) = day { Some(*n) } else { None });
        let bad = |reason: String| Err(wrong(format!("BYDAY={text}: {reason}")));
        if numbers().next().is_some() {
            if !matches!(freq, Frequency::Monthly | Frequency::Yearly) {
                return bad("a numbered weekday needs FREQ=MONTHLY or FREQ=YEARLY".to_owned());
            }
            if !self.library.get_by_week_no().is_empty() {
                return bad("a numbered weekday cannot be combined with BYWEEKNO".to_owned());
            }
        }
        let max = self.period.weeks();
        if let Some(n) = numbers().find(|n| n.abs() > max) {
            return bad(format!("{n} is not in 1 to {max} or -{max} to -1"));
        }
        let lowest = |n: i16| n == -max && (freq == Frequency::Monthly || self.period == Period::Year);
        let has_lowest = numbers().any(lowest);
        if has_lowest && !self.library.get_by_set_pos().is_empty() {
            return bad(format!("-{max} cannot be combined with BYSETPOS"));
        }
        let is_mixed = numbers().next().is_some() && numbers().count() < days.len();
        let expanded = days.iter().flat_map(|day| match *day {
            NWeekday::Every(day) if is_mixed => (1..=max).map(|n| NWeekday::Nth(n, day)).collect(),
            NWeekday::Nth(n, day) if lowest(n) => vec![NWeekday::Nth(1, day)],
            day => vec![day],
        });
        self.library = self.library.clone().by_weekday(expanded.collect());
        self.days = has_lowest.then_some(days);
        Ok(())
    }
}

impl Period {
    /// Maximum number of a weekday in it.
    const fn weeks(self) -> i16 {
        match self {
            Self::Month => 5,
            Self::Year => 53,
        }
    }

    fn matches(self, day: NWeekday, date: NaiveDate) -> bool {
        // From 0.
        let (place, length) = match self {
            Self::Month => (date.day0(), u32::from(date.num_days_in_month())),
            Self::Year => (date.ordinal0(), if date.leap_year() { 366 } else { 365 }),
        };
        let week = |place: u32| i16::try_from(place / 7 + 1).unwrap_or(i16::MAX);
        match day {
            NWeekday::Every(day) => date.weekday() == day,
            NWeekday::Nth(n, day) if n > 0 => date.weekday() == day && week(place) == n,
            NWeekday::Nth(n, day) => date.weekday() == day && week(length - 1 - place) == -n,
        }
    }
}

/// 1 is the first and -1 the last of these; there is no zeroth.
fn reject_zeros(rule: &RRule<Unvalidated>) -> Result<(), ScheduleError> {
    let lists = [
        ("BYSETPOS", rule.get_by_set_pos().contains(&0)),
        ("BYMONTHDAY", rule.get_by_month_day().contains(&0)),
        ("BYYEARDAY", rule.get_by_year_day().contains(&0)),
        ("BYWEEKNO", rule.get_by_week_no().contains(&0)),
    ];
    match lists.iter().find(|(_, has_zero)| *has_zero) {
        Some((name, _)) => {
            Err(wrong(format!("{name}: 0 is neither a position from the start nor from the end")))
        }
        None => Ok(()),
    }
}

fn wrong(reason: impl std::fmt::Display) -> ScheduleError {
    ScheduleError::new(format!("RRULE: {reason}"))
}

fn parse_day(text: &str) -> Result<NWeekday, ScheduleError> {
    let invalid = || wrong(format!("BYDAY: invalid weekday '{text}'"));
    let (number, name) = text.split_at_checked(text.len().saturating_sub(2)).ok_or_else(invalid)?;
    // The library reads a number that it does not understand as none.
    let day = match name.parse::<NWeekday>() {
        Ok(NWeekday::Every(day)) => day,
        _ => return Err(invalid()),
    };
    if number.is_empty() {
        return Ok(NWeekday::Every(day));
    }
    let n: i16 = number.parse().map_err(|_| invalid())?;
    if n == 0 { Err(wrong(format!("BYDAY: {text} is zero"))) } else { Ok(NWeekday::Nth(n, day)) }
}

fn parse_count(text: &str) -> Result<u32, ScheduleError> {
    let count = text.parse().ok().filter(|n| (1..=COUNT_MAX).contains(n));
    count.ok_or_else(|| wrong(format!("COUNT must be from 1 to {COUNT_MAX}")))
}

fn parse_until(value: &str, zone: Tz) -> Result<NaiveDateTime, ScheduleError> {
    let (given, time) = moment(value, zone)?;
    // A date means its whole day.
    let time = if value.len() == 8 { time + TimeDelta::seconds(86_399) } else { time };
    Ok(if given == zone { time } else { wall(zone, instant(given, time, Gap::OffsetBefore)) })
}
