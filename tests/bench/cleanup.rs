//! Measures how much weekly maintenance slows down the engine: the latency of a claim on an idle server and while
//! old runs are deleted, alternating in the same run, on a table of two million rows.
//!
//! Two workers claim and complete work at a steady rate. The other maintenance steps (vacuum, indexes, statistics)
//! run at the end and have no goal.
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

use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use ordctl::engine::migrations::migrate;
use ordctl::store::{Library, Store};
use support::ordctl::Ordctl;
use support::postgres::{Cluster, execute, value};
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

const RUNS: u32 = 2_000_000;
const ROUNDS: u32 = 6;
/// Days of runs that each round deletes; the table holds a hundred days.
const DAYS: u32 = 8;
const WORKERS: usize = 2;
const EVERY: Duration = Duration::from_millis(10);
const DUE: u32 = 200_000;
/// Maximum ratio of the p99 claim latency while deleting to the p99 on an idle server.
const GOAL: f64 = 2.0;

const FILL: &str = "
    INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, payload)
    SELECT 'noop ' || g, 'd', '00000000-0000-0000-0000-000000000001', 'event', 'bench',
           '{\"pipeline\": [{\"uses\": \"noop\"}]}'
      FROM generate_series(1, 100) g;
    INSERT INTO task_run (id, task_id, lease_owner, started_at, finished_at, success, attempt, output,
                          scheduled_at, occurrence, final)
    SELECT id, task_id, 'w', at, at + interval '1 s', true, 1, '{\"steps\": {\"x\": {\"n\": 1}}}', at, id, true
      FROM (SELECT gen_random_uuid() AS id, t.id AS task_id,
                   now() - interval '100 days' * (1 - g / RUNS::float8) AS at
              FROM generate_series(1, RUNS) g
              JOIN (SELECT id, row_number() OVER () AS n FROM task) t ON t.n = g % 100 + 1) AS r;
    INSERT INTO due_work (task_id, run_at, scheduled_at, occurrence, priority)
    SELECT t.id, at, at, gen_random_uuid(), 5
      FROM (SELECT (SELECT id FROM task LIMIT 1) AS id, now() - interval '1 day' + interval '1 ms' * g AS at
              FROM generate_series(1, DUE) g) AS t;
    INSERT INTO ordctl.worker (id, node, lease_until)
    SELECT 'w' || g, 'n', now() + interval '1 day' FROM generate_series(0, 9) g";

/// Claim latencies by phase, and the current phase.
#[derive(Default)]
struct Measured {
    phase: usize,
    claims: [Vec<Duration>; 3],
}

const IDLE: usize = 0;
const DELETING: usize = 1;
const OTHER: usize = 2;

#[tokio::main]
async fn main() {
    let cluster = Cluster::durable();
    execute(&cluster.store("postgres", "postgres"), "CREATE DATABASE cleanup").await.unwrap();
    let store = cluster.store("postgres", "cleanup");
    migrate(&store, &Default::default(), &crate::support::consent()).await.unwrap();
    let fill = FILL.replace("RUNS", &RUNS.to_string()).replace("DUE", &DUE.to_string());
    execute(&store, &fill).await.unwrap();
    execute(&store, "VACUUM (ANALYZE)").await.unwrap();
    execute(&store, "CHECKPOINT").await.unwrap();
    let url = format!("postgresql://postgres@127.0.0.1:{}/cleanup", cluster.port);
    let ordctl = Ordctl::new().with("DATABASE_URL", url);
    let measured = Arc::new(Mutex::new(Measured::default()));
    let workers: Vec<_> = (0..WORKERS)
        .map(|n| tokio::spawn(worker(cluster.store("postgres", "cleanup"), n, measured.clone())))
        .collect();

    let (mut deleted, mut took) = (0, Duration::ZERO);
    for round in 1..=ROUNDS {
        let begin = Instant::now();
        let before = runs(&store).await;
        measured.lock().unwrap().phase = DELETING;
        let age = format!("runs={}d", 100 - round * DAYS);
        clean(&ordctl, &["--only", "runs", "-p", &age]).await;
        measured.lock().unwrap().phase = IDLE;
        let time = begin.elapsed();
        deleted += before.saturating_sub(runs(&store).await);
        took += time;
        // Idle for as long as the deletion took.
        tokio::time::sleep(time.saturating_sub(begin.elapsed() - time)).await;
    }
    measured.lock().unwrap().phase = OTHER;
    clean(&ordctl, &["--skip", "runs", "-p", "min_index=1MiB", "-p", "min_waste=0.2"]).await;
    measured.lock().unwrap().phase = IDLE;
    workers.iter().for_each(tokio::task::JoinHandle::abort);
    let good = verdict(&mut measured.lock().unwrap(), deleted, took);
    std::process::exit(i32::from(!good));
}

