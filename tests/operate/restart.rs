//! `restart`: one at a time, each ready before the next; a failure stops the run.

use ordctl::engine::migrations::migrate;
use serde_json::Value;

use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::{Database, cluster};
use crate::support::systems::{shell, until};
use crate::support::{binaries, docker_proxy, eventually, left_out};

pub async fn alive(database: &Database, workers: &str) {
    eventually("the workers send heartbeats", async || {
        database.value("SELECT count(*) FROM worker_heartbeat").await == workers
    })
    .await;
}

async fn three_workers(name: &str) -> (Project, Database, Ordctl) {
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let project = Project::new(name);
    (1..=3).for_each(|n| project.worker(n, &database.name));
    alive(&database, "3").await;
    let url = cluster().url("postgres", &database.name);
    let ordctl = Ordctl::configured(&project.configuration(&url, ""));
    (project, database, ordctl)
}

fn summary_of(report: &Value, id: &str) -> String {
    finding(report, id)["summary"].as_str().unwrap().to_owned()
}

fn next(report: &Value) -> String {
    report["next"].to_string()
}

/// A worker may send a last heartbeat while it stops.
#[tokio::test]
async fn a_last_heartbeat_of_the_old_process_does_not_count() {
    if left_out("a_last_heartbeat_of_the_old_process_does_not_count", &["docker"]) {
        return;
    }
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let project = Project::new("last");
    let (name, socket) = (project.container("worker", 1), cluster().socket_dir().display());
    let heartbeat = format!(
        "INSERT INTO worker_heartbeat (worker_id, last_seen) VALUES ('{name}', clock_timestamp()) \
         ON CONFLICT (worker_id) DO UPDATE SET last_seen = clock_timestamp()"
    );
    let psql = format!(
        "{}/psql -qh {socket} -p {} -U postgres -d {} -c \"{heartbeat}\"",
        binaries().display(),
        cluster().port,
        database.name
    );
    let script = format!(
        "trap '{}; exit 0' TERM; while :; do /bin/busybox sleep 0.1; done",
        psql.replace('\'', "'\\''")
    );
    project.start("worker", 1, &format!("--network none -v {socket}:{socket}"), &script);
    let url = cluster().url("postgres", &database.name);
    let ordctl = Ordctl::configured(&project.configuration(&url, ""));
    let (code, report) = ordctl.json(&["restart", "workers", "--yes", "-p", "within=2s"]);
    assert_eq!(
        database.value("SELECT count(*) FROM worker_heartbeat").await,
        "1",
        "the old process sent a heartbeat"
    );
    assert_eq!(code, 2, "{report}");
    assert!(summary_of(&report, "steps.restart").contains("no heartbeat from"), "{report}");

    // A stopped container is only started; the plan has no stop call.
    shell(&format!("docker stop -t 0 {name}"));
    let (_, plan) = ordctl.json(&["restart", "workers", "--dry-run"]);
    let calls = &finding(&plan, "plan.restart")["details"]["calls"];
    assert_eq!(calls, &serde_json::json!([format!("POST /containers/{name}/start")]));
}

#[tokio::test]
async fn a_failed_stop_stops_the_run() {
    if left_out("a_failed_stop_stops_the_run", &["docker"]) {
        return;
    }
    let project = Project::new("unstoppable");
    project.start("worker", 1, "--network none --init", "exec /bin/busybox sleep 100000");
    project.start("postgres", 1, "--network none --init", "exec /bin/busybox sleep 100000");
    let no = docker_proxy::answer("500 No", &serde_json::json!({ "message": "it clings to life" }));
    let host = docker_proxy::engine(move |request| request.contains("worker-1/stop").then(|| no.clone()));
    let text = format!("environment: test\ndocker: {{ project: {}, host: \"{host}\" }}\n", project.name);
    let ordctl = Ordctl::configured(&text);
    let book = "name: both\ntitle: Both\ntimeout_seconds: 60\nsteps:\n  - { id: stop, uses: service.stop, with: { service: worker } }\n  \
                - { id: restart, uses: service.restart, with: { service: postgres } }\n";
    std::fs::write(ordctl.home().join("both.yaml"), book).unwrap();
    let before = project.snapshot();
    let (code, report) = ordctl.json(&["run", "./both.yaml", "--yes"]);
    assert_eq!(code, 2, "{report}");
    assert!(summary_of(&report, "steps.stop").contains("it clings to life"), "{report}");
    assert_eq!(project.snapshot(), before);
}

