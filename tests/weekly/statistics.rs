//! `postgres.stats_reset`: counters are stored first, and autovacuum keeps its row counts.

use super::prepared;
use crate::support::eventually;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::{Database, cluster};

async fn inserted(database: &Database, rows: u32) {
    let sql = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'audit_log'";
    eventually("the statistics count the inserts", async || database.value(sql).await == rows.to_string())
        .await;
}

async fn insert(database: &Database, rows: u32) {
    let sql = format!("INSERT INTO audit_log (action) SELECT 'n' FROM generate_series(1, {rows})");
    database.execute(&sql).await.unwrap();
}

fn growth(ordctl: &Ordctl) -> serde_json::Value {
    let (_, report) = ordctl.json(&["health", "evening", "--only", "growth"]);
    finding(&report, "growth.growth.public.audit_log").clone()
}

/// The original script only resets: autovacuum then knows no dead rows, and the counters are lost.
#[tokio::test]
async fn a_reset_stores_all_counters_and_keeps_the_row_counts_of_autovacuum() {
    let (database, ordctl) = prepared().await;
    inserted(&database, 120).await;
    growth(&ordctl);
    database.execute("UPDATE ordctl.sample SET at = at - interval '30 hours'").await.unwrap();
    insert(&database, 500).await;
    inserted(&database, 620).await;
    let scans: u32 = database
        .value("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'task_run'")
        .await
        .parse()
        .unwrap();

    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(database.value("SELECT stats_reset > now() - interval '5 minutes' FROM pg_stat_database WHERE datname = current_database()").await, "true");
    // The row counts of autovacuum, including the catalog.
    let blind = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_stat_all_tables
                  WHERE n_live_tup = 0 AND relname IN ('task_run', 'audit_log', 'due_work', 'task', 'pg_class', 'pg_attribute')";
    assert_eq!(database.value(blind).await, "");
    let lives = "SELECT n_live_tup = (SELECT count(*) FROM task_run) FROM pg_stat_user_tables WHERE relname = 'task_run'";
    assert_eq!(database.value(lives).await, "true");
    let kept = |name: &str, label: &str| {
        format!("SELECT value::bigint FROM ordctl.sample WHERE name = '{name}' AND label = '{label}'")
    };
    assert_eq!(
        finding(&report, "steps.analyze")["status"],
        "skipped",
        "the reset step analyzed already: {report}"
    );
    for name in ["deadlocks", "temp_files", "blocks_hit"] {
        assert_ne!(database.value(&kept(&format!("database_{name}"), "")).await, "", "{name}");
    }
    let kept_scans: u32 = database.value(&kept("table_seq_scans", "public.task_run")).await.parse().unwrap();
    assert!(kept_scans >= scans, "{kept_scans} of {scans}");
    assert_eq!(database.value(&kept("table_deleted", "public.audit_log")).await, "31");
    assert_ne!(database.value(&kept("index_scans", "public.task_run_pkey")).await, "");

    // 500 inserts before the reset and 300 after it; the counter shows 300.
    insert(&database, 300).await;
    let counted = "SELECT n_tup_ins BETWEEN 300 AND 400 FROM pg_stat_user_tables WHERE relname = 'audit_log'";
    eventually("the statistics count the inserts", async || database.value(counted).await == "true").await;
    let grown = growth(&ordctl);
    assert_eq!(grown["details"]["reset"], true, "{grown}");
    let rows = grown["details"]["inserted"].as_f64().unwrap();
    // They include the audit rows of the run itself.
    assert!((800.0..850.0).contains(&rows), "{grown}");
}

#[tokio::test]
async fn without_the_rights_nothing_is_reset_and_the_step_warns() {
    let (database, _) = prepared().await;
    let role = format!("weekly_{}", database.name);
    let grants = format!(
        "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA ordctl TO {role}; GRANT ALL ON ALL TABLES IN SCHEMA public, ordctl TO {role}; GRANT ALL ON ALL SEQUENCES IN SCHEMA public, ordctl TO {role}"
    );
    database.execute(&grants).await.unwrap();
    let ordctl = Ordctl::new().with("DATABASE_URL", cluster().url(&role, &database.name));
    let reset = async |words: &str, code: i32| {
        let (found, report) = ordctl.json(&["maintain", "weekly", "--yes", "--only", "reset"]);
        let finding = finding(&report, "steps.reset");
        assert_eq!(found, code, "{report}");
        assert!(finding["summary"].as_str().unwrap().contains(words), "{finding}");
        database.value("SELECT coalesce(stats_reset::text, 'never') FROM pg_stat_database WHERE datname = current_database()").await
    };
    assert_eq!(reset("may not reset the statistics", 1).await, "never");
    let execute = format!("GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_reset() TO {role}");
    database.execute(&execute).await.unwrap();
    assert_eq!(reset("may not analyze every table afterwards", 1).await, "never");
    database.execute(&format!("ALTER DATABASE {} OWNER TO {role}", database.name)).await.unwrap();
    assert_ne!(reset("Statistics: reset", 0).await, "never");
    // The owner of the database may analyze tables of other owners.
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--only", "analyze"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(
        database.value("SELECT n_live_tup > 0 FROM pg_stat_user_tables WHERE relname = 'task_run'").await,
        "true"
    );
    let end = format!(
        "ALTER DATABASE {} OWNER TO postgres; REASSIGN OWNED BY {role} TO postgres; DROP OWNED BY {role}; DROP ROLE {role}",
        database.name
    );
    database.execute(&end).await.unwrap();
}

