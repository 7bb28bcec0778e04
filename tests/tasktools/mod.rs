//! The tools of tasks, run by the real program from a runbook file.

mod http;
mod secrets;
mod shell;
mod sql;

use serde_json::Value;

use crate::support::ordctl::{CommandOutput, Ordctl, finding};

/// Writes a runbook with these steps and returns its path.
fn runbook(ordctl: &Ordctl, steps: &[&str]) -> &'static str {
    let steps: Vec<String> = steps.iter().map(|step| format!("  - {{ {step} }}\n")).collect();
    std::fs::write(ordctl.home().join("mine.yaml"), format!("name: mine\nsteps:\n{}", steps.concat()))
        .unwrap();
    "./mine.yaml"
}

/// Runs steps; returns the exit code and the report.
fn run(ordctl: &Ordctl, steps: &[&str]) -> (i32, Value) {
    ordctl.json(&["run", runbook(ordctl, steps), "--yes"])
}

/// Runs steps that are refused before they start.
fn refused(ordctl: &Ordctl, steps: &[&str]) -> CommandOutput {
    ordctl.run(&["run", runbook(ordctl, steps), "--yes"])
}

fn summary<'a>(report: &'a Value, step: &str) -> &'a str {
    finding(report, &format!("steps.{step}"))["summary"].as_str().unwrap()
}

fn status<'a>(report: &'a Value, step: &str) -> &'a str {
    finding(report, &format!("steps.{step}"))["status"].as_str().unwrap()
}

#[test]
fn transform_log_and_wait_run_in_a_task() {
    let (code, report) = run(
        &Ordctl::new(),
        &[
            "uses: noop",
            "id: sum, uses: transform, with: { expr: 'sum(@)', data: [1, 2, 3] }, save_as: sum",
            "uses: wait, with: { seconds: 1ms }",
            "uses: log, with: { message: 'the sum is ${steps.sum}', level: warn }",
        ],
    );
    assert_eq!(code, 0, "{report}");
    assert_eq!(summary(&report, "sum"), "sum: 6");
    assert_eq!(summary(&report, "wait"), "wait: waited 1 ms");
    assert_eq!(summary(&report, "log"), "log: the sum is 6");
}

#[test]
fn a_wait_that_cannot_end_in_time_is_refused() {
    let ordctl = Ordctl::new();
    let output = refused(&ordctl, &["uses: wait, timeout_seconds: 2, with: { seconds: 2 }"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("exceeds the step's timeout of 2 s"), "{output:?}");
}
