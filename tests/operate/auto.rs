//! `scale auto`: one decision and at most one change, within limits, and never twice within the cool-down of a change
//! from any machine.

use std::process::Child;

use ordctl::engine::migrations::migrate;
use serde_json::Value;

use crate::evening::{task, url};
use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::Database;
use crate::support::{eventually, left_out};

/// Thresholds that the load of this machine never reaches.
const POLICY: &str = "load_max: 100000, memory_max: 100, up_cpu: 100000, down_cpu: 99999";

/// Idle containers, a heartbeat from each since an hour ago, and a task.
pub struct Workers {
    pub project: Project,
    pub database: Database,
    pub task: String,
}

impl Workers {
    pub async fn new(name: &str, number: u32) -> Self {
        let database = Database::fresh().await;
        migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
        let project = Project::new(name);
        for n in 1..=number {
            project.start("worker", n, "--network none --init", "exec /bin/busybox sleep 100000");
            let sql = format!(
                "INSERT INTO worker_heartbeat (worker_id, last_seen, created_at)
                 VALUES ('{name}-{n}', now() + interval '1 h', now() - interval '1 h')"
            );
            database.execute(&sql).await.unwrap();
        }
        let task = task(&database, "event", "never", "UTC").await;
        Self { project, database, task }
    }

    pub async fn due(&self, rows: u32) {
        let sql = format!(
            "DELETE FROM due_work;
             INSERT INTO due_work (task_id, run_at) SELECT '{}', now() FROM generate_series(1, {rows})",
            self.task
        );
        self.database.execute(&sql).await.unwrap();
    }

    /// Inserts runs that give a worker this utilization over the last hour.
    pub async fn set_utilization(&self, worker: &str, share: f64) {
        let sql = format!(
            "DELETE FROM task_run;
             INSERT INTO task_run (task_id, lease_owner, started_at, finished_at, success)
             SELECT '{}', '{worker}', now() + interval '1 h' - n * interval '10 s',
                    now() + interval '1 h' - n * interval '10 s' + {share} * interval '10 s', true
               FROM generate_series(0, 720) n",
            self.task
        );
        // Runs that start in the future do not count.
        self.database.execute(&sql).await.unwrap();
    }

    /// `ordctl` with a separate data directory, as on another machine.
    pub fn machine(&self, auto: &str) -> Ordctl {
        let more = format!("services: {{ worker: {{ min: 1, max: 4, auto: {{ {POLICY}, {auto} }} }} }}\n");
        Ordctl::configured(&self.project.configuration(&url(&self.database), &more))
    }

    pub fn running(&self) -> usize {
        self.project.states("worker").iter().filter(|s| s.ends_with(" running")).count()
    }
}

pub const ONCE: [&str; 6] = ["scale", "auto", "--once", "--yes", "-p", "ready=running"];

