//! `schedule preview`.

use crate::support::ordctl::Ordctl;

#[test]
fn json_output_is_a_list() {
    let output = Ordctl::new().run(&[
        "schedule",
        "preview",
        "--kind",
        "cron",
        "--expr",
        "30 2 * * *",
        "--timezone",
        "Europe/Chisinau",
        "--after",
        "2026-03-28T12:00:00Z",
        "--count",
        "2",
        "-o",
        "json",
    ]);
    assert_eq!(output.code, 0, "{output:?}");
    let list: Vec<String> = serde_json::from_str(&output.out).unwrap();
    assert_eq!(list, ["2026-03-29T00:00:00Z", "2026-03-29T23:30:00Z"]);
}

#[test]
fn text_output_shows_local_time_and_utc() {
    let output = Ordctl::new().run(&[
        "schedule",
        "preview",
        "--kind",
        "rrule",
        "--expr",
        "FREQ=DAILY",
        "--timezone",
        "America/New_York",
        "--dtstart",
        "2026-10-31T13:00:00Z",
        "--after",
        "2026-10-31T13:00:00Z",
        "--count",
        "1",
    ]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.out.contains("Sun 2026-11-01 09:00:00 -05:00  2026-11-01T14:00:00Z"), "{}", output.out);
}

#[test]
fn an_invalid_schedule_is_a_usage_error_and_an_ended_one_is_reported() {
    let run = |kind: &str, expr: &str, zone: &str| {
        Ordctl::new().run(&["schedule", "preview", "--kind", kind, "--expr", expr, "--timezone", zone])
    };
    let output = run("cron", "61 * * * *", "UTC");
    assert_eq!((output.code, output.out.as_str()), (64, ""), "{output:?}");
    assert!(output.err.contains("minute: 61 is not in 0-59"), "{output:?}");
    assert_eq!(run("crom", "* * * * *", "UTC").code, 64);
    assert_eq!(run("cron", "* * * * *", "Mars/Base").code, 64);
    let over = run("once", "2020-01-01T00:00:00Z", "UTC");
    assert_eq!(over.code, 0);
    assert!(over.err.contains("no more occurrences"), "{over:?}");
}
