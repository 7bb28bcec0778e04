//! `scale`: N is the new total, workers are confirmed by their heartbeats, and docker-compose agrees.

use std::sync::atomic::{AtomicU32, Ordering};

use ordctl::engine::migrations::migrate;
use serde_json::Value;

use super::restart::alive;
use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::{Database, cluster};
use crate::support::systems::shell;
use crate::support::{left_out, way};

async fn workers(name: &str, number: u32, more: &str) -> (Project, Database, Ordctl) {
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default()).await.unwrap();
    let project = Project::new(name);
    (1..=number).for_each(|n| project.worker(n, &database.name));
    alive(&database, &number.to_string()).await;
    let url = cluster().url("postgres", &database.name);
    let ordctl = Ordctl::configured(&project.configuration(&url, more));
    (project, database, ordctl)
}

fn said(report: &Value, id: &str) -> String {
    finding(report, id)["summary"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn up_makes_containers_like_those_there_are_and_down_drains_them() {
    if left_out("up_makes_containers_like_those_there_are_and_down_drains_them", &["docker"]) {
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
    assert_eq!(project.states("worker"), ["worker-1 running"], "the highest numbers go");
    let summary = said(&report, "steps.scale");
    assert!(
        summary.ends_with(&format!(
            "gone: {}, {}",
            project.container("worker", 3),
            project.container("worker", 2)
        )),
        "{summary}"
    );
    assert_eq!(database.value("SELECT count(*) FROM worker_heartbeat").await, "1", "they left in good order");
    let again = ordctl.json(&["scale", "to", "1", "--yes"]).1;
    assert_eq!(said(&again, "steps.scale"), "worker: 1 run already");
}

/// In the script, up and down are the same line.
#[tokio::test]
async fn the_wrong_way_and_beyond_the_limits_is_refused() {
    if left_out("the_wrong_way_and_beyond_the_limits_is_refused", &["docker"]) {
        return;
    }
    let (project, _database, ordctl) =
        workers("limits", 2, "services: { worker: { min: 2, max: 4 } }\n").await;
    let before = project.snapshot();
    for (args, why) in [
        (["scale", "up", "1", "--yes"], "fewer"),
        (["scale", "down", "3", "--yes"], "more"),
        (["scale", "down", "1", "--yes"], "2 at least"),
        (["scale", "to", "0", "--yes"], "2 at least"),
        (["scale", "up", "5", "--yes"], "4 at most"),
    ] {
        let said = ordctl.run(&args);
        assert_eq!(said.code, 4, "{args:?}: {said:?}");
        assert!(said.err.contains(why), "{args:?}: {said:?}");
    }
    assert_eq!(ordctl.run(&["scale", "emergency", "--yes"]).code, 4, "it needs the target's name");
    assert_eq!(project.snapshot(), before);
    let (code, report) = ordctl.json(&["scale", "emergency", "--confirm", "test"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(project.states("worker").len(), 4, "the configured maximum");
    let (_, status) = ordctl.json(&["scale", "status", "--skip", "api"]);
    assert_eq!(said(&status, "containers.workers.worker"), "worker: 4 running, all that run send heartbeats");
}

#[tokio::test]
async fn new_workers_that_do_not_begin_are_named() {
    if left_out("new_workers_that_do_not_begin_are_named", &["docker"]) {
        return;
    }
    let (project, _database, ordctl) = workers("never", 1, "").await;
    project.flag("worker.broken", Some(""));
    let (code, report) = ordctl.json(&["scale", "up", "2", "--yes"]);
    assert_eq!(code, 2, "{report}");
    let text = said(&report, "steps.scale");
    assert!(
        text.contains(&format!("Down: {} (exited with code 3)", project.container("worker", 2))),
        "{text}"
    );
    project.flag("worker.broken", None);
    // As the hint of the report says, without the number.
    let (code, report) = ordctl.json(&["run", "operate/scale", "--yes", "--resume"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 running"]);
}

#[tokio::test]
async fn docker_compose_takes_new_containers_for_its_own() {
    if left_out("docker_compose_takes_new_containers_for_its_own", &["docker"]) {
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
    assert_eq!(ids(), three, "docker-compose finds nothing to do");
    compose("up -d --scale worker=4");
    assert_eq!(ids().lines().count(), 4);
    let (code, report) = ordctl.json(&["scale", "down", "1", "--yes", "-p", "ready=running"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(compose("ps -q").lines().count(), 1);
    compose("down");
}

/// Between the plan and the run another container came to stand still: to start it, too, is not what was
/// consented to.
#[tokio::test]
async fn what_was_not_consented_to_is_not_done() {
    if left_out("what_was_not_consented_to_is_not_done", &["docker"]) {
        return;
    }
    let project = Project::new("consent");
    for number in 1..=2 {
        project.start("worker", number, "--network none --init", "exec /bin/busybox sleep 100000");
    }
    let (victim, lists) = (project.container("worker", 2), AtomicU32::new(0));
    let host = way::engine(move |request| {
        // The plan lists all, then those whose names are taken; the run begins with the third list.
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
    assert!(said(&report, "steps.scale").contains("has changed since it was consented to"), "{report}");
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 exited"]);
}

#[tokio::test]
async fn what_does_not_end_in_its_time_is_killed_and_said() {
    if left_out("what_does_not_end_in_its_time_is_killed_and_said", &["docker"]) {
        return;
    }
    let project = Project::new("deaf");
    for number in 1..=2 {
        // As process 1 without a handler of its own it does not hear SIGTERM.
        project.start("worker", number, "--network none --stop-timeout 1", "exec /bin/busybox sleep 100000");
    }
    // This one was killed long before: that is not said of it now.
    project.start("worker", 3, "--network none", "exec /bin/busybox sleep 100000");
    shell(&format!("docker kill {}", project.container("worker", 3)));
    let ordctl = Ordctl::configured(&format!("environment: test\ndocker: {{ project: {} }}\n", project.name));
    let (code, report) = ordctl.json(&["scale", "down", "1", "--yes", "-p", "ready=running"]);
    assert_eq!(code, 1, "{report}");
    assert_eq!(said(&report, "steps.scale.killed").matches("worker-").count(), 1, "{report}");
    shell(&format!("docker rm {}", project.container("worker", 3)));
    assert!(said(&report, "steps.scale.killed").ends_with(&project.container("worker", 2)), "{report}");
    assert_eq!(project.states("worker"), ["worker-1 running"]);
    let (code, report) = ordctl.json(&["restart", "workers", "--yes", "-p", "ready=running"]);
    assert_eq!(code, 1, "{report}");
    assert!(said(&report, "steps.restart.killed").ends_with(&project.container("worker", 1)), "{report}");
}
