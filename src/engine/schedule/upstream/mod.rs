//! Ordinaut's reading of cron expressions, and how it differs from ordctl's.
//!
//! Ordinaut passes the five fields to APScheduler, where weekday 0 is Monday and both day fields must match;
//! see `fields`. The comparison is about the fields: both readings use ordctl's rules for DST changes, or
//! every task at night would differ.
//!
//! # Guarantees
//!
//! * Two readings are the same only if they match the same times on each day of 28 years, after which
//!   weekdays, dates and leap years repeat.
//! * A conversion means the same to ordctl as the original to Ordinaut. A converted cron expression
//!   also means the same to Ordinaut: it never differs again.

mod convert;
mod fields;

use chrono::{DateTime, Days as Whole, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

use super::cron::{Cron, Days};
use super::zone::{Gap, instant, wall};
use super::{Rule, Schedule, ScheduleError};
use fields::{DAY_OF_MONTH, DAY_OF_WEEK, Values};

pub use convert::Conversion;

/// Instants that a difference lists of each reading.
const LISTED: usize = 5;
/// The days of the Gregorian calendar repeat after this many years, except across 2100.
const CYCLE_DAYS: u64 = 28 * 366;

/// One reading of an expression: its next instants, or why it is invalid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    Next(Vec<DateTime<Utc>>),
    Invalid(String),
}

impl Reading {
    fn of(cron: &Result<Cron, ScheduleError>, after: DateTime<Utc>) -> Self {
        match cron {
            Ok(cron) => Self::Next(next(cron, after)),
            Err(e) => Self::Invalid(e.to_string()),
        }
    }
}

/// How the readings of an expression differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub ordinaut: Reading,
    pub ordctl: Reading,
    /// The schedule that means the same to ordctl, or why there is none.
    #[serde(serialize_with = "conversion_or_reason")]
    pub conversion: Result<Conversion, String>,
}

/// An object in both cases: the schedule, or the `reason` why there is none.
fn conversion_or_reason<S: Serializer>(
    conversion: &Result<Conversion, String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match conversion {
        Ok(conversion) => conversion.serialize(serializer),
        Err(reason) => serializer.collect_map([("reason", reason)]),
    }
}

impl Difference {
    /// The first instants that differ.
    pub(crate) fn first(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let list = |reading: &Reading| match reading {
            Reading::Next(next) => next.clone(),
            Reading::Invalid(_) => Vec::new(),
        };
        let (ours, theirs) = (list(&self.ordctl), list(&self.ordinaut));
        let same = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
        (theirs.get(same).copied(), ours.get(same).copied())
    }
}

/// The schedule of an expression as Ordinaut reads it.
pub fn read(expr: &str, zone: Tz) -> Result<Schedule, ScheduleError> {
    build(expr, &fields::read(expr)?, zone).map(|cron| Schedule(Rule::Cron(Box::new(cron))))
}

/// Compares both readings from an instant on. None: they agree.
pub fn compare(expr: &str, zone: Tz, now: DateTime<Utc>) -> Option<Difference> {
    let fields = fields::read(expr);
    let theirs = fields.clone().and_then(|fields| build(expr, &fields, zone));
    let ours = Cron::parse(expr, zone);
    let mut after = now;
    if let (Ok(theirs), Ok(ours)) = (&theirs, &ours) {
        let day = first_difference(theirs, ours, wall(zone, now).date())?;
        // Far ahead, the next instants agree: list those of the first day on which they do not.
        if next(theirs, now) == next(ours, now) {
            after = instant(zone, day.and_time(NaiveTime::MIN), Gap::End) - TimeDelta::seconds(1);
        }
    }
    let conversion = match (&fields, &theirs) {
        (Ok(fields), Ok(theirs)) => convert::convert(expr, fields, theirs, now),
        (_, Err(e)) | (Err(e), _) => Err(format!("Ordinaut never runs it: {e}")),
    };
    Some(Difference { ordinaut: Reading::of(&theirs, after), ordctl: Reading::of(&ours, after), conversion })
}

fn next(cron: &Cron, after: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let following = |at: &DateTime<Utc>| cron.after(*at).ok();
    std::iter::successors(following(&after), following).take(LISTED).collect()
}

/// The first day from this one on with other times.
fn first_difference(one: &Cron, other: &Cron, from: NaiveDate) -> Option<NaiveDate> {
    let same_times = one.times() == other.times();
    let differs = |day: &NaiveDate| {
        let (a, b) = (one.matches_day(*day), other.matches_day(*day));
        if same_times { a != b } else { a || b }
    };
    (0..CYCLE_DAYS).filter_map(|n| from.checked_add_days(Whole::new(n))).find(differs)
}

/// Translates the fields: weekdays count from Sunday here.
fn build(expr: &str, fields: &[Values; 5], zone: Tz) -> Result<Cron, ScheduleError> {
    let mut texts = <[String; 5]>::default();
    for (place, (values, text)) in fields.iter().zip(&mut texts).enumerate() {
        let shift = |n: &u32| if place == DAY_OF_WEEK { (n + 1) % 7 } else { *n };
        let mut list: Vec<String> = values.set.iter().map(|n| shift(n).to_string()).collect();
        list.extend(values.last.then(|| "L".to_owned()));
        *text = if values.is_full { "*".to_owned() } else { list.join(",") };
    }
    // Interval forms keep their star: the DST rules depend on it.
    for (text, given) in texts.iter_mut().zip(expr.split_whitespace()).take(DAY_OF_MONTH) {
        if given.starts_with('*') {
            given.clone_into(text);
        }
    }
    Cron::build(texts.each_ref().map(String::as_str), Days::Both, zone)
}
