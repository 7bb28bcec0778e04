//! Saving and comparing figures, and the JUnit output for CI.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::stub::{Reply, Stub};
use super::{asking, signal, status, summary, value};
use crate::support::engine::{Node, Setup, Tables};
use crate::support::ordctl::Ordctl;

/// Targets and differences that hold on a machine under load.
const TARGETS: &str = "baseline: { api_p95: 1s, database_p95: 5s, min_samples: 20, min_probes: 3 }\n";

/// A system with everything that is measured, and an endpoint with a configurable delay.
struct System {
    stub: Stub,
    delay: Arc<AtomicU64>,
    tables: Tables,
    ordctl: Ordctl,
    _node: Node,
}

impl System {
    async fn new(more: &str) -> Self {
        let delay = Arc::new(AtomicU64::new(1));
        let shared = delay.clone();
        let stub = Stub::start(move |_| Reply::After(Duration::from_millis(shared.load(Ordering::SeqCst))));
        let tables = Tables::new().await;
        let endpoint =
            format!("endpoints: {{ api: {{ url: \"http://127.0.0.1:{}/health\" }} }}\n", stub.port);
        let setup = Setup { more: format!("{endpoint}{TARGETS}{more}"), ..Setup::of(&tables.db) };
        let node = setup.node(&[]);
        tables.until("SELECT count(*) FROM worker_heartbeat", "1").await;
        Self { stub, delay, ordctl: setup.ordctl(), tables, _node: node }
    }

    fn slow(&self, ms: u64) {
        self.delay.store(ms, Ordering::SeqCst);
    }

    fn api(&self, more: &[&str]) -> (i32, Value) {
        self.ordctl.json(&[&API as &[&str], more].concat())
    }
}

const API: [&str; 7] = ["baseline", "--only", "api", "-p", "rate=50", "-p", "duration=2s"];

/// Measures everything with small parameters.
const OPTIONS: [&str; 14] = [
    "baseline",
    "--yes",
    "-p",
    "probes=3",
    "-p",
    "lead=1s",
    "-p",
    "spacing=100ms",
    "-p",
    "rate=50",
    "-p",
    "duration=1s",
    "-p",
    "rounds=20",
];

fn matching_options<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&OPTIONS as &[&str], more].concat()
}

#[tokio::test]
async fn a_worse_figure_is_a_warning_and_critical_if_it_misses_its_target() {
    let system = System::new("").await;
    // Enough that other work of the machine is a small part of it.
    system.slow(200);
    let output = system.ordctl.run(&matching_options(&["--save"]));
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.err.contains("warning: not saved: Worker capacity: no verdict, 0 runs"), "{output:?}");
    let kept = system.ordctl.data_dir().join("baselines");
    let names: Vec<_> = std::fs::read_dir(&kept).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["test.json"], "no partial file is left");
    let read = || serde_json::from_slice::<Value>(&std::fs::read(kept.join("test.json")).unwrap()).unwrap();
    let saved = read();
    assert_eq!(
        (saved["schema_version"].as_u64(), saved["target"]["environment"].as_str()),
        (Some(1), Some("test"))
    );
    assert_eq!(saved["versions"]["ordctl"], env!("CARGO_PKG_VERSION"));
    assert!(
        saved["machine"]["cpus"].as_u64().unwrap() > 0
            && saved["figures"]["steps.api.p95"]["value"].is_number()
    );

    let (code, report) = system.api(&["--compare", "--threshold", "100%"]);
    assert_eq!((code, status(&report, "comparison.origin")), (0, "ok"), "{report}");

    system.slow(400);
    let (code, report) = system.api(&["--compare"]);
    assert_eq!((code, status(&report, "comparison.api.p95")), (1, "warn"), "{report}");
    assert_eq!(status(&report, "steps.api.p95"), "ok", "the target is met");
    let was = saved["figures"]["steps.api.p95"]["value"].as_f64().unwrap();
    let ratio = value(&report, "steps.api.p95") / was;
    assert!((value(&report, "comparison.api.p95") - ratio).abs() < 1e-9, "{report}");
    assert!(summary(&report, "comparison.api.p95").contains("more than 20 % worse"), "{report}");
    let (code, report) = system.api(&["--compare", "--threshold", "1000%"]);
    assert_eq!(code, 0, "at most ten times worse is allowed: {report}");

    system.slow(1300);
    let (code, report) = system.api(&["--compare"]);
    assert_eq!((code, status(&report, "comparison.api.p95")), (2, "crit"), "{report}");
    // The figure is valid.
    let output = system.ordctl.run(&matching_options(&["--save"]));
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.err.contains("warning: saved a figure that misses its target: api p95"), "{output:?}");
    assert!(read()["figures"]["steps.api.p95"]["value"].as_f64().unwrap() > 1.2, "{output:?}");
}

