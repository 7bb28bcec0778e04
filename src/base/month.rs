//! A calendar month in a time zone.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use super::day::first_instant;

/// The half-open interval `begin..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Month {
    pub(crate) first: NaiveDate,
    pub(crate) begin: DateTime<Utc>,
    /// The first instant of the next month.
    pub(crate) end: DateTime<Utc>,
}

impl Month {
    /// The last complete month before an instant.
    pub(crate) fn before(zone: Tz, at: DateTime<Utc>) -> Self {
        let today = at.with_timezone(&zone).date_naive();
        let this = today.with_day(1).unwrap_or(today);
        let first = this.checked_sub_months(Months::new(1)).unwrap_or(this);
        Self { first, begin: first_instant(zone, first), end: first_instant(zone, this) }
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.first.format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_before_is_that_of_the_zone() {
        for (zone, at, name, begin, end) in [
            ("UTC", "2026-03-01T00:00:00Z", "2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            // In Chisinau it is the first of March by then, two hours before it is in UTC.
            (
                "Europe/Chisinau",
                "2026-02-28T22:00:00Z",
                "2026-02",
                "2026-01-31T22:00:00Z",
                "2026-02-28T22:00:00Z",
            ),
            (
                "Europe/Chisinau",
                "2026-02-28T21:59:59Z",
                "2026-01",
                "2025-12-31T22:00:00Z",
                "2026-01-31T22:00:00Z",
            ),
            // A month with a change of the clocks, and a day that the month before does not have.
            (
                "Europe/Chisinau",
                "2026-04-30T12:00:00Z",
                "2026-03",
                "2026-02-28T22:00:00Z",
                "2026-03-31T21:00:00Z",
            ),
            ("UTC", "2026-03-31T12:00:00Z", "2026-02", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"),
            ("UTC", "2026-01-15T12:00:00Z", "2025-12", "2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ] {
            let month = Month::before(zone.parse().unwrap(), at.parse().unwrap());
            assert_eq!(month.to_string(), name, "{zone} {at}");
            assert_eq!(
                (month.begin, month.end),
                (begin.parse().unwrap(), end.parse().unwrap()),
                "{zone} {at}"
            );
        }
    }
}
