//! Ordinaut's reading of cron expressions, as APScheduler has it, and conversions.
//! `tests/oracles/apscheduler_cron.py` created the expected occurrences.

use chrono::{DateTime, Utc};
use ordctl::engine::schedule::upstream::{Conversion, Reading, compare, read};
use ordctl::engine::schedule::{Schedule, ScheduleKind};
use serde::Deserialize;

use super::next;

#[derive(Deserialize)]
struct Case {
    expr: String,
    zone: chrono_tz::Tz,
    after: String,
    /// None: APScheduler refuses the expression.
    next: Option<Vec<String>>,
}

fn cases() -> Vec<Case> {
    let fixture = include_str!("../fixtures/oracle_apscheduler.jsonl");
    let cases: Vec<Case> = fixture.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), 1000);
    cases
}

#[test]
fn ordinauts_reading_agrees_with_apscheduler() {
    let mut wrong = Vec::new();
    for case in cases() {
        let ours = read(&case.expr, case.zone).ok().map(|schedule| next(&schedule, &case.after, 5));
        // A date that no year has is an error here; APScheduler finds no instant.
        if ours != case.next && !(ours.is_none() && case.next.as_ref().is_some_and(Vec::is_empty)) {
            wrong.push(format!("{}: {ours:?}, not {:?}", case.expr, case.next));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Under ordctl's reading, a converted expression has the instants that APScheduler gave the original.
#[test]
fn conversions_keep_apschedulers_instants_and_never_differ_again() {
    let (mut converted, mut rules) = (0, 0);
    for case in cases() {
        let after: DateTime<Utc> = case.after.parse().unwrap();
        let Some(difference) = compare(&case.expr, case.zone, after) else {
            let ours = Schedule::parse(ScheduleKind::Cron, &case.expr, case.zone, after).unwrap();
            assert_eq!(Some(next(&ours, &case.after, 5)), case.next, "{}", case.expr);
            continue;
        };
        let Some(wanted) = case.next.filter(|next| !next.is_empty()) else {
            assert!(difference.conversion.is_err(), "{}", case.expr);
            continue;
        };
        let Ok(Conversion { kind, expr }) = difference.conversion else {
            // The days of this one are beyond RRULE's search limit.
            assert!(case.expr.contains(" 29 2 ") || case.expr.contains(" 29 feb "), "{}", case.expr);
            continue;
        };
        let schedule = Schedule::parse(kind, &expr, case.zone, after).unwrap();
        assert_eq!(next(&schedule, &case.after, 5), wanted, "{} became {expr}", case.expr);
        if kind == ScheduleKind::Cron {
            assert_eq!(compare(&expr, case.zone, after), None, "{} became {expr}", case.expr);
            converted += 1;
        } else {
            rules += 1;
        }
    }
    assert!(converted > 100 && rules > 100, "{converted} {rules}");
}

fn conversion(expr: &str) -> Option<Result<(ScheduleKind, String), String>> {
    let now = "2026-11-29T12:00:00Z".parse().unwrap();
    Some(compare(expr, chrono_tz::UTC, now)?.conversion.map(|to| (to.kind, to.expr)))
}

#[test]
fn weekday_numbers_become_names_and_other_text_stays() {
    for (expr, wanted) in [
        ("0 9 * * 0", "0 9 * * mon"),
        ("*/5 9-17 * jan 0-4", "*/5 9-17 * jan mon-fri"),
        ("0 9 * * 5,6", "0 9 * * sat,sun"),
        ("0 9 * * */2", "0 9 * * mon,wed,fri,sun"),
        ("0 9 1-31 * 2", "0 9 * * wed"),
        ("0 9 15 * 0-6", "0 9 15 * *"),
        ("0 9 */2 * 0", "0 9 */2 * mon"),
    ] {
        assert_eq!(conversion(expr), Some(Ok((ScheduleKind::Cron, wanted.to_owned()))), "{expr}");
    }
    for (expr, wanted) in [
        ("0 9 last * *", "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=9;BYMINUTE=0;BYSECOND=0"),
        ("0 9,10 13 6 4", "FREQ=MONTHLY;BYMONTH=6;BYMONTHDAY=13;BYDAY=FR;BYHOUR=9,10;BYMINUTE=0;BYSECOND=0"),
    ] {
        assert_eq!(conversion(expr), Some(Ok((ScheduleKind::Rrule, wanted.to_owned()))), "{expr}");
    }
}

#[test]
fn expressions_with_one_meaning_do_not_differ() {
    for expr in
        ["* * * * *", "0 9 * * mon-fri", "0 9 13 * *", "*/7 1,2 */2 3 *", "0 9 */3 * tue", "0 9 * * 0-6"]
    {
        assert_eq!(conversion(expr), None, "{expr}");
    }
}

#[test]
fn an_expression_that_one_side_refuses_is_a_difference() {
    let now = "2026-11-29T12:00:00Z".parse().unwrap();
    let weekly = compare("@weekly", chrono_tz::UTC, now).unwrap();
    assert!(matches!(weekly.ordinaut, Reading::Invalid(_)) && matches!(weekly.ordctl, Reading::Next(_)));
    assert!(weekly.conversion.unwrap_err().starts_with("Ordinaut never runs it"), "@weekly");
    let last = compare("0 9 last * *", chrono_tz::UTC, now).unwrap();
    assert!(matches!(last.ordinaut, Reading::Next(_)) && matches!(last.ordctl, Reading::Invalid(_)));
}

/// From a Monday on, five instants of every fifth minute do not reach the day that differs.
#[test]
fn a_difference_after_the_next_instants_is_found() {
    let now = "2026-11-30T00:00:00Z".parse().unwrap();
    let difference = compare("*/5 * * * 0-5", chrono_tz::UTC, now).unwrap();
    let first = |reading: Reading| match reading {
        Reading::Next(next) => next[0].to_rfc3339(),
        Reading::Invalid(e) => panic!("{e}"),
    };
    // Saturday is Ordinaut's last day; ordctl goes on Sunday.
    assert_eq!(first(difference.ordinaut), "2026-12-05T00:00:00+00:00");
    assert_eq!(first(difference.ordctl), "2026-12-06T00:00:00+00:00");
}
