//! Points in time as users write them: a duration ago, an instant, or a local time as lists print it.
//!
//! A local time that came twice, when the clocks went back, is the first of the two; one that the clocks skipped is the
//! end of the gap. A time of day or a date without its year is the latest one that has passed.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::day::instant_of;
use super::units::{Span, text_or_number};

/// `1h` (one hour ago), `2026-01-02T03:04:05Z` (RFC 3339 with an offset), or a time in the configured zone:
/// `yesterday`, `14:00`, `2026-11-28 14:00`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Moment {
    Ago(Span),
    At(DateTime<Utc>),
    Local(Local),
}

/// A time without an offset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Local {
    /// A time of the day that was this many days ago.
    DaysAgo(u64, NaiveTime),
    Clock(NaiveTime),
    /// Of any year.
    Yearly(NaiveDateTime),
    Time(NaiveDateTime),
}

/// A leap year, so that it has every day of a year.
const ANY_YEAR: i32 = 2024;
/// Two leap years are at most this far apart.
const LEAP_YEARS: i32 = 8;

impl Moment {
    /// The instant relative to `now`, at the earliest 1970.
    pub(crate) fn instant(self, now: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
        let at = match self {
            Self::Ago(span) => {
                let back = TimeDelta::from_std(span.duration()).ok();
                back.and_then(|back| now.checked_sub_signed(back)).unwrap_or(DateTime::UNIX_EPOCH)
            }
            Self::At(at) => at,
            Self::Local(local) => local.instant(now, zone).unwrap_or(DateTime::UNIX_EPOCH),
        };
        at.max(DateTime::UNIX_EPOCH)
    }
}

impl Local {
    fn instant(self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&zone).date_naive();
        let has_passed = |at: &DateTime<Utc>| *at <= now;
        match self {
            Self::DaysAgo(days, time) => {
                Some(instant_of(zone, today.checked_sub_days(Days::new(days))?.and_time(time)))
            }
            Self::Clock(time) => {
                let days = [Some(today), today.pred_opt()].into_iter().flatten();
                days.map(|day| instant_of(zone, day.and_time(time))).find(has_passed)
            }
            Self::Yearly(time) => {
                let years = (0..=LEAP_YEARS).filter_map(|n| time.with_year(today.year() - n));
                years.map(|time| instant_of(zone, time)).find(has_passed)
            }
            Self::Time(time) => Some(instant_of(zone, time)),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(time) = clock(text) {
            return Some(Self::Clock(time));
        }
        let (date, time) = match text.split_once([' ', 'T']) {
            Some((date, time)) => (date, clock(time.trim_start())?),
            None => (text, NaiveTime::MIN),
        };
        let parsed = |date: &str| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok();
        match (date, date.len()) {
            ("today", _) => Some(Self::DaysAgo(0, time)),
            ("yesterday", _) => Some(Self::DaysAgo(1, time)),
            // A year has four digits: `11-12-05` is no date of antiquity.
            (_, 10) => parsed(date).map(|date| Self::Time(date.and_time(time))),
            (_, 5) => parsed(&format!("{ANY_YEAR}-{date}")).map(|date| Self::Yearly(date.and_time(time))),
            _ => None,
        }
    }
}

/// `14:00` or `14:00:05`.
fn clock(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        if let Ok(at) = DateTime::parse_from_rfc3339(trimmed) {
            return Ok(Self::At(at.to_utc()));
        }
        if let Some(local) = Local::parse(trimmed) {
            return Ok(Self::Local(local));
        }
        let bad = |_| {
            format!(
                "'{text}' is neither a duration (30s, 5m, 1h30m, 7d) nor a time (yesterday, 14:00, 2026-01-02, \
                 '2026-01-02 14:00', 2026-01-02T03:04:05Z)"
            )
        };
        text.parse().map(Self::Ago).map_err(bad)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        text_or_number(d)
    }
}

