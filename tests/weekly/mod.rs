//! `maintain weekly` on a real database: deleted and kept rows, rebuilt indexes, and resuming after a kill.

mod boundaries;
mod docker;
mod reports;
mod statistics;
mod unused_objects;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Child;

use ordctl::engine::migrations::migrate;
use serde_json::Value;

use self::boundaries::Boundary;
use crate::support::eventually;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::{Database, cluster};

const STEPS: [&str; 15] = [
    "sizes_before",
    "runs",
    "audit",
    "canceled",
    "task",
    "task_run",
    "due_work",
    "audit_log",
    "worker_heartbeat",
    "reindex",
    "reset",
    "analyze",
    "sizes",
    "logs",
    "docker",
];

/// A database with old and young rows of every kind.
async fn prepared() -> (Database, Ordctl) {
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let fill = "
        INSERT INTO task (id, title, description, created_by, schedule_kind, schedule_expr, payload, status)
        SELECT ('00000000-0000-0000-0000-00000000010' || n)::uuid, 't', 'd', '00000000-0000-0000-0000-000000000001', 'event', 'x',
               '{\"pipeline\": []}', CASE WHEN n = 2 THEN 'canceled' ELSE 'active' END
          FROM generate_series(1, 2) n;
        INSERT INTO task_run (id, task_id, started_at, finished_at, success, occurrence, final, leased_until)
        SELECT gen_random_uuid(), '00000000-0000-0000-0000-000000000101', now() - interval '1 day' * n,
               CASE WHEN n <> 45 THEN now() - interval '1 day' * n END, true, gen_random_uuid(), true,
               CASE WHEN n = 45 THEN now() + CASE WHEN m <= 30 THEN interval '1 h' ELSE interval '-1 h' END END
          FROM generate_series(1, 60) n, generate_series(1, 100) m;
        INSERT INTO audit_log (action, at) SELECT 'a', now() - interval '1 day' * n FROM generate_series(1, 120) n;
        INSERT INTO due_work (task_id, run_at, created_at)
        SELECT '00000000-0000-0000-0000-000000000101', now() - interval '40 days', now() - interval '40 days' FROM generate_series(1, 3);
        UPDATE due_work SET occurrence = (SELECT occurrence FROM task_run WHERE started_at < now() - interval '50 days' ORDER BY id LIMIT 1)
         WHERE id = (SELECT min(id) FROM due_work);
        ALTER TABLE due_work DISABLE TRIGGER USER;
        INSERT INTO due_work (task_id, run_at, created_at, occurrence, priority, locked_by, locked_until, lease_token)
        SELECT '00000000-0000-0000-0000-000000000102', now() - interval '1 day' * n, now() - interval '1 day' * n, gen_random_uuid(), 5,
               CASE WHEN n = 20 THEN 'w' END, CASE WHEN n = 20 THEN now() + interval '1 h' END,
               CASE WHEN n = 20 THEN gen_random_uuid() END
          FROM generate_series(1, 20) n;
        ALTER TABLE due_work ENABLE TRIGGER USER;
        ANALYZE";
    database.execute(fill).await.unwrap();
    let ordctl = Ordctl::new().with("DATABASE_URL", cluster().url("postgres", &database.name));
    (database, ordctl)
}

/// The number of rows left of each kind.
async fn left(database: &Database) -> String {
    database
        .value(
            "SELECT concat_ws(' ',
                (SELECT count(*) FROM task_run), (SELECT count(*) FROM task_run WHERE finished_at IS NULL),
                (SELECT count(*) FROM audit_log WHERE action = 'a'), (SELECT count(*) FROM due_work),
                (SELECT count(*) FROM due_work WHERE lease_token IS NOT NULL))",
        )
        .await
}

async fn cleaned(database: &Database) {
    let now = left(database).await;
    let runs: u32 = now.split(' ').next().unwrap().parse().unwrap();
    // 100 runs on each of 29 days, 30 leased ones, and the run of queued work.
    assert_eq!(runs, 29 * 100 + 30 + 1, "{now}");
    assert_eq!(
        now.split_once(' ').unwrap().1,
        "30 89 10 1",
        "unfinished runs, young audit rows, due work, leased work"
    );
}

#[tokio::test]
async fn old_rows_are_deleted_and_needed_rows_stay() {
    let (database, ordctl) = prepared().await;
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes"]);
    assert_eq!(code, 0, "{report}");
    cleaned(&database).await;
    assert!(
        finding(&report, "steps.runs")["summary"].as_str().unwrap().starts_with("Deleted runs: "),
        "{report}"
    );
    let batches = finding(&report, "steps.runs")["details"]["batches"].as_u64().unwrap();
    assert!(batches >= 3, "at most 1000 rows per statement: {batches}");
    let dead = &finding(&report, "steps.task_run")["details"];
    assert!(dead["dead_before"].as_i64().unwrap() >= 2500 && dead["dead_after"] == 0, "{dead}");
    let (code, again) = ordctl.json(&["maintain", "weekly", "--yes"]);
    assert_eq!((code, &finding(&again, "steps.runs")["details"]["reclaimed"]["rows"]), (0, &Value::from(0)));
}