/// Number of old runs left; the workers only add new ones.
async fn runs(store: &Store) -> u64 {
    value(store, "SELECT count(*) FROM task_run WHERE lease_owner = 'w'").await.parse().unwrap()
}

async fn clean(ordctl: &Ordctl, more: &[&str]) {
    let args: Vec<&str> = ["maintain", "weekly", "--yes"].iter().chain(more).copied().collect();
    let mut command = ordctl.command(&args);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let status = tokio::task::spawn_blocking(move || command.status()).await.unwrap().unwrap();
    assert!(status.success(), "{args:?}");
}

/// Claims and completes one row at each tick.
async fn worker(store: Store, number: usize, measured: Arc<Mutex<Measured>>) {
    let library = Library::default();
    let text = |name: &str| library.sql(name).unwrap().text;
    let session = store.postgres().session().await.unwrap();
    session.query(&text("engine/work/session"), &[&60_000i64]).await.unwrap();
    let claim = session.prepare(&text("engine/work/claim")).await.unwrap();
    let complete = session.prepare(&text("engine/work/complete")).await.unwrap();
    let name = format!("w{number}");
    let running: Vec<i64> = Vec::new();
    // The claim cursor, as a node keeps it.
    let mut times: Vec<DateTime<Utc>> = vec![DateTime::UNIX_EPOCH; 9];
    let mut ids = vec![i64::MIN; 9];
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        let token = vec![Uuid::now_v7()];
        let phase = measured.lock().unwrap().phase;
        let begin = Instant::now();
        let rows =
            session.query(&claim, &[&name, &1i32, &30.0f64, &token, &running, &times, &ids]).await.unwrap();
        let took = begin.elapsed();
        measured.lock().unwrap().claims[phase].push(took);
        let row = rows.first().expect("no work is left");
        let (id, at): (i64, DateTime<Utc>) = (row.get("id"), row.get("leased_at"));
        (times[4], ids[4]) = (row.get("run_at"), id);
        let (none, well) = (vec![None::<String>], vec![true]);
        let done: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
            [&vec![id], &token, &well, &none, &none, &vec![at], &vec![at], &vec![false]];
        session.execute(&complete, &done).await.unwrap();
    }
}

fn verdict(measured: &mut Measured, deleted: u64, took: Duration) -> bool {
    for claims in &mut measured.claims {
        claims.sort();
    }
    let at = |phase: usize, share: f64| {
        let all = &measured.claims[phase];
        all[((all.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3
    };
    println!(
        "{deleted} of {RUNS} runs deleted in {:.1} s: {:.0} rows/s, while {WORKERS} workers claimed {} times a second each",
        took.as_secs_f64(),
        deleted as f64 / took.as_secs_f64(),
        1000 / EVERY.as_millis()
    );
    for (phase, name) in
        [(IDLE, "idle"), (DELETING, "while deleting"), (OTHER, "vacuum, indexes, statistics")]
    {
        println!(
            "claim, {name}: p50 {:.2} ms, p99 {:.2} ms, max {:.1} ms of {}",
            at(phase, 0.5),
            at(phase, 0.99),
            at(phase, 1.0),
            measured.claims[phase].len()
        );
    }
    let ratio = at(DELETING, 0.99) / at(IDLE, 0.99);
    let good = ratio < GOAL;
    println!(
        "p99 while deleting / idle: {ratio:.2} (goal: below {GOAL}) {}",
        if good { "ok" } else { "MISSED" }
    );
    good
}
