//! Compares the morning report with a bash script that starts one process per question, on the same systems in the
//! same run, and the start of the program with `true`.
//!
//! Only the ratios count, because machines differ and are noisy. The reference is the faster variant: psql connects
//! directly, while the original scripts use `docker exec`.
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

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ordctl::engine::migrations;
use support::day;
use support::ordctl::Ordctl;
use support::postgres::{Database, cluster};
use support::systems::Systems;

const ROUNDS: usize = 7;
const STARTS: usize = 300;

/// Maximum ratio of the report's time to bash's time.
const REPORT_GOAL: f64 = 0.2;
/// Maximum ratio of the start time to that of `true`.
const START_GOAL: f64 = 2.0;

#[tokio::main]
async fn main() {
    let database = Database::fresh().await;
    migrations::migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    day::fill(&database.store).await;
    let rows = "INSERT INTO due_work (task_id, run_at) \
                SELECT t.id, now() - interval '1 second' * g FROM generate_series(1, 100000) g, \
                LATERAL (SELECT id FROM task ORDER BY id OFFSET g % 40 LIMIT 1) t; ANALYZE";
    database.execute(rows).await.unwrap();
    let systems = Systems::start("bench", 100_000);
    let url = format!("postgresql://postgres@127.0.0.1:{}/{}", cluster().port, database.name);
    let good = report(&url, &systems) & start();
    std::process::exit(i32::from(!good));
}

fn report(url: &str, systems: &Systems) -> bool {
    let ordctl = Ordctl::configured(&systems.configuration(url, None));
    let questions = questions(systems, url);
    let (mut ours, mut bash) = (Vec::new(), Vec::new());
    let output = ordctl.run(&["health", "morning"]);
    assert!([0, 1, 2].contains(&output.code), "every system answers: {output:?}");
    for _ in 0..ROUNDS {
        ours.push(timed(&mut ordctl.command(&["health", "morning"])));
        bash.push(questions.iter().map(|q| timed(Command::new("sh").arg("-c").arg(q))).sum());
    }
    let (ours, bash) = (median(ours), median(bash));
    println!(
        "health morning, 100,000 due rows, 100,000 log lines: {} ms, bash with {} processes: {} ms",
        ours.as_millis(),
        questions.len(),
        bash.as_millis()
    );
    verdict("report / bash", ours.as_secs_f64() / bash.as_secs_f64(), REPORT_GOAL)
}

fn start() -> bool {
    let (mut ours, mut reference) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        ours.push(timed(Command::new(env!("CARGO_BIN_EXE_ordctl")).arg("--version")));
        reference.push(timed(&mut Command::new("/bin/true")));
    }
    let (ours, reference) = (median(ours), median(reference));
    println!("ordctl --version: {} µs, true: {} µs", ours.as_micros(), reference.as_micros());
    verdict("start / true", ours.as_secs_f64() / reference.as_secs_f64(), START_GOAL)
}

fn verdict(what: &str, ratio: f64, goal: f64) -> bool {
    let good = ratio <= goal;
    println!("{what}: {ratio:.3} (goal: at most {goal}) {}", if good { "ok" } else { "MISSED" });
    good
}

fn timed(command: &mut Command) -> Duration {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begin = Instant::now();
    command.status().unwrap();
    begin.elapsed()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

/// One shell command per question of the report.
fn questions(systems: &Systems, database: &str) -> Vec<String> {
    let (redis, prometheus, alertmanager) =
        (systems.redis.port, systems.prometheus.port, systems.alertmanager.port);
    let project = &systems.project;
    let mut all = vec![
        format!("docker ps -a --filter label=com.docker.compose.project={project}"),
        format!("docker inspect -f '{{{{.RestartCount}}}}' {project}-api-1 {project}-worker-1"),
        format!("docker logs {project}-api-1 --since 24h 2>&1 | grep -c -E '(ERROR|CRITICAL|FATAL)'"),
        "docker system df".to_owned(),
        "df -h / /var".to_owned(),
        "df -i / /var".to_owned(),
        "free".to_owned(),
        format!("pg_isready -d '{database}'"),
    ];
    for question in QUERIES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("queries/{question}.sql"));
        all.push(format!("psql -X -t -d '{database}' -f '{}'", path.display()));
    }
    for question in ["ping", "info memory", "info stats", "info persistence", "info keyspace", "xlen events"]
    {
        all.push(format!("redis-cli -p {redis} {question}"));
    }
    let api = format!("curl -s -w '%{{time_total}}' -o /dev/null http://127.0.0.1:{prometheus}/-/healthy");
    all.extend([api.clone(), api.clone(), api.clone(), api]);
    all.push(format!("curl -sf http://127.0.0.1:{alertmanager}/-/healthy"));
    all.push(format!("curl -s 'http://127.0.0.1:{alertmanager}/api/v2/alerts?active=true'"));
    for query in ["api_latency_p95", "scheduler_lag"] {
        all.push(format!("curl -s 'http://127.0.0.1:{prometheus}/api/v1/query?query={query}'"));
    }
    all
}

/// The report's SQL queries.
const QUERIES: [&str; 15] = [
    "postgres_server",
    "postgres_size",
    "postgres_connections_used",
    "postgres_connections_active",
    "tasks_active",
    "postgres_wraparound",
    "postgres_oldest_transaction",
    "postgres_xmin_holder",
    "postgres_slot_wal",
    "postgres_archiver",
    "postgres_prepared_transactions",
    "postgres_invalid_indexes",
    "postgres_replication_lag",
    "queue_depth",
    "workers",
];
