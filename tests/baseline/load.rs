//! `measure.load`: the load on the API, and the findings about its responses.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use super::stub::{Reply, Stub};
use super::{asking, report, signal, status, summary, value};
use crate::support::engine::{Setup, Tables};
use crate::support::eventually;
use crate::support::ordctl::{Ordctl, finding};

/// A target that a machine under load meets.
const SLOW: &str = "baseline: { api_p95: 3s }\n";
const MS: Duration = Duration::from_millis(1);

fn api(ordctl: &Ordctl, params: &[&str]) -> (i32, Value) {
    let mut args = vec!["baseline", "--only", "api"];
    params.iter().for_each(|p| args.extend(["-p", p]));
    ordctl.json(&args)
}

/// A closed-loop client sees a stall in one request. Here fifty requests were due in that second, and each
/// of them waited.
#[test]
fn a_stall_shows_in_every_request_that_it_delays() {
    let stub = Stub::start(|n| if n == 80 { Reply::Stall(1000 * MS) } else { Reply::Status(200) });
    let ordctl = asking(&stub, "baseline: { api_p95: 500ms }\n");
    let (code, report) = api(&ordctl, &["rate=50", "duration=4s", "connections=1"]);
    assert_eq!((code, status(&report, "steps.api.p95")), (2, "crit"), "{report}");
    assert!(value(&report, "steps.api.p99") > 0.8, "{report}");
    assert!(value(&report, "steps.api.p95") > 0.5, "{report}");
    assert!(value(&report, "steps.api.p50") < 0.2, "{report}");
    assert_eq!((value(&report, "steps.api.errors"), value(&report, "steps.api.timeouts")), (0.0, 0.0));
    assert!(summary(&report, "steps.api.rate").contains("waited for one of 1 connections"), "{report}");
    assert_eq!(stub.asked(), 201, "one to warm up, and every request of the schedule");
}

/// The original script counts a request without a response with 999 s, and sorts latencies as text.
#[test]
fn errors_and_timeouts_are_counted_separately_and_a_timeout_counts_with_its_limit() {
    let stub = Stub::start(|n| match n {
        0 => Reply::Status(200),
        n if n % 10 == 0 => Reply::Silence,
        n if n % 7 == 0 => Reply::Status(500),
        n if n % 9 == 0 => Reply::Gone,
        _ => Reply::Status(200),
    });
    let ordctl = asking(&stub, "baseline: { api_p95: 700ms }\n");
    let (code, report) = api(&ordctl, &["rate=50", "duration=2s", "timeout=900ms"]);
    let of = |rule: &dyn Fn(u32) -> bool| (1..=100_u32).filter(|n| rule(*n)).count() as f64;
    let silent = of(&|n| n % 10 == 0);
    let wrong = of(&|n| n % 10 != 0 && n % 7 == 0);
    // The client may resend a request on a closed idle connection, so the count may be lower.
    let gone = of(&|n| n % 10 != 0 && n % 7 != 0 && n % 9 == 0);
    assert_eq!(code, 2, "{report}");
    let errors = value(&report, "steps.api.errors");
    assert!(errors >= wrong - 2.0 && errors <= wrong + gone + 2.0, "{errors}, {wrong}, {gone}: {report}");
    assert!((value(&report, "steps.api.timeouts") - silent).abs() <= 2.0, "{report}");
    assert!(summary(&report, "steps.api.errors").contains("answered 500"), "{report}");
    assert!(summary(&report, "steps.api.timeouts").contains("no answer within 900 ms"), "{report}");
    assert!(value(&report, "steps.api.p95") >= 0.9, "{report}");
    assert_eq!(status(&report, "steps.api.p95"), "crit", "a timeout does not meet the target");
    // Of a hundred requests, the percentage is the count. The duration of the last one does not affect the rate.
    assert_eq!(value(&report, "steps.api.unsent"), 0.0, "{report}");
    let good = 100.0 - errors - value(&report, "steps.api.timeouts");
    assert!((value(&report, "steps.api.rate") - good / 2.0).abs() < 1e-6, "{good}: {report}");
}

/// One connection without responses: only the request that had it for its whole time has failed.
#[test]
fn requests_not_sent_in_time_are_not_failures() {
    let stub = Stub::start(|n| if n == 0 { Reply::Status(200) } else { Reply::Silence });
    let params = ["rate=50", "duration=1s", "connections=1", "timeout=800ms"];
    let (code, report) = api(&asking(&stub, "baseline: { api_p95: 700ms }\n"), &params);
    assert_eq!((code, status(&report, "steps.api.unsent")), (2, "warn"), "{report}");
    let (unsent, timeouts) = (value(&report, "steps.api.unsent"), value(&report, "steps.api.timeouts"));
    assert!(unsent >= 90.0 && timeouts > 0.0 && unsent + timeouts == 100.0, "{report}");
    let output = summary(&report, "steps.api.unsent");
    assert!(output.contains("found all 1 connections busy for 400 ms or longer"), "{output}");
    assert_eq!(status(&report, "steps.api.p95"), "crit", "their latency includes the wait: {report}");
}

