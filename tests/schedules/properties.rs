//! Properties of every schedule.

use chrono::{DateTime, TimeDelta, Utc};
use ordctl::engine::schedule::{CatchUp, Schedule, ScheduleKind, due};
use proptest::prelude::*;

use super::read;

const ZONES: [&str; 5] =
    ["UTC", "Europe/Chisinau", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"];
const RULES: [(ScheduleKind, &str); 9] = [
    (ScheduleKind::Cron, "* * * * *"),
    (ScheduleKind::Cron, "*/7 1-3 * * *"),
    (ScheduleKind::Cron, "30 2 * * *"),
    (ScheduleKind::Cron, "0 */6 1,15 * 1"),
    (ScheduleKind::Cron, "15,45 0-23 * * 1-5"),
    (ScheduleKind::Rrule, "FREQ=HOURLY;INTERVAL=5"),
    (ScheduleKind::Rrule, "FREQ=MINUTELY;INTERVAL=17"),
    (ScheduleKind::Rrule, "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=30"),
    (ScheduleKind::Rrule, "FREQ=MONTHLY;BYDAY=-1SU;BYHOUR=2;BYMINUTE=15"),
];

fn any() -> impl Strategy<Value = (Schedule, DateTime<Utc>)> {
    let seconds = 1_577_836_800_i64..1_800_000_000;
    (0..RULES.len(), 0..ZONES.len(), seconds).prop_map(|(rule, zone, at)| {
        let (kind, expr) = RULES[rule];
        (read(kind, expr, ZONES[zone]), DateTime::from_timestamp(at, 0).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_occurrence_is_between_an_instant_and_the_next_one((schedule, at) in any(), share in 0.0..1.0f64) {
        let next = schedule.after(at).unwrap().unwrap();
        prop_assert!(next > at);
        let between = at + TimeDelta::milliseconds(((next - at).num_milliseconds() as f64 * share) as i64);
        prop_assert_eq!(schedule.after(between.min(next - TimeDelta::milliseconds(1))).unwrap(), Some(next));
        prop_assert!(schedule.after(next).unwrap().unwrap() > next);
    }

    #[test]
    fn no_occurrence_is_lost_or_repeated_in_any_steps((schedule, begin) in any(),
            steps in prop::collection::vec(1i64..40_000, 1..12)) {
        let (mut cursor, mut now, mut seen) = (begin, begin, Vec::new());
        for step in steps {
            now += TimeDelta::seconds(step);
            loop {
                let found = due(&schedule, cursor, now, CatchUp::All).unwrap();
                seen.extend(found.occurrences);
                cursor = found.cursor;
                if found.next.is_none_or(|n| n > now) { break }
            }
            prop_assert_eq!(cursor, now);
        }
        let (mut wanted, mut at) = (Vec::new(), begin);
        while let Some(next) = schedule.after(at).unwrap().filter(|n| *n <= now) {
            wanted.push(next);
            at = next;
        }
        // The catch-up per step is capped; these steps stay below the cap.
        prop_assert_eq!(seen, wanted);
    }

    #[test]
    fn parsing_never_panics(text in "\\PC{0,60}", noise in "[0-9*/,\\-A-Z=;:\\n ]{0,60}") {
        for kind in [ScheduleKind::Cron, ScheduleKind::Rrule, ScheduleKind::Once] {
            for text in [&text, &noise] {
                drop(Schedule::parse(kind, text, chrono_tz::Europe::Chisinau, DateTime::UNIX_EPOCH));
            }
        }
        drop(Schedule::parse(ScheduleKind::Rrule, &format!("FREQ=DAILY;{noise}"), chrono_tz::UTC, DateTime::UNIX_EPOCH));
    }
}

/// Ten years without a scheduler.
#[test]
fn a_long_outage_is_cheap_to_catch_up() {
    let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
    let before = now - TimeDelta::days(3650);
    for (kind, expr) in [
        (ScheduleKind::Cron, "* * * * *"),
        (ScheduleKind::Rrule, "FREQ=SECONDLY"),
        (ScheduleKind::Rrule, "FREQ=MINUTELY"),
        (ScheduleKind::Cron, "0 0 29 2 *"),
    ] {
        let schedule = read(kind, expr, "Europe/Chisinau");
        let one = due(&schedule, before, now, CatchUp::Once).unwrap();
        let missed = one.occurrences.iter().filter(|o| **o < now - TimeDelta::seconds(60)).count();
        assert_eq!(missed, 1, "{expr}");
        let none = due(&schedule, before, now, CatchUp::Skip).unwrap();
        assert!(none.occurrences.iter().all(|o| *o >= now - TimeDelta::seconds(60)), "{expr}");
        let all = due(&schedule, before, now, CatchUp::All).unwrap();
        assert!(all.occurrences.len() <= 1000 && !all.occurrences.is_empty(), "{expr}");
    }
}

/// Rules that search for a long time end with an error or a result.
#[test]
fn expensive_rules_terminate() {
    for expr in [
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYHOUR=3;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;COUNT=4294967295",
        "FREQ=SECONDLY;COUNT=4294967295",
        "FREQ=MINUTELY;INTERVAL=65535;BYMINUTE=1;BYSECOND=1",
        "FREQ=YEARLY;INTERVAL=65535",
        "FREQ=DAILY;BYSETPOS=366;BYDAY=MO",
    ] {
        let anchor = "2000-01-01T00:00:00Z".parse().unwrap();
        if let Ok(schedule) = Schedule::parse(ScheduleKind::Rrule, expr, chrono_tz::UTC, anchor) {
            drop(schedule.after("2026-11-21T00:00:00Z".parse().unwrap()));
        }
    }
}
