//! Running several steps: concurrently when they only look, in order when they act.

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::watch;

use super::attempt::{self, State, StepOutcome};
use super::expression::Expression;
use super::{Scope, World, template};
use crate::model::{Consented, Step};
use crate::tools::ToolError;

/// Runs steps that only look, all at once; a step that reads another's saved result waits for it.
/// The outcomes keep the order of the steps.
pub(crate) async fn concurrently(world: &World, steps: &[&Step], scope: &mut Scope) -> Vec<StepOutcome> {
    let shared = Mutex::new(scope.clone());
    let (finished, _) = watch::channel(BTreeSet::<usize>::new());
    let runs = steps.iter().enumerate().map(|(i, step)| {
        let waits_for = rests_on(step, &steps[..i]);
        let mut done = finished.subscribe();
        let (shared, finished) = (&shared, &finished);
        async move {
            // The channel lives as long as this function, so the wait cannot fail.
            drop(done.wait_for(|done| waits_for.is_subset(done)).await);
            let context = lock(shared).value();
            let outcome = attempt::run(world, step, &context).await;
            if let (Some(name), Some(result)) = (&step.save_as, &outcome.result) {
                lock(shared).save(name, result.clone());
            }
            finished.send_modify(|done| {
                done.insert(i);
            });
            outcome
        }
    });
    let outcomes = join_all(runs).await;
    *scope = lock(&shared).clone();
    outcomes
}

/// A poisoned lock means that another step panicked; its scope is still whole.
fn lock(scope: &Mutex<Scope>) -> std::sync::MutexGuard<'_, Scope> {
    scope.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Which of the earlier steps a step reads the results of, by position.
pub(crate) fn rests_on(step: &Step, earlier: &[&Step]) -> BTreeSet<usize> {
    let mut names = BTreeSet::new();
    if let Some(condition) = step.condition.as_deref().and_then(|c| Expression::compile(c).ok()) {
        names.extend(condition.steps());
    }
    // A fault in a template is reported when the step runs.
    drop(template::each(&Value::Object(step.with.clone()), &mut |t| names.extend(t.steps())));
    let read = |name: &String| names.contains("*") || names.contains(name);
    let saved = earlier.iter().enumerate();
    saved.filter(|(_, s)| s.save_as.as_ref().is_some_and(read)).map(|(i, _)| i).collect()
}

/// What a gate says before a step.
#[derive(Debug)]
pub(crate) enum Pass {
    /// Run it. A step that changes something needs consent.
    Run(Option<Consented>),
    /// It was done before, with this result.
    Done(Value),
    /// Leave it out, for this reason.
    LeaveOut(String),
    /// It has failed already: what it would do could not be told, so nobody has consented to it.
    Fail(ToolError),
}

/// Stands between the steps of an acting pipeline, to record or to choose.
#[async_trait]
pub(crate) trait Gate: Send {
    /// Asked before a step; `position` counts from 0.
    async fn before(&mut self, position: usize, step: &Step) -> anyhow::Result<Pass>;

    /// Told after a step that ran.
    async fn after(&mut self, position: usize, outcome: &StepOutcome) -> anyhow::Result<()>;
}

/// A gate that records nothing and lets every step pass.
pub(crate) struct OpenGate;

#[async_trait]
impl Gate for OpenGate {
    async fn before(&mut self, _: usize, _: &Step) -> anyhow::Result<Pass> {
        Ok(Pass::Run(None))
    }

    async fn after(&mut self, _: usize, _: &StepOutcome) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Turns true when everything has to stop.
pub(crate) type Stop = watch::Receiver<bool>;

/// Runs steps one after the other until one fails that is not optional, or `stop` turns true. A step
/// that is stopped half-way is dropped, which cancels what it was waiting for.
pub(crate) async fn in_order(
    world: &World,
    steps: &[&Step],
    scope: &mut Scope,
    gate: &mut dyn Gate,
    mut stop: Stop,
) -> Vec<StepOutcome> {
    let mut outcomes = Vec::with_capacity(steps.len());
    let mut going = true;
    for (position, step) in steps.iter().enumerate() {
        if !going {
            outcomes.push(StepOutcome::idle(step, State::NotReached, "not reached"));
            continue;
        }
        let (outcome, recorded) = pass(world, position, step, scope, gate, &mut stop).await;
        if let (Some(name), Some(result)) = (&step.save_as, &outcome.result) {
            scope.save(name, result.clone());
        }
        going = recorded && outcome.lets_go_on(step);
        outcomes.push(outcome);
    }
    outcomes
}

/// A step's outcome, and whether the gate could record it.
async fn pass(
    world: &World,
    position: usize,
    step: &Step,
    scope: &Scope,
    gate: &mut dyn Gate,
    stop: &mut Stop,
) -> (StepOutcome, bool) {
    let consented = match gate.before(position, step).await {
        Err(e) => return (StepOutcome::idle(step, State::Failed, &format!("not begun: {e:#}")), false),
        Ok(Pass::LeaveOut(reason)) => return (StepOutcome::idle(step, State::Skipped, &reason), true),
        Ok(Pass::Done(result)) => {
            let outcome = StepOutcome::idle(step, State::Skipped, "done before");
            return (StepOutcome { result: Some(result), ..outcome }, true);
        }
        Ok(Pass::Fail(error)) => return (attempt::failed(step, error), true),
        Ok(Pass::Run(consented)) => consented,
    };
    let context = scope.value();
    let with_consent = consented.map(|consented| world.with_consent(consented));
    let world = with_consent.as_ref().unwrap_or(world);
    let mut outcome = tokio::select! {
        biased;
        // An error means that nobody is left who could ask to stop: then only the step ends this.
        Ok(_) = stop.wait_for(|s| *s) => StepOutcome::idle(step, State::Interrupted, "interrupted"),
        outcome = attempt::run(world, step, &context) => outcome,
    };
    if let Err(e) = gate.after(position, &outcome).await {
        let not_recorded = StepOutcome::idle(step, State::Failed, &format!("done, but not recorded: {e:#}"));
        outcome.findings.extend(not_recorded.findings);
        outcome.state = State::Failed;
        return (outcome, false);
    }
    (outcome, true)
}
