//! How a lane's outcomes are recorded when PostgreSQL refuses one of them, and how they are counted.

use super::lane::Lane;
use super::outcome::{Outcome, Verdict};
use super::store::{WorkerStore, WorkerStoreError};
use crate::engine::metrics::Metrics;

impl Lane {
    /// Finds the outcomes that PostgreSQL refuses, records the others, and these as failures.
    pub(super) async fn bisect(&mut self, ledger: &WorkerStore) -> Result<(), WorkerStoreError> {
        let mut parts = vec![std::mem::take(&mut self.pending)];
        while let Some(mut part) = parts.pop() {
            let recorded = match (ledger.turn(&part, None).await, part.as_mut_slice()) {
                (Err(e @ (WorkerStoreError::Unstorable(_) | WorkerStoreError::Settled)), [one]) => {
                    refused(ledger, one, &e).await
                }
                (Err(WorkerStoreError::Unstorable(_) | WorkerStoreError::Settled), several) => {
                    let half = several.len() / 2;
                    parts.push(part.split_off(half));
                    parts.push(part);
                    continue;
                }
                (other, _) => other.map(drop),
            };
            self.pending = part;
            if let Err(e) = recorded {
                self.pending.extend(parts.into_iter().flatten());
                return Err(e);
            }
            self.recorded();
        }
        Ok(())
    }
}

/// Counts an outcome that is recorded.
pub(crate) fn count(metrics: &Metrics, outcome: &Outcome) {
    let status = match outcome.verdict {
        Verdict::Done { .. } => "success",
        Verdict::Dead { .. } => "failure",
        Verdict::Retry { .. } => "retry",
        Verdict::Canceled => "canceled",
        Verdict::HandBack => return,
    };
    metrics.runs_total.with_label_values(&[status]).inc();
    let seconds = (outcome.finished_at - outcome.started_at).as_seconds_f64();
    let success = if status == "success" { "true" } else { "false" };
    metrics.task_duration_seconds.with_label_values(&[success]).observe(seconds);
    metrics.lease_duration_seconds.observe(seconds);
}

/// Records an outcome that was refused as it is.
async fn refused(
    ledger: &WorkerStore,
    outcome: &mut Outcome,
    error: &WorkerStoreError,
) -> Result<(), WorkerStoreError> {
    if matches!(error, WorkerStoreError::Settled) {
        return ledger.discard(outcome).await;
    }
    tracing::error!(run = %outcome.token, %error, "the result of a run cannot be stored");
    outcome.verdict = Verdict::Dead { error: format!("its result cannot be stored: {error}"), output: None };
    match ledger.turn(std::slice::from_ref(outcome), None).await {
        Err(WorkerStoreError::Settled) => ledger.discard(outcome).await,
        other => other.map(drop),
    }
}
