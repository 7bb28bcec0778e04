//! The plan of a run: checks every precondition and lists the exact calls, without changing anything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::Choice;
use crate::base::units;
use crate::model::{Effect, Plan, PlannedStep, Step, Target};
use crate::pipeline::ToolError;
use crate::pipeline::{Executor, State, TemplateContext, dependencies, prepare, run_concurrent};

/// A step that cannot run now.
#[derive(Debug)]
pub(crate) struct Obstacle {
    pub(crate) position: usize,
    pub(crate) error: ToolError,
    /// The other steps can run without it.
    pub(crate) optional: bool,
}

/// Plans the steps of a runbook. `done` holds the results of steps that an earlier run finished.
pub(crate) async fn plan(
    executor: &Executor,
    (name, title): (&str, &str),
    target: Target,
    steps: &[&Step],
    scope: &TemplateContext,
    choice: &Choice,
    done: &BTreeMap<usize, Value>,
) -> (Plan, Vec<Obstacle>) {
    let mut planned = Vec::new();
    let mut obstacles = Vec::new();
    let mut known = scope.clone();
    let mut looked = BTreeSet::new();
    let mut acts = false;
    for (position, step) in steps.iter().enumerate() {
        let left_out = match done.get(&position) {
            Some(result) => {
                if let Some(name) = &step.save_as {
                    let limit = executor.ctx.settings.limits.context;
                    // The run reports a result that does not fit.
                    drop(known.save(name, Arc::new(result.clone()), limit));
                }
                Some("already done".to_owned())
            }
            None => choice.skip_reason(&[step.name()]),
        };
        let mut entry = PlannedStep { left_out, ..PlannedStep::new(step.name(), step.title(), &step.uses) };
        if entry.left_out.is_none() {
            let waits: Vec<&str> = dependencies(step, &steps[..position])
                .into_iter()
                .filter(|p| !done.contains_key(p) && !looked.contains(p))
                .map(|p| steps[p].name())
                .collect();
            let optional = step.optional;
            let mut looked_ahead = look_ahead(executor, step, &known, &waits, &mut entry).await;
            if looked_ahead.is_ok() && !acts && entry.left_out.is_none() && runs_in_plan(step, &entry) {
                looked_ahead = run_check(executor, step, &mut known).await.map(|found| {
                    entry.found = found;
                    looked.insert(position);
                });
            }
            match looked_ahead {
                Ok(()) => {}
                Err(error) if optional && error.is_not_configured() => {
                    entry.left_out = Some(error.to_string())
                }
                Err(error) => {
                    entry.blocked = Some(error.to_string());
                    obstacles.push(Obstacle { position, error, optional });
                }
            }
        }
        acts |= entry.left_out.is_none() && entry.effect != Effect::Look;
        planned.push(entry);
    }
    let (name, title) = (name.to_owned(), title.to_owned());
    (Plan { name, title, target, steps: planned, verify: Vec::new() }, obstacles)
}

/// Whether the plan runs this step because later steps read its result. That is right only for a check
/// before the first change: the run gets the same result. Other reads, such as a request, run once, in the
/// run.
fn runs_in_plan(step: &Step, entry: &PlannedStep) -> bool {
    let check = step.uses.starts_with("check.") && entry.effect == Effect::Look;
    check && entry.depends.is_none() && step.save_as.is_some()
}

/// Runs a check and returns its summaries.
async fn run_check(
    executor: &Executor,
    step: &Step,
    known: &mut TemplateContext,
) -> Result<Vec<String>, ToolError> {
    let outcomes = run_concurrent(executor, &[step], known).await;
    match outcomes.iter().find(|o| o.state != State::Done).cloned() {
        None => Ok(outcomes.into_iter().flat_map(|o| o.findings).map(|f| f.summary).collect()),
        Some(o) => {
            let hint = o.findings.into_iter().find_map(|f| f.hint);
            let message = o.error.unwrap_or_else(|| "no result".to_owned());
            Err(ToolError::Refused { message, hint })
        }
    }
}

async fn look_ahead(
    executor: &Executor,
    step: &Step,
    scope: &TemplateContext,
    waits: &[&str],
    entry: &mut PlannedStep,
) -> Result<(), ToolError> {
    if !waits.is_empty() {
        entry.depends = Some(format!("depends on the result of {}", waits.join(", ")));
        let tool = executor.registry.get(&step.uses);
        let effect = tool.map(|t| t.effect(&Value::Object(step.with.clone())));
        // An unknown effect counts as grave, so that consent is never too weak. A check only reads.
        let unknown = if step.uses.starts_with("check.") { Effect::Look } else { Effect::Grave };
        entry.effect = effect.and_then(Result::ok).unwrap_or(unknown);
        return Ok(());
    }
    let Some(ready) = prepare(executor, step, scope).await? else {
        entry.left_out = Some("condition is false".to_owned());
        return Ok(());
    };
    entry.effect = ready.effect;
    let ctx = executor.context(step);
    let limit = ctx.limit;
    let planned = tokio::time::timeout(limit, ready.plan(&ctx)).await.unwrap_or_else(|_| {
        let limit = units::duration(limit.as_secs_f64());
        Err(ToolError::failed(format!("checking its preconditions took longer than {limit}")))
    })?;
    (entry.text, entry.calls) = (planned.text, planned.calls);
    (entry.deletes, entry.idle) = (planned.deletes, planned.idle);
    Ok(())
}
