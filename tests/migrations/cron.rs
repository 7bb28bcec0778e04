//! Cron tasks of Ordinaut's that ordctl runs at other instants: listed, warned about, converted once.

use ordctl::engine::migrations::{Origin, convert, migrate, shifted_tasks};
use serde_json::{Value, json};

use super::options;
use crate::support::consent;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::{Database, cluster};

const MONDAY: &str = "00000000-0000-0000-0000-0000000000c1";
const FRIDAY: &str = "00000000-0000-0000-0000-0000000000c2";
const NEVER: &str = "00000000-0000-0000-0000-0000000000c3";
const EXPRESSIONS: &str = "SELECT string_agg(concat(schedule_kind, ' ', schedule_expr), '; ' ORDER BY id)
    FROM task WHERE id::text LIKE '%c_'";
const BEFORE: &str = "cron 0 9 * * 0; cron 0 9 13 * 4; cron 0 9 * * 7; cron 0 9 * * mon; cron 0 9 * * 1";
const AFTER: &str = "cron 0 9 * * mon; rrule FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;BYHOUR=9;BYMINUTE=0;BYSECOND=0; \
                     cron 0 9 * * 7; cron 0 9 * * mon; cron 0 9 * * 1";

/// Ordinaut's tasks: two that shift, one that it never ran, one by name, and a canceled one.
async fn upstream() -> (Database, Ordctl) {
    let db = Database::upstream().await;
    db.execute(
        "INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, timezone, payload, status)
         SELECT ('00000000-0000-0000-0000-0000000000c' || n)::uuid, title, 'd', '00000000-0000-0000-0000-00000000000a',
                'cron', expr, 'UTC', '{\"pipeline\": []}', status
           FROM (VALUES (1, 'Monday', '0 9 * * 0', 'active'), (2, 'Friday 13th', '0 9 13 * 4', 'paused'),
                        (3, 'Never', '0 9 * * 7', 'active'), (4, 'By name', '0 9 * * mon', 'active'),
                        (5, 'Over', '0 9 * * 1', 'canceled')) AS v (n, title, expr, status)",
    )
    .await
    .unwrap();
    let ordctl = Ordctl::new().with("DATABASE_URL", cluster().url("postgres", &db.name));
    (db, ordctl)
}