fn summary_of(report: &Value) -> String {
    finding(report, "steps.decide")["summary"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_queue_scales_up_and_a_second_machine_respects_the_cool_down() {
    if left_out("a_queue_scales_up_and_a_second_machine_respects_the_cool_down", &["docker"]) {
        return;
    }
    let workers = Workers::new("auto", 1).await;
    let (here, there) = (workers.machine("up_queue: 20"), workers.machine("up_queue: 20"));
    workers.set_utilization("auto-1", 0.5).await;
    workers.due(20).await;
    let (code, report) = here.json(&["scale", "auto", "-p", "ready=running"]);
    assert_eq!((code, workers.running()), (0, 1), "no change needs no consent: {report}");
    assert!(summary_of(&report).starts_with("worker: stay at 1: 1 worker active; 20 items due"), "{report}");

    workers.due(500).await;
    // Items that no worker can claim need no more workers.
    workers.database.execute("UPDATE due_work SET parked = 'key'").await.unwrap();
    let (code, report) = here.json(&["scale", "auto", "-p", "ready=running"]);
    assert_eq!((code, workers.running()), (0, 1), "{report}");
    assert!(summary_of(&report).contains("500 more wait for a concurrency key or a paused task"), "{report}");
    workers.due(500).await;
    // Containers deployed together do not count as a change of the number.
    let (code, young) = here.json(&["scale", "auto", "--dry-run", "-p", "ready=running"]);
    assert_eq!(code, 0, "{young}");
    assert!(finding(&young, "plan.scale")["details"]["calls"][0].is_string(), "{young}");
    let (here, there) = (workers.machine("cool_down_up: 0s"), {
        drop(there);
        workers.machine("cool_down_up: 1h")
    });
    let before = workers.project.snapshot();
    assert_eq!(here.run(&["scale", "auto", "-p", "ready=running"]).code, 4, "without consent");
    let (code, plan) = here.json(&["scale", "auto", "--dry-run", "-p", "ready=running"]);
    assert_eq!(code, 0, "{plan}");
    let create = &finding(&plan, "plan.scale")["details"]["calls"][0];
    assert!(create.as_str().unwrap().contains(&workers.project.container("worker", 2)), "{plan}");
    assert_eq!(workers.project.snapshot(), before, "neither a refusal nor a dry run changes anything");
    let rows = "SELECT (SELECT count(*) FROM ordctl.operation) + (SELECT count(*) FROM ordctl.sample)";
    assert_eq!(workers.database.value(rows).await, "0");

    let (code, report) = here.json(&ONCE);
    assert_eq!((code, workers.running()), (0, 2), "the number at most doubles: {report}");
    assert!(
        summary_of(&report).contains("up from 1 to 2") && summary_of(&report).contains("500 items due"),
        "{report}"
    );

    // Another machine reads the change and its run from the database.
    let (code, report) = there.json(&ONCE);
    assert_eq!((code, workers.running()), (0, 2), "{report}");
    assert!(summary_of(&report).contains("(operate/scale-auto by "), "{report}");
    assert!(summary_of(&report).contains("of cool_down_up left"), "{report}");
}

/// Without ordctl's migrations, the database has no record of runs.
#[tokio::test]
async fn without_a_database_record_the_local_record_counts() {
    if left_out("without_a_database_record_the_local_record_counts", &["docker"]) {
        return;
    }
    let database = Database::upstream().await;
    let project = Project::new("remembers");
    for n in 1..=2 {
        project.start("worker", n, "--network none --init", "exec /bin/busybox sleep 100000");
    }
    let more = format!(
        "services: {{ worker: {{ max: 4, auto: {{ {POLICY}, up_queue: 3, cool_down_up: 1h }} }} }}\n"
    );
    let ordctl = Ordctl::configured(&project.configuration(&url(&database), &more));
    assert_eq!(ordctl.run(&["scale", "down", "1", "--yes", "-p", "ready=running"]).code, 0);
    let sql = "INSERT INTO due_work (task_id, run_at) SELECT (SELECT id FROM task LIMIT 1), now() FROM generate_series(1, 300)";
    database.execute(sql).await.unwrap();
    let (code, report) = ordctl.json(&ONCE);
    assert_eq!(code, 1, "utilization is unknown: {report}");
    assert!(summary_of(&report).contains("(a run on this machine); "), "{report}");
    assert!(
        summary_of(&report).contains("unknown: worker utilization: run `ordctl migrate` first"),
        "{report}"
    );
}

#[tokio::test]
async fn two_concurrent_runs_make_one_change() {
    if left_out("two_concurrent_runs_make_one_change", &["docker"]) {
        return;
    }
    let workers = Workers::new("crons", 1).await;
    workers.set_utilization("crons-1", 0.5).await;
    workers.due(500).await;
    // Longer ago than the cool-down, so that only the other run's change counts.
    eventually("the container is old enough", async || {
        workers.database.value("SELECT now() > created_at + interval '1 h 6 s' FROM worker_heartbeat").await
            == "true"
    })
    .await;
    let machines = [workers.machine("cool_down_up: 5s"), workers.machine("cool_down_up: 5s")];
    let children: Vec<Child> = machines.iter().map(|m| m.spawn(&ONCE)).collect();
    let mut codes: Vec<i32> =
        children.into_iter().map(|c| c.wait_with_output().unwrap().status.code().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(workers.running(), 2, "{codes:?}");
    assert!(codes == [0, 4] || codes == [0, 0], "one acts, the other stays or is refused: {codes:?}");
}

#[tokio::test]
async fn idle_workers_are_removed_one_by_one_down_to_the_minimum() {
    if left_out("idle_workers_are_removed_one_by_one_down_to_the_minimum", &["docker"]) {
        return;
    }
    let workers = Workers::new("idle", 3).await;
    let machine = workers.machine("cool_down_down: 0s");
    // Busy for five of the last ten minutes.
    workers.set_utilization("idle-1", 0.0).await;
    let sql = format!(
        "INSERT INTO task_run (task_id, lease_owner, started_at, finished_at, success)
         SELECT '{}', w, now() - interval '9 min', now() - interval '4 min', true
           FROM unnest(ARRAY['idle-1', 'idle-2', 'idle-3']) w",
        workers.task
    );
    workers.database.execute(&sql).await.unwrap();
    let (code, report) = machine.json(&ONCE);
    assert_eq!((code, workers.running()), (0, 3), "{report}");
    assert!(
        summary_of(&report).contains("fewer would be enough, but utilization was 50 % over the last 10m"),
        "{report}"
    );

    workers.database.execute("DELETE FROM task_run").await.unwrap();
    let (code, report) = machine.json(&ONCE);
    assert_eq!((code, workers.project.states("worker").len()), (0, 2), "{report}");
    assert_eq!(machine.json(&ONCE).0, 0);
    assert_eq!(
        workers.project.states("worker"),
        ["worker-1 running"],
        "the highest numbers are removed first"
    );
    let (code, report) = machine.json(&ONCE);
    assert_eq!((code, workers.running()), (0, 1), "{report}");
    assert!(summary_of(&report).starts_with("worker: stay at 1"), "{report}");
}

#[tokio::test]
async fn on_hold_or_with_unknown_values_nothing_changes() {
    if left_out("on_hold_or_with_unknown_values_nothing_changes", &["docker"]) {
        return;
    }
    let workers = Workers::new("blind", 2).await;
    let before = workers.project.snapshot();
    let machine = workers.machine("cool_down_up: 0s, cool_down_down: 0s");
    workers
        .database
        .execute("UPDATE ordctl.engine SET held = true, held_by = 'ann', held_because = 'restore'")
        .await
        .unwrap();
    workers.due(900).await;
    let (code, report) = machine.json(&ONCE);
    assert_eq!(code, 0, "{report}");
    assert_eq!(summary_of(&report), "worker: stay at 2: the engine is on hold by ann: restore");
    workers.database.execute("UPDATE ordctl.engine SET held = false; DELETE FROM due_work; DELETE FROM worker_heartbeat WHERE worker_id = 'blind-2'").await.unwrap();

    // A running container without a heartbeat has an unknown state.
    let (code, report) = machine.json(&["scale", "auto", "--once", "--yes"]);
    assert_eq!(code, 1, "{report}");
    assert!(summary_of(&report).contains("fewer would be enough, but some values are unknown"), "{report}");
    assert!(summary_of(&report).contains("no heartbeat"), "{report}");

    for (what, configuration) in [
        (
            "PostgreSQL is unreachable",
            workers.project.configuration("postgresql://postgres@127.0.0.1:1/none", ""),
        ),
        (
            "there is no socket",
            workers
                .project
                .configuration(&url(&workers.database), "")
                .replace("docker: {", "docker: { host: \"unix:///nonexistent.sock\","),
        ),
    ] {
        let (code, report) = Ordctl::configured(&configuration).json(&ONCE);
        assert_eq!(code, 3, "{report}");
        assert!(summary_of(&report).starts_with("worker: no decision: "), "{report}");
        assert!(summary_of(&report).contains(what), "{report}");
        assert_eq!(finding(&report, "steps.decide")["status"], "unknown");
    }
    assert_eq!(workers.project.snapshot(), before);
}

#[tokio::test]
async fn the_minimum_wins_over_the_memory_limit() {
    if left_out("the_minimum_wins_over_the_memory_limit", &["docker"]) {
        return;
    }
    let workers = Workers::new("floor", 1).await;
    workers.set_utilization("floor-1", 0.5).await;
    workers.due(900).await;
    let tight =
        "services: { worker: { max: 4, auto: { load_max: 100000, memory_max: 0.001, cool_down_up: 0s } } }\n";
    let full = Ordctl::configured(&workers.project.configuration(&url(&workers.database), tight));
    let (code, report) = full.json(&ONCE);
    assert_eq!((code, workers.running()), (1, 1), "{report}");
    assert!(summary_of(&report).contains("0.001 % of this machine's memory"), "{report}");
    let configuration =
        workers.project.configuration(&url(&workers.database), "services: { worker: { min: 2, max: 4 } }\n");
    let (code, report) = Ordctl::configured(&configuration).json(&ONCE);
    assert_eq!((code, workers.running()), (0, 2), "{report}");
    assert!(summary_of(&report).contains("1 running, minimum 2"), "{report}");
}

#[test]
fn a_contradictory_policy_is_a_usage_error() {
    let ordctl = Ordctl::configured("services: { worker: { auto: { down_busy: 90 } } }\n");
    let output = ordctl.run(&["scale", "auto", "--once", "--yes"]);
    assert_eq!(output.code, 64, "{output:?}");
    assert!(
        output.err.contains("services.worker.auto.down_busy: 90 is not below up_busy, which is 80"),
        "{output:?}"
    );
    for args in [&["scale", "auto", "--watch", "0"] as &[&str], &["scale", "auto", "--once", "--watch", "5s"]]
    {
        assert_eq!(ordctl.run(args).code, 64, "{args:?}");
    }
}
