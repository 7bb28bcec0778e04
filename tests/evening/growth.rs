//! `check.growth`: stored samples, the comparison with them, and resets of the counters.

use super::{empty, evening, number, task, url};
use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::Database;

const SAMPLES: &str = "SELECT count(DISTINCT at) FROM ordctl.sample";
const DATABASE_GROWTH: &str =
    "SELECT (array_agg(value ORDER BY at DESC))[1] - (array_agg(value ORDER BY at))[1] FROM ordctl.sample
      WHERE name = 'database_bytes'";

async fn age(database: &Database, hours: u32) {
    let sql = format!("UPDATE ordctl.sample SET at = at - interval '{hours} hours'");
    database.execute(&sql).await.unwrap();
}

/// Waits until the statistics count this many inserts into `grows`.
async fn counted(database: &Database, rows: u32) {
    let sql = "SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'grows'";
    eventually("the statistics count the inserts", async || database.value(sql).await == rows.to_string())
        .await;
}

async fn insert(database: &Database, rows: u32) {
    let sql = format!("INSERT INTO grows SELECT n, repeat('x', 500) FROM generate_series(1, {rows}) n");
    database.execute(&sql).await.unwrap();
}

/// The original script queries a column `tablename` that does not exist, and reports n_tup_ins as today's rows.
#[tokio::test]
async fn growth_is_the_difference_from_the_last_sample_before_today() {
    let (database, ordctl) = empty().await;
    database.execute("CREATE TABLE grows (n int, t text)").await.unwrap();
    insert(&database, 1000).await;
    counted(&database, 1000).await;
    let (code, report) = evening(&ordctl, "growth");
    assert_eq!(code, 0, "{report}");
    let first = finding(&report, "growth.growth.database");
    assert!(
        first["value"].is_null()
            && first["summary"].as_str().unwrap().contains("growth available in the next report")
    );
    assert_eq!(database.value(SAMPLES).await, "1");
    let stored = "SELECT count(DISTINCT name) FROM ordctl.sample";
    assert_eq!(database.value(stored).await, "5", "no statistics reset yet");
    evening(&ordctl, "growth");
    assert_eq!(database.value(SAMPLES).await, "1", "the first sample is younger than a minute");

    age(&database, 30).await;
    let before: f64 = database
        .value("SELECT value FROM ordctl.sample WHERE name = 'table_bytes' AND label = 'public.grows'")
        .await
        .parse()
        .unwrap();
    insert(&database, 500).await;
    counted(&database, 1500).await;
    let (_, report) = evening(&ordctl, "growth");
    let grows = finding(&report, "growth.growth.public.grows");
    assert_eq!(grows["details"]["inserted"], 500, "{grows}");
    let now: f64 = database.value("SELECT pg_total_relation_size('grows')").await.parse().unwrap();
    assert_eq!(number(&report, "growth.growth.public.grows"), now - before);
    assert!(now > before);
    assert_eq!(database.value(SAMPLES).await, "2");
    // The whole database may shrink meanwhile (a checkpoint removes dropped files), so the reference is the difference
    // of the stored samples; the second one was taken a moment away from the report's own measurement.
    let between: f64 = database.value(DATABASE_GROWTH).await.parse().unwrap();
    let reported = number(&report, "growth.growth.database");
    assert!((reported - between).abs() < 100_000.0, "{reported} and {between}");

    // Samples of today are not the base while an older one exists.
    age(&database, 0).await;
    insert(&database, 7).await;
    counted(&database, 1507).await;
    let (_, report) = evening(&ordctl, "growth");
    assert_eq!(finding(&report, "growth.growth.public.grows")["details"]["inserted"], 507);
}

#[tokio::test]
async fn a_counter_reset_is_detected_even_after_the_counter_passes_its_old_value() {
    let (database, ordctl) = empty().await;
    database.execute("CREATE TABLE grows (n int, t text)").await.unwrap();
    insert(&database, 100).await;
    counted(&database, 100).await;
    evening(&ordctl, "growth");
    age(&database, 30).await;
    database.execute("SELECT pg_stat_reset()").await.unwrap();
    insert(&database, 300).await;
    counted(&database, 300).await;
    let (_, report) = evening(&ordctl, "growth");
    let grows = finding(&report, "growth.growth.public.grows");
    assert_eq!(
        (&grows["details"]["inserted"], &grows["details"]["reset"]),
        (&300.into(), &true.into()),
        "{grows}"
    );
    assert!(grows["summary"].as_str().unwrap().contains("at least 300 rows inserted (counter was reset)"));

    // The next sample compares normally again.
    age(&database, 30).await;
    insert(&database, 20).await;
    counted(&database, 320).await;
    let (_, report) = evening(&ordctl, "growth");
    let grows = finding(&report, "growth.growth.public.grows");
    assert_eq!(
        (&grows["details"]["inserted"], &grows["details"]["reset"]),
        (&20.into(), &false.into()),
        "{grows}"
    );
}