#[tokio::test]
async fn workers_are_restarted_one_at_a_time() {
    if left_out("workers_are_restarted_one_at_a_time", &["docker"]) {
        return;
    }
    let (project, database, ordctl) = three_workers("rolling").await;
    let before = project.snapshot();
    let refused = ordctl.run(&["restart", "workers"]);
    assert_eq!(refused.code, 4, "{refused:?}");
    let (code, plan) = ordctl.json(&["restart", "workers", "--dry-run"]);
    assert_eq!(code, 0, "{plan}");
    let calls = finding(&plan, "plan.restart")["details"]["calls"].clone();
    let wanted: Vec<String> = (1..=3)
        .flat_map(|n| {
            ["stop", "start"].map(|c| format!("POST /containers/{}/{c}", project.container("worker", n)))
        })
        .collect();
    assert_eq!(calls, serde_json::json!(wanted));
    assert_eq!(project.snapshot(), before, "neither a refusal nor a dry run changes anything");

    // A hold pauses the work and not the workers.
    assert_eq!(ordctl.run(&["hold", "--reason", "a test", "--yes"]).code, 0);
    let old = database.value("SELECT string_agg(worker_id, ',') FROM worker_heartbeat").await;
    let (code, report) = ordctl.json(&["restart", "workers", "--yes"]);
    assert_eq!(code, 0, "{report}");
    let times: Vec<(String, String)> = (1..=3).map(|n| project.times("worker", n)).collect();
    for pair in times.windows(2) {
        assert!(pair[1].1 > pair[0].0, "each stops only after the previous one has started: {times:?}");
    }
    for id in old.split(',') {
        let left =
            database.value(&format!("SELECT count(*) FROM worker_heartbeat WHERE worker_id = '{id}'")).await;
        assert_eq!(left, "0", "{id} deregistered");
    }
    assert_eq!(
        summary_of(&report, "verification.containers.worker"),
        "worker: 3 running, all with heartbeats"
    );
}

