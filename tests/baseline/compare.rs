//! Keeping figures, comparing them, and handing them to CI.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::stub::{Reply, Stub};
use super::{asking, status, summary, value};
use crate::support::ordctl::Ordctl;

/// A target that a machine meets on which others build, and so a difference that is no noise there.
const TARGET: &str = "baseline: { api_p95: 1s }\n";

/// An endpoint that is as slow as a test says.
fn slow() -> (Stub, Arc<AtomicU64>) {
    let delay = Arc::new(AtomicU64::new(1));
    let shared = delay.clone();
    (Stub::start(move |_| Reply::After(Duration::from_millis(shared.load(Ordering::SeqCst)))), delay)
}

const API: [&str; 7] = ["baseline", "--only", "api", "-p", "rate=50", "-p", "duration=2s"];

fn api(ordctl: &Ordctl, more: &[&str]) -> (i32, Value) {
    let mut args = API.to_vec();
    args.extend(more);
    ordctl.json(&args)
}

#[test]
fn what_became_worse_is_told_and_gravely_when_the_target_is_missed() {
    let (stub, delay) = slow();
    let ordctl = asking(&stub, TARGET);
    let (code, _) = api(&ordctl, &["--save"]);
    assert_eq!(code, 0);
    let kept = ordctl.data_dir().join("baselines");
    let names: Vec<_> = std::fs::read_dir(&kept).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["test.json"], "no half of a file is left");
    let saved: Value = serde_json::from_slice(&std::fs::read(kept.join("test.json")).unwrap()).unwrap();
    assert_eq!(
        (saved["schema_version"].as_u64(), saved["target"]["environment"].as_str()),
        (Some(1), Some("test"))
    );
    assert_eq!(saved["versions"]["ordctl"], env!("CARGO_PKG_VERSION"));
    assert!(
        saved["machine"]["cpus"].as_u64().unwrap() > 0
            && saved["figures"]["steps.api.p95"]["value"].is_number()
    );

    let (code, report) = api(&ordctl, &["--compare"]);
    assert_eq!((code, status(&report, "comparison.origin")), (0, "ok"), "{report}");

    delay.store(400, Ordering::SeqCst);
    let (code, report) = api(&ordctl, &["--compare"]);
    assert_eq!((code, status(&report, "comparison.api.p95")), (1, "warn"), "{report}");
    assert_eq!(status(&report, "steps.api.p95"), "ok", "the target is met");
    let was = saved["figures"]["steps.api.p95"]["value"].as_f64().unwrap();
    let ratio = value(&report, "steps.api.p95") / was;
    assert!((value(&report, "comparison.api.p95") - ratio).abs() < 1e-9, "{report}");
    assert!(summary(&report, "comparison.api.p95").contains("worse by more than 20 %"), "{report}");
    let (code, _) = api(&ordctl, &["--compare", "--threshold", "1000%", "-p", "duration=1s"]);
    assert!(code == 1 || was > 0.03, "four hundred times as much is more than ten times");

    delay.store(1300, Ordering::SeqCst);
    let (code, report) = api(&ordctl, &["--compare"]);
    assert_eq!((code, status(&report, "comparison.api.p95")), (2, "crit"), "{report}");
}

#[test]
fn other_circumstances_are_told_and_other_conditions_are_not_compared() {
    let (stub, _) = slow();
    let ordctl = asking(&stub, &format!("environments: {{ staging: {{}} }}\n{TARGET}"));
    assert_eq!(api(&ordctl, &["--save", "here.json"]).0, 0);
    let path = ordctl.home().join("here.json");
    let (code, report) = api(&ordctl, &["--compare", "here.json", "--env", "staging"]);
    assert_eq!((code, status(&report, "comparison.origin")), (1, "warn"), "{report}");
    assert!(summary(&report, "comparison.origin").contains("environment test then, staging now"), "{report}");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"0.0.9\"")).unwrap();
    let (code, report) = api(&ordctl, &["--compare", "here.json", "-p", "rate=60"]);
    assert_eq!((code, status(&report, "comparison.api.p95")), (1, "warn"), "{report}");
    assert!(summary(&report, "comparison.origin").contains("ordctl 0.0.9 then"), "{report}");
    assert!(summary(&report, "comparison.api.p95").contains("rate 50.0 then, 60.0 now"), "{report}");
    let (code, report) = ordctl.json(&["baseline", "--only", "workers", "--compare", "here.json"]);
    assert_eq!((code, status(&report, "comparison.api.p95")), (1, "skipped"), "{report}");
    assert!(summary(&report, "comparison.api.p95").contains("was not measured this time"), "{report}");
}

#[test]
fn what_cannot_be_read_is_known_before_anything_is_measured_and_what_cannot_be_written_after() {
    let (stub, _) = slow();
    let ordctl = asking(&stub, TARGET);
    std::fs::write(ordctl.home().join("bad.json"), "{\"schema_version\": 1").unwrap();
    let newer = r#"{"schema_version": 2, "at": "2026-01-01T00:00:00Z", "target": {"environment": "e", "host": "h"}, "versions": {}, "machine": {"cpus": 1, "memory_bytes": 1, "kernel": ""}, "figures": {}}"#;
    std::fs::write(ordctl.home().join("newer.json"), newer).unwrap();
    for (file, words) in [
        ("bad.json", "is no saved baseline"),
        ("nowhere.json", "cannot read"),
        ("newer.json", "has version 2"),
    ] {
        let said = ordctl.run(&["baseline", "--only", "api", "--compare", file]);
        assert_eq!(said.code, 64, "{said:?}");
        assert!(said.out.is_empty() && said.err.contains(words) && said.err.contains("--save"), "{said:?}");
    }
    assert_eq!(stub.asked(), 0);
    std::fs::write(ordctl.home().join("file"), "in the way").unwrap();
    let said = ordctl.run(&[&API as &[&str], &["--save", "file/x.json"]].concat());
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.out.contains("api: p95") && said.err.contains("cannot write file/x.json"), "{said:?}");
    // Nothing measured is nothing to keep, above all not in the place of something.
    std::fs::write(ordctl.home().join("kept.json"), "{}").unwrap();
    let said = ordctl.run(&["baseline", "--only", "workers", "--save", "kept.json"]);
    assert!(said.code == 2 && said.err.contains("nothing is kept"), "{said:?}");
    assert_eq!(std::fs::read_to_string(ordctl.home().join("kept.json")).unwrap(), "{}");
}

#[test]
fn each_target_is_a_test_case_for_ci() {
    let (stub, delay) = slow();
    let ordctl = asking(&stub, TARGET);
    let run = |more: &[&str]| {
        let said = ordctl.run(&[&API as &[&str], &["-o", "junit"], more].concat());
        let report =
            quick_junit::Report::deserialize_from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
        (said.code, report)
    };
    let (code, report) = run(&["--save"]);
    assert_eq!((code, report.failures), (0, 0));
    delay.store(1300, Ordering::SeqCst);
    let (code, report) = run(&["--compare"]);
    assert_eq!(code, 2);
    let suites: Vec<&str> = report.test_suites.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(suites, ["Steps", "Comparison"]);
    let failed = |suite: usize, name: &str| {
        let case = report.test_suites[suite].test_cases.iter().find(|c| c.name.as_str() == name).unwrap();
        matches!(case.status, quick_junit::TestCaseStatus::NonSuccess { .. })
    };
    assert!(failed(0, "steps.api.p95") && !failed(0, "steps.api.errors") && failed(1, "comparison.api.p95"));
}