#[tokio::test]
async fn a_dry_run_prints_the_statements_and_changes_nothing() {
    let (database, ordctl) = prepared().await;
    let before = left(&database).await;
    let (code, report) = ordctl.json(&["maintain", "weekly", "--dry-run"]);
    assert_eq!((code, report["kind"].as_str()), (0, Some("dryrun")));
    let calls = |step: &str| finding(&report, &format!("plan.{step}"))["details"]["calls"].to_string();
    assert!(
        // 31 days of 100, without 30 leased ones and the run of queued work.
        calls("runs").contains("3,069 runs now, at most 1000 per statement")
            && calls("runs").contains("DELETE FROM public.task_run")
            // Compiling the plan of a batch takes twenty times as long as the batch, which then shrinks to 50 rows.
            && calls("runs").contains("SET jit = off"),
        "{}",
        calls("runs")
    );
    assert!(calls("task_run").contains("VACUUM (ANALYZE)"), "{}", calls("task_run"));
    assert_eq!(left(&database).await, before);
    assert_eq!(database.value("SELECT count(*) FROM ordctl.operation").await, "0");
}

#[tokio::test]
async fn a_retention_below_one_day_is_refused() {
    let (database, ordctl) = prepared().await;
    let before = left(&database).await;
    let output = ordctl.run(&["run", "maintain/weekly", "--yes", "-p", "runs=1h"]);
    assert!(output.code != 0 && output.err.contains("must be at least 1d"), "{output:?}");
    assert_eq!(left(&database).await, before);
}

#[tokio::test]
async fn a_table_skipped_by_vacuum_is_a_failure() {
    let (database, _) = prepared().await;
    let user = format!("weak_{}", database.name);
    database
        .execute(&format!("CREATE ROLE {user} LOGIN; GRANT ALL ON ALL TABLES IN SCHEMA public, ordctl TO {user}; GRANT USAGE ON SCHEMA ordctl TO {user}"))
        .await
        .unwrap();
    let ordctl = Ordctl::new().with("DATABASE_URL", cluster().url(&user, &database.name));
    let output = ordctl.run(&["maintain", "weekly", "--yes", "--only", "task"]);
    assert_eq!(output.code, 2, "{output:?}");
    assert!((output.out + &output.err).contains("skipping"));
    database.execute(&format!("DROP OWNED BY {user}; DROP ROLE {user}")).await.unwrap();
}

#[tokio::test]
async fn a_bloated_index_is_rebuilt_and_a_leftover_dropped() {
    let (database, ordctl) = prepared().await;
    let grow = "
        INSERT INTO audit_log (action, subject_id, at) SELECT 'b', gen_random_uuid(), now() FROM generate_series(1, 60000);
        DELETE FROM audit_log WHERE action = 'b' AND id % 20 <> 0;
        VACUUM ANALYZE audit_log";
    for statement in grow.split(';') {
        database.execute(statement).await.unwrap();
    }
    // The leftover of a failed REINDEX CONCURRENTLY.
    database.execute("CREATE INDEX audit_log_at_ccnew ON audit_log (at)").await.unwrap();
    database
        .execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'audit_log_at_ccnew'::regclass")
        .await
        .unwrap();
    let size = "SELECT pg_relation_size('audit_log_subject_id')";
    let before: i64 = database.value(size).await.parse().unwrap();
    let args = ["run", "maintain/weekly", "--yes", "--only", "reindex", "-p", "min_index=1MiB"];
    let (code, report) = ordctl.json(&args);
    assert_eq!(code, 0, "{report}");
    let after: i64 = database.value(size).await.parse().unwrap();
    assert!(after * 4 < before, "{after} of {before}");
    assert_eq!(database.value("SELECT to_regclass('audit_log_at_ccnew') IS NULL").await, "true");
    assert_eq!(database.value("SELECT count(*) FROM pg_index WHERE NOT indisvalid").await, "0");
    let (_, again) = ordctl.json(&args);
    assert_eq!(finding(&again, "steps.reindex")["details"]["indexes"], 0, "{again}");
}