#[tokio::test]
async fn a_different_origin_is_reported_and_different_conditions_are_not_compared() {
    let system = System::new("environments: { staging: {} }\n").await;
    let (code, report) = system.ordctl.json(&matching_options(&["--save", "here.json"]));
    assert_eq!(code, 0, "{report}");
    let path = system.ordctl.home().join("here.json");
    let (code, report) = system.api(&["--compare", "here.json", "--env", "staging"]);
    assert_eq!((code, status(&report, "comparison.origin")), (1, "warn"), "{report}");
    assert!(summary(&report, "comparison.origin").contains("environment staging, was test"), "{report}");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"0.0.9\"")).unwrap();
    let (code, report) = system.api(&["--compare", "here.json", "-p", "rate=60"]);
    assert_eq!((code, status(&report, "comparison.api.p95")), (1, "warn"), "{report}");
    assert!(
        summary(&report, "comparison.origin").contains(concat!(
            "ordctl ",
            env!("CARGO_PKG_VERSION"),
            ", was 0.0.9"
        )),
        "{report}"
    );
    assert!(summary(&report, "comparison.api.p95").contains("rate 60.0, was 50.0"), "{report}");
    // A figure that was skipped on purpose is ok; a figure that is missing without a reason is a warning.
    let compared = |more: &[&str], status_wanted: &str, id: &str, words: &str| {
        let args = [&["baseline", "--compare", "here.json"], more].concat();
        let (code, report) = system.ordctl.json(&args);
        assert_eq!(status(&report, id), status_wanted, "{report}");
        assert!(summary(&report, id).contains(words), "{report}");
        code
    };
    let code = compared(&["--only", "workers"], "skipped", "comparison.api.p95", "it was skipped by --only");
    assert_eq!(code, 1);
    let code = compared(&["--skip", "probes", "--skip", "api"], "skipped", "comparison.api.p95", "by --skip");
    assert_eq!(code, 1);
    let other = ["--only", "api", "-p", "endpoint=other"];
    assert_eq!(compared(&other, "unknown", "comparison.api.p95", "was not measured in this run"), 3);
    // A quiet hour is ok, although the baseline is from a busier one.
    let mut busier: Value = serde_json::from_str(&text).unwrap();
    let figures = busier["figures"].as_object_mut().unwrap();
    let capacity = figures["steps.api.p95"].clone();
    figures.insert("steps.workers.capacity".to_owned(), capacity);
    std::fs::write(&path, busier.to_string()).unwrap();
    compared(&["--only", "workers"], "skipped", "comparison.workers.capacity", "it was skipped in this run");
    let few = ["--only", "api", "-p", "rate=10", "-p", "duration=1s"];
    assert_eq!(compared(&few, "unknown", "comparison.api.p50", "this run has no verdict on it"), 3);
}

