//! A step that times out or is interrupted reports the containers that it leaves stopped.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use crate::support::compose::Project;
use crate::support::ordctl::{Ordctl, finding};
use crate::support::{docker_proxy, left_out, through_env};

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
    // The engine hangs at the start, and fails at the next one.
    let starts = AtomicUsize::new(0);
    let host = docker_proxy::engine(move |request| {
        if request.contains("worker-1/start") {
            if starts.fetch_add(1, Ordering::SeqCst) > 0 {
                return Some(docker_proxy::answer("500 Internal Server Error", &json!({ "message": "no" })));
            }
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

/// A lost SSH session must not leave a service down.
#[tokio::test]
async fn a_restart_that_loses_its_terminal_starts_what_it_stopped() {
    if left_out("a_restart_that_loses_its_terminal_starts_what_it_stopped", &["docker"]) {
        return;
    }
    let project = Project::new("lost-terminal");
    // The signal arrives while the container takes its time to stop.
    let slow = "trap '/bin/busybox sleep 3; exit 0' TERM; while :; do /bin/busybox sleep 0.1; done";
    project.start("worker", 1, "--network none", slow);
    let (sender, stop_requested) = mpsc::channel();
    let sender = std::sync::Mutex::new(sender);
    let host = docker_proxy::engine(move |request| {
        if request.contains("worker-1/stop") {
            _ = sender.lock().unwrap().send(());
        }
        None
    });
    let text = format!("environment: test\ndocker: {{ project: {}, host: \"{host}\" }}\n", project.name);
    let ordctl = Ordctl::configured(&text);
    let args = ["restart", "workers", "--yes", "-p", "ready=running", "-o", "json"];
    let mut command = through_env("--default-signal", &ordctl.command(&args));
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stop_requested.recv_timeout(Duration::from_secs(60)).unwrap();
    kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), Signal::HUP).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = finding(&report, "cleanup.restart.down")["summary"].as_str().unwrap().to_owned();
    let name = project.container("worker", 1);
    assert_eq!(text, format!("worker: step interrupted, started {name}, all containers are running"));
    assert_eq!(project.states("worker"), ["worker-1 running"]);
}
