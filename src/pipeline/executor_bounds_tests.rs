//! Bounds of a run: saved values, outcomes, and the time of evaluations.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::executor_tests::{executor, scope, step};
use super::*;
use crate::model::Step;

/// Each step makes four copies of the result before it.
#[tokio::test]
async fn saved_results_and_their_sum_are_bounded_and_the_step_names_the_bound() {
    let step = |id: usize, expr: &str| {
        let data = if id == 0 { "x".repeat(1000) } else { format!("${{steps.s{}}}", id - 1) };
        let with = json!({ "expr": expr, "data": data });
        let step = json!({ "uses": "transform", "save_as": format!("s{id}"), "with": with });
        serde_json::from_value::<Step>(step).unwrap()
    };
    let mut executor = executor(Arc::default());
    executor.registry = Registry::builtin();
    let run = async |executor: &Executor, steps: &[Step]| {
        let (_sender, stop) = watch::channel(false);
        let all: Vec<&Step> = steps.iter().collect();
        run_sequential(executor, &all, &mut scope(), &mut NoGate, stop).await
    };
    let steps: Vec<Step> = (0..9).map(|id| step(id, "[@,@,@,@]")).collect();
    let outcomes = run(&executor, &steps).await;
    let failed = outcomes.iter().find(|o| o.state == State::Failed).expect("no step failed");
    assert_eq!(failed.error.as_deref(), Some("transform: the value is larger than 8.0 MiB (limits.value)"));
    assert_eq!(failed.findings[0].hint.as_deref(), Some("raise limits.value in the configuration"));
    assert_eq!(outcomes.iter().filter(|o| o.state == State::Done).count(), 6);

    let mut settings = (*executor.ctx.settings).clone();
    settings.limits.context = "5KiB".parse().unwrap();
    executor.ctx.settings = Arc::new(settings);
    let outcomes = run(&executor, &(0..9).map(|id| step(id, "@")).collect::<Vec<_>>()).await;
    let failed = outcomes.iter().find(|o| o.state == State::Failed).expect("no step failed");
    let error = "save_as: s4: what the run has saved is larger than 5.0 KiB (limits.context)";
    assert_eq!((failed.id.as_str(), failed.error.as_deref()), ("s4", Some(error)));
}

/// A tool without a bound of its own.
#[tokio::test]
async fn a_saved_result_is_bounded_whatever_tool_returned_it() {
    let mut executor = executor(Arc::default());
    let mut settings = (*executor.ctx.settings).clone();
    settings.limits.value = "1KiB".parse().unwrap();
    executor.ctx.settings = Arc::new(settings);
    let with = json!({ "length": 2000 });
    let steps = [
        step(json!({ "id": "kept", "save_as": "big", "optional": true, "with": with })),
        step(json!({ "id": "dropped", "with": with })),
    ];
    let (_sender, stop) = watch::channel(false);
    let all: Vec<&Step> = steps.iter().collect();
    let outcomes = run_sequential(&executor, &all, &mut scope(), &mut NoGate, stop).await;
    let error = "save_as: big: the value is larger than 1.0 KiB (limits.value)";
    assert_eq!(outcomes[0].error.as_deref(), Some(error), "{outcomes:?}");
    assert_eq!(outcomes[1].state, State::Done, "{outcomes:?}");
}

/// All outcomes of a run are kept until it ends.
#[tokio::test]
async fn outcomes_are_small_even_if_steps_are_not() {
    let data = "x".repeat(1 << 20);
    let step = |uses: &str, with: Value| {
        serde_json::from_value::<Step>(json!({ "uses": uses, "optional": true, "with": with })).unwrap()
    };
    let steps = [
        step("transform", json!({ "expr": "@", "data": data })),
        step("log", json!({ "message": data })),
        step("wait", json!({ "seconds": data })),
    ];
    let mut executor = executor(Arc::default());
    executor.registry = Registry::builtin();
    let (_sender, stop) = watch::channel(false);
    let all: Vec<&Step> = steps.iter().collect();
    let outcomes = run_sequential(&executor, &all, &mut scope(), &mut NoGate, stop).await;
    let size = format!("{outcomes:?}").len();
    assert!(size < 100 << 10, "{size} bytes");
    let states: Vec<&State> = outcomes.iter().map(|o| &o.state).collect();
    assert_eq!(states, [&State::Done, &State::Done, &State::Failed]);
}

/// The evaluation of a template and of `if` belongs to the step's time, and its thread is not the others'.
#[tokio::test]
async fn a_step_that_computes_ends_at_its_time_out_and_others_run_meanwhile() {
    let endless = format!("[@,@]{}|length(@)", "|[@,@][]".repeat(30));
    let slow = |key: &str| {
        let mut slow = json!({ "id": key, "timeout_seconds": 0.5, "with": {} });
        match key {
            "if" => slow["if"] = json!(endless),
            _ => slow["with"]["name"] = json!(format!("${{{endless}}}")),
        }
        step(slow)
    };
    let mut executor = executor(Arc::default());
    let mut settings = (*executor.ctx.settings).clone();
    settings.limits.value = "1GiB".parse().unwrap();
    settings.limits.evaluation_steps = u64::MAX;
    executor.ctx.settings = Arc::new(settings);
    let steps = [slow("if"), slow("with"), slow("with"), step(json!({ "id": "quick", "with": {} }))];
    let all: Vec<&Step> = steps.iter().collect();
    let outcomes = run_concurrent(&executor, &all, &mut scope()).await;
    for slow in &outcomes[..3] {
        assert_eq!(slow.error.as_deref(), Some("no answer within 500 ms"), "{slow:?}");
    }
    assert!(outcomes[3].state == State::Done && outcomes[3].elapsed < outcomes[0].elapsed, "{outcomes:?}");
}
