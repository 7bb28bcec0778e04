//! `health evening` on real systems: its values against independent ones, the limits of its days, and reports
//! without data.

mod growth;

use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};
use ordctl::base::day::Day;
use ordctl::engine::migrations;
use serde_json::Value;

use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::{Database, cluster};
use crate::support::systems::{Systems, shell};
use crate::support::{DEADLINE, day, holds_within, left_out, run};

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Chisinau;

pub fn url(database: &Database) -> String {
    format!("postgresql://postgres@127.0.0.1:{}/{}", cluster().port, database.name)
}

/// A migrated database without tasks, and ordctl on it in the time zone of Chisinau.
pub async fn empty() -> (Database, Ordctl) {
    let database = Database::fresh().await;
    migrations::migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let ordctl = Ordctl::new().with("DATABASE_URL", url(&database)).with("ORDCTL_TIME_ZONE", ZONE.name());
    (database, ordctl)
}

pub async fn task(database: &Database, kind: &str, expr: &str, zone: &str) -> String {
    let id = database.value("SELECT gen_random_uuid()").await;
    let sql = format!(
        "INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, timezone, payload)
         VALUES ('{id}', '{kind} {expr}', 'd', '00000000-0000-0000-0000-000000000001', '{kind}', '{expr}', '{zone}', '{{}}')"
    );
    database.execute(&sql).await.unwrap();
    id
}

pub fn number(report: &Value, id: &str) -> f64 {
    finding(report, id)["value"].as_f64().unwrap_or_else(|| panic!("{id} has no value: {report}"))
}

fn evening(ordctl: &Ordctl, only: &str) -> (i32, Value) {
    ordctl.json(&["health", "evening", "--only", only])
}

/// Today in the zone, computed by SQL independently of ordctl.
const TODAY: &str = "date_trunc('day', now(), 'Europe/Chisinau')";

#[tokio::test]
async fn run_statistics_agree_with_sql() {
    let (database, ordctl) = empty().await;
    day::fill(&database.store).await;
    let report = evening(&ordctl, "today").1;
    let ended = format!(
        "FROM task_run WHERE started_at >= {TODAY} AND started_at < {TODAY} + interval '1 day' AND finished_at IS NOT NULL"
    );
    let seconds = "extract(epoch FROM finished_at - started_at)";
    for (id, sql) in [
        ("completed", format!("count(*) {ended} AND success")),
        ("failed", format!("count(*) {ended} AND NOT success")),
        ("rate", format!("avg(success::int * 100) {ended}")),
        ("average", format!("avg({seconds}) {ended}")),
        ("p95", format!("percentile_cont(0.95) WITHIN GROUP (ORDER BY {seconds}) {ended}")),
        ("max", format!("max({seconds}) {ended}")),
    ] {
        let wanted: f64 = database.value(&format!("SELECT {sql}")).await.parse().unwrap();
        let found = number(&report, &format!("today.runs.{id}"));
        assert!((found - wanted).abs() < 0.001, "{id}: {found}, not {wanted}");
        assert!(wanted > 0.0, "{id} must not be zero");
    }
}

/// The original script's `started_at::date = CURRENT_DATE` uses the server's zone, here UTC.
#[tokio::test]
async fn days_are_those_of_the_configured_time_zone() {
    let (database, ordctl) = empty().await;
    let id = task(&database, "event", "never", "UTC").await;
    let today = Day::of(ZONE, Utc::now());
    let run = async |at: DateTime<Utc>| {
        let sql = format!(
            "INSERT INTO task_run (task_id, started_at, finished_at, success)
             VALUES ('{id}', '{at}', '{at}'::timestamptz + interval '1 s', true)"
        );
        database.execute(&sql).await.unwrap();
    };
    let micro = TimeDelta::microseconds(1);
    // The first and the last instant of the day, and the instants before and after it.
    for at in [today.begin, today.end - micro, today.begin - micro, today.end] {
        run(at).await;
    }
    assert_eq!(number(&evening(&ordctl, "today").1, "today.runs.completed"), 2.0);
    // 23:30 UTC belongs to the next day in Chisinau.
    let (_, report) = evening(&ordctl, "today");
    assert!(
        finding(&report, "today.runs.completed")["summary"].as_str().unwrap().contains("Europe/Chisinau")
    );
    database.execute("TRUNCATE task_run").await.unwrap();
    let late = today.end.date_naive().and_hms_opt(23, 30, 0).unwrap().and_utc();
    let (in_utc, in_chisinau) = (Day::of(chrono_tz::UTC, late), Day::of(ZONE, late));
    assert_eq!(in_chisinau.date, in_utc.date.succ_opt().unwrap());
    run(late - TimeDelta::days(1)).await;
    let wanted = f64::from(u8::from(
        today.begin <= late - TimeDelta::days(1) && late - TimeDelta::days(1) < today.end,
    ));
    assert_eq!(number(&evening(&ordctl, "today").1, "today.runs.completed"), wanted);
}

