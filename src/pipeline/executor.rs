//! Runs the steps of a pipeline: checks concurrently, actions sequentially.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use serde_json::Value;
use tokio::sync::watch;

use super::attempt::{self, State, StepOutcome};
use super::expression::Expression;
use super::{TemplateContext, template};
use crate::base::lock::lock;
use crate::model::{Consented, Reclaimed, Step};
use crate::tools::{Registry, ToolContext, ToolError};

/// The timeout of a step when neither it nor its runbook sets one.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs steps with these tools against these systems.
#[derive(Clone)]
pub(crate) struct Executor {
    pub(crate) registry: Registry,
    /// What every tool gets; its timeout applies to steps without their own.
    pub(crate) ctx: ToolContext,
}

impl Executor {
    /// An executor for one run of a task: its logs carry the run's id, its requests the occurrence's name,
    /// and only the secrets that it reads are masked in its output.
    #[must_use]
    pub(crate) fn for_run(&self, run: impl Into<String>, occurrence: impl Into<String>) -> Self {
        let (run, occurrence) = (Some(run.into()), Some(occurrence.into()));
        let secrets = self.ctx.secrets.without_values();
        let ctx = ToolContext { run, occurrence, secrets, ..self.ctx.clone() };
        Self { registry: self.registry.clone(), ctx }
    }

    /// An executor whose steps may change something.
    #[must_use]
    pub(crate) fn with_consent(&self, consented: Consented) -> Self {
        let ctx = ToolContext { consented: Some(consented), ..self.ctx.clone() };
        Self { registry: self.registry.clone(), ctx }
    }

    /// The timeout of a step.
    pub(crate) fn limit(&self, step: &Step) -> Duration {
        step.timeout_seconds.and_then(|s| Duration::try_from_secs_f64(s).ok()).unwrap_or(self.ctx.limit)
    }

    pub(crate) fn context(&self, step: &Step) -> ToolContext {
        ToolContext { step: step.name().to_owned(), limit: self.limit(step), ..self.ctx.clone() }
    }
}

