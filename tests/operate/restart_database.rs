//! `restart database`, `redis` and `all`: dependents are stopped first and started again.

use ordctl::engine::migrations::migrate;
use serde_json::Value;

use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::Database;
use crate::support::systems::{shell, until};
use crate::support::{binaries, eventually, left_out};

struct Stack {
    project: Project,
    ordctl: Ordctl,
}

/// PostgreSQL, Redis, an API, a scheduler, a running and a stopped worker.
fn stack(name: &str) -> Stack {
    let project = Project::new(name);
    let (postgres, redis) = (project.postgres(), project.redis());
    let url = format!("postgresql://postgres@127.0.0.1:{postgres}/postgres");
    let config = project.configuration(&url, &format!("redis: {{ url: \"redis://127.0.0.1:{redis}/0\" }}\n"));
    let ordctl = Ordctl::configured(&config);
    until(&format!("redis-cli -p {redis} ping"));
    until(&format!("{}/pg_isready -h 127.0.0.1 -p {postgres}", binaries().display()));
    until(&format!(
        "cd {} && DATABASE_URL={url} {} migrate --yes",
        ordctl.home().display(),
        env!("CARGO_BIN_EXE_ordctl")
    ));
    project.api();
    project.start("scheduler", 1, "--network none --init", "exec /bin/busybox sleep 100000");
    (1..=2)
        .for_each(|n| project.worker_at(n, &url, &format!("--network host --hostname {}-{n}", project.name)));
    shell(&format!("docker stop {}", project.container("worker", 2)));
    Stack { project, ordctl }
}

fn summary_of(report: &Value, id: &str) -> String {
    finding(report, id)["summary"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_database_is_restarted_while_its_dependents_are_stopped() {
    if left_out("the_database_is_restarted_while_its_dependents_are_stopped", &["docker", "redis"]) {
        return;
    }
    let Stack { project, ordctl } = stack("database");
    // A container in a restart loop must be started again.
    project.flag("scheduler.broken", Some(""));
    project.start("scheduler", 2, "--network none --init --restart always", "exec /bin/busybox sleep 100000");
    eventually("the engine delays the restart", async || {
        project.states("scheduler")[1] == "scheduler-2 restarting"
    })
    .await;
    let before = [project.times("postgres", 1), project.times("api", 1)];
    for args in [&["restart", "database"] as &[&str], &["restart", "database", "--yes"]] {
        let output = ordctl.run(args);
        assert_eq!(output.code, 4, "it needs the target's name: {output:?}");
    }
    let (code, plan) = ordctl.json(&["restart", "database", "--dry-run"]);
    assert_eq!(code, 0, "{plan}");
    assert_eq!([project.times("postgres", 1), project.times("api", 1)], before, "nothing was changed");
    let calls = |step: &str| finding(&plan, &format!("plan.{step}"))["details"]["calls"].to_string();
    assert!(calls("start_api").contains(&format!("{}/start", project.container("api", 1))), "{plan}");
    assert!(
        calls("start_scheduler").contains("scheduler-2/start"),
        "a restarting container is started again: {plan}"
    );
    assert!(!calls("start_worker").contains("worker-2"), "a container that did not run is not started");
    project.flag("scheduler.broken", None);

    let (code, report) = ordctl.json(&["restart", "database", "--confirm", "test"]);
    assert_eq!(code, 0, "{report}");
    let (up, down) = project.times("postgres", 1);
    for service in ["api", "scheduler", "worker"] {
        let (started, ended) = project.times(service, 1);
        assert!(ended < down && started > up, "{service} was stopped during the restart");
    }
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 exited"]);
    assert_eq!(project.states("scheduler"), ["scheduler-1 running", "scheduler-2 running"]);
    for (step, all) in [("api", "api: 1 running"), ("scheduler", "scheduler: 2 running")] {
        assert_eq!(summary_of(&report, &format!("verification.{step}.{step}")), all);
    }
}

#[tokio::test]
async fn a_failed_database_restart_lists_all_stopped_containers() {
    if left_out("a_failed_database_restart_lists_all_stopped_containers", &["docker", "redis"]) {
        return;
    }
    let Stack { project, ordctl } = stack("lost");
    project.flag("postgres.broken", Some(""));
    let (code, report) = ordctl.json(&["restart", "database", "--confirm", "test"]);
    assert_eq!(code, 2, "{report}");
    let text = summary_of(&report, "steps.restart_database");
    for service in ["api", "scheduler", "postgres", "worker"] {
        let name = project.container(service, 1);
        let (_, down) = text.split_once("Not running: ").unwrap();
        assert!(down.contains(&format!("{name} (exited")), "{name}: {text}");
    }
    assert!(report["next"].to_string().contains("ordctl run operate/restart-database --resume"), "{report}");
    project.flag("postgres.broken", None);
    let (code, report) = ordctl.json(&["restart", "database", "--confirm", "test", "--resume"]);
    assert!(code <= 1, "{report}");
    assert!(summary_of(&report, "steps.stop_api").ends_with("already done"), "{report}");
    for service in ["api", "scheduler", "postgres"] {
        assert_eq!(project.states(service), [format!("{service}-1 running")]);
    }
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 exited"], "as it was before");
}

#[tokio::test]
async fn everything_is_restarted_in_order() {
    if left_out("everything_is_restarted_in_order", &["docker", "redis"]) {
        return;
    }
    let Stack { project, ordctl } = stack("all");
    assert_eq!(ordctl.run(&["restart", "all", "--yes"]).code, 4);
    let (code, report) = ordctl.json(&["restart", "all", "--confirm", "test"]);
    assert!(code <= 1, "{report}");
    let order = ["postgres", "redis", "worker", "scheduler", "api"].map(|s| project.times(s, 1).0);
    assert!(order.is_sorted(), "{order:?}");
    assert!(project.times("api", 1).1 < project.times("postgres", 1).1);
}

#[tokio::test]
async fn redis_must_answer_ping() {
    if left_out("redis_must_answer_ping", &["docker", "redis"]) {
        return;
    }
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let project = Project::new("redis");
    let port = project.redis();
    until(&format!("redis-cli -p {port} ping"));
    let config = format!(
        "environment: test\ndocker: {{ project: {} }}\nredis: {{ url: \"redis://127.0.0.1:{port}/0\" }}\n",
        project.name
    );
    let ordctl = Ordctl::configured(&config);
    let before = project.times("redis", 1);
    let (code, report) = ordctl.json(&["restart", "redis", "--yes"]);
    assert_eq!(code, 0, "{report}");
    assert_ne!(project.times("redis", 1), before);
    shell(&format!("redis-cli -p {port} ping"));
    project.flag("redis.broken", Some(""));
    let (code, report) = ordctl.json(&["restart", "redis", "--yes"]);
    assert_eq!(code, 2, "{report}");
    let name = project.container("redis", 1);
    assert!(
        summary_of(&report, "steps.restart").contains(&format!("Not running: {name} (exited with code 3)")),
        "{report}"
    );
}
