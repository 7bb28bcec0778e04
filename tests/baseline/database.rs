//! `measure.database` and `measure.workers`.

use super::{report, status, summary, value};
use crate::evening::{empty, task};
use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::ordctl::finding;
use crate::support::postgres::{Cluster, value as ask};

/// The mean of all queries, which the original script compares, is far below the target.
#[tokio::test]
async fn the_slowest_question_is_judged_by_its_p95_and_no_average_hides_it() {
    let tables = Tables::new().await;
    let setup = Setup::of(&tables.db)
        .query("tasks_active", "-- mine\nSELECT 1 AS value, pg_sleep(0.15)")
        .query("heartbeats", "-- mine\nSELECT 2");
    let setup = Setup { more: "baseline: { min_samples: 12 }\n".into(), ..setup };
    let (code, report) = setup.ordctl().json(&["baseline", "--only", "database", "-p", "rounds=12"]);
    assert_eq!((code, status(&report, "steps.database.p95")), (2, "crit"), "{report}");
    let times = ["tasks_active", "queue_depth", "heartbeats", "runs_of_new_tasks"]
        .map(|name| value(&report, &format!("steps.database.{name}")));
    let p95 = value(&report, "steps.database.p95");
    assert!(p95 >= 0.15 && p95 == times[0], "{report}");
    assert!(times.iter().sum::<f64>() / 4.0 < 0.1, "{times:?}");
    assert!(summary(&report, "steps.database.p95").contains("tasks_active"), "{report}");
    let version = ask(&tables.db.store, "SELECT current_setting('server_version')").await;
    assert_eq!(finding(&report, "steps.database.server")["details"]["version"], version);

    let (code, report) = setup.ordctl().json(&["baseline", "--only", "database", "-p", "rounds=3"]);
    assert_eq!((code, status(&report, "steps.database.p95")), (3, "unknown"), "{report}");
}

#[tokio::test]
async fn a_database_lost_during_the_measurement_gives_no_verdict() {
    let cluster = Cluster::separate();
    let ordctl = Setup::at(&cluster, "postgres").ordctl();
    let store = cluster.store("postgres", "postgres");
    for table in ["task", "due_work", "worker_heartbeat", "task_run"] {
        let columns = "id int, task_id int, status text, priority int, created_at timestamptz, run_at timestamptz, \
                       locked_until timestamptz, worker_id text, last_seen timestamptz";
        let sql = format!("CREATE TABLE {table} ({columns})");
        crate::support::postgres::execute(&store, &sql).await.unwrap();
    }
    let child = ordctl.spawn(&["baseline", "--only", "database", "-p", "rounds=2000", "-o", "json"]);
    let asks = "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' \
                AND xact_start IS NOT NULL";
    eventually("it asks", async || ask(&store, asks).await != "0").await;
    drop(cluster);
    let (code, output) = report(child);
    assert_eq!((code, status(&output, "steps.database.p95")), (3, "unknown"), "{output}");
}

/// The original script takes demand for capacity, so it reports an idle system as slow.
#[tokio::test]
async fn worker_capacity_is_reported_separately_from_demand() {
    let (database, ordctl) = empty().await;
    let (code, report) = ordctl.json(&["baseline", "--only", "workers"]);
    assert_eq!((code, status(&report, "steps.workers.capacity")), (2, "crit"), "no worker: {report}");
    database
        .execute(
            "INSERT INTO worker_heartbeat (worker_id, last_seen) VALUES ('worker-1', now()), ('ordctl:a', now()),
                                                                       ('gone', now() - interval '10 min');
             INSERT INTO ordctl.worker (id, node, lease_until, slots)
             VALUES ('ordctl:a/0.1', 'ordctl:a', now(), 3), ('ordctl:a/1.1', 'ordctl:a', now(), 2)",
        )
        .await
        .unwrap();
    let (code, report) = ordctl.json(&["baseline", "--only", "workers"]);
    assert_eq!((code, status(&report, "steps.workers.capacity")), (0, "skipped"), "no run: {report}");
    let id = task(&database, "event", "never", "UTC").await;
    let runs = format!(
        "INSERT INTO task_run (task_id, started_at, finished_at, success)
         SELECT '{id}', at, at + interval '2 s', true
           FROM generate_series(0, 59) n, LATERAL (SELECT now() - interval '59 min' + n * interval '50 s' AS at) t;
         INSERT INTO task_run (task_id, started_at, finished_at, success)
         VALUES ('{id}', now() - interval '3 h', now() - interval '2 h', true)"
    );
    database.execute(&runs).await.unwrap();
    let (code, report) = ordctl.json(&["baseline", "--only", "workers"]);
    assert_eq!((code, status(&report, "steps.workers.capacity")), (0, "ok"), "{report}");
    // Six concurrent runs of two seconds each.
    assert!((value(&report, "steps.workers.capacity") - 180.0).abs() < 1e-6, "{report}");
    assert!((value(&report, "steps.workers.demand") - 1.0).abs() < 1e-6, "{report}");
}
