//! One run: a pipeline from its first step to its outcome.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures_util::FutureExt;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::claim::Claimed;
use super::definitions::{Definition, Pipeline};
use super::outcome::{Outcome, Verdict};
use crate::model::Finding;
use crate::pipeline::{OpenGate, Scope, State, StepOutcome, World, in_order};

/// A run's result may take so many bytes as JSON.
const OUTPUT_MAX: usize = 1 << 20;

/// Why a run is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// It is not.
    None,
    /// Somebody canceled it.
    Canceled,
    /// Its lease has ended: it belongs to somebody else.
    Lost,
    /// The node stops.
    Drained,
}

/// Stops one run.
#[derive(Clone)]
pub struct Brake {
    reason: Arc<AtomicU8>,
    stop: watch::Sender<bool>,
}

impl Brake {
    /// One that is not pulled.
    pub fn new() -> Self {
        Self { reason: Arc::new(AtomicU8::new(Reason::None as u8)), stop: watch::Sender::new(false) }
    }

    /// Stops the run at its next await. The first reason counts.
    pub fn pull(&self, reason: Reason) {
        let none = Reason::None as u8;
        if self.reason.compare_exchange(none, reason as u8, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            self.stop.send_replace(true);
        }
    }

    /// Why it was pulled.
    pub fn reason(&self) -> Reason {
        match self.reason.load(Ordering::Acquire) {
            1 => Reason::Canceled,
            2 => Reason::Lost,
            3 => Reason::Drained,
            _ => Reason::None,
        }
    }
}

/// Runs a claimed row to its outcome. None: its lease was lost, there is nothing to record.
pub async fn run(world: World, claimed: Claimed, definition: Arc<Definition>, brake: Brake) -> Option<Outcome> {
    let begin = Instant::now();
    let world = world.of_run(claimed.occurrence.to_string(), claimed.occurrence.to_string());
    let ended = match &definition.pipeline {
        Ok(pipeline) => {
            let steps = steps(&world, &claimed, &definition, pipeline, &brake);
            match AssertUnwindSafe(steps).catch_unwind().await {
                Ok(ended) => ended,
                Err(_) => Err(Failure { error: "a step panicked".into(), output: None }),
            }
        }
        Err(error) => Err(Failure { error: error.clone(), output: None }),
    };
    let verdict = match (ended, brake.reason()) {
        (_, Reason::Lost) => return None,
        (Ok(output), _) => Verdict::Done { output },
        (Err(_), Reason::Canceled) => Verdict::Canceled,
        (Err(_), Reason::Drained) => Verdict::HandBack,
        (Err(failure), Reason::None) => Verdict::of_failure(
            failure.error,
            failure.output,
            claimed.attempts + 1,
            definition.max_retries,
            &definition.backoff,
        ),
    };
    Some(Outcome {
        id: claimed.id,
        token: claimed.token,
        key: claimed.key,
        started_at: claimed.leased_at,
        finished_at: later(claimed.leased_at, begin),
        verdict,
    })
}

/// Now, by the database's clock.
fn later(at: DateTime<Utc>, begin: Instant) -> DateTime<Utc> {
    at + TimeDelta::from_std(begin.elapsed()).unwrap_or_default()
}

struct Failure {
    error: String,
    output: Option<String>,
}

async fn steps(
    world: &World,
    claimed: &Claimed,
    definition: &Definition,
    pipeline: &Pipeline,
    brake: &Brake,
) -> Result<String, Failure> {
    let mut scope = scope(claimed, definition, pipeline);
    let steps: Vec<_> = pipeline.steps.iter().collect();
    let outcomes = in_order(world, &steps, &mut scope, &mut OpenGate, brake.stop.subscribe()).await;
    let output = output(&scope, &outcomes);
    let fits = output.len() <= OUTPUT_MAX;
    match outcomes.iter().find(|o| !matches!(o.state, State::Done | State::Skipped)) {
        Some(failed) => {
            let error = failed.error.clone().unwrap_or_else(|| said(failed));
            Err(Failure { error: format!("step '{}': {error}", failed.id), output: fits.then_some(output) })
        }
        None if fits => Ok(output),
        None => Err(Failure { error: format!("its result takes more than {OUTPUT_MAX} bytes"), output: None }),
    }
}

fn said(outcome: &StepOutcome) -> String {
    outcome.findings.first().map_or_else(|| "failed".to_owned(), |f| f.summary.clone())
}

/// What the pipeline sees, upstream's names among it.
fn scope(claimed: &Claimed, definition: &Definition, pipeline: &Pipeline) -> Scope {
    let mut scope = Scope::new(claimed.leased_at, pipeline.params.clone());
    let (id, title) = (claimed.task.to_string(), &definition.title);
    let begin = claimed.leased_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let at = claimed.scheduled_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    scope.set("task", json!({ "id": id, "title": title }));
    scope.set("run", json!({ "id": claimed.occurrence, "attempt": claimed.attempts + 1, "scheduled_at": at }));
    scope.set("event", claimed.event.clone().unwrap_or(Value::Null));
    scope.set("_task_id", json!(id));
    scope.set("_task_title", json!(title));
    scope.set("_execution_start", json!(begin));
    scope
}

/// What a run leaves: what its steps saved, and what its checks found.
fn output(scope: &Scope, outcomes: &[StepOutcome]) -> String {
    let findings: Vec<&Finding> = outcomes.iter().flat_map(|o| &o.findings).collect();
    let mut all = json!({ "steps": scope.value()["steps"] });
    let checked = outcomes.iter().any(|o| o.state == State::Done && !o.findings.is_empty());
    if checked {
        all["findings"] = json!(findings);
    }
    all.to_string()
}