/// Indexes may become bloated by the deletes of the same run, so the dry run lists them, too.
#[tokio::test]
async fn an_index_that_the_deletes_bloat_is_in_the_plan() {
    let (database, ordctl) = prepared().await;
    let grow = "INSERT INTO audit_log (action, subject_id, at)
                SELECT 'b', gen_random_uuid(), now() - CASE WHEN n % 20 = 0 THEN '1 day' ELSE '200 days' END::interval
                  FROM generate_series(1, 60000) n";
    database.execute(grow).await.unwrap();
    database.execute("VACUUM ANALYZE audit_log").await.unwrap();
    database.execute("REINDEX TABLE audit_log").await.unwrap();
    let flags = ["maintain", "weekly", "-p", "min_index=1MiB"];
    let (_, dry) = ordctl.json(&[flags.as_slice(), &["--dry-run"]].concat());
    let planned = finding(&dry, "plan.reindex")["details"]["calls"].to_string();
    let call = "REINDEX INDEX CONCURRENTLY \\\"public\\\".\\\"audit_log_subject_id\\\" (if at least 40 % of it is waste by then)";
    assert!(planned.contains(call), "{planned}");
    let (code, report) = ordctl.json(&[flags.as_slice(), &["--yes"]].concat());
    assert_eq!(code, 0, "{report}");
    let rebuilt =
        finding(&report, "steps.reindex.audit_log_subject_id")["summary"].as_str().unwrap().to_owned();
    assert!(rebuilt.contains("smaller ("), "{rebuilt}");
}

/// Killed during each step and resumed, the run ends like an undisturbed one.
#[tokio::test]
async fn a_run_killed_at_every_step_resumes_to_the_same_end() {
    let (database, ordctl) = prepared().await;
    let tables: BTreeMap<&str, &str> =
        [("runs", "task_run"), ("audit", "audit_log"), ("canceled", "due_work")].into();
    for (at, step) in STEPS[1..9].iter().enumerate() {
        let table = tables.get(step).unwrap_or(step);
        let mut other = database.store.postgres().session().await.unwrap();
        let hold = other.transaction().await.unwrap();
        hold.batch_execute(&format!(
            "LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE; LOCK TABLE {table} IN SHARE MODE"
        ))
        .await
        .unwrap();
        let args: &[&str] = if at == 0 {
            &["maintain", "weekly", "--yes"]
        } else {
            &["maintain", "weekly", "--yes", "--resume"]
        };
        let mut child = ordctl.command(args).spawn().unwrap();
        eventually(&format!("{step} waits for the table lock"), async || {
            let waits = "SELECT count(*) FROM pg_stat_activity
                          WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()";
            database.value(waits).await == "1"
        })
        .await;
        child.kill().unwrap();
        child.wait().unwrap();
        hold.rollback().await.unwrap();
        eventually("the server released the locks", async || {
            let locks = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
            database.value(locks).await == "0"
        })
        .await;
    }
    let (code, report) = ordctl.json(&["maintain", "weekly", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    cleaned(&database).await;
    assert_eq!(database.value("SELECT count(*) FROM pg_stat_user_tables WHERE schemaname = 'public' AND n_dead_tup > 0 AND relname IN ('task_run', 'due_work')").await, "0");
}

#[tokio::test]
async fn of_twenty_concurrent_runs_one_acts_and_a_waiting_run_follows() {
    let (database, ordctl) = prepared().await;
    let boundary = Boundary::set(&database, "runs", "INSERT").await;
    let begun = || ordctl.spawn(&["maintain", "weekly", "--yes", "-o", "json"]);
    let mut children: Vec<_> = (0..20).map(|_| begun()).collect();
    boundary.reached().await;
    let codes = |children: &mut Vec<Child>| -> Vec<Option<i32>> {
        children.iter_mut().map(|c| c.try_wait().unwrap().and_then(|s| s.code())).collect()
    };
    eventually("nineteen are refused", async || {
        codes(&mut children).iter().filter(|c| **c == Some(4)).count() == 19
    })
    .await;
    assert_eq!(
        ordctl.run(&["maintain", "weekly", "--wait", "5m"]).code,
        64,
        "--wait without --yes is a usage error"
    );
    let mut waits = ordctl.spawn(&["maintain", "weekly", "--yes", "--wait", "5m"]);
    let mut output = String::new();
    BufReader::new(waits.stderr.take().unwrap()).read_line(&mut output).unwrap();
    assert!(
        output.starts_with("waiting for up to 5m") && output.contains("another run is acting on this target"),
        "{output}"
    );
    boundary.lift().await;
    eventually("all runs have ended", async || {
        waits.try_wait().unwrap().is_some() && codes(&mut children).iter().all(Option::is_some)
    })
    .await;
    assert_eq!(waits.wait().unwrap().code(), Some(0));
    assert_eq!(codes(&mut children).iter().filter(|c| **c == Some(0)).count(), 1);
    let ran = "SELECT string_agg(status, ' ') FROM ordctl.operation";
    assert_eq!(database.value(ran).await, "done done");
    let overlaps = "SELECT count(*) FROM ordctl.operation a JOIN ordctl.operation b ON a.id < b.id
                     WHERE (a.started_at, a.finished_at) OVERLAPS (b.started_at, b.finished_at)";
    assert_eq!(database.value(overlaps).await, "0");
    cleaned(&database).await;
}