/// Runs checks concurrently. A step that reads another's saved result waits for it. The outcomes keep the
/// order of the steps.
pub(crate) async fn run_concurrent(
    executor: &Executor,
    steps: &[&Step],
    scope: &mut TemplateContext,
) -> Vec<StepOutcome> {
    let shared = Mutex::new(scope.clone());
    let (finished, _) = watch::channel(BTreeSet::<usize>::new());
    let runs = steps.iter().enumerate().map(|(i, step)| {
        let waits_for = dependencies(step, &steps[..i]);
        let mut done = finished.subscribe();
        let (shared, finished) = (&shared, &finished);
        async move {
            // The sender outlives this wait, so it cannot fail.
            drop(done.wait_for(|done| waits_for.is_subset(done)).await);
            let context = lock(shared).clone();
            let limit = executor.ctx.settings.limits.context;
            let save = |name: &str, result| lock(shared).save(name, result, limit);
            let outcome = attempt::run(executor, step, &context, save).await;
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

/// The positions of the earlier steps whose results a step reads.
pub(crate) fn dependencies(step: &Step, earlier: &[&Step]) -> BTreeSet<usize> {
    let mut names = BTreeSet::new();
    if let Some(condition) = step.condition.as_deref().and_then(|c| Expression::compile(c).ok()) {
        names.extend(condition.steps());
    }
    // A broken template is reported when the step runs.
    drop(template::each(&Value::Object(step.with.clone()), &mut |t| names.extend(t.steps())));
    let read = |name: &String| names.contains("*") || names.contains(name);
    let saved = earlier.iter().enumerate();
    saved.filter(|(_, s)| s.save_as.as_ref().is_some_and(read)).map(|(i, _)| i).collect()
}

/// What happens to the next step.
#[derive(Debug)]
pub(crate) enum Decision {
    /// Run it. A step that changes something needs consent, here or from the executor.
    Run(Option<Consented>),
    /// An earlier run finished it, with this result.
    AlreadyDone(Value),
    /// Skip it, for this reason.
    Skip(String),
    /// It could not be planned, so the consent does not cover it.
    Fail(ToolError),
}

/// Decides on each step of a sequential pipeline and records it.
#[async_trait]
pub(crate) trait StepGate: Send {
    /// Called before a step; `position` counts from 0.
    async fn before(&mut self, position: usize, step: &Step) -> anyhow::Result<Decision>;

    /// Called after a step that ran.
    async fn after(&mut self, position: usize, outcome: &StepOutcome) -> anyhow::Result<()>;
}

/// Runs every step and records nothing.
pub(crate) struct NoGate;

#[async_trait]
impl StepGate for NoGate {
    async fn before(&mut self, _: usize, _: &Step) -> anyhow::Result<Decision> {
        Ok(Decision::Run(None))
    }

    async fn after(&mut self, _: usize, _: &StepOutcome) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Turns true when the pipeline must stop.
pub(crate) type Stop = watch::Receiver<bool>;

/// Runs steps one after the other until a step that is not optional fails, or `stop` turns true. A stopped
/// step is dropped, which cancels what it was waiting for.
pub(crate) async fn run_sequential(
    executor: &Executor,
    steps: &[&Step],
    scope: &mut TemplateContext,
    gate: &mut dyn StepGate,
    mut stop: Stop,
) -> Vec<StepOutcome> {
    let mut outcomes = Vec::with_capacity(steps.len());
    let mut continues = true;
    for (position, step) in steps.iter().enumerate() {
        if !continues {
            outcomes.push(StepOutcome::not_run(step, State::NotReached, "not reached"));
            continue;
        }
        let (mut outcome, recorded) = run_gated(executor, position, step, scope, gate, &mut stop).await;
        if step.save_as.is_none() {
            // Nobody reads it anymore, and many of them can be large.
            outcome.result = None;
        }
        continues = recorded && outcome.allows_next(step);
        outcomes.push(outcome);
    }
    outcomes
}

/// The outcome of a step that an earlier run finished. Saves its result.
fn already_done(executor: &Executor, step: &Step, scope: &mut TemplateContext, result: Value) -> StepOutcome {
    let result = Arc::new(result);
    let limit = executor.ctx.settings.limits.context;
    if let Some(Err(e)) = step.save_as.as_ref().map(|name| scope.save(name, result.clone(), limit)) {
        return StepOutcome::not_run(step, State::Failed, &format!("its result cannot be read: {e}"));
    }
    let outcome = StepOutcome::not_run(step, State::Skipped, "already done");
    StepOutcome { reclaimed: Reclaimed::of(&result), result: Some(result), ..outcome }
}

/// Runs one step through the gate. Returns its outcome, and whether the gate could record it.
async fn run_gated(
    executor: &Executor,
    position: usize,
    step: &Step,
    scope: &mut TemplateContext,
    gate: &mut dyn StepGate,
    stop: &mut Stop,
) -> (StepOutcome, bool) {
    let consented = match gate.before(position, step).await {
        Err(e) => return (StepOutcome::not_run(step, State::Failed, &format!("not started: {e:#}")), false),
        Ok(Decision::Skip(reason)) => return (StepOutcome::not_run(step, State::Skipped, &reason), true),
        Ok(Decision::AlreadyDone(result)) => {
            return (already_done(executor, step, scope, result), true);
        }
        Ok(Decision::Fail(error)) => return (attempt::failed(step, error), true),
        Ok(Decision::Run(consented)) => consented,
    };
    let context = scope.clone();
    let with_consent = consented.map(|consented| executor.with_consent(consented));
    let executor = with_consent.as_ref().unwrap_or(executor);
    let limit = executor.ctx.settings.limits.context;
    let mut outcome = tokio::select! {
        biased;
        // An error means that the sender is gone: then only the step itself ends this.
        Ok(_) = stop.wait_for(|s| *s) => StepOutcome::not_run(step, State::Interrupted, "interrupted"),
        outcome = attempt::run(executor, step, &context, |name, result| scope.save(name, result, limit)) => outcome,
    };
    if let Err(e) = gate.after(position, &outcome).await {
        let not_recorded =
            StepOutcome::not_run(step, State::Failed, &format!("done, but not recorded: {e:#}"));
        outcome.findings.extend(not_recorded.findings);
        outcome.state = State::Failed;
        return (outcome, false);
    }
    (outcome, true)
}
