//! Expected occurrences around offset changes, computed by hand.
//!
//! Chisinau: 2026-03-29 02:00 → 03:00 (UTC+2 → +3, at 00:00Z), 2026-10-25 03:00 → 02:00 (at 00:00Z).
//! New York: 2026-03-08 02:00 → 03:00 (at 07:00Z), 2026-11-01 02:00 → 01:00 (at 06:00Z).
//! Lord Howe: 2026-04-05 02:00 → 01:30 (at 15:00Z the day before), 2026-10-04 02:00 → 02:30.
//! Cairo: 2026-04-24 00:00 → 01:00 (at 22:00Z the day before): midnight does not exist.
//! Apia: 2011-12-30 does not exist (UTC-10 → +14, at 2011-12-30T10:00Z).

use ordctl::engine::schedule::ScheduleKind::{self, Cron, Once, Rrule};

use super::{next, read};

#[rustfmt::skip]
const TABLE: &[(ScheduleKind, &str, &str, &str, &[&str])] = &[
    // A fixed time in a gap runs once, at the end of the gap.
    (Cron, "30 2 * * *", "Europe/Chisinau", "2026-03-28T12:00:00Z", &["2026-03-29T00:00:00Z", "2026-03-29T23:30:00Z"]),
    (Cron, "0,30 2 * * *", "Europe/Chisinau", "2026-03-28T12:00:00Z", &["2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"]),
    (Cron, "0 2,3 * * *", "Europe/Chisinau", "2026-03-28T12:00:00Z", &["2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"]),
    (Cron, "0 4 * * *", "Europe/Chisinau", "2026-03-28T12:00:00Z", &["2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"]),
    // In an overlap it runs once, at the first instant.
    (Cron, "30 2 * * *", "Europe/Chisinau", "2026-10-24T12:00:00Z", &["2026-10-24T23:30:00Z", "2026-10-26T00:30:00Z"]),
    (Cron, "30 2 * * *", "Europe/Chisinau", "2026-10-25T00:10:00Z", &["2026-10-26T00:30:00Z"]),
    (Cron, "0 2,3 * * *", "Europe/Chisinau", "2026-10-24T12:00:00Z", &["2026-10-24T23:00:00Z", "2026-10-25T01:00:00Z"]),
    // Intervals follow elapsed time: both passes, nothing in the gap.
    (Cron, "30 * * * *", "Europe/Chisinau", "2026-10-24T22:45:00Z", &["2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]),
    (Cron, "*/30 2 * * *", "Europe/Chisinau", "2026-10-24T12:00:00Z", &["2026-10-24T23:00:00Z", "2026-10-24T23:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"]),
    (Cron, "*/15 2 * * *", "Europe/Chisinau", "2026-03-28T12:00:00Z", &["2026-03-29T23:00:00Z", "2026-03-29T23:15:00Z"]),
    (Cron, "30 */2 * * *", "Europe/Chisinau", "2026-10-24T22:00:00Z", &["2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"]),
    (Cron, "30 */2 * * *", "Europe/Chisinau", "2026-03-28T22:00:00Z", &["2026-03-28T22:30:00Z", "2026-03-29T01:30:00Z"]),
    (Cron, "5 * * * *", "America/New_York", "2026-11-01T04:30:00Z", &["2026-11-01T05:05:00Z", "2026-11-01T06:05:00Z", "2026-11-01T07:05:00Z"]),
    (Cron, "@hourly", "America/New_York", "2026-03-08T06:30:00Z", &["2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"]),
    // A range is a fixed-time rule, not an interval.
    (Cron, "0 0-23/3 * * *", "Europe/Chisinau", "2026-03-28T20:00:00Z", &["2026-03-28T22:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z"]),
    (Cron, "0 0-23 * * *", "America/New_York", "2026-11-01T04:30:00Z", &["2026-11-01T05:00:00Z", "2026-11-01T07:00:00Z"]),
    // A change of 30 minutes, at midnight, and of a whole day.
    (Cron, "45 1 * * *", "Australia/Lord_Howe", "2026-04-04T10:00:00Z", &["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"]),
    (Cron, "15 2 * * *", "Australia/Lord_Howe", "2026-10-03T10:00:00Z", &["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"]),
    (Cron, "0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", &["2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"]),
    (Cron, "@midnight", "Africa/Cairo", "2026-04-23T22:00:00Z", &["2026-04-24T21:00:00Z"]),
    (Cron, "0 12 * * *", "Pacific/Apia", "2011-12-29T23:00:00Z", &["2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"]),
    // Day fields are alternatives when both are restricted without a leading star; 7 is Sunday.
    (Cron, "0 0 13 * 5", "UTC", "2026-03-07T00:00:00Z", &["2026-03-13T00:00:00Z", "2026-03-20T00:00:00Z"]),
    (Cron, "0 0 1,15 * 1", "UTC", "2026-06-01T12:00:00Z", &["2026-06-08T00:00:00Z", "2026-06-15T00:00:00Z", "2026-06-22T00:00:00Z"]),
    (Cron, "0 0 */2 * 1", "UTC", "2026-06-01T12:00:00Z", &["2026-06-15T00:00:00Z", "2026-06-29T00:00:00Z"]),
    (Cron, "0 0 * * 7", "UTC", "2026-11-21T00:00:00Z", &["2026-11-22T00:00:00Z"]),
    (Cron, "0 0 29 2 *", "UTC", "2026-11-21T00:00:00Z", &["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
    // RFC 5545: the offset before a gap; once in an overlap.
    (Rrule, "DTSTART:20260327T023000\nRRULE:FREQ=DAILY", "Europe/Chisinau", "2026-03-28T12:00:00Z", &["2026-03-29T00:30:00Z", "2026-03-29T23:30:00Z"]),
    (Rrule, "DTSTART:20261023T023000\nRRULE:FREQ=DAILY", "Europe/Chisinau", "2026-10-24T12:00:00Z", &["2026-10-24T23:30:00Z", "2026-10-26T00:30:00Z"]),
    (Rrule, "DTSTART:20260329T010000\nRRULE:FREQ=HOURLY", "Europe/Chisinau", "2026-03-28T22:30:00Z", &["2026-03-28T23:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"]),
    (Rrule, "DTSTART;TZID=America/New_York:19970902T090000\nRRULE:FREQ=DAILY;COUNT=3", "UTC", "1997-09-01T00:00:00Z", &["1997-09-02T13:00:00Z", "1997-09-03T13:00:00Z", "1997-09-04T13:00:00Z"]),
    (Rrule, "DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260102T090000Z\nRDATE:20260110T120000Z", "Europe/Chisinau", "2026-01-01T00:00:00Z", &["2026-01-01T09:00:00Z", "2026-01-03T09:00:00Z", "2026-01-10T12:00:00Z"]),
    (Rrule, "DTSTART:20260101T090000Z\nRRULE:FREQ=DAILY;UNTIL=20260102T090000Z", "Europe/Chisinau", "2025-01-01T00:00:00Z", &["2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z"]),
    // Plain and numbered weekdays of one list are alternatives.
    (Rrule, "DTSTART:20260101T000000Z\nRRULE:FREQ=MONTHLY;BYDAY=1MO,SU", "UTC", "2026-06-01T12:00:00Z", &["2026-06-07T00:00:00Z", "2026-06-14T00:00:00Z", "2026-06-21T00:00:00Z", "2026-06-28T00:00:00Z", "2026-07-05T00:00:00Z", "2026-07-06T00:00:00Z"]),
    (Rrule, "DTSTART:20260101T000000Z\nRRULE:FREQ=MONTHLY;BYDAY=-5MO,1MO", "UTC", "2026-06-01T12:00:00Z", &["2026-07-06T00:00:00Z", "2026-08-03T00:00:00Z"]),
    (Rrule, "DTSTART:20260101T000000Z\nRRULE:FREQ=MONTHLY;BYDAY=-5MO,-4MO", "UTC", "2026-07-20T00:00:00Z", &["2026-08-03T00:00:00Z", "2026-08-10T00:00:00Z", "2026-09-07T00:00:00Z"]),
    // The third date of the rule, though its first Mondays are skipped.
    (Rrule, "DTSTART:20260101T000000Z\nRRULE:FREQ=MONTHLY;BYDAY=-5MO;COUNT=3", "UTC", "2026-01-01T00:00:00Z", &["2026-03-02T00:00:00Z", "2026-06-01T00:00:00Z", "2026-08-03T00:00:00Z"]),
    // `once` follows the same two rules.
    (Once, "2026-03-29T02:30:00", "Europe/Chisinau", "2026-01-01T00:00:00Z", &["2026-03-29T00:30:00Z"]),
    (Once, "2026-10-25 02:30:00", "Europe/Chisinau", "2026-01-01T00:00:00Z", &["2026-10-24T23:30:00Z"]),
    (Once, "2026-10-25T02:30:00+02:00", "Europe/Chisinau", "2026-01-01T00:00:00Z", &["2026-10-25T00:30:00Z"]),
    (Once, "2011-12-30T12:00:00", "Pacific/Apia", "2011-01-01T00:00:00Z", &["2011-12-30T22:00:00Z"]),
];

#[test]
fn occurrences_around_dst_changes_match_the_table() {
    for (kind, expr, zone, after, wanted) in TABLE {
        assert_eq!(
            next(&read(*kind, expr, zone), after, wanted.len()),
            *wanted,
            "{expr} in {zone} after {after}"
        );
    }
}

#[test]
fn an_invalid_expression_names_the_error() {
    for (kind, expr, part) in [
        (Cron, "61 * * * *", "minute: 61 is not in 0-59"),
        (Cron, "* * * *", "found 4"),
        (Cron, "0 0 0 * * *", "found 6"),
        (Cron, "0 0 L * *", "day of month: invalid value 'L'"),
        (Cron, "0 0 * * 5#2", "day of week: invalid value '5#2'"),
        (Cron, "*/0 * * * *", "minute: invalid value '*/0'"),
        (Cron, "0 0 30 2 *", "day of month, month: '30 2' has no occurrence"),
        (Cron, "", "found 0"),
        (Rrule, "FREQ=SOMETIMES", "RRULE: "),
        (Rrule, "FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        (Rrule, "hello", "expected DTSTART"),
        (Rrule, "DTSTART:20260101T000000", "no RRULE"),
        (Rrule, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "has no occurrence"),
        (Rrule, "FREQ=DAILY;BYDAY=1MO", "BYDAY=1MO: a numbered weekday needs FREQ=MONTHLY or FREQ=YEARLY"),
        (Rrule, "FREQ=WEEKLY;BYDAY=TU,-1MO", "BYDAY=TU,-1MO: a numbered weekday needs"),
        (Rrule, "FREQ=HOURLY;BYDAY=2FR", "a numbered weekday needs"),
        (Rrule, "FREQ=YEARLY;BYWEEKNO=20;BYDAY=1MO", "cannot be combined with BYWEEKNO"),
        (Rrule, "FREQ=MONTHLY;BYDAY=0MO", "BYDAY: 0MO is zero"),
        (Rrule, "FREQ=MONTHLY;BYDAY=+0MO", "BYDAY: +0MO is zero"),
        (Rrule, "FREQ=MONTHLY;BYDAY=6MO", "6 is not in 1 to 5 or -5 to -1"),
        (Rrule, "FREQ=YEARLY;BYDAY=-54MO", "-54 is not in 1 to 53 or -53 to -1"),
        (Rrule, "FREQ=YEARLY;BYDAY=99999MO", "BYDAY: invalid weekday '99999MO'"),
        (Rrule, "FREQ=MONTHLY;BYDAY=x1MO", "BYDAY: invalid weekday 'X1MO'"),
        (Rrule, "FREQ=MONTHLY;BYDAY=-5MO;BYSETPOS=1", "cannot be combined with BYSETPOS"),
        (Rrule, "FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY"),
        (Rrule, "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS"),
        (Rrule, "FREQ=YEARLY;BYYEARDAY=0", "BYYEARDAY"),
        (Rrule, "FREQ=YEARLY;BYWEEKNO=0", "BYWEEKNO"),
        (Rrule, "FREQ=DAILY;COUNT=0", "COUNT must be from 1 to 50000"),
        (Rrule, "FREQ=DAILY;BYDAY=MO;BYDAY=TU", "BYDAY occurs twice"),
        (Once, "tomorrow", "invalid time 'tomorrow'"),
    ] {
        let zone = "UTC".parse().unwrap();
        let schedule = ordctl::engine::schedule::Schedule::parse(
            kind,
            expr,
            zone,
            "2026-01-01T00:00:00Z".parse().unwrap(),
        );
        let error = schedule.map(|s| format!("{s:?}")).unwrap_err().to_string();
        assert!(error.contains(part), "{expr}: {error}");
    }
}

/// Each error of a cron expression begins with the field that has it.
#[test]
fn every_cron_error_names_its_field() {
    let fields = [("minute", 60), ("hour", 24), ("day of month", 31), ("month", 12), ("day of week", 7)];
    let wrong = [
        ",",
        "1,",
        "x",
        "1-",
        "-1",
        "5-2",
        "999",
        "70",
        "*/0",
        "*/",
        "*/999",
        "*/90",
        "1-5/90",
        "1/2/3",
        "1-2-3",
        "*-3",
        "+5",
        "L",
        "?",
        "1#2",
        "*5",
        "MONDAY",
        "99999999999",
        "*/99999999999",
    ];
    for (place, (field, size)) in fields.into_iter().enumerate() {
        let read = |part: &str| {
            let mut parts = ["*"; 5];
            parts[place] = part;
            let anchor = "2026-01-01T00:00:00Z".parse().unwrap();
            let zone = "UTC".parse().unwrap();
            ordctl::engine::schedule::Schedule::parse(Cron, &parts.join(" "), zone, anchor)
        };
        for part in wrong.into_iter().chain(["FRI-MON", "DEC-JAN"]) {
            let error = read(part).map(|_| part).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{field}: ")), "{field} {part}: {error}");
        }
        assert!(read(&format!("*/{size}")).is_ok(), "{field}: a step of the whole range");
        let error = read(&format!("*/{}", size + 1)).map(|_| field).unwrap_err().to_string();
        assert!(error.contains(&format!("the step {} is larger than the range", size + 1)), "{error}");
    }
}
