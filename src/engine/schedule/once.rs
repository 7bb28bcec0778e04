//! `once`: one instant, in RFC 3339 or as a wall-clock time in the task's zone.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::ScheduleError;
use super::zone::{Gap, instant};

/// A new or edited `once` may be this far in the past and still runs. The database compares in the statement that
/// stores the task; the scheduler's cursor of that task is the same instant, so both decide alike.
pub(crate) const GRACE: TimeDelta = TimeDelta::seconds(60);

const WALL: [&str; 4] = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];

/// Truncates to microseconds, the database's precision.
pub(crate) fn parse(text: &str, zone: Tz) -> Result<DateTime<Utc>, ScheduleError> {
    let text = text.trim();
    let fixed = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z"));
    let at = match fixed {
        Ok(at) => at.to_utc(),
        Err(_) => WALL
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|wall| instant(zone, wall, Gap::OffsetBefore))
            .ok_or_else(|| {
                ScheduleError::new(format!(
                    "invalid time '{text}': expected a form such as 2026-03-29T02:30:00Z or 2026-03-29T02:30:00"
                ))
            })?,
    };
    Ok(DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at))
}
