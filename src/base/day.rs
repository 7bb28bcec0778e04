//! A calendar day in a time zone.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// The half-open interval `begin..end`; it may be shorter or longer than 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: NaiveDate,
    pub begin: DateTime<Utc>,
    /// The first instant of the next day.
    pub end: DateTime<Utc>,
}

impl Day {
    /// The day that contains an instant.
    pub fn of(zone: Tz, at: DateTime<Utc>) -> Self {
        let date = at.with_timezone(&zone).date_naive();
        let begin = first_instant(zone, date);
        let end = date.succ_opt().map_or(begin + TimeDelta::days(1), |next| first_instant(zone, next));
        Self { date, begin, end }
    }

    #[must_use]
    pub fn next(self, zone: Tz) -> Self {
        Self::of(zone, self.end)
    }
}

/// Midnight, or the first instant after the gap when a clock change skips midnight. A date that a zone
/// skips entirely has the first instant of the next date.
pub(super) fn first_instant(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    instant_of(zone, date.and_time(NaiveTime::MIN))
}

/// The instant of a local time: the first of two when the clocks went back, the end of the gap when they skipped it.
pub(super) fn instant_of(zone: Tz, time: NaiveDateTime) -> DateTime<Utc> {
    // Gaps end at a quarter of an hour.
    let quarter = time - TimeDelta::seconds(i64::from(time.num_seconds_from_midnight() % 900));
    let later = (1..4 * 48).map(|n| quarter + TimeDelta::minutes(15 * n));
    let mut instants =
        std::iter::once(time).chain(later).filter_map(|time| zone.from_local_datetime(&time).earliest());
    instants.next().map_or_else(|| time.and_utc(), |at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use chrono::SecondsFormat;

    use super::*;

    fn day(zone: &str, at: &str) -> (String, String) {
        let day = Day::of(zone.parse().unwrap(), at.parse().unwrap());
        let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        (text(day.begin), text(day.end))
    }

    fn pair(begin: &str, end: &str) -> (String, String) {
        (begin.to_owned(), end.to_owned())
    }

    #[test]
    fn an_evening_in_utc_is_the_next_day_further_east() {
        let late = "2026-01-10T23:30:00Z";
        assert_eq!(day("UTC", late), pair("2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z"));
        assert_eq!(day("Europe/Chisinau", late), pair("2026-01-10T22:00:00Z", "2026-01-11T22:00:00Z"));
        assert_eq!(day("America/New_York", late), pair("2026-01-10T05:00:00Z", "2026-01-11T05:00:00Z"));
    }

    #[test]
    fn days_follow_clock_changes() {
        // 23 and 25 hours, a midnight that is skipped, one that comes twice.
        let at = "2026-03-29T12:00:00Z";
        assert_eq!(day("Europe/Chisinau", at), pair("2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"));
        let at = "2026-10-25T12:00:00Z";
        assert_eq!(day("Europe/Chisinau", at), pair("2026-10-24T21:00:00Z", "2026-10-25T22:00:00Z"));
        let at = "2026-03-29T12:00:00Z";
        assert_eq!(day("Asia/Beirut", at).0, "2026-03-28T22:00:00Z");
        let at = "2026-11-01T12:00:00Z";
        assert_eq!(day("America/Havana", at).0, "2026-11-01T04:00:00Z");
    }

    #[test]
    fn days_are_contiguous_even_where_a_zone_skips_a_date() {
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
