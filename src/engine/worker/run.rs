//! Runs one claimed job: from its first step to its outcome.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures_util::FutureExt;
use serde::Serialize;
use serde_json::{Value, json};

use super::cancel::{CancelHandle, StopReason};
use super::claim::ClaimedJob;
use super::definitions::{Pipeline, TaskDefinition};
use super::failure_log;
use super::outcome::{Outcome, RunResult};
use crate::base::units;
use crate::engine::metrics::Metrics;
use crate::model::{Consented, Finding, Step};
use crate::pipeline::{Decision, Executor, State, StepGate, StepOutcome, TemplateContext, run_sequential};

/// Maximum size of a run's output, in bytes of JSON.
const OUTPUT_MAX: usize = 1 << 20;

/// Returns None when the lease was lost: there is nothing to record.
pub(crate) async fn run(
    executor: &Executor,
    job: ClaimedJob,
    definition: Arc<TaskDefinition>,
    cancel: CancelHandle,
    metrics: &Metrics,
) -> Option<Outcome> {
    let started = Instant::now();
    let occurrence = job.occurrence.to_string();
    let executor = executor.for_run(&occurrence, &occurrence).with_consent(Consented::from_task(&occurrence));
    let usable =
        definition.pipeline.as_ref().and_then(|p| job.event.as_ref().map(|event| (p, event.as_ref())));
    let result = match usable {
        Ok((pipeline, event)) => {
            let scope = scope(&job, &definition, pipeline, event);
            let steps = run_steps(&executor, scope, pipeline, &cancel, metrics);
            match AssertUnwindSafe(steps).catch_unwind().await {
                Ok(result) => result,
                Err(_) => Err(Failure { error: "a step panicked".into(), output: None }),
            }
        }
        Err(error) => Err(Failure { error: error.clone(), output: None }),
    };
    let result = match (result, cancel.reason()) {
        (_, StopReason::LeaseLost) => return None,
        (Ok(output), _) => RunResult::Success { output },
        (Err(_), StopReason::Canceled) => RunResult::Canceled,
        (Err(_), StopReason::Draining) => RunResult::HandBack,
        (Err(failure), StopReason::None) => RunResult::after_failure(
            failure.error,
            failure.output,
            job.attempts + 1,
            definition.max_retries,
            definition.backoff,
        ),
    };
    failure_log::log(&job, &definition.title, &result);
    Some(Outcome {
        id: job.id,
        token: job.token,
        concurrency_key: job.concurrency_key,
        started_at: job.leased_at,
        finished_at: database_now(job.leased_at, started),
        result,
    })
}

/// The current time by the database's clock, which showed `leased_at` at `started`.
fn database_now(leased_at: DateTime<Utc>, started: Instant) -> DateTime<Utc> {
    leased_at + TimeDelta::from_std(started.elapsed()).unwrap_or_default()
}

struct Failure {
    error: String,
    output: Option<String>,
}

async fn run_steps(
    executor: &Executor,
    mut scope: TemplateContext,
    pipeline: &Pipeline,
    cancel: &CancelHandle,
    metrics: &Metrics,
) -> Result<String, Failure> {
    let steps: Vec<_> = pipeline.steps.iter().collect();
    let mut gate = CountingGate { metrics, steps: &steps };
    let outcomes = run_sequential(executor, &steps, &mut scope, &mut gate, cancel.subscribe()).await;
    let output = output(&scope, &steps, &outcomes);
    match outcomes.iter().find(|o| !matches!(o.state, State::Done | State::Skipped)) {
        Some(failed) => {
            let error = failed.error.clone().unwrap_or_else(|| first_finding(failed));
            Err(Failure { error: format!("step '{}': {error}", failed.id), output })
        }
        None => output.ok_or_else(|| {
            let limit = units::bytes(OUTPUT_MAX as f64);
            Failure {
                error: format!("the saved results are larger than {limit}, the maximum of a run's output"),
                output: None,
            }
        }),
    }
}

/// Counts each step in the metrics.
struct CountingGate<'a> {
    metrics: &'a Metrics,
    steps: &'a [&'a Step],
}

#[async_trait]
impl StepGate for CountingGate<'_> {
    async fn before(&mut self, _: usize, _: &Step) -> anyhow::Result<Decision> {
        Ok(Decision::Run(None))
    }

    async fn after(&mut self, position: usize, outcome: &StepOutcome) -> anyhow::Result<()> {
        if let Some(step) = self.steps.get(position) {
            count(self.metrics, step, outcome);
        }
        Ok(())
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
        // A templated method would create a label for every value.
        let method = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].into_iter().find(|m| *m == method);
        let method = method.unwrap_or("other");
        metrics.external_tool_duration_seconds.with_label_values(&[tool, method]).observe(seconds);
        let status = outcome.result.as_ref().and_then(|r| r.get("status")).and_then(Value::as_u64);
        let status = status.map_or_else(|| "none".to_owned(), |s| s.to_string());
        metrics.external_tool_calls_total.with_label_values(&[tool, &status]).inc();
    }
}

fn first_finding(outcome: &StepOutcome) -> String {
    outcome.findings.first().map_or_else(|| "failed".to_owned(), |f| f.summary.clone())
}

/// The context of a pipeline's templates, including upstream's names.
fn scope(
    job: &ClaimedJob,
    definition: &TaskDefinition,
    pipeline: &Pipeline,
    event: Option<&Value>,
) -> TemplateContext {
    let mut scope = TemplateContext::new(job.leased_at, pipeline.params.clone());
    let (id, title) = (job.task.to_string(), &definition.title);
    let started = job.leased_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let at = job.scheduled_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    scope.set("task", json!({ "id": id, "title": title }));
    scope.set("run", json!({ "id": job.occurrence, "attempt": job.attempts + 1, "scheduled_at": at }));
    scope.set("event", event.cloned().unwrap_or(Value::Null));
    scope.set("_task_id", json!(id));
    scope.set("_task_title", json!(title));
    scope.set("_execution_start", json!(started));
    scope
}

/// A run's output: the saved results of its steps and the findings of its checks. None: it is too large.
fn output(scope: &TemplateContext, steps: &[&Step], outcomes: &[StepOutcome]) -> Option<String> {
    #[derive(Serialize)]
    struct Output<'a> {
        steps: BTreeMap<&'a str, &'a Value>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        findings: Vec<&'a Finding>,
    }
    let checks = steps.iter().zip(outcomes).filter(|(step, _)| step.uses.starts_with("check."));
    let findings = checks.flat_map(|(_, outcome)| &outcome.findings).collect();
    let saved = scope.steps().iter().map(|(name, value)| (name.as_str(), &**value)).collect();
    let mut text = LimitedText(Vec::new());
    serde_json::to_writer(&mut text, &Output { steps: saved, findings }).ok()?;
    String::from_utf8(text.0).ok()
}

/// A text that ends with an error when it becomes longer than a run's output may be.
struct LimitedText(Vec<u8>);

impl std::io::Write for LimitedText {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_MAX {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