/// Even with `--skip analyze` the reset analyzes, and a missing analysis is detected.
#[tokio::test]
async fn a_reset_always_analyzes() {
    let (database, ordctl) = prepared().await;
    let blind = "SELECT count(*) FROM pg_stat_user_tables WHERE relname IN ('task_run', 'audit_log') AND last_analyze IS NULL";
    let (_, dry) = ordctl.json(&["maintain", "weekly", "--dry-run", "--skip", "analyze"]);
    let calls = finding(&dry, "plan.reset")["details"]["calls"].to_string();
    let place = |what: &str| calls.find(what).unwrap_or_else(|| panic!("{what}: {calls}"));
    assert!(place("pg_stat_reset") < place("ANALYZE"), "{calls}");
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--skip", "analyze"]);
    assert_eq!((code, database.value(blind).await.as_str()), (0, "0"), "{report}");

    database.execute("SELECT pg_stat_reset()").await.unwrap();
    assert_eq!(database.value(blind).await, "2");
    let sql = include_str!("../../queries/tables_without_statistics.sql");
    let value = format!("SELECT value FROM ({sql}) AS q");
    assert_eq!(
        database.value(&value).await,
        "5",
        "reltuples survives a reset, the row counts of autovacuum do not"
    );
    database.execute("ANALYZE").await.unwrap();
    assert_eq!(database.value(&value).await, "0");
}

/// Killed after the reset and before the last ANALYZE.
#[tokio::test]
async fn an_interrupted_reset_resumes_with_its_analysis() {
    let (database, ordctl) = prepared().await;
    let mut other = database.store.postgres().session().await.unwrap();
    let hold = other.transaction().await.unwrap();
    hold.batch_execute("LOCK TABLE audit_log IN SHARE MODE").await.unwrap();
    let mut child = ordctl.command(&["maintain", "weekly", "--yes", "--only", "reset"]).spawn().unwrap();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    eventually("the analysis waits", async || database.value(waits).await == "1").await;
    child.kill().unwrap();
    child.wait().unwrap();
    hold.rollback().await.unwrap();
    eventually("the server released the locks", async || database.value(waits).await == "0").await;
    database.execute("SELECT pg_stat_reset()").await.unwrap();
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    let seen = "SELECT count(*) FROM pg_stat_user_tables WHERE relname IN ('task_run', 'audit_log') AND last_analyze IS NOT NULL";
    assert_eq!(database.value(seen).await, "2");
}

#[tokio::test]
async fn a_locked_table_does_not_stop_the_analysis_of_others() {
    let (database, ordctl) = prepared().await;
    let mut other = database.store.postgres().session().await.unwrap();
    let hold = other.transaction().await.unwrap();
    hold.batch_execute("LOCK TABLE audit_log IN SHARE MODE").await.unwrap();
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--only", "reset"]);
    assert_eq!(code, 1, "{report}");
    let locked = finding(&report, "steps.reset.public.audit_log");
    assert!(locked["summary"].as_str().unwrap().contains("not analyzed, "), "{locked}");
    hold.rollback().await.unwrap();
    let view = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_stat_user_tables
                 WHERE n_live_tup > 0 AND relname IN ('task_run', 'task', 'audit_log')";
    assert_eq!(database.value(view).await, "task task_run");
}

#[tokio::test]
async fn the_report_sums_what_was_reclaimed() {
    let (database, ordctl) = prepared().await;
    // Rows at the end of the table, so that VACUUM can truncate its file.
    let wide = "INSERT INTO task_run (id, task_id, started_at, finished_at, success, occurrence, final, output)
                SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000101', now() - interval '90 days', now() - interval '90 days',
                       true, gen_random_uuid(), true, jsonb_build_object('x', repeat(md5(n::text), 20))
                  FROM generate_series(1, 5000) n";
    database.execute(wide).await.unwrap();
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes"]);
    assert_eq!(code, 0, "{report}");
    let reclaimed = &finding(&report, "reclaimed")["details"];
    let of = |step: &str| finding(&report, &format!("steps.{step}"))["details"]["reclaimed"].clone();
    let rows: u64 = ["runs", "audit", "canceled"].iter().map(|s| of(s)["rows"].as_u64().unwrap()).sum();
    assert!(rows > 7900 && reclaimed["rows"] == rows, "{reclaimed}");
    assert!(reclaimed["bytes"].as_u64().unwrap() > 1 << 20, "{reclaimed}");
    assert_eq!(
        reclaimed["bytes"],
        reclaimed["steps"].as_object().unwrap().values().map(|g| g["bytes"].as_u64().unwrap()).sum::<u64>()
    );
    assert!(reclaimed["seconds"].as_f64().unwrap() > 0.0);
    let table = finding(&report, "steps.sizes.public.task_run");
    assert!(table["summary"].as_str().unwrap().contains(" (-"), "{table}");
    assert!(table["details"]["bytes_before"].as_f64().unwrap() > table["value"].as_f64().unwrap(), "{table}");
    let text = ordctl.run(&["maintain", "weekly", "--yes"]).out;
    assert!(text.contains("\nReclaimed\n  ok       Reclaimed: 0 rows deleted, "), "{text}");
}