/// An optional moment. An empty text is none: a runbook parameter cannot be null.
pub(crate) fn optional<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Moment>, D::Error> {
    match Option::<serde_json::Value>::deserialize(d)? {
        None | Some(serde_json::Value::Null) => Ok(None),
        Some(serde_json::Value::String(text)) if text.is_empty() => Ok(None),
        Some(value) => serde_json::from_value(value).map(Some).map_err(serde::de::Error::custom),
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number"],
            "description": "a duration ago (30s, 1h, 7d; a bare number is in seconds), a local time (yesterday, 14:00, 2026-01-02 14:00) or an instant (2026-01-02T03:04:05Z)"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_durations_or_instants() {
        let now: DateTime<Utc> = "2026-01-02T12:00:00Z".parse().unwrap();
        for (text, at) in [
            ("1h", "2026-01-02T11:00:00Z"),
            ("1h30m", "2026-01-02T10:30:00Z"),
            ("90", "2026-01-02T11:58:30Z"),
            ("2026-01-02T03:04:05.5+02:00", "2026-01-02T01:04:05.5Z"),
            ("9999999999999d", "1970-01-01T00:00:00Z"),
            ("1066-10-14T09:00:00Z", "1970-01-01T00:00:00Z"),
        ] {
            let expected: DateTime<Utc> = at.parse().unwrap();
            assert_eq!(text.parse::<Moment>().unwrap().instant(now, Tz::UTC), expected, "{text}");
        }
        for text in ["", "tomorrow", "11-12-05", "2026-13-01", "25:00", "1x", "-1h", "yesterday noon"] {
            let error = text.parse::<Moment>().unwrap_err();
            assert!(error.contains(&format!("'{text}'")), "{error}");
        }
    }
    /// What lists print is accepted as it is.
    #[test]
    fn local_times_are_in_the_configured_zone() {
        let zone = chrono_tz::Europe::Chisinau;
        let now: DateTime<Utc> = "2026-11-29T12:00:00Z".parse().unwrap();
        for (text, at) in [
            ("today", "2026-11-28T22:00:00Z"),
            ("yesterday", "2026-11-27T22:00:00Z"),
            ("yesterday 14:00", "2026-11-28T12:00:00Z"),
            ("2026-11-28", "2026-11-27T22:00:00Z"),
            ("2026-11-28 14:00", "2026-11-28T12:00:00Z"),
            ("2026-11-28 14:00:05", "2026-11-28T12:00:05Z"),
            ("2026-11-28T14:00:05", "2026-11-28T12:00:05Z"),
            ("13:59:59", "2026-11-29T11:59:59Z"),
            // It is 14:00: a later time of day was yesterday, a later day was last year.
            ("14:01", "2026-11-28T12:01:00Z"),
            ("11-28 23:59", "2026-11-28T21:59:00Z"),
            ("12-31", "2025-12-30T22:00:00Z"),
            ("02-29", "2024-02-28T22:00:00Z"),
            ("1d 4h", "2026-11-28T08:00:00Z"),
        ] {
            let expected: DateTime<Utc> = at.parse().unwrap();
            assert_eq!(text.parse::<Moment>().unwrap().instant(now, zone), expected, "{text}");
        }
    }

    #[test]
    fn a_repeated_time_is_the_first_and_a_skipped_one_the_end_of_the_gap() {
        let zone = chrono_tz::Europe::Berlin;
        let now: DateTime<Utc> = "2026-11-29T12:00:00Z".parse().unwrap();
        for (text, at) in [
            ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
            ("2026-10-25 03:00", "2026-10-25T02:00:00Z"),
            ("2026-03-29 02:20", "2026-03-29T01:00:00Z"),
            ("2026-03-29 03:00", "2026-03-29T01:00:00Z"),
        ] {
            let expected: DateTime<Utc> = at.parse().unwrap();
            assert_eq!(text.parse::<Moment>().unwrap().instant(now, zone), expected, "{text}");
        }
    }
}
