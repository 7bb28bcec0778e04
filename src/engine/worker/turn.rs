//! A lane's turn: records outcomes, claims jobs and starts them.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tracing::Instrument;
use uuid::Uuid;

use super::cancel::CancelHandle;
use super::claim::{ClaimedBatch, ClaimedJob};
use super::lane::{Lane, Registration};
use super::record::count;
use super::run::run;
use super::store::{Claim, WorkerStore, WorkerStoreError};

/// How often an idle lane polls.
const POLL: Duration = Duration::from_millis(500);

impl Lane {
    /// Records the pending outcomes and, with `claim`, claims jobs and starts them.
    pub(super) async fn turn(
        &mut self,
        store: &WorkerStore,
        worker: &str,
        claim: bool,
    ) -> Result<Registration, WorkerStoreError> {
        if self.pending.is_empty() && !claim {
            return Ok(Registration::Active);
        }
        let finished: HashSet<Uuid> = self.pending.iter().map(|o| o.token).collect();
        let running: Vec<i64> =
            self.running.iter().filter(|(t, _)| !finished.contains(t)).map(|(_, (id, _))| *id).collect();
        let alone = self.alone.is_some_and(|a| !finished.contains(&a));
        let room = self.capacity.saturating_sub(running.len() - usize::from(alone));
        let claim = claim && room > 0;
        let start = self.context.cursor.next_start(self.scan_from_start && claim);
        let lease = self.context.options.lease;
        let parameters = Claim { worker, limit: room, lease, running: &running, start: &start };
        let claim = claim.then_some(&parameters);
        let batch = match store.record_and_claim(&self.pending, claim).await {
            // Without outcomes it is the claim that failed: the session ends with this error, and the lane backs off.
            Err(WorkerStoreError::Unstorable(_) | WorkerStoreError::AlreadyFinal)
                if !self.pending.is_empty() =>
            {
                self.bisect(store).await?;
                return Ok(Registration::Active);
            }
            Err(WorkerStoreError::Contended(error)) => {
                tracing::debug!(%worker, %error, "lock conflict; retrying the turn");
                return Ok(Registration::Active);
            }
            other => other?,
        };
        self.clear_pending(0);
        if let Some(claim) = claim {
            self.plan_next_claim(&batch, claim);
        }
        self.start_batch(store, batch).await
    }

    /// Removes the pending outcomes from `start` on: they are recorded, or must not be.
    pub(super) fn clear_pending(&mut self, start: usize) {
        self.pending.iter().skip(start).for_each(|outcome| count(&self.context.metrics, outcome));
        let tokens: Vec<Uuid> = self.pending.drain(start..).map(|o| o.token).collect();
        self.context.processed.fetch_add(tokens.len() as u64, Ordering::Relaxed);
        tokens.into_iter().for_each(|token| self.remove_run(token));
    }

    fn plan_next_claim(&mut self, batch: &ClaimedBatch, claim: &Claim<'_>) {
        self.context.cursor.advance(&batch.jobs);
        let is_full = batch.jobs.len() >= claim.limit;
        self.scan_from_start = !is_full;
        self.may_have_work = is_full || !claim.start.is_full;
        self.poll_at = Instant::now() + POLL;
        if is_full && self.number == 0 {
            self.context.more_work.notify_waiters();
        }
    }

    async fn start_batch(
        &mut self,
        store: &WorkerStore,
        batch: ClaimedBatch,
    ) -> Result<Registration, WorkerStoreError> {
        if !batch.registered {
            return Ok(Registration::Lost);
        }
        if batch.jobs.is_empty() {
            if !self.may_have_work && self.number == 0 {
                self.poll_when_due(store).await?;
            }
            return Ok(Registration::Active);
        }
        // If this fails, the jobs are not started and the next session hands them back.
        let missing = self.definitions.missing(&batch.jobs);
        store.load_definitions(&missing, &mut self.definitions).await?;
        self.start(batch.jobs);
        Ok(Registration::Active)
    }

    async fn poll_when_due(&mut self, store: &WorkerStore) -> Result<(), WorkerStoreError> {
        if let Some(wait) = store.next_due().await? {
            self.poll_at = self.poll_at.min(Instant::now() + wait.min(POLL));
        }
        Ok(())
    }

    fn start(&mut self, jobs: Vec<ClaimedJob>) {
        self.completions.expect(jobs.len());
        let mut runs = Vec::with_capacity(jobs.len());
        for job in jobs {
            let (token, cancel) = (job.token, CancelHandle::new());
            self.running.insert(token, (job.id, cancel.clone()));
            self.context.running_jobs.add(token, job.id, cancel.clone());
            match self.definitions.latest(&job).cloned() {
                Some(definition) => runs.push((job, definition, cancel)),
                // The task was deleted, and its due work with it.
                None => self.completions.push((token, None)),
            }
        }
        let (completions, executor) = (self.completions.clone(), self.context.executor.clone());
        let metrics = self.context.metrics.clone();
        // One task spawns the others: a spawn from inside the runtime wakes no other thread.
        self.context.steps.spawn(async move {
            for (job, definition, cancel) in runs {
                let (completions, executor, metrics) =
                    (completions.clone(), executor.clone(), metrics.clone());
                tokio::spawn(async move {
                    let token = job.token;
                    let span = tracing::info_span!("run", id = %job.occurrence, task = %job.task);
                    let outcome = run(&executor, job, definition, cancel, &metrics).instrument(span).await;
                    completions.push((token, outcome));
                });
            }
        });
    }

    /// Claims a job that must run alone. Only the first lane does: one such job per node.
    pub(super) async fn claim_alone(
        &mut self,
        store: &WorkerStore,
        worker: &str,
    ) -> Result<Registration, WorkerStoreError> {
        if self.number != 0 || self.alone.is_some() || Instant::now() < self.poll_alone_at {
            return Ok(Registration::Active);
        }
        self.poll_alone_at = Instant::now() + POLL;
        let running: Vec<i64> = self.running.values().map(|(id, _)| *id).collect();
        let batch = match store.claim_alone(worker, self.context.options.lease, &running).await {
            Err(WorkerStoreError::Contended(_)) => return Ok(Registration::Active),
            other => other?,
        };
        self.alone = batch.jobs.first().map(|j| j.token);
        self.start_batch(store, batch).await
    }
}
