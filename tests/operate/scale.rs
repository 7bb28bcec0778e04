//! `scale`: sets the total, waits for heartbeats of new workers, and stays compatible with docker-compose.

use std::sync::atomic::{AtomicU32, Ordering};

use ordctl::engine::migrations::migrate;
use serde_json::Value;

use super::restart::alive;
use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::{Database, cluster};
use crate::support::systems::shell;
use crate::support::{docker_proxy, left_out};

async fn workers(name: &str, number: u32, more: &str) -> (Project, Database, Ordctl) {
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let project = Project::new(name);
    (1..=number).for_each(|n| project.worker(n, &database.name));
    alive(&database, &number.to_string()).await;
    let url = cluster().url("postgres", &database.name);
    let ordctl = Ordctl::configured(&project.configuration(&url, more));
    (project, database, ordctl)
}

fn summary_of(report: &Value, id: &str) -> String {
    finding(report, id)["summary"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn scale_up_copies_containers_and_scale_down_drains_them() {
    if left_out("scale_up_copies_containers_and_scale_down_drains_them", &["docker"]) {
        return;
    }
    let (project, database, ordctl) = workers("updown", 1, "").await;
    let before = project.snapshot();
    assert_eq!(ordctl.run(&["scale", "up", "3"]).code, 4, "without consent");
    let (code, plan) = ordctl.json(&["scale", "up", "3", "--dry-run"]);
    assert_eq!(code, 0, "{plan}");
    let create = format!(
        "POST /containers/create?name={} (like {})",
        project.container("worker", 2),
        project.container("worker", 1)
    );
    assert_eq!(finding(&plan, "plan.scale")["details"]["calls"][0], create);
    assert_eq!(project.snapshot(), before, "neither a refusal nor a dry run changes anything");

    let (code, report) = ordctl.json(&["scale", "up", "3", "--yes"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(database.value("SELECT count(*) FROM worker_heartbeat").await, "3", "confirmed by heartbeat");
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 running", "worker-3 running"]);
    let (one, three) = (project.inspect("worker", 1), project.inspect("worker", 3));
    for path in [
        "/Image",
        "/Config/Env",
        "/Config/Cmd",
        "/Config/Image",
        "/HostConfig/Binds",
        "/HostConfig/Tmpfs",
        "/HostConfig/NetworkMode",
    ] {
        assert_eq!(one.pointer(path), three.pointer(path), "{path}");
    }
    let (mut labels, wanted) = (three["Config"]["Labels"].clone(), &one["Config"]["Labels"]);
    assert_eq!(labels["com.docker.compose.container-number"], "3");
    labels["com.docker.compose.container-number"] = "1".into();
    assert_eq!(&labels, wanted);
    assert_ne!(one["Config"]["Hostname"], three["Config"]["Hostname"]);

    let (code, report) = ordctl.json(&["scale", "down", "1", "--yes"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(project.states("worker"), ["worker-1 running"], "the highest numbers are removed");
    let summary = summary_of(&report, "steps.scale");
    assert!(
        summary.ends_with(&format!(
            "removed: {}, {}",
            project.container("worker", 3),
            project.container("worker", 2)
        )),
        "{summary}"
    );
    assert_eq!(database.value("SELECT count(*) FROM worker_heartbeat").await, "1", "the others deregistered");
    let again = ordctl.json(&["scale", "to", "1", "--yes"]).1;
    assert_eq!(summary_of(&again, "steps.scale"), "worker: 1 running, no change");
}

#[tokio::test]
async fn the_wrong_direction_and_values_outside_the_limits_are_refused() {
    if left_out("the_wrong_direction_and_values_outside_the_limits_are_refused", &["docker"]) {
        return;
    }
    let (project, _database, ordctl) =
        workers("limits", 2, "services: { worker: { min: 2, max: 4 } }\n").await;
    let before = project.snapshot();
    for (args, why) in [
        (["scale", "up", "1", "--yes"], "fewer"),
        (["scale", "down", "3", "--yes"], "more"),
        (["scale", "down", "1", "--yes"], "below the minimum of 2"),
        (["scale", "to", "0", "--yes"], "below the minimum of 2"),
        (["scale", "up", "5", "--yes"], "above the maximum of 4"),
    ] {
        let output = ordctl.run(&args);
        assert_eq!(output.code, 4, "{args:?}: {output:?}");
        assert!(output.err.contains(why), "{args:?}: {output:?}");
    }
    assert_eq!(ordctl.run(&["scale", "emergency", "--yes"]).code, 4, "it needs the target's name");
    assert_eq!(project.snapshot(), before);
    let (code, report) = ordctl.json(&["scale", "emergency", "--confirm", "test"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(project.states("worker").len(), 4, "the configured maximum");
    let (_, status) = ordctl.json(&["scale", "status", "--skip", "api"]);
    assert_eq!(summary_of(&status, "containers.workers.worker"), "worker: 4 running, all with heartbeats");
}

#[tokio::test]
async fn new_workers_that_fail_to_start_are_named() {
    if left_out("new_workers_that_fail_to_start_are_named", &["docker"]) {
        return;
    }
    let (project, _database, ordctl) = workers("never", 1, "").await;
    project.flag("worker.broken", Some(""));
    let (code, report) = ordctl.json(&["scale", "up", "2", "--yes"]);
    assert_eq!(code, 2, "{report}");
    let text = summary_of(&report, "steps.scale");
    assert!(
        text.contains(&format!("Not running: {} (exited with code 3)", project.container("worker", 2))),
        "{text}"
    );
    project.flag("worker.broken", None);
    // The command of the report's hint, without the number.
    let (code, report) = ordctl.json(&["run", "operate/scale", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 running"]);
}

#[tokio::test]
async fn docker_compose_adopts_new_containers() {
    if left_out("docker_compose_adopts_new_containers", &["docker"]) {
        return;
    }
    assert!(Project::has_compose(), "docker-compose is missing: apt-get install docker-compose");
    let project = Project::new("composed");
    let dir = tempfile::tempdir().unwrap();
    let file = format!(
        "version: '3.8'\nnetworks: {{ default: {{ internal: true }}, second: {{ internal: true }} }}\n\
         services:\n  worker:\n    image: {}\n    command: [/bin/busybox, sleep, '100000']\n    init: true\n    stop_grace_period: 1s\n    environment: {{ A: b }}\n    \
         volumes: [ '{}:/flags' ]\n    networks: [default, second]\n",
        project.name,
        project.flags.path().display()
    );
    std::fs::write(dir.path().join("docker-compose.yml"), file).unwrap();
    let compose = |what: &str| {
        shell(&format!("cd '{}' && docker-compose -p {} {what}", dir.path().display(), project.name))
    };
    compose("up -d --scale worker=2");
    let ordctl = Ordctl::configured(&format!("environment: test\ndocker: {{ project: {} }}\n", project.name));
    let (code, report) = ordctl.json(&["scale", "up", "3", "--yes", "-p", "ready=running"]);
    assert_eq!(code, 0, "{report}");
    let ids =
        || shell(&format!("docker ps -q --filter label=com.docker.compose.project={} | sort", project.name));
    let three = ids();
    assert_eq!(compose("ps -q").lines().count(), 3, "docker-compose lists the new one");
    assert!(compose("ps").contains(&format!("{}_worker_3", project.name)));
    let networks = shell(&format!(
        "docker inspect -f '{{{{len .NetworkSettings.Networks}}}}' {}_worker_3",
        project.name
    ));
    assert_eq!(networks, "2");
    compose("up -d --scale worker=3");
    assert_eq!(ids(), three, "docker-compose changes nothing");
    compose("up -d --scale worker=4");
    assert_eq!(ids().lines().count(), 4);
    let (code, report) = ordctl.json(&["scale", "down", "1", "--yes", "-p", "ready=running"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(compose("ps -q").lines().count(), 1);
    compose("down");
}

/// A container stops between plan and run. Starting it is not in the confirmed plan.
#[tokio::test]
async fn calls_outside_the_confirmed_plan_are_refused() {
    if left_out("calls_outside_the_confirmed_plan_are_refused", &["docker"]) {
        return;
    }
    let project = Project::new("consent");
    for number in 1..=2 {
        project.start("worker", number, "--network none --init", "exec /bin/busybox sleep 100000");
    }
    let (victim, lists) = (project.container("worker", 2), AtomicU32::new(0));
    let host = docker_proxy::engine(move |request| {
        // The plan makes two list calls; the run starts with the third.
        if request.contains("/containers/json") && lists.fetch_add(1, Ordering::Relaxed) == 2 {
            shell(&format!("docker stop -t 0 {victim}"));
        }
        None
    });
    let text = format!(
        "environment: test\ndocker: {{ project: {}, host: \"{host}\", platform: compose }}\n",
        project.name
    );
    let ordctl = Ordctl::configured(&text);
    let (code, report) = ordctl.json(&["scale", "up", "3", "--yes", "-p", "ready=running"]);
    assert_eq!(code, 4, "{report}");
    assert!(
        summary_of(&report, "steps.scale").contains("the plan has changed since it was confirmed"),
        "{report}"
    );
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 exited"]);
}

#[tokio::test]
async fn a_container_killed_after_its_grace_period_is_reported() {
    if left_out("a_container_killed_after_its_grace_period_is_reported", &["docker"]) {
        return;
    }
    let project = Project::new("deaf");
    for number in 1..=2 {
        // Process 1 without a signal handler ignores SIGTERM.
        project.start("worker", number, "--network none --stop-timeout 1", "exec /bin/busybox sleep 100000");
    }
    // Killed earlier, so it must not be reported.
    project.start("worker", 3, "--network none", "exec /bin/busybox sleep 100000");
    shell(&format!("docker kill {}", project.container("worker", 3)));
    let ordctl = Ordctl::configured(&format!("environment: test\ndocker: {{ project: {} }}\n", project.name));
    let (code, report) = ordctl.json(&["scale", "down", "1", "--yes", "-p", "ready=running"]);
    assert_eq!(code, 1, "{report}");
    assert_eq!(summary_of(&report, "steps.scale.killed").matches("worker-").count(), 1, "{report}");
    shell(&format!("docker rm {}", project.container("worker", 3)));
    assert!(summary_of(&report, "steps.scale.killed").ends_with(&project.container("worker", 2)), "{report}");
    assert_eq!(project.states("worker"), ["worker-1 running"]);
    let (code, report) = ordctl.json(&["restart", "workers", "--yes", "-p", "ready=running"]);
    assert_eq!(code, 1, "{report}");
    assert!(
        summary_of(&report, "steps.restart.killed").ends_with(&project.container("worker", 1)),
        "{report}"
    );
}