/// An incomplete baseline must not become the reference of later runs.
#[tokio::test]
async fn an_incomplete_baseline_replaces_no_saved_one() {
    let system = System::new("").await;
    let kept = system.ordctl.home().join("kept.json");
    std::fs::write(&kept, "{}").unwrap();
    let save = ["--save", "kept.json"];
    for (part, words) in [
        (["--only", "api"], "--only or --skip"),
        (["--skip", "probes"], "--only or --skip"),
        (["--resume", "-q"], "--resume"),
    ] {
        let output = system.ordctl.run(&matching_options(&[&part as &[&str], &save].concat()));
        assert_eq!(output.code, 64, "{output:?}");
        assert!(output.out.is_empty() && output.err.contains(words), "{output:?}");
    }
    assert_eq!(system.stub.asked(), 0);
    let output =
        system.ordctl.run(&matching_options(&["-p", "probes=2", "-p", "rounds=3", "--save", "kept.json"]));
    assert_eq!(output.code, 2, "{output:?}");
    let words = "nothing was saved, kept.json is unchanged: probes.p95 is unknown, database.p95 is unknown";
    assert!(output.out.contains("api p95 ") && output.err.contains(words), "{output:?}");
    let child = system.ordctl.spawn(&matching_options(&["-p", "lead=60s", "--save", "kept.json"]));
    system.tables.until("SELECT count(*) FROM task", "3").await;
    signal(&child, Signal::INT);
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(130) && error.contains("interrupted, nothing was saved"), "{error}");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "{}");
    let output = system.ordctl.run(&matching_options(&["--save", "kept.json/x.json"]));
    assert_eq!(output.code, 2, "{output:?}");
    assert!(
        output.out.contains("api p95 ") && output.err.contains("cannot write kept.json/x.json"),
        "{output:?}"
    );
}

#[test]
fn an_unreadable_baseline_is_an_error_before_any_measurement() {
    let stub = Stub::start(|_| Reply::Status(200));
    let ordctl = asking(&stub, "");
    std::fs::write(ordctl.home().join("bad.json"), "{\"schema_version\": 1").unwrap();
    let newer = r#"{"schema_version": 2, "at": "2026-01-01T00:00:00Z", "target": {"environment": "e", "host": "h"}, "versions": {}, "machine": {"cpus": 1, "memory_bytes": 1, "kernel": ""}, "figures": {}}"#;
    std::fs::write(ordctl.home().join("newer.json"), newer).unwrap();
    for (file, words) in [
        ("bad.json", "is not a saved baseline"),
        ("nowhere.json", "cannot read"),
        ("newer.json", "has version 2"),
    ] {
        let output = ordctl.run(&["baseline", "--only", "api", "--compare", file]);
        assert_eq!(output.code, 64, "{output:?}");
        assert!(
            output.out.is_empty() && output.err.contains(words) && output.err.contains("--save"),
            "{output:?}"
        );
    }
    assert_eq!(stub.asked(), 0);
}

#[tokio::test]
async fn each_target_is_a_test_case_for_ci() {
    let system = System::new("").await;
    let run = |args: &[&str], more: &[&str]| {
        let output = system.ordctl.run(&[args, &["-o", "junit"], more].concat());
        let report = quick_junit::Report::deserialize_from_str(&output.out)
            .unwrap_or_else(|e| panic!("{e}: {output:?}"));
        (output.code, report)
    };
    let (code, report) = run(&OPTIONS, &["--save"]);
    assert_eq!((code, report.failures), (0, 0));
    system.slow(1300);
    let (code, report) = run(&API, &["--compare"]);
    assert_eq!(code, 2);
    let suites: Vec<&str> = report.test_suites.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(suites, ["Steps", "Comparison"]);
    let failed = |suite: usize, name: &str| {
        let case = report.test_suites[suite].test_cases.iter().find(|c| c.name.as_str() == name).unwrap();
        matches!(case.status, quick_junit::TestCaseStatus::NonSuccess { .. })
    };
    assert!(failed(0, "steps.api.p95") && !failed(0, "steps.api.errors") && failed(1, "comparison.api.p95"));
}
