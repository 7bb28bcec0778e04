//! Schedules: independent implementations, a table of expected instants, and properties.

mod oracles;
mod preview;
mod properties;
mod table;
mod upstream;

use chrono::{DateTime, SecondsFormat, Utc};
use ordctl::engine::schedule::{Schedule, ScheduleKind};

/// The next occurrences strictly after an instant, as text.
pub fn next(schedule: &Schedule, after: &str, count: usize) -> Vec<String> {
    let mut at: DateTime<Utc> = after.parse().unwrap();
    let mut found = Vec::new();
    while found.len() < count {
        match schedule.after(at).unwrap() {
            None => break,
            Some(next) => {
                assert!(next > at, "{next} is not after {at}");
                found.push(next.to_rfc3339_opts(SecondsFormat::Secs, true));
                at = next;
            }
        }
    }
    found
}

/// A schedule whose anchor does not matter.
pub fn read(kind: ScheduleKind, expr: &str, zone: &str) -> Schedule {
    Schedule::parse(kind, expr, zone.parse().unwrap(), "2020-01-01T00:00:00Z".parse().unwrap()).unwrap()
}
