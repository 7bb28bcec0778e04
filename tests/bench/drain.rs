//! Compares the engine with pgbench on the same durable server in the same run.
//!
//! * Drain: one process runs 100,000 due no-op tasks and commits a run for each. The reference claims and completes
//!   500 rows per statement with two clients on Ordinaut's tables and indexes; it takes no leases and runs nothing.
//! * Start: the time from `run_now` on an idle engine to the start of the run, beside the time from a commit with
//!   NOTIFY to its arrival in another session.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods
)]
#![allow(dead_code, reason = "tests and benches share the support module")]

#[path = "../support/mod.rs"]
mod support;

use std::process::Command;
use std::time::{Duration, Instant};

use ordctl::engine::migrations::migrate;
use support::engine::Setup;
use support::postgres::{Cluster, execute, value};
use support::{binaries, eventually, run};

const ROWS: u32 = 100_000;
const ROUNDS: usize = 5;
const STARTS: usize = 60;
/// Minimum ratio of pgbench's time to the engine's time.
const DRAIN_GOAL: f64 = 0.6;

const TASKS: &str = "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
    SELECT 'noop ' || g, 'd', '00000000-0000-0000-0000-000000000001', 'event', 'bench',
           '{\"pipeline\": [{\"uses\": \"noop\"}]}'
      FROM generate_series(1, 1000) g";

#[tokio::main]
async fn main() {
    let cluster = Cluster::durable();
    let mut ratios = Vec::new();
    for round in 0..ROUNDS {
        let reference = reference(&cluster, &format!("reference_{round}")).await;
        let engine = engine(&cluster, &format!("engine_{round}")).await;
        let ratio = reference.as_secs_f64() / engine.as_secs_f64();
        println!(
            "drain of {ROWS}: pgbench {} ms, ordctl {} ms: {ratio:.2}",
            reference.as_millis(),
            engine.as_millis()
        );
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ROUNDS / 2];
    let good = median >= DRAIN_GOAL;
    println!(
        "pgbench / ordctl: {median:.2} (goal: at least {DRAIN_GOAL}) {}",
        if good { "ok" } else { "MISSED" }
    );
    starts(&cluster).await;
    std::process::exit(i32::from(!good));
}

async fn database(cluster: &Cluster, name: &str) -> ordctl::store::Store {
    let admin = cluster.store("postgres", "postgres");
    execute(&admin, &format!("CREATE DATABASE {name}")).await.unwrap();
    cluster.store("postgres", name)
}

async fn reference(cluster: &Cluster, name: &str) -> Duration {
    let store = database(cluster, name).await;
    execute(&store, include_str!("../fixtures/upstream.sql")).await.unwrap();
    execute(&store, TASKS).await.unwrap();
    let rows = format!(
        "INSERT INTO due_work (task_id, run_at) SELECT t.id, now() FROM generate_series(1, {}) g, task t",
        ROWS / 1000
    );
    execute(&store, &rows).await.unwrap();
    execute(&store, "ANALYZE").await.unwrap();
    let script = format!("{}/tests/bench/drain.pgbench", env!("CARGO_MANIFEST_DIR"));
    let mut pgbench = Command::new(binaries().join("pgbench"));
    pgbench.args(["-n", "-c", "2", "-j", "2", "-M", "prepared", "-U", "postgres", "-h", "127.0.0.1", "-p"]);
    pgbench
        .arg(cluster.port.to_string())
        .arg("-t")
        .arg((ROWS / 1000).to_string())
        .arg("-f")
        .arg(script)
        .arg(name);
    let begin = Instant::now();
    run(&mut pgbench);
    let took = begin.elapsed();
    assert_eq!(value(&store, "SELECT count(*) FROM task_run WHERE success").await, ROWS.to_string());
    took
}

async fn engine(cluster: &Cluster, name: &str) -> Duration {
    let store = database(cluster, name).await;
    migrate(&store, &Default::default(), &crate::support::consent()).await.unwrap();
    execute(&store, TASKS).await.unwrap();
    // Rows as the scheduler queues them: one instant after another, each for every task.
    let rows = format!(
        "INSERT INTO due_work (task_id, run_at, scheduled_at, occurrence, priority)
         SELECT t.id, now(), now(),
                (lpad(to_hex(1800000000000 + g), 12, '0') || '8' || substr(md5(t.id::text || g), 1, 19))::uuid, 5
           FROM generate_series(1, {}) g, task t",
        ROWS / 1000
    );
    execute(&store, &rows).await.unwrap();
    execute(&store, "ANALYZE; UPDATE ordctl.engine SET held = true").await.unwrap();
    let setup = Setup::at(cluster, name);
    let node = setup.node(&["--role", "worker", "--concurrency", "1000"]);
    eventually("the node sends heartbeats", async || {
        value(&store, "SELECT count(*) > 0 FROM worker_heartbeat").await == "true"
    })
    .await;
    // The clock starts when work is allowed, because pgbench's start is not measured either.
    let begin = Instant::now();
    execute(&store, "UPDATE ordctl.engine SET held = false; NOTIFY ordctl_hold").await.unwrap();
    let done = "SELECT count(*) FROM (SELECT FROM due_work LIMIT 1) AS d";
    eventually("the queue is empty", async || value(&store, done).await == "0").await;
    let took = begin.elapsed();
    assert_eq!(
        value(&store, "SELECT count(*) FROM task_run WHERE final AND success").await,
        ROWS.to_string()
    );
    drop(node);
    took
}

/// Measures the start latency by the database's clock, and the round trip of a commit with NOTIFY.
async fn starts(cluster: &Cluster) {
    let store = database(cluster, "starts").await;
    migrate(&store, &Default::default(), &crate::support::consent()).await.unwrap();
    execute(&store, TASKS).await.unwrap();
    let setup = Setup::at(cluster, "starts");
    let node = setup.node(&[]);
    let url = node.http().await;
    let task = value(&store, "SELECT id FROM task LIMIT 1").await;
    let http = support::engine::http();
    for n in 1..=STARTS {
        http.post(format!("{url}/tasks/{task}/run_now")).send().await.unwrap().error_for_status().unwrap();
        let done = "SELECT count(*) FROM task_run";
        eventually("the run is finished", async || value(&store, done).await == n.to_string()).await;
    }
    let median = "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM started_at - scheduled_at) * 1e6)::bigint FROM task_run";
    let ours: u64 = value(&store, median).await.parse().unwrap();
    let (listener, mut heard) = store.postgres().listening().await.unwrap();
    listener.batch_execute("LISTEN bench").await.unwrap();
    let writer = store.postgres().session().await.unwrap();
    execute(&store, "CREATE TABLE bench (n int)").await.unwrap();
    let mut trips = Vec::new();
    for _ in 0..STARTS {
        let begin = Instant::now();
        writer.batch_execute("INSERT INTO bench VALUES (1)").await.unwrap();
        writer.batch_execute("NOTIFY bench").await.unwrap();
        heard.recv().await.unwrap();
        trips.push(begin.elapsed());
    }
    trips.sort();
    let trip = u64::try_from(trips[STARTS / 2].as_micros()).unwrap();
    println!(
        "start of run_now on an idle engine: {ours} µs; commit with NOTIFY: {trip} µs; ratio {:.2}",
        ours as f64 / trip as f64
    );
}
