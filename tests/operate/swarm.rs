//! `scale` and `restart` on swarm services: an update changes nothing else, and does not overwrite a
//! concurrent change.

use std::sync::Once;

use ordctl::engine::migrations::migrate;
use serde_json::{Value, json};

use super::restart::alive;
use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::Database;
use crate::support::swarm::Stack;
use crate::support::systems::shell;
use crate::support::{docker_proxy, eventually, left_out};

async fn stack(name: &str, workers: u32, options: &str, more: &str) -> (Stack, Database, Ordctl) {
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let stack = Stack::new(name);
    stack.workers(workers, &database.name, options);
    alive(&database, &workers.to_string()).await;
    let ordctl = Ordctl::configured(&stack.configuration(&database.name, more));
    (stack, database, ordctl)
}

fn summary(report: &Value, id: &str) -> String {
    finding(report, id)["summary"].as_str().unwrap().to_owned()
}

/// Options of every kind, which a change of the replicas must not touch.
const ALL_OPTIONS: &str = "--stop-grace-period 40s --stop-signal SIGTERM --limit-cpu 1.5 --limit-memory 512M --reserve-memory 16M \
    --constraint node.role==manager --update-order start-first --update-failure-action rollback --update-delay 1s \
    --update-parallelism 0 --update-max-failure-ratio 0.5 --rollback-parallelism 2 --restart-condition any \
    --restart-max-attempts 5 --log-driver json-file --log-opt max-size=1m --env A=b --host db:10.0.0.1 --dns 10.0.0.2 \
    --cap-drop CHOWN --init --label own=label --container-label own=container --ulimit nofile=1000:2000 --sysctl net.core.somaxconn=100 \
    --health-cmd /bin/busybox\\ true --health-interval 1s --mount type=tmpfs,dst=/cache,tmpfs-size=1M --user 0";