/// The original script prints an empty line for the rate of an empty day.
#[tokio::test]
async fn a_day_without_runs_has_no_success_rate_and_no_durations() {
    let (_database, ordctl) = empty().await;
    let (code, report) = evening(&ordctl, "today");
    assert_eq!(code, 0, "{report}");
    assert_eq!((number(&report, "today.runs.completed"), number(&report, "today.runs.failed")), (0.0, 0.0));
    for id in ["rate", "average", "p95", "max"] {
        let found = finding(&report, &format!("today.runs.{id}"));
        assert_eq!((found["status"].as_str(), &found["value"]), (Some("skipped"), &Value::Null), "{found}");
        assert!(found["summary"].as_str().unwrap().contains("no data"), "{found}");
    }
    let text = ordctl.run(&["health", "evening", "--only", "today"]).out;
    assert!(!text.contains("NaN") && !text.contains("0.0 %"), "{text}");
}

#[tokio::test]
async fn a_low_success_rate_is_reported() {
    let (database, ordctl) = empty().await;
    let id = task(&database, "event", "never", "UTC").await;
    let sql = format!(
        "INSERT INTO task_run (task_id, started_at, finished_at, success)
         SELECT '{id}', now(), now(), n <> 1 FROM generate_series(1, 10) n;
         INSERT INTO task_run (task_id, started_at) VALUES ('{id}', now())"
    );
    database.execute(&sql).await.unwrap();
    let (code, report) = evening(&ordctl, "today");
    assert_eq!(
        (code, number(&report, "today.runs.rate")),
        (1, 90.0),
        "an unfinished run is neither a success nor a failure"
    );
    let (code, _) = ordctl.json(&["health", "evening", "--only", "today", "-p", "rate_crit=90"]);
    assert_eq!(code, 2);
    // A run that succeeds at the third attempt has not failed twice.
    database.execute("TRUNCATE task_run").await.unwrap();
    let sql = format!(
        "INSERT INTO task_run (task_id, started_at, finished_at, success, attempt, final)
         SELECT '{id}', now(), now() + make_interval(secs => a), a = 3, a, a = 3
           FROM generate_series(1, 10) n, generate_series(1, 3) a"
    );
    database.execute(&sql).await.unwrap();
    let (code, report) = evening(&ordctl, "today");
    assert_eq!((code, number(&report, "today.runs.rate")), (0, 100.0), "{report}");
    for (id, wanted) in [("completed", 10.0), ("failed", 0.0), ("retried", 20.0), ("average", 3.0)] {
        assert_eq!(number(&report, &format!("today.runs.{id}")), wanted, "{id}: {report}");
    }
    // With last_24h, daily reports at the same time cover every run.
    database.execute("TRUNCATE task_run").await.unwrap();
    let sql = format!(
        "INSERT INTO task_run (task_id, started_at, finished_at, success)
         SELECT '{id}', now() - m * interval '1 min', now(), true FROM unnest('{{1, 1435, 1441}}'::int[]) m"
    );
    database.execute(&sql).await.unwrap();
    let (_, report) = ordctl.json(&["health", "evening", "--only", "today", "-p", "period=last_24h"]);
    assert_eq!(number(&report, "today.runs.completed"), 2.0, "{report}");
    // The table of upstream does not record which attempt is final.
    let upstream = Database::upstream().await;
    let id = task(&upstream, "event", "never", "UTC").await;
    let sql = format!(
        "TRUNCATE task_run;
         INSERT INTO task_run (task_id, started_at, finished_at, success, attempt)
         SELECT '{id}', now(), now(), a = 2, a FROM generate_series(1, 2) a"
    );
    upstream.execute(&sql).await.unwrap();
    let ordctl = Ordctl::new().with("DATABASE_URL", url(&upstream));
    assert_eq!(number(&evening(&ordctl, "today").1, "today.runs.rate"), 50.0);
}

