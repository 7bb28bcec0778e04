//! The syntax of APScheduler 3's `CronTrigger`, to which Ordinaut passes the five fields of an expression.
//!
//! * Weekdays count from 0 (Monday) to 6; there is no 7. Names agree with cron's.
//! * `last` is the last day of the month.
//! * A step must be smaller than its range, and a range must not end before it begins.
//! * Whatever follows a name is ignored: `mon-fri/2` is `mon-fri`.
//! * A position such as `2nd fri` contains a space, so it cannot be a field of Ordinaut's five.

use std::collections::BTreeSet;

use super::super::ScheduleError;
use super::super::cron::number;

pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
pub(super) const DAY_OF_MONTH: usize = 2;
pub(super) const DAY_OF_WEEK: usize = 4;
const FIELDS: [Field; 5] = [
    Field { name: "minute", low: 0, high: 59, names: &[], has_last: false },
    Field { name: "hour", low: 0, high: 23, names: &[], has_last: false },
    Field { name: "day of month", low: 1, high: 31, names: &[], has_last: true },
    Field { name: "month", low: 1, high: 12, names: &MONTHS, has_last: false },
    Field { name: "day of week", low: 0, high: 6, names: &DAYS, has_last: false },
];

/// The values that a field matches.
#[derive(Clone, Debug, Default)]
pub(super) struct Values {
    pub(super) set: BTreeSet<u32>,
    /// Also the last day of each month.
    pub(super) last: bool,
    pub(super) is_full: bool,
}

/// Reads the five fields.
pub(super) fn read(expr: &str) -> Result<[Values; 5], ScheduleError> {
    let parts: Vec<&str> = expr.split_whitespace().collect();
    let parts = <[&str; 5]>::try_from(parts.as_slice())
        .map_err(|_| ScheduleError::new(format!("expected five fields, found {}", parts.len())))?;
    let mut fields = <[Values; 5]>::default();
    for ((part, field), values) in parts.iter().zip(FIELDS).zip(&mut fields) {
        *values = field.read(part).map_err(|e| ScheduleError::new(format!("{}: {e}", field.name)))?;
    }
    Ok(fields)
}

struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    /// The names of the values from `low` on.
    names: &'static [&'static str],
    has_last: bool,
}

impl Field {
    fn read(&self, text: &str) -> Result<Values, String> {
        let text = text.to_ascii_lowercase();
        let mut values = Values::default();
        for item in text.split(',') {
            if self.has_last && item.starts_with("last") {
                values.last = true;
            } else if item.starts_with(|c: char| c.is_ascii_alphabetic()) {
                let (first, last) = self.named(item)?;
                values.set.extend(first..=last);
            } else {
                let (first, last, step) = self.numbered(item)?;
                values.set.extend((first..=last).step_by(step));
            }
        }
        values.is_full = (self.low..=self.high).all(|n| values.set.contains(&n));
        Ok(values)
    }

    /// A name or a range of names.
    fn named(&self, item: &str) -> Result<(u32, u32), String> {
        let letters = |text: &str| text.chars().take_while(char::is_ascii_alphabetic).count();
        let (first, rest) = item.split_at(letters(item));
        let last = rest.strip_prefix('-').map_or("", |rest| &rest[..letters(rest)]);
        let value = |name: &str| {
            let found = (self.low..).zip(self.names).find(|(_, known)| **known == name);
            found.map(|(n, _)| n).ok_or_else(|| format!("invalid value '{item}'"))
        };
        let begin = value(first)?;
        let end = if last.is_empty() { begin } else { value(last)? };
        self.check(item, begin, Some(end), None)
    }

    /// `*`, a number or a range, each with an optional step.
    fn numbered(&self, item: &str) -> Result<(u32, u32, usize), String> {
        let number = |text: &str| number(text).ok_or_else(|| format!("invalid value '{item}'"));
        let (range, step) = item.split_once('/').map_or((item, None), |(range, step)| (range, Some(step)));
        let step = step.map(number).transpose()?;
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.low, None),
            Some((first, last)) => (number(first)?, Some(number(last)?)),
            None => (number(range)?, None),
        };
        let is_single = range != "*" && last.is_none() && step.is_none();
        let last = if is_single { Some(first) } else { last };
        let (first, last) = self.check(item, first, last, step)?;
        let step = usize::try_from(step.unwrap_or(1)).map_err(|e| e.to_string())?;
        Ok((first, last, step))
    }

    fn check(
        &self,
        item: &str,
        first: u32,
        last: Option<u32>,
        step: Option<u32>,
    ) -> Result<(u32, u32), String> {
        // APScheduler takes the last value 0 for a missing one here.
        let end = last.filter(|n| *n > 0).unwrap_or(self.high);
        if last.is_some_and(|last| first > last) {
            return Err(format!("the range of '{item}' ends before it begins"));
        }
        if first < self.low || last.unwrap_or(first) > self.high {
            return Err(format!("'{item}' is not in {}-{}", self.low, self.high));
        }
        if step.is_some_and(|step| step == 0 || step > end.saturating_sub(first)) {
            return Err(format!("the step of '{item}' does not fit its range"));
        }
        Ok((first, last.unwrap_or(self.high)))
    }
}