#[tokio::test]
async fn scaling_changes_the_replicas_and_nothing_else() {
    if left_out("scaling_changes_the_replicas_and_nothing_else", &["docker"]) {
        return;
    }
    let (stack, database, ordctl) =
        stack("swarm", 1, ALL_OPTIONS, "services: { worker: { max: 4 } }\n").await;
    let before = stack.inspect("worker");
    let (code, plan) = ordctl.json(&["scale", "up", "3", "--dry-run"]);
    assert_eq!(code, 0, "{plan}");
    let call = format!(
        "POST /services/{}/update?version={} ({}: Replicas from 1 to 3)",
        before["ID"].as_str().unwrap(),
        before["Version"]["Index"],
        stack.service("worker")
    );
    assert_eq!(finding(&plan, "plan.scale")["details"]["calls"], json!([call]));
    assert_eq!(ordctl.run(&["scale", "up", "5", "--yes"]).code, 4, "beyond the maximum");
    assert_eq!(stack.inspect("worker"), before, "neither a refusal nor a dry run changes anything");

    let (code, report) = ordctl.json(&["scale", "up", "3", "--yes"]);
    assert_eq!(code, 0, "{report}");
    let mut spec = stack.inspect("worker")["Spec"].take();
    spec["Mode"]["Replicated"]["Replicas"] = 1.into();
    assert_eq!(spec, before["Spec"], "nothing else has changed");
    assert!(
        summary(&report, "steps.scale").starts_with("worker: scaled from 1 to 3; added and ready: "),
        "{report}"
    );
    assert_eq!(database.value("SELECT count(*) FROM worker_heartbeat").await, "3", "confirmed by heartbeat");
    let mut spec = stack.inspect("worker")["Spec"].take();
    assert_eq!(spec["Mode"]["Replicated"]["Replicas"], 3);
    spec["Mode"]["Replicated"]["Replicas"] = 1.into();
    assert_eq!(spec, before["Spec"], "nothing else has changed");

    let (_, status) = ordctl.json(&["scale", "status", "--skip", "api"]);
    assert_eq!(summary(&status, "containers.workers.worker"), "worker: 3 running, all with heartbeats");
    let lines = ordctl.run(&["logs", "worker", "-o", "json"]).out;
    assert!(lines.contains(&stack.service("worker")), "the logs of tasks are read: {lines}");

    let (code, report) = ordctl.json(&["scale", "down", "1", "--yes"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(
        database.value("SELECT count(*) FROM worker_heartbeat").await,
        "1",
        "the removed workers have deregistered"
    );
    assert_eq!(stack.running("worker"), 1);
    let again = ordctl.json(&["scale", "to", "1", "--yes"]).1;
    assert_eq!(summary(&again, "steps.scale"), "worker: 1 running, no change");
}

#[tokio::test]
async fn a_restart_replaces_one_task_at_a_time_whatever_the_update_configuration() {
    if left_out("a_restart_replaces_one_task_at_a_time_whatever_the_update_configuration", &["docker"]) {
        return;
    }
    let (stack, database, ordctl) = stack("roll", 3, "--update-parallelism 0", "").await;
    let before = stack.inspect("worker")["Spec"].clone();
    let old: Vec<Value> = stack.containers("worker");
    let (code, plan) = ordctl.json(&["restart", "workers", "--dry-run"]);
    assert_eq!(code, 0, "{plan}");
    let calls = finding(&plan, "plan.restart")["details"]["calls"].to_string();
    assert!(
        calls.contains("ForceUpdate, one at a time") && calls.contains("Parallelism 0 as before"),
        "{calls}"
    );

    let (code, report) = ordctl.json(&["restart", "workers", "--yes"]);
    assert_eq!(code, 1, "its containers get 10 s, the engine drains for 30: {report}");
    assert!(summary(&report, "steps.restart.grace").contains("stop grace period 10 s"), "{report}");
    assert!(
        summary(&report, "steps.restart").starts_with("recreated one at a time, all ready: "),
        "{report}"
    );
    let mut after = stack.inspect("worker")["Spec"].clone();
    assert_eq!(after["TaskTemplate"]["ForceUpdate"], 1);
    after["TaskTemplate"]["ForceUpdate"] = before["TaskTemplate"]["ForceUpdate"].clone();
    assert_eq!(after, before, "the temporary parallelism is reset");

    let now = stack.containers("worker");
    let is_old = |c: &&Value| old.iter().any(|o| o["Id"] == c["Id"]);
    let times = |of: Vec<&Value>, key: &str| {
        let mut times: Vec<String> =
            of.iter().map(|c| c["State"][key].as_str().unwrap().to_owned()).collect();
        times.sort();
        times
    };
    let ends = times(now.iter().filter(is_old).collect(), "FinishedAt");
    let starts = times(now.iter().filter(|c| !is_old(c)).collect(), "StartedAt");
    assert_eq!((ends.len(), starts.len()), (3, 3));
    assert!(starts[0] < ends[1] && starts[1] < ends[2], "one at a time: ended {ends:?}, started {starts:?}");
    assert_eq!(stack.running("worker"), 3);
    assert_eq!(database.value("SELECT count(*) FROM worker_heartbeat").await, "3");
    let (_, health) = ordctl.json(&["health", "morning", "--only", "containers"]);
    assert!(
        !health.to_string().contains("exited with code"),
        "replaced containers are not reported: {health}"
    );
}

/// Stops a service and starts it again, as restarting the database does with what depends on it.
const STOP_AND_START: &str = "name: cycle
title: Stop and start
timeout_seconds: 120
steps:
  - { id: before, uses: check.instances, with: { services: [worker, nobody] }, save_as: before }
  - { id: stop, uses: service.stop, with: { service: worker } }
  - { id: stop_nobody, uses: service.stop, with: { service: nobody, optional: true } }
  - { id: start, uses: service.start, with: { service: worker, before: \"${steps.before}\", ready: { sign: heartbeat } } }
";

#[tokio::test]
async fn start_restores_the_number_of_stopped_replicas() {
    if left_out("start_restores_the_number_of_stopped_replicas", &["docker"]) {
        return;
    }
    let (stack, database, ordctl) =
        stack("cycle", 2, "--stop-grace-period 40s --update-parallelism 2", "").await;
    std::fs::write(ordctl.home().join("cycle.yaml"), STOP_AND_START).unwrap();
    let old = database.value("SELECT string_agg(worker_id, ',') FROM worker_heartbeat").await;
    let (code, plan) = ordctl.json(&["run", "./cycle.yaml", "--dry-run"]);
    assert_eq!(code, 0, "{plan}");
    assert!(
        finding(&plan, "plan.stop")["details"]["calls"].to_string().contains("Replicas from 2 to 0"),
        "{plan}"
    );
    assert!(
        finding(&plan, "plan.start")["details"]["calls"].to_string().contains("Replicas from 0 to 2"),
        "{plan}"
    );
    let (code, report) = ordctl.json(&["run", "./cycle.yaml", "--yes"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(stack.running("worker"), 2);
    let new = database.value("SELECT string_agg(worker_id, ',') FROM worker_heartbeat").await;
    assert!(new.split(',').count() == 2 && new.split(',').all(|w| !old.contains(w)), "{old} {new}");

    // New tasks that fail are named, with their exit code.
    stack.project.flag("worker.broken", Some(""));
    let (code, report) = ordctl.json(&["scale", "up", "3", "--yes", "-p", "within=4s"]);
    assert_eq!(code, 2, "{report}");
    let text = summary(&report, "steps.scale");
    assert!(text.contains("of 3 running; ") && text.contains("non-zero exit (3)"), "{text}");
    let (code, report) = ordctl.json(&["restart", "workers", "--yes", "-p", "within=5s"]);
    assert_eq!(code, 2, "{report}");
    let parallelism = stack.inspect("worker")["Spec"]["UpdateConfig"]["Parallelism"].clone();
    assert_eq!(parallelism, 2, "the temporary parallelism is reset after a failure, too");
    stack.project.flag("worker.broken", None);
}

#[tokio::test]
async fn global_services_and_compose_projects_are_distinguished() {
    if left_out("global_services_and_compose_projects_are_distinguished", &["docker"]) {
        return;
    }
    let stack = Stack::new("global");
    stack.create("agent", "--mode global", "exec /bin/busybox sleep 100000");
    let ready = ["-p", "service=agent", "-p", "ready=running"];
    let ordctl = Ordctl::configured(&format!("docker: {{ project: {} }}\n", stack.project.name));
    let with = |args: &[&str]| ordctl.run(&[args, &ready[..]].concat());
    let output = with(&["scale", "up", "2", "--yes"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("has no number of replicas: it is a global service"), "{output:?}");
    let missing = ordctl.run(&["scale", "up", "2", "--yes", "-p", "ready=running"]);
    assert_eq!(missing.code, 4, "{missing:?}");
    assert!(missing.err.contains("service worker does not exist in the swarm"), "{missing:?}");

    // A compose project beside a swarm.
    let project = Project::new("beside");
    project.start("worker", 1, "--network none --init", "exec /bin/busybox sleep 100000");
    let compose = Ordctl::configured(&format!("docker: {{ project: {} }}\n", project.name));
    let (code, report) = compose.json(&["scale", "up", "2", "--yes", "-p", "ready=running"]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(project.states("worker"), ["worker-1 running", "worker-2 running"]);
    let wrong =
        Ordctl::configured(&format!("docker: {{ project: {}, platform: compose }}\n", stack.project.name));
    let refused = wrong.run(&[&["scale", "up", "2", "--yes"], &ready[..]].concat());
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(
        refused.err.contains("service agent has no container"),
        "a task is not a compose container: {refused:?}"
    );
}

#[tokio::test]
async fn a_concurrent_change_is_not_overwritten() {
    if left_out("a_concurrent_change_is_not_overwritten", &["docker"]) {
        return;
    }
    let stack = Stack::new("conflict");
    stack.create("worker", "--replicas 1", "exec /bin/busybox sleep 100000");
    let name = stack.service("worker");
    let through = |before: String| {
        let once = Once::new();
        // Just before the first change.
        let host = docker_proxy::engine(move |request| {
            if request.starts_with("POST ") && request.contains("/update?") {
                once.call_once(|| drop(shell(&before)));
            }
            None
        });
        Ordctl::configured(&format!("docker: {{ project: {}, host: \"{host}\" }}\n", stack.project.name))
    };
    let args = |n: &'static str| ["scale", "up", n, "--yes", "-p", "ready=running"];
    // The version is outdated: the swarm refuses, and the update is retried on the newer version.
    let ordctl = through(format!("docker service update --detach --label-add mine=kept {name}"));
    let (code, report) = ordctl.json(&args("2"));
    assert_eq!(code, 0, "{report}");
    let spec = stack.inspect("worker")["Spec"].clone();
    assert_eq!(
        (&spec["Mode"]["Replicated"]["Replicas"], &spec["Labels"]["mine"]),
        (&json!(2), &json!("kept"))
    );
    // A concurrent change of the replicas wins.
    let ordctl = through(format!("docker service scale --detach {name}=4"));
    let (code, report) = ordctl.json(&args("3"));
    assert_eq!(code, 2, "{report}");
    assert!(summary(&report, "steps.scale").contains("replicas are 4, expected 2"), "{report}");
    eventually("the concurrent change stays", async || stack.running("worker") == 4).await;
}

#[tokio::test]
async fn autoscaling_changes_the_replicas_of_a_swarm_service() {
    if left_out("autoscaling_changes_the_replicas_of_a_swarm_service", &["docker"]) {
        return;
    }
    let policy = "load_max: 100000, memory_max: 100, cool_down_up: 0s";
    let more = format!("services: {{ worker: {{ max: 2, auto: {{ {policy} }} }} }}\n");
    let (stack, database, ordctl) = stack("auto-swarm", 1, "", &more).await;
    let task = crate::evening::task(&database, "event", "never", "UTC").await;
    // Due and on hold, so that no worker takes it during the test.
    let sql = format!(
        "UPDATE ordctl.engine SET held = true; INSERT INTO due_work (task_id, run_at) SELECT '{task}', now() - interval '5 min' FROM generate_series(1, 200)"
    );
    database.execute(&sql).await.unwrap();
    let (code, report) = ordctl.json(&["scale", "auto", "--once", "--yes"]);
    assert_eq!((code, stack.running("worker")), (0, 1), "{report}");
    assert!(summary(&report, "steps.decide").contains("the engine is on hold"), "{report}");
    database.execute("UPDATE ordctl.engine SET held = false; DELETE FROM due_work").await.unwrap();
    let more = "services: { worker: { min: 2, max: 3 } }\n";
    let ordctl = Ordctl::configured(&stack.configuration(&database.name, more));
    let (code, report) = ordctl.json(&["scale", "auto", "--once", "--yes"]);
    assert_eq!((code, stack.running("worker")), (0, 2), "{report}");
    assert!(summary(&report, "steps.decide").contains("up from 1 to 2: 1 running, minimum 2"), "{report}");
}

/// Neither a recreated task nor an update counts as scaling, and no command resumes a paused update.
#[tokio::test]
async fn recreated_tasks_are_no_scaling_and_a_paused_update_stays_paused() {
    if left_out("recreated_tasks_are_no_scaling_and_a_paused_update_stays_paused", &["docker"]) {
        return;
    }
    let (stack, _database, ordctl) = stack("changed", 1, "--update-failure-action pause", "").await;
    let name = stack.service("worker");
    let last = || {
        let (_, report) = ordctl.json(&["scale", "auto", "--once"]);
        finding(&report, "steps.decide")["details"]["observation"]["last_change"].clone()
    };
    shell(&format!("docker rm -f $(docker ps -q --filter label=com.docker.swarm.service.name={name})"));
    eventually("another is there", async || stack.running("worker") == 1).await;
    eventually("it is known", async || {
        !summary(&ordctl.json(&["scale", "auto", "--once"]).1, "steps.decide").contains("in progress")
    })
    .await;
    assert_eq!(last(), Value::Null);
    shell(&format!("docker service scale --detach {name}=2"));
    eventually("two are there", async || stack.running("worker") == 2).await;
    eventually("the change is known", async || last()["by"] == "by the platform").await;

    stack.project.flag("worker.broken", Some(""));
    shell(&format!("docker service update --quiet --detach --force {name}"));
    eventually("it is paused", async || stack.inspect("worker")["UpdateStatus"]["State"] == "paused").await;
    let before = stack.inspect("worker")["Version"].clone();
    for args in [&["scale", "to", "3", "--yes"][..], &["restart", "workers", "--yes"]] {
        let refused = ordctl.run(args);
        assert_eq!(refused.code, 4, "{refused:?}");
        assert!(refused.err.contains("the update is paused"), "{refused:?}");
        assert!(refused.err.contains(&format!("docker service rollback {name}")), "{refused:?}");
    }
    let (code, report) = ordctl.json(&["scale", "auto", "--once", "--yes"]);
    assert!(code == 3 && summary(&report, "steps.decide").contains("the update is paused"), "{report}");
    assert_eq!(stack.inspect("worker")["Version"], before, "nothing was changed");
}

/// An engine with these answers.
fn engine(info: Value, containers: Value) -> String {
    docker_proxy::engine(move |request| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let body = match path.split('?').next().unwrap_or_default() {
            p if p.ends_with("/info") => &info,
            p if p.ends_with("/containers/json") => &containers,
            _ => return None,
        };
        Some(docker_proxy::answer("200 OK", body))
    })
}

#[test]
fn an_engine_that_is_not_a_manager_is_an_error() {
    if left_out("an_engine_that_is_not_a_manager_is_an_error", &["docker"]) {
        return;
    }
    let worker = json!({ "Swarm": { "LocalNodeState": "active", "ControlAvailable": false,
        "RemoteManagers": [{ "NodeID": "x", "Addr": "10.1.1.1:2377" }] } });
    let labels =
        json!({ "com.docker.stack.namespace": "shop", "com.docker.swarm.service.name": "shop_worker" });
    let task = json!([{ "Id": "a", "Names": ["/shop_worker.1.abc"], "Labels": labels, "State": "running" }]);
    for (info, containers, platform, wanted) in [
        (&worker, &task, "auto", "not a manager of its swarm: set docker.host to a manager (10.1.1.1:2377)"),
        (&worker, &json!([]), "swarm", "not a manager of its swarm"),
        (&json!({ "Swarm": { "LocalNodeState": "inactive" } }), &json!([]), "swarm", "not in a swarm"),
        (
            &json!({ "Swarm": { "LocalNodeState": "locked" } }),
            &task,
            "auto",
            "the swarm of this engine is locked",
        ),
        (&worker, &json!([]), "auto", "service worker has no container"),
    ] {
        let host = engine(info.clone(), containers.clone());
        let docker = format!("{{ project: shop, host: \"{host}\", platform: {platform} }}");
        let output = Ordctl::configured(&format!("docker: {docker}\n")).run(&[
            "scale",
            "to",
            "2",
            "--yes",
            "-p",
            "ready=running",
        ]);
        assert_eq!(output.code, 4, "{output:?}");
        assert!(output.err.contains(wanted), "{platform}: {output:?}");
    }
}
