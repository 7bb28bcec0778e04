//! A day of a time zone: from its first instant to the first of the next.

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// A day. It holds `begin` and does not hold `end`; it need not have 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// What the calendar calls it.
    pub date: NaiveDate,
    pub begin: DateTime<Utc>,
    /// The first instant of the next.
    pub end: DateTime<Utc>,
}

impl Day {
    /// The day that an instant lies in.
    pub fn of(zone: Tz, at: DateTime<Utc>) -> Self {
        let date = at.with_timezone(&zone).date_naive();
        let begin = first_instant(zone, date);
        let end = date.succ_opt().map_or(begin + TimeDelta::days(1), |next| first_instant(zone, next));
        Self { date, begin, end }
    }

    /// The day after this one.
    #[must_use]
    pub fn next(self, zone: Tz) -> Self {
        Self::of(zone, self.end)
    }

    /// Its two ends as a query takes them.
    pub(crate) fn binds(&self) -> [(String, String); 2] {
        binds(self.begin, self.end)
    }
}

/// The two ends of a stretch of time as a query takes them.
pub(crate) fn binds(begin: DateTime<Utc>, end: DateTime<Utc>) -> [(String, String); 2] {
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Micros, true);
    [("begin".to_owned(), text(begin)), ("end".to_owned(), text(end))]
}

/// Midnight; where the clocks skip it, the first time after the gap, which is a matter of hours. A date
/// that a zone skips whole has the first instant of the next.
pub(super) fn first_instant(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN);
    let quarters = (0..4 * 48).map(|n| midnight + TimeDelta::minutes(15 * n));
    let mut found = quarters.filter_map(|time| zone.from_local_datetime(&time).earliest());
    found.next().map_or_else(|| midnight.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(zone: &str, at: &str) -> (String, String) {
        let day = Day::of(zone.parse().unwrap(), at.parse().unwrap());
        let [(_, begin), (_, end)] = day.binds();
        (begin.replace(".000000", ""), end.replace(".000000", ""))
    }

    fn two(begin: &str, end: &str) -> (String, String) {
        (begin.to_owned(), end.to_owned())
    }

    #[test]
    fn an_evening_in_utc_is_tomorrow_farther_east() {
        let late = "2026-01-10T23:30:00Z";
        assert_eq!(day("UTC", late), two("2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z"));
        assert_eq!(day("Europe/Chisinau", late), two("2026-01-10T22:00:00Z", "2026-01-11T22:00:00Z"));
        assert_eq!(day("America/New_York", late), two("2026-01-10T05:00:00Z", "2026-01-11T05:00:00Z"));
    }

    #[test]
    fn days_have_the_length_that_the_clocks_give_them() {
        // 23 and 25 hours, a midnight that is skipped, one that comes twice.
        let at = "2026-03-29T12:00:00Z";
        assert_eq!(day("Europe/Chisinau", at), two("2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"));
        let at = "2026-10-25T12:00:00Z";
        assert_eq!(day("Europe/Chisinau", at), two("2026-10-24T21:00:00Z", "2026-10-25T22:00:00Z"));
        let at = "2026-03-29T12:00:00Z";
        assert_eq!(day("Asia/Beirut", at).0, "2026-03-28T22:00:00Z");
        let at = "2026-11-01T12:00:00Z";
        assert_eq!(day("America/Havana", at).0, "2026-11-01T04:00:00Z");
    }

    #[test]
    fn days_follow_each_other_without_a_gap_even_where_a_date_is_left_out() {
        for zone in ["Pacific/Apia", "Asia/Beirut", "America/Havana", "Europe/Chisinau"] {
            let zone: Tz = zone.parse().unwrap();
            let mut one = Day::of(zone, "2011-12-20T00:00:00Z".parse().unwrap());
            for _ in 0..400 {
                let next = one.next(zone);
                assert!(next.begin == one.end && next.end > next.begin && next.date > one.date, "{one:?}");
                one = next;
            }
        }
    }
}