fn listed(report: &Value) -> Vec<&str> {
    let sections = report["sections"].as_array().unwrap().iter();
    let cron = sections.filter(|section| section["id"] == "cron");
    cron.flat_map(|s| s["findings"].as_array().unwrap()).map(|f| f["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn check_lists_shifted_tasks_with_both_readings() {
    let (db, ordctl) = upstream().await;
    let (code, report) = ordctl.json(&["migrate", "--check"]);
    assert_eq!((code, listed(&report)), (1, vec![MONDAY, FRIDAY, NEVER]), "{report}");
    let monday = finding(&report, MONDAY);
    assert!(monday["summary"].as_str().unwrap().contains("is Mon "), "{monday}");
    assert!(monday["summary"].as_str().unwrap().contains(" for Ordinaut, Sun "), "{monday}");
    let details = &monday["details"];
    for reading in ["ordinaut", "ordctl"] {
        assert_eq!(details[reading]["next"].as_array().unwrap().len(), 5, "{details}");
    }
    assert_eq!(details["conversion"], json!({ "kind": "cron", "expr": "0 9 * * mon" }), "{details}");
    assert_eq!(monday["hint"], "ordctl migrate --convert-cron");
    let never = finding(&report, NEVER)["summary"].as_str().unwrap();
    assert!(never.contains("cannot be converted: Ordinaut never runs it"), "{never}");

    let output = ordctl.run(&["migrate", "--dry-run"]);
    assert!(output.out.contains("stays as it is without --convert-cron"), "{output:?}");
    let output = ordctl.run(&["migrate", "--convert-cron", "--dry-run"]);
    assert!(output.out.contains("would become cron '0 9 * * mon'"), "{output:?}");
    assert_eq!(db.value(EXPRESSIONS).await, BEFORE);
    assert_eq!(
        db.value("SELECT to_regclass('ordctl.migration') IS NULL").await,
        "true",
        "nothing was changed"
    );
}

#[tokio::test]
async fn convert_cron_converts_exactly_the_listed_tasks_once() {
    let (db, ordctl) = upstream().await;
    assert_eq!(ordctl.run(&["migrate", "--convert-cron"]).code, 4, "without consent");
    assert_eq!(db.value(EXPRESSIONS).await, BEFORE);
    // Adoption alone warns and converts nothing.
    let (code, report) = ordctl.json(&["migrate", "--yes"]);
    assert_eq!((code, listed(&report).len()), (1, 3), "{report}");
    assert_eq!(db.value(EXPRESSIONS).await, BEFORE);

    let output = ordctl.run(&["migrate", "--convert-cron", "--yes", "--reason", "weekdays"]);
    assert!(output.out.contains("Monday: '0 9 * * 0' became cron '0 9 * * mon'"), "{output:?}");
    assert_eq!(db.value(EXPRESSIONS).await, AFTER);
    let audit = "SELECT string_agg(concat_ws(' ', subject_id, details ->> 'from', details ->> 'reason'), '; '
                        ORDER BY subject_id) FROM audit_log WHERE action = 'task.schedule_converted'";
    let rows = format!("{MONDAY} 0 9 * * 0 weekdays; {FRIDAY} 0 9 13 * 4 weekdays");
    assert_eq!(db.value(audit).await, rows);

    ordctl.run(&["migrate", "--convert-cron", "--yes"]);
    assert_eq!(db.value(EXPRESSIONS).await, AFTER);
    assert_eq!(db.value(audit).await, rows);
    let (_, report) = ordctl.json(&["migrate", "--check"]);
    assert_eq!(listed(&report), [NEVER], "{report}");
}

#[tokio::test]
async fn tasks_of_ordctl_and_edited_ones_are_not_converted() {
    let (db, ordctl) = upstream().await;
    migrate(&db.store, &options(), &consent()).await.unwrap();
    let listed_before = shifted_tasks(&db.store, Origin::Ordctl, chrono::Utc::now()).await.unwrap();
    assert_eq!(listed_before.len(), 3);
    db.execute(&format!(
        "UPDATE task SET status = 'paused' WHERE id = '{MONDAY}';
         UPDATE task SET schedule_expr = '1 9 13 * 4' WHERE id = '{FRIDAY}';
         UPDATE task SET schedule_expr = '0 9 13 * 4' WHERE id = '{FRIDAY}';
         INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
         VALUES ('Sunday', 'd', '00000000-0000-0000-0000-00000000000a', 'cron', '0 9 * * 0', '{{}}')"
    ))
    .await
    .unwrap();
    let (_, report) = ordctl.json(&["migrate", "--check"]);
    assert_eq!(listed(&report), [MONDAY, NEVER], "a pause is no edit of the schedule: {report}");
    // Both at once, with the list from before the edits.
    let (store, by) = (&db.store, consent());
    let (one, two) = tokio::join!(convert(store, &listed_before, &by), convert(store, &listed_before, &by));
    let ids: Vec<String> = one.unwrap().into_iter().chain(two.unwrap()).map(|id| id.to_string()).collect();
    assert_eq!(ids, [MONDAY]);
    let sunday = "SELECT schedule_expr FROM task WHERE title = 'Sunday'";
    assert_eq!(db.value(sunday).await, "0 9 * * 0");
}

#[tokio::test]
async fn a_new_database_lists_no_task() {
    let db = Database::fresh().await;
    migrate(&db.store, &options(), &consent()).await.unwrap();
    db.execute(
        "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
         VALUES ('Sunday', 'd', '00000000-0000-0000-0000-000000000001', 'cron', '0 9 * * 0', '{}')",
    )
    .await
    .unwrap();
    assert!(shifted_tasks(&db.store, Origin::Ordctl, chrono::Utc::now()).await.unwrap().is_empty());
}

#[tokio::test]
async fn serve_names_shifted_tasks_when_it_adopts_a_database() {
    let (_db, ordctl) = upstream().await;
    let output = crate::support::ordctl::CommandOutput::of(
        std::process::Command::new("timeout")
            .args(["--signal=TERM", "8"])
            .arg(env!("CARGO_BIN_EXE_ordctl"))
            .args(["serve", "--listen", "127.0.0.1:0", "--beside-upstream"])
            .env_clear()
            .envs(ordctl.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?)))),
    );
    assert!(output.err.contains("Monday") && output.err.contains("migrate --check"), "{output:?}");
}
