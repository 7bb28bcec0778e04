//! `baseline` against an engine, a database and an endpoint with injected faults. Each defect of the original
//! script has a test here that the script would fail.

mod compare;
mod database;
mod load;
mod probes;
mod stub;

use std::process::Child;

use serde_json::Value;

use crate::support::ordctl::{Ordctl, finding};
use crate::support::signal;
use stub::Stub;

/// The program with an endpoint, and further lines of configuration.
fn asking(stub: &Stub, more: &str) -> Ordctl {
    Ordctl::configured(&format!(
        "environment: test\nendpoints: {{ api: {{ url: \"http://127.0.0.1:{}/health\" }} }}\n{more}",
        stub.port
    ))
}

/// The exit code and report of a child process.
fn report(child: Child) -> (i32, Value) {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let report = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    (output.status.code().unwrap_or(-1), report)
}

fn status<'a>(report: &'a Value, id: &str) -> &'a str {
    finding(report, id)["status"].as_str().unwrap()
}

fn summary<'a>(report: &'a Value, id: &str) -> &'a str {
    finding(report, id)["summary"].as_str().unwrap()
}

fn value(report: &Value, id: &str) -> f64 {
    finding(report, id)["value"].as_f64().unwrap_or_else(|| panic!("{id} has no value: {report}"))
}
