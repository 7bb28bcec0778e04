//! A step that times out or is interrupted reports the containers that it leaves stopped.

use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::{docker_proxy, left_out};

const BOOK: &str = "name: off\ntitle: Off\nsteps:\n  - { id: stop, uses: service.stop, with: { service: worker }, timeout_seconds: 4 }\n";

#[tokio::test]
async fn a_step_that_times_out_names_stopped_and_stopping_containers() {
    if left_out("a_step_that_times_out_names_stopped_and_stopping_containers", &["docker"]) {
        return;
    }
    let project = Project::new("out-of-time");
    project.start("worker", 1, "--network none --init", "exec /bin/busybox sleep 100000");
    // Process 1 without a signal handler ignores SIGTERM.
    project.start("worker", 2, "--network none --stop-timeout 90", "exec /bin/busybox sleep 100000");
    let ordctl = Ordctl::configured(&format!("environment: test\ndocker: {{ project: {} }}\n", project.name));
    std::fs::write(ordctl.home().join("off.yaml"), BOOK).unwrap();
    let (code, report) = ordctl.json(&["run", "./off.yaml", "--yes"]);
    assert_eq!(code, 2, "{report}");
    assert!(
        finding(&report, "steps.stop")["summary"].to_string().contains("no answer within 4 s"),
        "{report}"
    );
    let text = finding(&report, "cleanup.stop.down")["summary"].to_string();
    let [one, two] = [1, 2].map(|n| project.container("worker", n));
    assert!(text.contains(&format!("{one} (exited with code")), "{text}");
    assert!(text.contains(&format!("{two} (stopping)")), "{text}");
}

#[tokio::test]
async fn an_interrupted_restart_names_stopped_containers() {
    if left_out("an_interrupted_restart_names_stopped_containers", &["docker"]) {
        return;
    }
    let project = Project::new("between");
    project.start("worker", 1, "--network none --init", "exec /bin/busybox sleep 100000");
    let (sender, start_requested) = mpsc::channel();
    // The engine hangs at the start.
    let host = docker_proxy::engine(move |request| {
        if request.contains("worker-1/start") {
            sender.send(()).unwrap();
            std::thread::park_timeout(Duration::from_secs(60));
        }
        None
    });
    let text = format!("environment: test\ndocker: {{ project: {}, host: \"{host}\" }}\n", project.name);
    let ordctl = Ordctl::configured(&text);
    let child = ordctl.spawn(&["restart", "workers", "--yes", "-p", "ready=running", "-o", "json"]);
    start_requested.recv_timeout(Duration::from_secs(60)).unwrap();
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = finding(&report, "cleanup.restart.down")["summary"].to_string();
    assert!(
        text.contains(&format!("not running: {} (exited with code", project.container("worker", 1))),
        "{text}"
    );
}