/// The original script counts rows of `due_work` for tomorrow, which are queued only tomorrow.
#[tokio::test]
async fn the_forecast_counts_scheduled_occurrences_and_queued_work() {
    let (database, ordctl) = empty().await;
    let tomorrow = Day::of(ZONE, Utc::now()).next(ZONE);
    let noon = tomorrow.begin + TimeDelta::hours(12);
    for (kind, expr, zone) in [
        ("cron", "*/5 * * * *".to_owned(), "UTC"),
        ("rrule", "FREQ=DAILY;BYHOUR=7;BYMINUTE=0;BYSECOND=0".to_owned(), "Europe/Chisinau"),
        ("once", noon.to_rfc3339(), "UTC"),
        ("once", tomorrow.end.to_rfc3339(), "UTC"),
        ("event", "invoice.paid".to_owned(), "UTC"),
    ] {
        task(&database, kind, &expr, zone).await;
    }
    let paused = task(&database, "cron", "* * * * *", "UTC").await;
    database.execute(&format!("UPDATE task SET status = 'paused' WHERE id = '{paused}'")).await.unwrap();
    let snoozed = task(&database, "cron", "0 * * * *", "UTC").await;
    let until = (tomorrow.end - TimeDelta::minutes(90)).to_rfc3339();
    let snooze = format!("UPDATE ordctl.schedule SET cursor_at = '{until}' WHERE task_id = '{snoozed}'");
    database.execute(&snooze).await.unwrap();
    let (code, report) = evening(&ordctl, "tomorrow");
    let fives = (tomorrow.end - tomorrow.begin).num_minutes() / 5;
    assert_eq!(
        (code, number(&report, "tomorrow.schedule.scheduled")),
        (0, (fives + 1 + 1 + 1) as f64),
        "{report}"
    );
    assert_eq!(number(&report, "tomorrow.schedule.queued"), 0.0);
    let hours = finding(&report, "tomorrow.schedule.scheduled")["series"]["points"].as_array().unwrap();
    assert_eq!(hours.len() as i64, (tomorrow.end - tomorrow.begin).num_hours());
    let sum: f64 = hours.iter().map(|p| p["value"].as_f64().unwrap()).sum();
    assert_eq!(sum, (fives + 3) as f64);

    let queue = format!(
        "INSERT INTO due_work (task_id, run_at) VALUES ('{snoozed}', '{}'), ('{snoozed}', '{}'), ('{snoozed}', now())",
        tomorrow.begin.to_rfc3339(),
        tomorrow.end.to_rfc3339()
    );
    database.execute(&queue).await.unwrap();
    database
        .execute(&format!("UPDATE task SET timezone = 'Mars/Phobos' WHERE id = '{snoozed}'"))
        .await
        .unwrap();
    let (code, report) = evening(&ordctl, "tomorrow");
    assert_eq!((code, number(&report, "tomorrow.schedule.queued")), (1, 1.0), "{report}");
    let broken = finding(&report, &format!("tomorrow.schedule.broken.{snoozed}"));
    assert!(broken["summary"].as_str().unwrap().contains("Mars/Phobos"), "{broken}");
}

