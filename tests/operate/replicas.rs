//! What several containers of a service tell of each other: nothing. And what is known without a database.

use crate::support::compose::Project;
use crate::support::left_out;
use crate::support::ordctl::{Ordctl, finding};
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

/// One endpoint answers for all of them, and it goes on answering while one after the other ends.
#[tokio::test]
async fn an_endpoint_that_another_answers_does_not_speak_for_the_one_that_was_restarted() {
    let name = "an_endpoint_that_another_answers_does_not_speak_for_the_one_that_was_restarted";
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
    assert!(text.contains(&format!("{one} ended with exit code 3")), "{text}");
    assert!(text.contains(&format!("not restarted: {two}")), "{text}");
    assert_eq!(project.times("api", 2), second, "the one that answers was not touched");
}

#[tokio::test]
async fn one_that_stands_still_is_said_and_the_next_command_means_its_service() {
    if left_out("one_that_stands_still_is_said_and_the_next_command_means_its_service", &["docker"]) {
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
async fn without_the_database_the_containers_are_known() {
    if left_out("without_the_database_the_containers_are_known", &["docker"]) {
        return;
    }
    let (_project, ordctl) = without_database("blind");
    let (_, status) = ordctl.json(&["scale", "status"]);
    let workers = finding(&status, "containers.workers.worker");
    assert_eq!((&workers["status"], &workers["value"]), (&"ok".into(), &1.0.into()), "{workers}");
    assert_eq!(finding(&status, "containers.workers.worker.heartbeats")["status"], "unknown", "{status}");
}

#[tokio::test]
async fn a_dry_run_says_what_the_run_would_fail_at() {
    if left_out("a_dry_run_says_what_the_run_would_fail_at", &["docker"]) {
        return;
    }
    let (project, ordctl) = without_database("rehearsed");
    let before = project.snapshot();
    for args in [&["restart", "workers"] as &[&str], &["scale", "up", "2"]] {
        let (code, plan) = ordctl.json(&[args, &["--dry-run"]].concat());
        assert_ne!(code, 0, "{plan}");
        assert!(plan.to_string().contains("it cannot be told when worker is ready"), "{plan}");
        let said = ordctl.run(&[args, &["--yes"]].concat());
        assert_eq!(said.code, 4, "{said:?}");
    }
    assert_eq!(project.snapshot(), before);
}

/// Where it may take less than a container must have run, half of it is enough.
#[tokio::test]
async fn a_short_time_to_be_ready_can_be_kept() {
    if left_out("a_short_time_to_be_ready_can_be_kept", &["docker"]) {
        return;
    }
    let (_project, ordctl) = without_database("short");
    let args = ["restart", "workers", "--yes", "-p", "within=3s", "-p", "ready=running"];
    let (_, report) = ordctl.json(&args);
    assert_eq!(finding(&report, "steps.restart")["status"], "ok", "{report}");
}
