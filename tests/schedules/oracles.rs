//! A thousand random rules of each kind; `tests/oracles/schedules.py` created the expected occurrences.

use ordctl::engine::schedule::{Schedule, ScheduleKind};
use serde::Deserialize;

use super::next;

#[derive(Deserialize)]
struct Case {
    expr: String,
    zone: String,
    anchor: Option<String>,
    after: String,
    next: Vec<String>,
}

fn agree(kind: ScheduleKind, fixture: &str) {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for line in fixture.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        cases += 1;
        let anchor = case.anchor.as_deref().unwrap_or("2020-01-01T00:00:00Z").parse().unwrap();
        let ours = match Schedule::parse(kind, &case.expr, case.zone.parse().unwrap(), anchor) {
            Ok(schedule) => match schedule.after(case.after.parse().unwrap()) {
                Ok(_) => next(&schedule, &case.after, 5),
                Err(e) => vec![e.to_string()],
            },
            // A rule that ends before it starts is rejected.
            Err(e) if e.to_string() == "it has no occurrence" => Vec::new(),
            Err(e) => vec![e.to_string()],
        };
        if ours != case.next {
            wrong.push(format!("{line}\n  ours: {ours:?}"));
        }
    }
    assert_eq!(cases, 1000);
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong[..wrong.len().min(12)].join("\n"));
}

#[test]
fn cron_agrees_with_cronsim() {
    agree(ScheduleKind::Cron, include_str!("../fixtures/oracle_cron.jsonl"));
}

#[test]
fn rrule_agrees_with_dateutil() {
    agree(ScheduleKind::Rrule, include_str!("../fixtures/oracle_rrule.jsonl"));
}

/// All ordinals of a month and of a year, above all the lowest, which the library refuses.
#[test]
fn numbered_weekdays_agree_with_dateutil() {
    agree(ScheduleKind::Rrule, include_str!("../fixtures/oracle_by_day.jsonl"));
}