#[tokio::test]
async fn container_usage_agrees_with_docker_stats() {
    if left_out(
        "container_usage_agrees_with_docker_stats",
        &["docker", "redis", "prometheus", "alertmanager"],
    ) {
        return;
    }
    let (database, _) = empty().await;
    let systems = Systems::start("usage", 10);
    let name = format!("{}-api-1", systems.project);
    shell(&format!("docker update --memory 64m --memory-swap 64m {name}"));
    let ordctl = Ordctl::configured(&systems.configuration(&url(&database), None));
    // Each side measures at its own time, and a container that has just started still works: they agree once it sleeps.
    let measured = std::cell::RefCell::new(String::new());
    let agree = holds_within(DEADLINE, async || {
        let (_, report) = evening(&ordctl, "resources");
        let percent = shell(&format!("docker stats --no-stream --format '{{{{.MemPerc}}}}' {name}"));
        *measured.borrow_mut() = format!("docker stats: {percent}, ordctl: {report}");
        let [found] = report["sections"][0]["findings"].as_array().unwrap().as_slice() else {
            return false;
        };
        let percent = percent.trim_end_matches('%').parse().unwrap_or(f64::NAN);
        let value = found["value"].as_f64().unwrap_or(f64::NAN);
        let cpu = found["details"]["cpu_percent"].as_f64().unwrap_or(f64::NAN);
        found["id"] == format!("resources.usage.{name}")
            && found["details"]["memory_limit"] == 64 * 1024 * 1024
            && (value - percent).abs() < 1.0
            && value > 0.0
            && (0.0..50.0).contains(&cpu)
    });
    assert!(agree.await, "{}", measured.borrow());
    let text = ordctl.run(&["health", "evening", "--only", "resources"]).out;
    let mut lines = text.lines().skip_while(|line| *line != "Container usage").skip(1);
    let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(
        header,
        ["CONTAINER", "CPU", "MEMORY", "OF", "LIMIT", "RECEIVED", "SENT", "READ", "WRITTEN"],
        "{text}"
    );
    let row: Vec<&str> = lines.next().unwrap().split_whitespace().take(2).collect();
    assert_eq!(row, ["ok", name.as_str()], "{text}");
}

#[tokio::test]
async fn the_newest_dump_is_checked_and_without_a_directory_the_check_is_skipped() {
    let (database, ordctl) = empty().await;
    let (code, report) = evening(&ordctl, "backup");
    assert_eq!(
        (code, finding(&report, "backup.backup")["status"].as_str()),
        (3, Some("skipped")),
        "{report}"
    );
    let configured =
        Ordctl::configured("backup: { dir: backups, max_age: 1h }").with("DATABASE_URL", url(&database));
    assert_eq!(evening(&configured, "backup").0, 3, "the directory does not exist");
    let dir = configured.home().join("backups");
    std::fs::create_dir(&dir).unwrap();
    assert_eq!(evening(&configured, "backup").0, 2, "no dump");
    // A real dump; the output of a failed pg_dump is as new and is not a dump.
    let dump = run(cluster().client("pg_dump", &database.name).args(["-Fc", "--schema-only"]));
    std::fs::write(dir.join("good.dump"), dump).unwrap();
    let (code, report) = evening(&configured, "backup");
    assert_eq!(code, 0, "{report}");
    assert_eq!(
        number(&report, "backup.backup.size"),
        std::fs::metadata(dir.join("good.dump")).unwrap().len() as f64
    );
    run(Command::new("touch").args(["-d", "90 minutes ago"]).arg(dir.join("good.dump")));
    assert_eq!(evening(&configured, "backup").0, 1, "too old");
    // An old dump of ordctl hides no newer file, and a dump of another database does not count.
    let ours = format!("{}@default-20260101T010000Z.dump", database.name);
    for (name, ago) in [
        (ours.as_str(), "20 days ago"),
        ("today.dump", "1 minute ago"),
        ("x@default-20260101T010000Z.dump", "now"),
    ] {
        std::fs::copy(dir.join("good.dump"), dir.join(name)).unwrap();
        run(Command::new("touch").args(["-d", ago]).arg(dir.join(name)));
    }
    let (code, report) = evening(&configured, "backup");
    let summary = finding(&report, "backup.backup.age")["summary"].as_str().unwrap();
    assert!(code == 0 && summary.starts_with("Newest dump: today.dump,"), "{report}");
    std::fs::write(dir.join("new.dump"), "pg_dump: error: connection to server failed").unwrap();
    assert_eq!(evening(&configured, "backup").0, 2, "an error message is not a dump");
}
