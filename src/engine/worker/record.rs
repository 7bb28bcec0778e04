//! Records outcomes one by one when PostgreSQL rejects a batch, and counts recorded outcomes. A result with characters
//! that the database's encoding lacks is stored with their code points, and the run keeps its outcome.

use super::lane::Lane;
use super::outcome::{Outcome, RunResult};
use super::store::{WorkerStore, WorkerStoreError};
use crate::clients::postgres::{ASCII_LAST, LATIN1_LAST};
use crate::engine::metrics::Metrics;

impl Lane {
    /// Bisects the pending outcomes: records the valid ones as they are, the rejected ones as failures. Each stays
    /// pending until it is recorded, because the lane may lose its lease at every await.
    pub(super) async fn bisect(&mut self, store: &WorkerStore) -> Result<(), WorkerStoreError> {
        // The sizes of the parts of `pending`, the last part on top.
        let mut parts = vec![self.pending.len()];
        while let Some(size) = parts.pop() {
            let start = self.pending.len() - size;
            let (_, part) = self.pending.split_at_mut(start);
            let recorded = match (store.record_and_claim(part, None).await, part) {
                (Err(e @ (WorkerStoreError::Unstorable(_) | WorkerStoreError::AlreadyFinal)), [one]) => {
                    record_rejected(store, one, &e).await
                }
                (Err(WorkerStoreError::Unstorable(_) | WorkerStoreError::AlreadyFinal), _) => {
                    parts.extend([size - size / 2, size / 2]);
                    continue;
                }
                (other, _) => other.map(drop),
            };
            recorded?;
            self.clear_pending(start);
        }
        Ok(())
    }
}

/// Updates the metrics for a recorded outcome.
pub(super) fn count(metrics: &Metrics, outcome: &Outcome) {
    let status = match outcome.result {
        RunResult::Success { .. } => "success",
        RunResult::DeadLetter { .. } => "failure",
        RunResult::Retry { .. } => "retry",
        RunResult::Canceled => "canceled",
        RunResult::HandBack => return,
    };
    metrics.runs_total.with_label_values(&[status]).inc();
    let seconds = (outcome.finished_at - outcome.started_at).as_seconds_f64();
    let success = if status == "success" { "true" } else { "false" };
    metrics.task_duration_seconds.with_label_values(&[success]).observe(seconds);
    metrics.lease_duration_seconds.observe(seconds);
}

async fn record_rejected(
    store: &WorkerStore,
    outcome: &mut Outcome,
    error: &WorkerStoreError,
) -> Result<(), WorkerStoreError> {
    if matches!(error, WorkerStoreError::AlreadyFinal) {
        return store.discard(outcome).await;
    }
    // Every encoding has ASCII, and many have the characters of Latin-1.
    for last in [LATIN1_LAST, ASCII_LAST] {
        let Some(result) = outcome.result.with_code_points(last) else { continue };
        let storable = Outcome { result, ..outcome.clone() };
        match store.record_and_claim(std::slice::from_ref(&storable), None).await {
            Err(WorkerStoreError::Unstorable(_)) => {}
            Err(WorkerStoreError::AlreadyFinal) => return store.discard(outcome).await,
            done => return done.map(drop),
        }
    }
    tracing::error!(lease_token = %outcome.token, %error, "the result of a run cannot be stored; recording a failure");
    outcome.result =
        RunResult::DeadLetter { error: format!("its result cannot be stored: {error}"), output: None };
    match store.record_and_claim(std::slice::from_ref(outcome), None).await {
        Err(WorkerStoreError::AlreadyFinal) => store.discard(outcome).await,
        other => other.map(drop),
    }
}