#[tokio::test]
async fn a_table_created_after_the_sample_has_grown_from_zero() {
    let (database, ordctl) = empty().await;
    evening(&ordctl, "growth");
    age(&database, 30).await;
    database.execute("CREATE TABLE grows (n int, t text)").await.unwrap();
    insert(&database, 40).await;
    counted(&database, 40).await;
    let (_, report) = evening(&ordctl, "growth");
    let grows = finding(&report, "growth.growth.public.grows");
    assert_eq!(grows["details"]["inserted"], 40, "{grows}");
    assert_eq!(grows["value"].as_f64(), grows["details"]["bytes"].as_f64(), "{grows}");

    // A full sample may lack an existing table, whose growth is then unknown.
    let fill = "INSERT INTO ordctl.sample (at, name, label, value)
                SELECT b.at, name, 'x.' || n, 1
                  FROM (SELECT min(at) AS at FROM ordctl.sample) b, generate_series(1, 500) n,
                       (VALUES ('table_bytes'), ('table_inserted')) AS v (name)";
    database.execute(fill).await.unwrap();
    let (_, report) = ordctl.json(&["health", "evening", "--only", "growth", "-p", "tables=500"]);
    let grows = finding(&report, "growth.growth.public.grows");
    assert!(grows["value"].is_null() && grows["details"]["inserted"].is_null(), "{grows}");
    assert!(grows["summary"].as_str().unwrap().ends_with("growth unknown"), "{grows}");
    assert!(finding(&report, "growth.growth.unknown")["summary"].as_str().unwrap().contains("public.grows"));
    let task = finding(&report, "growth.growth.public.task");
    assert!(task["value"].is_number(), "tables in the sample have a growth: {task}");
}

