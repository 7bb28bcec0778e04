//! A run's memory and time are bounded, and its neighbors go on.

use crate::support::engine::{Setup, Tables};
use crate::support::eventually;

/// Doubles a list until a bound ends it.
fn endless() -> String {
    format!("[@,@]{}|length(@)", "|[@,@][]".repeat(40))
}

fn transform(expr: &str, more: &str) -> String {
    format!(r#"{{"uses": "transform", "with": {{"expr": "{expr}", "data": 1}}{more}}}"#)
}

const UNBOUNDED: &str = "limits: { value: 1GiB, evaluation_steps: 1000000000000 }\n";

/// Two computing steps used to hold both threads that run steps.
#[tokio::test]
async fn steps_that_compute_end_at_their_timeout_or_a_cancellation_and_others_run() {
    let tables = Tables::new().await;
    let slow = tables.task(&[transform(&endless(), r#", "timeout_seconds": 2"#)], "max_retries = 0").await;
    let endless =
        tables.task(&[transform(&endless(), r#", "timeout_seconds": 600"#)], "max_retries = 0").await;
    let quick = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "").await;
    let _node = Setup { more: UNBOUNDED.into(), ..Setup::of(&tables.db) }.node(&["--role", "worker"]);
    tables.queue(&endless, 4).await;
    tables.queue(&slow, 4).await;
    tables.until("SELECT count(*) FROM due_work WHERE lease_token IS NOT NULL", "8").await;
    tables.queue(&quick, 10).await;
    let runs = |task: &str, what: &str| format!("SELECT {what} FROM task_run WHERE task_id = '{task}'");
    tables.until(&runs(&quick, "count(*)"), "10").await;
    tables.until(&runs(&slow, "count(*)"), "4").await;
    let error = tables.db.value(&runs(&slow, "string_agg(DISTINCT error, '; ')")).await;
    assert_eq!(error, "step 'transform': no answer within 2 s");
    assert_eq!(tables.db.value(&runs(&endless, "count(*)")).await, "0");
    tables.db.execute("UPDATE due_work SET cancel = true").await.unwrap();
    tables.drained().await;
    let error = tables.db.value(&runs(&endless, "string_agg(DISTINCT error, '; ')")).await;
    assert_eq!(error, "canceled");
}

/// Nine steps that quadruple their input, and an expression of 120 characters: both used to take gigabytes.
#[tokio::test]
async fn a_run_that_grows_fails_at_the_bound_and_the_node_stays_small() {
    let tables = Tables::new().await;
    let quadruple = |n: usize| {
        let data = if n == 0 { "x".repeat(50_000) } else { format!("${{steps.s{}}}", n - 1) };
        format!(
            r#"{{"uses": "transform", "save_as": "s{n}", "with": {{"expr": "[@, @, @, @]", "data": "{data}"}}}}"#
        )
    };
    let steps: Vec<String> = (0..9).map(quadruple).collect();
    let grows = tables.task(&steps, "max_retries = 0").await;
    let explodes = format!("@{}", "|[@,@,@,@]".repeat(12));
    let explodes = tables.task(&[transform(&explodes, r#", "save_as": "s""#)], "max_retries = 0").await;
    let quick = tables.task(&[r#"{"uses": "noop"}"#.to_owned()], "").await;
    let node = Setup::of(&tables.db).node(&["--role", "worker"]);
    // Without the bounds the node ends here instead of taking the machine's memory.
    rustix::process::prlimit(
        rustix::process::Pid::from_raw(node.pid() as i32),
        rustix::process::Resource::As,
        rustix::process::Rlimit { current: Some(8 << 30), maximum: Some(8 << 30) },
    )
    .unwrap();
    for task in [&grows, &explodes, &quick] {
        tables.queue(task, 3).await;
    }
    tables.drained().await;
    let errors = |task: &str| {
        format!(
            "SELECT string_agg(DISTINCT coalesce(error, 'none'), '; ') FROM task_run WHERE task_id = '{task}'"
        )
    };
    let bound = "transform: the value is larger than 8.0 MiB (limits.value)";
    assert_eq!(tables.db.value(&errors(&explodes)).await, format!("step 's': {bound}"));
    assert_eq!(tables.db.value(&errors(&grows)).await, format!("step 's3': {bound}"));
    assert_eq!(tables.db.value(&errors(&quick)).await, "none");
    eventually("the peak of its memory is known", async || peak(node.pid()) > 0).await;
    assert!(peak(node.pid()) < 600 << 20, "{} MiB", peak(node.pid()) >> 20);
}

#[tokio::test]
async fn large_integers_reach_conditions_and_results_with_every_digit() {
    let tables = Tables::new().await;
    let steps = [
        r#"{"uses": "transform", "if": "params.a == params.b", "with": {"expr": "@", "data": "equal"}, "save_as": "same"}"#,
        r#"{"uses": "transform", "with": {"expr": "@", "data": "${params.big}"}, "save_as": "big"}"#,
    ];
    let task = tables.task(&steps.map(String::from), "").await;
    let params =
        r#"{"a": 1970670598291982290, "b": 1970670598291982291, "big": 123456789012345678901234567890}"#;
    let set = format!("UPDATE task SET payload = payload || '{{\"params\": {params}}}' WHERE id = '{task}'");
    tables.db.execute(&set).await.unwrap();
    let _node = Setup::of(&tables.db).node(&["--role", "worker"]);
    tables.queue(&task, 1).await;
    tables.drained().await;
    let output = tables.db.value("SELECT output::text FROM task_run").await;
    assert_eq!(output, r#"{"steps": {"big": 123456789012345678901234567890}}"#);
}

/// The largest resident memory of a process so far, in bytes.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    let kib = line.split_whitespace().next().and_then(|n| n.parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}
