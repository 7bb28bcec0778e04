//! The plan: every real precondition check of every step, and the exact calls; no change.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Choice;
use crate::base::units;
use crate::model::{Effect, Plan, PlannedStep, Step, Target};
use crate::pipeline::ToolError;
use crate::pipeline::{Scope, State, World, concurrently, prepare, rests_on};

/// A step that cannot be run now.
#[derive(Debug)]
pub(crate) struct Obstacle {
    pub(crate) position: usize,
    pub(crate) error: ToolError,
    /// Whether the other steps do without it.
    pub(crate) optional: bool,
}

/// Plans the steps of a runbook. `done` holds results of steps that an earlier run finished.
pub(crate) async fn plan(
    world: &World,
    (name, title): (&str, &str),
    target: Target,
    steps: &[&Step],
    scope: &Scope,
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
                    known.save(name, result.clone());
                }
                Some("done before".to_owned())
            }
            None => choice.leaves_out(&[step.name()]),
        };
        let mut entry = entry(step, left_out);
        if entry.left_out.is_none() {
            let waits: Vec<&str> = rests_on(step, &steps[..position])
                .into_iter()
                .filter(|p| !done.contains_key(p) && !looked.contains(p))
                .map(|p| steps[p].name())
                .collect();
            let optional = step.optional;
            if let Err(error) = look_ahead(world, step, &known, &waits, &mut entry).await {
                if optional && error.is_not_configured() {
                    entry.left_out = Some(error.to_string());
                } else {
                    obstacles.push(Obstacle { position, error, optional });
                }
            } else if !acts && entry.left_out.is_none() && looks_first(step, &entry) {
                match ask(world, step, &mut known).await {
                    Ok(found) => {
                        entry.found = found;
                        looked.insert(position);
                    }
                    Err(error) => obstacles.push(Obstacle { position, error, optional }),
                }
            }
        }
        acts |= entry.left_out.is_none() && entry.effect != Effect::Look;
        planned.push(entry);
    }
    let plan = Plan { name: name.to_owned(), title: title.to_owned(), target, steps: planned };
    (plan, obstacles)
}

/// A step of which nothing is known yet.
fn entry(step: &Step, left_out: Option<String>) -> PlannedStep {
    PlannedStep {
        id: step.name().to_owned(),
        title: step.title().to_owned(),
        uses: step.uses.clone(),
        effect: Effect::Look,
        calls: Vec::new(),
        left_out,
        depends: None,
        found: Vec::new(),
    }
}

/// Whether a step that others may read is a check. As long as none before it changes anything, its answer
/// is the one that the run will get, and what rests on it can be told beforehand. Other steps that look,
/// such as a request, are made once, by the run.
fn looks_first(step: &Step, entry: &PlannedStep) -> bool {
    let check = step.uses.starts_with("check.") && entry.effect == Effect::Look;
    check && entry.depends.is_none() && step.save_as.is_some()
}

/// Runs a step that only looks.
async fn ask(world: &World, step: &Step, known: &mut Scope) -> Result<Vec<String>, ToolError> {
    let outcomes = concurrently(world, &[step], known).await;
    match outcomes.iter().find(|o| o.state != State::Done).cloned() {
        None => Ok(outcomes.into_iter().flat_map(|o| o.findings).map(|f| f.summary).collect()),
        Some(o) => Err(ToolError::refused(o.error.unwrap_or_else(|| "it gives no answer".to_owned()))),
    }
}

async fn look_ahead(
    world: &World,
    step: &Step,
    scope: &Scope,
    waits: &[&str],
    entry: &mut PlannedStep,
) -> Result<(), ToolError> {
    if !waits.is_empty() {
        entry.depends = Some(format!("rests on the result of {}", waits.join(", ")));
        let tool = world.registry.get(&step.uses);
        let effect = tool.map(|t| t.effect(&Value::Object(step.with.clone())));
        // What cannot be told before counts as grave: consent must never fall short.
        entry.effect = effect.and_then(Result::ok).unwrap_or(Effect::Grave);
        return Ok(());
    }
    let Some(ready) = prepare(world, step, &scope.value())? else {
        entry.left_out = Some("its condition does not hold".to_owned());
        return Ok(());
    };
    entry.effect = ready.effect;
    let ctx = world.context(step);
    let limit = ctx.limit;
    entry.calls = tokio::time::timeout(limit, ready.plan(&ctx)).await.unwrap_or_else(|_| {
        let limit = units::duration(limit.as_secs_f64());
        Err(ToolError::failed(format!("its preconditions could not be checked within {limit}")))
    })?;
    Ok(())
}
