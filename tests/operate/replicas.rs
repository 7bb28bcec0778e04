//! Services with several containers, and reports without a database.

use crate::support::compose::Project;
use crate::support::engine::Tables;
use crate::support::left_out;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::postgres::cluster;
use crate::support::systems::{free_port, shell, until};

const SLEEPS: &str = "exec /bin/busybox sleep 100000";

/// A worker without a database.
fn without_database(name: &str) -> (Project, Ordctl) {
    let project = Project::new(name);
    project.start("worker", 1, "--network none --init", SLEEPS);
    let nowhere = format!("postgresql://postgres@127.0.0.1:{}/postgres", free_port());
    let ordctl = Ordctl::configured(&project.configuration(&nowhere, ""));
    (project, ordctl)
}

/// The endpoint is answered by another container of the service.
#[tokio::test]
async fn an_answer_of_another_container_does_not_make_a_restarted_one_ready() {
    let name = "an_answer_of_another_container_does_not_make_a_restarted_one_ready";
    if left_out(name, &["docker"]) {
        return;
    }
    let project = Project::new("replicated");
    let web = format!("exec /bin/busybox httpd -f -p 127.0.0.1:{} -h /flags/www", project.api);
    project.start("proxy", 1, "--network host --init", &web);
    let late = format!("[ -e /flags/late ] && {{ /bin/busybox sleep 1; exit 3; }}; {SLEEPS}");
    (1..=2).for_each(|n| project.start("api", n, "--network none --init", &late));
    let ordctl = Ordctl::configured(&project.configuration("postgresql://127.0.0.1:1/none", ""));
    until(&format!("curl -sf http://127.0.0.1:{}/health", project.api));
    project.flag("late", Some(""));
    let second = project.times("api", 2);
    let (code, report) = ordctl.json(&["restart", "api", "--yes"]);
    assert_eq!(code, 2, "{report}");
    let (one, two) = (project.container("api", 1), project.container("api", 2));
    let text = finding(&report, "steps.restart")["summary"].to_string();
    assert!(text.contains(&format!("{one}: exited with code 3")), "{text}");
    assert!(text.contains(&format!("not restarted: {two}")), "{text}");
    assert_eq!(project.times("api", 2), second, "the other container was not touched");
}

#[tokio::test]
async fn a_stopped_container_is_reported_with_the_restart_command() {
    if left_out("a_stopped_container_is_reported_with_the_restart_command", &["docker"]) {
        return;
    }
    let (project, ordctl) = without_database("still");
    (1..=2).for_each(|n| project.start("api", n, "--network none --init", SLEEPS));
    shell(&format!("docker stop -t 0 {}", project.container("api", 2)));
    let (_, status) = ordctl.json(&["scale", "status", "--only", "api"]);
    let api = finding(&status, "containers.api.api");
    assert_eq!((&api["status"], &api["hint"]), (&"warn".into(), &"ordctl restart api".into()), "{api}");
    assert!(api["summary"].to_string().contains("api-2 (exited with code"), "{api}");
}

#[tokio::test]
async fn containers_are_reported_without_the_database() {
    if left_out("containers_are_reported_without_the_database", &["docker"]) {
        return;
    }
    let (_project, ordctl) = without_database("blind");
    let (_, status) = ordctl.json(&["scale", "status"]);
    let workers = finding(&status, "containers.workers.worker");
    assert_eq!((&workers["status"], &workers["value"]), (&"ok".into(), &1.0.into()), "{workers}");
    assert_eq!(finding(&status, "containers.workers.worker.heartbeats")["status"], "unknown", "{status}");
}

#[tokio::test]
async fn a_dry_run_reports_what_the_run_would_refuse() {
    if left_out("a_dry_run_reports_what_the_run_would_refuse", &["docker"]) {
        return;
    }
    let (project, ordctl) = without_database("dry-run");
    let before = project.snapshot();
    for args in [&["restart", "workers"] as &[&str], &["scale", "up", "2"]] {
        let (code, plan) = ordctl.json(&[args, &["--dry-run"]].concat());
        assert_ne!(code, 0, "{plan}");
        assert!(plan.to_string().contains("cannot check worker readiness"), "{plan}");
        let output = ordctl.run(&[args, &["--yes"]].concat());
        assert_eq!(output.code, 4, "{output:?}");
    }
    assert_eq!(project.snapshot(), before);
}

/// With a short `within`, half of it is the minimum uptime.
#[tokio::test]
async fn a_short_time_limit_shortens_the_minimum_uptime() {
    if left_out("a_short_time_limit_shortens_the_minimum_uptime", &["docker"]) {
        return;
    }
    let (_project, ordctl) = without_database("short");
    let args = ["restart", "workers", "--yes", "-p", "within=3s", "-p", "ready=running"];
    let (_, report) = ordctl.json(&args);
    assert_eq!(finding(&report, "steps.restart")["status"], "ok", "{report}");
}

/// `queue status` suggests the command that starts the workers, wherever they are.
#[tokio::test]
async fn missing_workers_are_started_as_containers_where_they_are_some() {
    if left_out("missing_workers_are_started_as_containers_where_they_are_some", &["docker"]) {
        return;
    }
    let tables = Tables::new().await;
    let project = Project::new("noworkers");
    let url = cluster().url("postgres", &tables.db.name);
    let ordctl = Ordctl::configured(&project.configuration(&url, ""));
    let hint = || {
        let (_, status) = ordctl.json(&["queue", "status"]);
        let hint = finding(&status, "workers")["hint"].as_str().unwrap().to_owned();
        hint.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(hint(), "ordctl serve --role");
    project.start("worker", 1, "--network none", "exit 3");
    assert_eq!(hint(), "ordctl restart workers");
    let task = tables.task(&[], "").await;
    tables.queue(&task, 1).await;
    assert_eq!(hint(), "ordctl restart workers");
}