#[tokio::test]
async fn a_worker_that_does_not_come_back_stops_the_run() {
    if left_out("a_worker_that_does_not_come_back_stops_the_run", &["docker"]) {
        return;
    }
    let (project, _database, ordctl) = three_workers("stops").await;
    let before: Vec<_> = (1..=3).map(|n| project.times("worker", n)).collect();
    // After three initial starts, the fifth start is the second worker's.
    project.flag("worker.fails_at", Some("5"));
    let (code, report) = ordctl.json(&["restart", "workers", "--yes"]);
    assert_eq!(code, 2, "{report}");
    let [one, two, three] = [1, 2, 3].map(|n| project.container("worker", n));
    let text = summary_of(&report, "steps.restart");
    for part in [
        format!("container {two}: exited with code 3"),
        format!("already restarted: {one}"),
        format!("not restarted: {three}"),
        format!("Not running: {two} (exited with code 3)"),
    ] {
        assert!(text.contains(&part), "{part}: {text}");
    }
    assert!(next(&report).contains("ordctl run operate/restart-workers --resume"), "{report}");
    assert_eq!(project.times("worker", 3), before[2], "the third was not touched");

    project.flag("worker.fails_at", None);
    let first = project.times("worker", 1);
    assert_ne!(first, before[0]);
    let (code, report) = ordctl.json(&["restart", "workers", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(project.times("worker", 1), first, "a container restarted earlier is not restarted again");
    let text = summary_of(&report, "steps.restart");
    assert!(text.starts_with(&format!("restarted {two}, {three}, one")), "{text}");
    assert!(text.ends_with(&format!("already restarted and ready: {one}")), "{text}");
    assert_ne!(project.times("worker", 3), before[2]);
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 running", "worker-3 running"]);
}

#[tokio::test]
async fn a_running_worker_without_heartbeat_is_not_ready() {
    if left_out("a_running_worker_without_heartbeat_is_not_ready", &["docker"]) {
        return;
    }
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let project = Project::new("mute");
    project.start("worker", 1, "--network none --init", "exec /bin/busybox sleep 100000");
    // A recent heartbeat from before the restart.
    let name = project.container("worker", 1);
    let heartbeat = format!("INSERT INTO worker_heartbeat (worker_id, last_seen) VALUES ('{name}', now())");
    database.execute(&heartbeat).await.unwrap();
    let url = cluster().url("postgres", &database.name);
    let ordctl = Ordctl::configured(&project.configuration(&url, ""));
    let (code, report) = ordctl.json(&["restart", "workers", "--yes", "-p", "within=2s"]);
    assert_eq!(code, 2, "{report}");
    let text = summary_of(&report, "steps.restart");
    assert!(text.contains("not ready within 2 s: no heartbeat from"), "{text}");
    assert!(text.contains("All containers are running"), "{text}");
    let (code, report) = ordctl.json(&["scale", "status", "--only", "containers"]);
    assert_eq!(code, 2, "the API is missing: {report}");
    database.execute("DELETE FROM worker_heartbeat").await.unwrap();
    let (_, report) = ordctl.json(&["scale", "status"]);
    let workers = finding(&report, "containers.workers.worker");
    assert_eq!(workers["status"], "warn", "{workers}");
    assert!(
        workers["summary"].as_str().unwrap().ends_with(&format!("no heartbeat from {name}")),
        "{workers}"
    );
}

#[tokio::test]
async fn the_api_must_answer_on_its_health_endpoint() {
    if left_out("the_api_must_answer_on_its_health_endpoint", &["docker"]) {
        return;
    }
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let project = Project::new("api");
    project.api();
    let url = cluster().url("postgres", &database.name);
    let ordctl = Ordctl::configured(&project.configuration(&url, ""));
    until(&format!("curl -sf http://127.0.0.1:{}/health", project.api));
    let before = project.times("api", 1);
    assert_eq!(ordctl.run(&["restart", "api", "--yes"]).code, 0);
    assert_ne!(project.times("api", 1), before);

    std::fs::remove_file(project.flags.path().join("www/health")).unwrap();
    let (code, report) = ordctl.json(&["restart", "api", "--yes", "-p", "within=1s"]);
    assert_eq!(code, 2, "{report}");
    assert!(summary_of(&report, "steps.restart").contains("returned 404"), "{report}");

    project.flag("api.broken", Some(""));
    let (code, report) = ordctl.json(&["restart", "api", "--yes"]);
    let name = project.container("api", 1);
    assert_eq!(code, 2, "{report}");
    assert!(
        summary_of(&report, "steps.restart").contains(&format!("Not running: {name} (exited with code 3)")),
        "{report}"
    );

    // Without a way to check readiness, nothing is changed.
    let config = project.configuration(&url, "").replace("endpoints: { api:", "endpoints: { other:");
    let snapshot = project.snapshot();
    let output = Ordctl::configured(&config).run(&["restart", "api", "--yes"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert_eq!(project.snapshot(), snapshot);
}

#[tokio::test]
async fn the_scheduler_must_stay_up_and_healthy() {
    if left_out("the_scheduler_must_stay_up_and_healthy", &["docker"]) {
        return;
    }
    let project = Project::new("scheduler");
    let check = "--health-interval 1s --health-retries 1 --health-cmd '/bin/busybox test -e /flags/well'";
    let options = format!("--network none --init {check}");
    project.start("scheduler", 1, &options, "exec /bin/busybox sleep 100000");
    project.flag("well", Some(""));
    let ordctl = Ordctl::configured(&format!("environment: test\ndocker: {{ project: {} }}\n", project.name));
    let (code, report) = ordctl.json(&["restart", "scheduler", "--yes"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(project.inspect("scheduler", 1)["State"]["Health"]["Status"], "healthy");
    project.flag("well", None);
    let (code, report) = ordctl.json(&["restart", "scheduler", "--yes", "-p", "within=4s"]);
    assert_eq!(code, 2, "{report}");
    let name = project.container("scheduler", 1);
    assert!(
        summary_of(&report, "steps.restart").contains(&format!("Not running: {name} (unhealthy)")),
        "{report}"
    );
}

#[tokio::test]
async fn a_service_in_two_projects_is_not_touched() {
    if left_out("a_service_in_two_projects_is_not_touched", &["docker"]) {
        return;
    }
    let (one, two) = (Project::new("first"), Project::new("second"));
    for project in [&one, &two] {
        project.start("lonely", 1, "--network none --init", "exec /bin/busybox sleep 100000");
    }
    let before = (one.snapshot(), two.snapshot());
    let ordctl = Ordctl::configured("environment: test\nservices: { lonely: {} }\n");
    let output = ordctl.run(&["restart", "scheduler", "--yes", "-p", "service=lonely"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("several projects"), "{output:?}");
    assert_eq!((one.snapshot(), two.snapshot()), before);
    let none = ordctl.run(&["restart", "redis", "--yes", "-p", "ready=running", "-p", "service=nobody"]);
    assert_eq!(none.code, 4, "{none:?}");
}
