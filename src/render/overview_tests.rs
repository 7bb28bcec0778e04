use chrono::DateTime;

use super::super::{Format, Style, report};
use crate::model::{DIAGNOSIS, Finding, Kind, Report, ReportSection, Status, Target};

fn section(id: &str, title: &str, findings: &[(Status, &str)]) -> ReportSection {
    let finding = |(n, (status, text)): (usize, &(Status, &str))| {
        Finding::new(&format!("{id}.{n}"), "s", *status, *text).hint(format!("docker logs {n}"))
    };
    ReportSection::new(id, title, findings.iter().enumerate().map(finding).collect())
}

fn shown(kind: Kind, sections: Vec<ReportSection>) -> Vec<String> {
    let at = DateTime::parse_from_rfc3339("2026-11-29T12:00:00Z").unwrap();
    let report_of = Report::new("r", "Report", kind, Target::default(), at, sections);
    let style = Style { compact: true, width: Some(80), ..Style::default() };
    report(&report_of, Format::Text, style).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_section_without_a_problem_is_one_line_with_its_first_figures() {
    let redis = [
        (Status::Ok, "Redis: 465 µs, version 7.0.15"),
        (Status::Ok, "Redis memory: 919.7 KiB used"),
        (Status::Ok, "Redis evictions: none, which needs more room than the line has"),
        (Status::Skipped, "Redis stream: skipped"),
    ];
    let lines = shown(Kind::Look, vec![section("redis", "Redis", &redis), section("n", "Nothing", &[])]);
    assert_eq!(lines[3], "  ok       Redis  465 µs, version 7.0.15; Redis memory: 919.7 KiB used; 2 more");
    assert_eq!(lines[4], "", "a section without a finding is not shown");
    assert_eq!(lines[5], "ok: 3 ok, 1 skipped in 0 s; -v shows every check");
}

#[test]
fn a_problem_is_in_the_summary_with_its_command() {
    let engine =
        [(Status::Warn, "Lag: 3 s"), (Status::Ok, "Hold: none"), (Status::Crit, "Scheduler: silent")];
    let lines = shown(Kind::Look, vec![section("engine", "Engine", &engine)]);
    let wanted = [
        "  critical Engine  1 critical, 1 warning, 1 ok",
        "",
        "critical: 1 critical, 1 warning, 1 ok in 0 s; -v shows every check",
        "  critical Scheduler: silent",
        "           -> docker logs 2",
        "  warning  Lag: 3 s",
        "           -> docker logs 0",
    ];
    assert_eq!(lines[3..], wanted);
}

#[test]
fn problems_with_the_same_command_are_followed_by_it_once() {
    let problem =
        |n: u8, hint: &str| Finding::new(&n.to_string(), "s", Status::Warn, format!("P{n}")).hint(hint);
    let all = vec![
        problem(1, "ordctl queue status"),
        problem(2, "ordctl queue status"),
        problem(3, "ordctl resume"),
    ];
    let lines = shown(Kind::Look, vec![ReportSection::new("q", "Queue", all)]);
    let wanted = [
        "  warning  P1",
        "  warning  P2",
        "           -> ordctl queue status",
        "  warning  P3",
        "           -> ordctl resume",
    ];
    assert_eq!(lines[6..], wanted);
}

#[test]
fn what_an_action_did_stays_complete() {
    let look = section(DIAGNOSIS, "Diagnosis", &[(Status::Ok, "Lag: 3 s")]);
    let did = section("steps", "Steps", &[(Status::Ok, "Deleted runs: 3"), (Status::Ok, "task: analyzed")]);
    let lines = shown(Kind::Act, vec![look, did]);
    let measured = section("steps", "Steps", &[(Status::Ok, "API p95: 4 ms")]);
    let of_steps = shown(Kind::Look, vec![measured]);
    assert_eq!(
        of_steps[3..5],
        ["Steps", "  ok       API p95: 4 ms"],
        "measurements are what a reader wants to see"
    );
    assert_eq!(of_steps.last().unwrap(), "ok: 1 ok in 0 s", "nothing is left to show");
    assert_eq!(
        lines[3..8],
        [
            "  ok       Diagnosis  Lag: 3 s",
            "",
            "Steps",
            "  ok       Deleted runs: 3",
            "  ok       task: analyzed"
        ]
    );
}

/// Two lines of head, thirteen sections, and the verdict.
#[test]
fn a_healthy_morning_fits_24_lines() {
    let long = "a figure with many words that is nearly as long as the whole line of the terminal";
    let all = (0..13).map(|n| {
        let title = format!("Section {n} with a long title");
        section(&n.to_string(), &title, &[(Status::Ok, long), (Status::Ok, long), (Status::Skipped, long)])
    });
    let lines = shown(Kind::Look, all.collect());
    assert!(lines.len() <= 22, "{lines:#?}");
    assert!(lines.iter().all(|line| line.chars().count() <= 80), "{lines:#?}");
}
