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
use crate::engine::metrics::Metrics;
use crate::model::{Consented, Finding, Step};
use crate::pipeline::{Executor, NoGate, State, StepOutcome, TemplateContext, run_sequential};

/// A run's result may take so many bytes as JSON.
const OUTPUT_MAX: usize = 1 << 20;

/// Why a run is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Reason {
    None,
    Canceled,
    /// Its lease has ended: it belongs to somebody else.
    Lost,
    Drained,
}

#[derive(Clone)]
pub(crate) struct CancelHandle {
    reason: Arc<AtomicU8>,
    stop: watch::Sender<bool>,
}

impl CancelHandle {
    /// One that is not pulled.
    pub(crate) fn new() -> Self {
        Self { reason: Arc::new(AtomicU8::new(Reason::None as u8)), stop: watch::Sender::new(false) }
    }

    /// Stops the run at its next await. The first reason counts.
    pub(crate) fn pull(&self, reason: Reason) {
        let none = Reason::None as u8;
        if self.reason.compare_exchange(none, reason as u8, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            self.stop.send_replace(true);
        }
    }

    pub(crate) fn reason(&self) -> Reason {
        match self.reason.load(Ordering::Acquire) {
            1 => Reason::Canceled,
            2 => Reason::Lost,
            3 => Reason::Drained,
            _ => Reason::None,
        }
    }
}

/// Runs a claimed row to its outcome. None: its lease was lost, there is nothing to record.
pub(crate) async fn run(
    executor: &Executor,
    claimed: Claimed,
    definition: Arc<Definition>,
    brake: CancelHandle,
    metrics: &Metrics,
) -> Option<Outcome> {
    let begin = Instant::now();
    let occurrence = claimed.occurrence.to_string();
    let executor = executor.for_run(&occurrence, &occurrence).with_consent(Consented::from_task(&occurrence));
    let ended = match &definition.pipeline {
        Ok(pipeline) => {
            let steps = steps(&executor, &claimed, &definition, pipeline, &brake, metrics);
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
            definition.backoff,
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
    executor: &Executor,
    claimed: &Claimed,
    definition: &Definition,
    pipeline: &Pipeline,
    brake: &CancelHandle,
    metrics: &Metrics,
) -> Result<String, Failure> {
    let mut scope = scope(claimed, definition, pipeline);
    let steps: Vec<_> = pipeline.steps.iter().collect();
    let outcomes = run_sequential(executor, &steps, &mut scope, &mut NoGate, brake.stop.subscribe()).await;
    for (step, outcome) in steps.iter().zip(&outcomes) {
        count(metrics, step, outcome);
    }
    let output = output(&scope, &steps, &outcomes);
    let fits = output.len() <= OUTPUT_MAX;
    match outcomes.iter().find(|o| !matches!(o.state, State::Done | State::Skipped)) {
        Some(failed) => {
            let error = failed.error.clone().unwrap_or_else(|| said(failed));
            Err(Failure { error: format!("step '{}': {error}", failed.id), output: fits.then_some(output) })
        }
        None if fits => Ok(output),
        None => {
            Err(Failure { error: format!("its result takes more than {OUTPUT_MAX} bytes"), output: None })
        }
    }
}

fn count(metrics: &Metrics, step: &Step, outcome: &StepOutcome) {
    let tool = step.uses.as_str();
    let error = match outcome.state {
        State::Done => None,
        State::Failed => Some("failed"),
        State::Refused => Some("refused"),
        State::Interrupted => Some("interrupted"),
        State::Skipped | State::NotReached => return,
    };
    let seconds = outcome.elapsed.as_secs_f64();
    let success = if error.is_none() { "true" } else { "false" };
    metrics.step_duration_seconds.with_label_values(&[tool, success]).observe(seconds);
    match error {
        None => metrics.step_success_total.with_label_values(&[tool]).inc(),
        Some(kind) => metrics.step_failure_total.with_label_values(&[tool, kind]).inc(),
    }
    if tool == "http.request" {
        let method = step.with.get("method").and_then(Value::as_str).unwrap_or("GET");
        // A method that only a template knows would make a label of its own.
        let method = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].into_iter().find(|m| *m == method);
        let method = method.unwrap_or("other");
        metrics.external_tool_duration_seconds.with_label_values(&[tool, method]).observe(seconds);
        let status = outcome.result.as_ref().and_then(|r| r.get("status")).and_then(Value::as_u64);
        let status = status.map_or_else(|| "none".to_owned(), |s| s.to_string());
        metrics.external_tool_calls_total.with_label_values(&[tool, &status]).inc();
    }
}

fn said(outcome: &StepOutcome) -> String {
    outcome.findings.first().map_or_else(|| "failed".to_owned(), |f| f.summary.clone())
}

/// What the pipeline sees, upstream's names among it.
fn scope(claimed: &Claimed, definition: &Definition, pipeline: &Pipeline) -> TemplateContext {
    let mut scope = TemplateContext::new(claimed.leased_at, pipeline.params.clone());
    let (id, title) = (claimed.task.to_string(), &definition.title);
    let begin = claimed.leased_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let at = claimed.scheduled_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    scope.set("task", json!({ "id": id, "title": title }));
    scope
        .set("run", json!({ "id": claimed.occurrence, "attempt": claimed.attempts + 1, "scheduled_at": at }));
    scope.set("event", claimed.event.clone().unwrap_or(Value::Null));
    scope.set("_task_id", json!(id));
    scope.set("_task_title", json!(title));
    scope.set("_execution_start", json!(begin));
    scope
}

/// What a run leaves: what its steps saved, and what its checks found.
fn output(scope: &TemplateContext, steps: &[&Step], outcomes: &[StepOutcome]) -> String {
    let mut all = json!({ "steps": scope.value()["steps"] });
    let checks = steps.iter().zip(outcomes).filter(|(step, _)| step.uses.starts_with("check."));
    let findings: Vec<&Finding> = checks.flat_map(|(_, outcome)| &outcome.findings).collect();
    if !findings.is_empty() {
        all["findings"] = json!(findings);
    }
    all.to_string()
}