#[test]
fn an_endpoint_that_is_fast_meets_its_target_and_one_that_is_not_misses_it() {
    let stub = Stub::start(|_| Reply::After(600 * MS));
    let args = ["rate=50", "duration=2s"];
    let (code, output) = api(&asking(&stub, SLOW), &args);
    assert_eq!((code, output["kind"].as_str()), (0, Some("look")), "{output}");
    let p95 = finding(&output, "steps.api.p95");
    assert_eq!((p95["status"].as_str(), p95["crit"].as_f64()), (Some("ok"), Some(3.0)), "{output}");
    assert!(p95["value"].as_f64().unwrap() >= 0.6, "{output}");
    let (code, output) = api(&asking(&stub, "baseline: { api_p95: 500ms }\n"), &args);
    assert_eq!((code, status(&output, "steps.api.p95")), (2, "crit"), "{output}");
}

#[test]
fn too_few_samples_are_no_verdict() {
    let stub = Stub::start(|_| Reply::Status(200));
    let (code, report) = api(&asking(&stub, ""), &["rate=20", "duration=1s"]);
    assert_eq!((code, status(&report, "steps.api.p95")), (3, "unknown"), "{report}");
    assert!(summary(&report, "steps.api.p95").contains("no verdict: 20 samples, 50 required"), "{report}");
    let next = finding(&report, "steps.api.p95")["hint"].as_str().unwrap();
    assert!(next.contains("-p duration="), "{next}");
    for figure in ["p95", "p50", "p99", "max", "rate"] {
        assert!(
            finding(&report, &format!("steps.api.{figure}"))["details"].is_null(),
            "nothing to keep: {report}"
        );
    }
    assert_eq!(
        api(&asking(&stub, "baseline: { min_samples: 20, api_p95: 3s }\n"), &["rate=20", "duration=1s"]).0,
        0
    );
}

/// A stall of this machine is no finding about the API.
#[tokio::test]
async fn a_late_client_gives_no_verdict() {
    let stub = Stub::start(|_| Reply::Status(200));
    let ordctl = asking(&stub, "");
    let args = ["baseline", "--only", "api", "-p", "rate=50", "-p", "duration=4s", "-o", "json"];
    let child = ordctl.spawn(&args);
    eventually("the load has begun", async || stub.asked() > 20).await;
    signal(&child, Signal::STOP);
    tokio::time::sleep(1000 * MS).await;
    signal(&child, Signal::CONT);
    let (code, output) = report(child);
    assert_eq!((code, status(&output, "steps.api.p95")), (3, "unknown"), "{output}");
    assert!(summary(&output, "steps.api.p95").contains("this machine was too slow"), "{output}");
}

#[test]
fn an_endpoint_lost_during_the_measurement_is_reported_by_its_errors() {
    let stub = Stub::start(|n| if n > 80 { Reply::Gone } else { Reply::Status(200) });
    let (code, report) = api(&asking(&stub, SLOW), &["rate=50", "duration=3s"]);
    assert_eq!((code, status(&report, "steps.api.errors")), (2, "crit"), "{report}");
    assert!(value(&report, "steps.api.errors") > 40.0, "{report}");
    assert_eq!(status(&report, "steps.api.p95"), "ok", "the responses were fast: {report}");
}

#[test]
fn an_unreachable_endpoint_is_unknown_and_an_unconfigured_one_is_skipped() {
    let stub = Stub::start(|_| Reply::Gone);
    let ordctl = asking(&stub, "");
    let (code, report) = api(&ordctl, &[]);
    assert_eq!((code, status(&report, "steps.api.p95")), (3, "unknown"), "{report}");
    assert!(stub.asked() < 5, "an endpoint without a response gets no load");
    let (code, report) = api(&ordctl, &["endpoint=other"]);
    assert_eq!((code, status(&report, "steps.api")), (3, "skipped"), "{report}");
    // A load beyond the limits is a usage error.
    let output = ordctl.run(&["baseline", "--only", "api", "-p", "rate=100000"]);
    assert_eq!(output.code, 4, "{output:?}");
    assert!(output.err.contains("rate must be between 1 and 1000"), "{output:?}");
}

/// The right to create tasks does not include the right to load the system.
#[tokio::test]
async fn a_task_cannot_start_a_measurement() {
    let tables = Tables::new().await;
    let _node = Setup::of(&tables.db).node(&[]);
    for (step, words) in [
        (r#"{"uses": "measure.load", "with": {"endpoint": "api"}}"#, "send load to an endpoint"),
        (r#"{"uses": "probe.scheduling", "with": {}}"#, "use probe.scheduling"),
    ] {
        let id = tables.task(&[step.to_owned()], "max_retries = 0").await;
        tables.queue(&id, 1).await;
        let failed = format!(
            "SELECT count(*) FROM task_run WHERE task_id = '{id}' AND error LIKE '%{words} only through a runbook%'"
        );
        tables.until(&failed, "1").await;
    }
    assert_eq!(tables.db.value("SELECT count(*) FROM task").await, "2");
}