/// Waiting for the lock would fail the report and store no sample.
#[tokio::test]
async fn a_locked_table_hides_no_other_table() {
    let (database, ordctl) = empty().await;
    database.execute("CREATE TABLE grows (n int PRIMARY KEY, t text)").await.unwrap();
    evening(&ordctl, "growth");
    age(&database, 30).await;
    let mut blocker = database.store.postgres().session().await.unwrap();
    let measured = "SELECT count(*) FROM ordctl.sample WHERE name = 'table_bytes' AND label = 'public.grows'";
    for lock in ["TABLE grows", "INDEX"] {
        let transaction = blocker.transaction().await.unwrap();
        let sql = match lock {
            "INDEX" => "REINDEX INDEX grows_pkey".to_owned(),
            lock => format!("LOCK {lock} IN ACCESS EXCLUSIVE MODE"),
        };
        transaction.batch_execute(&sql).await.unwrap();
        let (code, report) = evening(&ordctl, "growth");
        transaction.rollback().await.unwrap();
        let locked = finding(&report, "growth.growth.locked");
        assert_eq!((code, locked["status"].as_str()), (3, Some("unknown")), "{report}");
        assert!(
            locked["summary"]
                .as_str()
                .unwrap()
                .contains("1 table locked by another session, first public.grows"),
            "{locked}"
        );
        assert!(number(&report, "growth.growth.database") >= 0.0);
        assert_eq!(finding(&report, "growth.growth.sample")["status"], "ok", "{report}");
        assert_eq!(database.value(measured).await, "1", "the sample of the first report");
        age(&database, 30).await;
    }
    // A table whose size the sample lacks has not grown from zero.
    let (_, report) = ordctl.json(&["health", "evening", "--only", "growth", "-p", "tables=500"]);
    let grows = finding(&report, "growth.growth.public.grows");
    assert!(grows["value"].is_null() && grows["details"]["inserted"] == 0, "{grows}");

    // Another lock is reported.
    let transaction = blocker.transaction().await.unwrap();
    transaction.batch_execute("LOCK TABLE ordctl.sample IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let (code, report) = evening(&ordctl, "growth");
    transaction.rollback().await.unwrap();
    let growth = finding(&report, "growth.growth");
    assert!(code == 3 && growth["summary"].as_str().unwrap().contains("lock timeout"), "{report}");
    assert!(growth["hint"].as_str().unwrap().contains("--only postgres"), "{growth}");
}

#[tokio::test]
async fn parked_work_is_not_due_in_a_sample() {
    let (database, ordctl) = empty().await;
    let id = task(&database, "event", "never", "UTC").await;
    let queue = format!(
        "INSERT INTO due_work (task_id, run_at) SELECT '{id}', now() FROM generate_series(1, 5);
         UPDATE task SET status = 'paused'"
    );
    database.execute(&queue).await.unwrap();
    let id = task(&database, "event", "again", "UTC").await;
    let queue = format!("INSERT INTO due_work (task_id, run_at) VALUES ('{id}', now()), ('{id}', now())");
    database.execute(&queue).await.unwrap();
    evening(&ordctl, "growth");
    assert_eq!(database.value("SELECT value FROM ordctl.sample WHERE name = 'queue_due'").await, "2");
}

#[tokio::test]
async fn a_read_only_database_still_gets_a_report() {
    let (database, _) = empty().await;
    let read_only = format!("ALTER ROLE reader_{0} SET default_transaction_read_only = on", database.name);
    let make = format!(
        "CREATE ROLE reader_{0} LOGIN; GRANT pg_read_all_data, pg_monitor TO reader_{0}",
        database.name
    );
    database.execute(&make).await.unwrap();
    let url = url(&database).replace("postgres@", &format!("reader_{}@", database.name));
    let ordctl = Ordctl::new().with("DATABASE_URL", url);
    for (how, says) in [("", "permission denied"), (read_only.as_str(), "read-only transaction")] {
        if !how.is_empty() {
            database.execute(how).await.unwrap();
        }
        let (code, report) = evening(&ordctl, "growth");
        let sample = finding(&report, "growth.growth.sample");
        assert_eq!((code, sample["status"].as_str()), (0, Some("skipped")), "{report}");
        assert!(sample["summary"].as_str().unwrap().contains(says), "{sample}");
    }

    // In an unmigrated database of upstream growth is unknown, which is not a problem.
    let upstream = Database::upstream().await;
    let ordctl = Ordctl::new().with("DATABASE_URL", super::url(&upstream));
    let (code, report) = ordctl.json(&["health", "evening"]);
    assert_eq!(finding(&report, "growth.growth")["status"], "skipped", "{report}");
    assert!(code < 3, "{report}");
}

#[tokio::test]
async fn old_samples_are_thinned_and_then_deleted() {
    let (database, ordctl) = empty().await;
    database
        .execute(
            "INSERT INTO ordctl.sample (name, label, at, value)
             SELECT 'database_bytes', '', date_trunc('day', now(), 'UTC') - make_interval(days => d, hours => -h), 1
               FROM unnest('{1, 34, 37, 100, 360, 370}'::int[]) d, generate_series(0, 23, 6) h",
        )
        .await
        .unwrap();
    evening(&ordctl, "growth");
    let left = "SELECT string_agg(n::text, ' ' ORDER BY day DESC)
                  FROM (SELECT date_trunc('day', at, 'UTC') AS day, count(*) AS n FROM ordctl.sample
                         WHERE at < date_trunc('day', now(), 'UTC') AND name = 'database_bytes' GROUP BY 1) AS d";
    assert_eq!(database.value(left).await, "4 4 1 1 1");
    assert_eq!(database.value("SELECT min(extract(hour FROM at AT TIME ZONE 'UTC')) FROM ordctl.sample WHERE at < now() - interval '36 days'").await, "0");
}

#[tokio::test]
async fn all_nodes_together_store_one_sample_an_hour() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db);
    let _nodes = [setup.node(&["--role", "worker"]), setup.node(&["--role", "scheduler,worker"])];
    tables.until(SAMPLES, "1").await;
    // Both nodes have tried: each tries within two seconds of its start.
    let up = "SELECT count(*) FROM worker_heartbeat WHERE last_seen > created_at + interval '2.5 s'";
    tables.until(up, "2").await;
    assert_eq!(tables.db.value(SAMPLES).await, "1");
    age(&tables.db, 1).await;
    let third = setup.node(&["--role", "worker"]);
    tables.until(SAMPLES, "2").await;
    assert!(!third.log().contains("no sample"), "{}", third.log());
}
