//! `scale auto`: one decision and at most one step, by the load, within limits, and never twice within
//! the cool-down, whoever made the last change and from wherever.

use std::process::Child;

use ordctl::engine::migrations::migrate;
use serde_json::Value;

use crate::evening::{task, url};
use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::Database;
use crate::support::{eventually, left_out};

/// Thresholds that this machine's own load plays no part in.
const POLICY: &str = "load_max: 100000, memory_max: 100, up_cpu: 100000, down_cpu: 99999";

/// Containers that do nothing, as many workers by heartbeat that began an hour ago, and a task.
pub struct Crew {
    pub project: Project,
    pub database: Database,
    pub task: String,
}

impl Crew {
    pub async fn new(name: &str, number: u32) -> Self {
        let database = Database::fresh().await;
        migrate(&database.store, &Default::default()).await.unwrap();
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

    /// Runs that filled that share of the last hour of one worker.
    pub async fn busy(&self, worker: &str, share: f64) {
        let sql = format!(
            "DELETE FROM task_run;
             INSERT INTO task_run (task_id, lease_owner, started_at, finished_at, success)
             SELECT '{}', '{worker}', now() + interval '1 h' - n * interval '10 s',
                    now() + interval '1 h' - n * interval '10 s' + {share} * interval '10 s', true
               FROM generate_series(0, 720) n",
            self.task
        );
        // What began later than now has not begun: only the past counts.
        self.database.execute(&sql).await.unwrap();
    }

    /// The program on some machine: each has a data directory of its own.
    pub fn machine(&self, auto: &str) -> Ordctl {
        let more = format!("services: {{ worker: {{ min: 1, max: 4, auto: {{ {POLICY}, {auto} }} }} }}\n");
        Ordctl::configured(&self.project.configuration(&url(&self.database), &more))
    }

    pub fn running(&self) -> usize {
        self.project.states("worker").iter().filter(|s| s.ends_with(" running")).count()
    }
}

pub const ONCE: [&str; 6] = ["scale", "auto", "--once", "--yes", "-p", "ready=running"];

fn said(report: &Value) -> String {
    finding(report, "steps.decide")["summary"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_queue_brings_more_and_a_second_machine_waits_like_the_first() {
    if left_out("a_queue_brings_more_and_a_second_machine_waits_like_the_first", &["docker"]) {
        return;
    }
    let crew = Crew::new("auto", 1).await;
    let (here, there) = (crew.machine("up_queue: 20"), crew.machine("up_queue: 20"));
    crew.busy("auto-1", 0.5).await;
    crew.due(20).await;
    let (code, report) = here.json(&["scale", "auto", "-p", "ready=running"]);
    assert_eq!((code, crew.running()), (0, 1), "what stays needs no consent: {report}");
    assert!(said(&report).starts_with("worker: stay at 1: 1 worker active; 20 items due"), "{report}");

    crew.due(500).await;
    // What no worker may take asks for no more of them.
    crew.database.execute("UPDATE due_work SET parked = 'key'").await.unwrap();
    let (code, report) = here.json(&["scale", "auto", "-p", "ready=running"]);
    assert_eq!((code, crew.running()), (0, 1), "{report}");
    assert!(said(&report).contains("500 more wait for their key or their paused task"), "{report}");
    crew.due(500).await;
    // The container is as young as the test: what was deployed together is no change of the number.
    let (code, young) = here.json(&["scale", "auto", "--dry-run", "-p", "ready=running"]);
    assert_eq!(code, 0, "{young}");
    assert!(finding(&young, "plan.scale")["details"]["calls"][0].is_string(), "{young}");
    let (here, there) = (crew.machine("cool_down_up: 0s"), {
        drop(there);
        crew.machine("cool_down_up: 1h")
    });
    let before = crew.project.snapshot();
    assert_eq!(here.run(&["scale", "auto", "-p", "ready=running"]).code, 4, "without consent");
    let (code, plan) = here.json(&["scale", "auto", "--dry-run", "-p", "ready=running"]);
    assert_eq!(code, 0, "{plan}");
    let create = &finding(&plan, "plan.scale")["details"]["calls"][0];
    assert!(create.as_str().unwrap().contains(&crew.project.container("worker", 2)), "{plan}");
    assert_eq!(crew.project.snapshot(), before, "neither a refusal nor a dry run changes anything");
    let rows = "SELECT (SELECT count(*) FROM ordctl.operation) + (SELECT count(*) FROM ordctl.sample)";
    assert_eq!(crew.database.value(rows).await, "0");

    let (code, report) = here.json(&ONCE);
    assert_eq!((code, crew.running()), (0, 2), "one worker has at most two colleagues: {report}");
    assert!(said(&report).contains("up from 1 to 2") && said(&report).contains("500 items due"), "{report}");

    // Another machine knows of it by the database, and of the run that made it.
    let (code, report) = there.json(&ONCE);
    assert_eq!((code, crew.running()), (0, 2), "{report}");
    assert!(said(&report).contains("(operate/scale-auto by "), "{report}");
    assert!(said(&report).contains("of cool_down_up are left"), "{report}");
}

/// A database that only ever was upstream's keeps no record of runs.
#[tokio::test]
async fn without_a_record_in_the_database_this_machine_remembers() {
    if left_out("without_a_record_in_the_database_this_machine_remembers", &["docker"]) {
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
    assert_eq!(code, 1, "how busy they are is not known: {report}");
    assert!(said(&report).contains("(a run on this machine): "), "{report}");
    assert!(
        said(&report).contains("not known: how busy the workers are: that needs `ordctl migrate`"),
        "{report}"
    );
}

#[tokio::test]
async fn two_crons_at_once_take_one_step() {
    if left_out("two_crons_at_once_take_one_step", &["docker"]) {
        return;
    }
    let crew = Crew::new("crons", 1).await;
    crew.busy("crons-1", 0.5).await;
    crew.due(500).await;
    // So short that the container's own age is past it, so long that a step of the other is not.
    eventually("the container is old enough", async || {
        crew.database.value("SELECT now() > created_at + interval '1 h 6 s' FROM worker_heartbeat").await
            == "true"
    })
    .await;
    let machines = [crew.machine("cool_down_up: 5s"), crew.machine("cool_down_up: 5s")];
    let children: Vec<Child> = machines.iter().map(|m| m.spawn(&ONCE)).collect();
    let mut codes: Vec<i32> =
        children.into_iter().map(|c| c.wait_with_output().unwrap().status.code().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(crew.running(), 2, "{codes:?}");
    assert!(codes == [0, 4] || codes == [0, 0], "one acts, the other waits or is refused: {codes:?}");
}

#[tokio::test]
async fn idle_workers_go_one_by_one_down_to_the_minimum() {
    if left_out("idle_workers_go_one_by_one_down_to_the_minimum", &["docker"]) {
        return;
    }
    let crew = Crew::new("idle", 3).await;
    let machine = crew.machine("cool_down_down: 0s");
    // Busy some minutes ago: nine in ten for five of the last ten minutes.
    crew.busy("idle-1", 0.0).await;
    let sql = format!(
        "INSERT INTO task_run (task_id, lease_owner, started_at, finished_at, success)
         SELECT '{}', w, now() - interval '9 min', now() - interval '4 min', true
           FROM unnest(ARRAY['idle-1', 'idle-2', 'idle-3']) w",
        crew.task
    );
    crew.database.execute(&sql).await.unwrap();
    let (code, report) = machine.json(&ONCE);
    assert_eq!((code, crew.running()), (0, 3), "{report}");
    assert!(
        said(&report).contains("fewer would do, but they were busy for 50 % of the last 10m"),
        "{report}"
    );

    crew.database.execute("DELETE FROM task_run").await.unwrap();
    let (code, report) = machine.json(&ONCE);
    assert_eq!((code, crew.project.states("worker").len()), (0, 2), "{report}");
    assert_eq!(machine.json(&ONCE).0, 0);
    assert_eq!(crew.project.states("worker"), ["worker-1 running"], "the highest numbers go");
    let (code, report) = machine.json(&ONCE);
    assert_eq!((code, crew.running()), (0, 1), "{report}");
    assert!(said(&report).starts_with("worker: stay at 1"), "{report}");
}

#[tokio::test]
async fn held_or_blind_it_changes_nothing() {
    if left_out("held_or_blind_it_changes_nothing", &["docker"]) {
        return;
    }
    let crew = Crew::new("blind", 2).await;
    let before = crew.project.snapshot();
    let machine = crew.machine("cool_down_up: 0s, cool_down_down: 0s");
    crew.database
        .execute("UPDATE ordctl.engine SET held = true, held_by = 'ann', held_because = 'restore'")
        .await
        .unwrap();
    crew.due(900).await;
    let (code, report) = machine.json(&ONCE);
    assert_eq!(code, 0, "{report}");
    assert_eq!(said(&report), "worker: stay at 2: the engine is held by ann (restore)");
    crew.database.execute("UPDATE ordctl.engine SET held = false; DELETE FROM due_work; DELETE FROM worker_heartbeat WHERE worker_id = 'blind-2'").await.unwrap();

    // No heartbeat of those that run, by its own sign: what they do is not known.
    let (code, report) = machine.json(&["scale", "auto", "--once", "--yes"]);
    assert_eq!(code, 1, "{report}");
    assert!(said(&report).contains("fewer would do, but not everything is known"), "{report}");
    assert!(said(&report).contains("no heartbeat"), "{report}");

    for (what, configuration) in [
        (
            "postgresql is unreachable",
            crew.project.configuration("postgresql://postgres@127.0.0.1:1/none", ""),
        ),
        (
            "there is no socket",
            crew.project
                .configuration(&url(&crew.database), "")
                .replace("docker: {", "docker: { host: \"unix:///nonexistent.sock\","),
        ),
    ] {
        let (code, report) = Ordctl::configured(&configuration).json(&ONCE);
        // Nothing was to be changed: it looked, and does not know.
        assert_eq!(code, 3, "{report}");
        assert!(said(&report).starts_with("worker: as many as there are: "), "{report}");
        assert!(said(&report).contains(what), "{report}");
        assert_eq!(finding(&report, "steps.decide")["status"], "unknown");
    }
    assert_eq!(crew.project.snapshot(), before);
}

#[tokio::test]
async fn the_minimum_comes_first_and_memory_is_not_exceeded() {
    if left_out("the_minimum_comes_first_and_memory_is_not_exceeded", &["docker"]) {
        return;
    }
    let crew = Crew::new("floor", 1).await;
    crew.busy("floor-1", 0.5).await;
    crew.due(900).await;
    let tight =
        "services: { worker: { max: 4, auto: { load_max: 100000, memory_max: 0.001, cool_down_up: 0s } } }\n";
    let full = Ordctl::configured(&crew.project.configuration(&url(&crew.database), tight));
    let (code, report) = full.json(&ONCE);
    assert_eq!((code, crew.running()), (1, 1), "{report}");
    assert!(said(&report).contains("0.001 % of this machine's memory"), "{report}");
    let configuration =
        crew.project.configuration(&url(&crew.database), "services: { worker: { min: 2, max: 4 } }\n");
    let (code, report) = Ordctl::configured(&configuration).json(&ONCE);
    assert_eq!((code, crew.running()), (0, 2), "{report}");
    assert!(said(&report).contains("1 run, and 2 must"), "{report}");
}

#[test]
fn a_policy_that_contradicts_itself_is_a_usage_error() {
    let ordctl = Ordctl::configured("services: { worker: { auto: { down_busy: 90 } } }\n");
    let said = ordctl.run(&["scale", "auto", "--once", "--yes"]);
    assert_eq!(said.code, 64, "{said:?}");
    assert!(
        said.err.contains("services.worker.auto.down_busy: 90 is not below up_busy, which is 80"),
        "{said:?}"
    );
    for args in [&["scale", "auto", "--watch", "0"] as &[&str], &["scale", "auto", "--once", "--watch", "5s"]]
    {
        assert_eq!(ordctl.run(args).code, 64, "{args:?}");
    }
}
