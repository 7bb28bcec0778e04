//! A lane: one session that records and claims, and the runs that it has started.
//!
//! Each turn (`turn`) records every collected outcome and claims as many jobs as there is room for,
//! in one transaction. Runs continue meanwhile and their outcomes collect for the next turn: the
//! busier the lane, the larger its batches. This file holds the lane's lifecycle: registration,
//! sessions, waiting, draining.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, watch};
use uuid::Uuid;

use super::NodeContext;
use super::cancel::{CancelHandle, StopReason};
use super::completions::Completions;
use super::definitions::Definitions;
use super::outcome::Outcome;
use super::store::{WorkerStore, WorkerStoreError};
use crate::engine::notifier::Channel;
use crate::engine::progress::LoopProgress;
use crate::model::EngineLoop;

/// Maximum deadline of a lane's statements; a lane with a shorter lease waits no longer than that.
const STATEMENT_LIMIT_MAX: Duration = Duration::from_secs(10);
/// How long the first outcome of a turn waits for others while more jobs run.
const GATHER: Duration = Duration::from_millis(1);

/// Whether a worker is still registered in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Registration {
    Active,
    /// Another node has declared it dead: its leases are gone.
    Lost,
}

pub(crate) struct Lane {
    pub(super) context: Arc<NodeContext>,
    pub(super) number: usize,
    pub(super) capacity: usize,
    pub(super) definitions: Definitions,
    /// Row id and handle of each run, by lease token.
    pub(super) running: HashMap<Uuid, (i64, CancelHandle)>,
    /// Outcomes to record.
    pub(super) pending: Vec<Outcome>,
    pub(super) completions: Arc<Completions>,
    notifications: broadcast::Receiver<Channel>,
    /// Work may be due: there was a notification, or the last claim was full.
    pub(super) may_have_work: bool,
    /// The last claim was not full: the next one scans from the beginning.
    pub(super) scan_from_start: bool,
    pub(super) poll_at: Instant,
    /// The run that must run alone, if there is one.
    pub(super) alone: Option<Uuid>,
    pub(super) poll_alone_at: Instant,
    epoch: u32,
    progress: Arc<LoopProgress>,
}

impl Lane {
    pub(crate) fn new(context: Arc<NodeContext>, number: usize, capacity: usize) -> Self {
        let notifications = context.notifier.subscribe();
        let now = Instant::now();
        let progress = context.progress.register(EngineLoop::Lane);
        Self {
            context,
            number,
            capacity,
            definitions: Definitions::default(),
            running: HashMap::new(),
            pending: Vec::new(),
            completions: Arc::default(),
            notifications,
            may_have_work: true,
            scan_from_start: true,
            poll_at: now,
            alone: None,
            poll_alone_at: now,
            epoch: 0,
            progress,
        }
    }

    /// Works until `stop` turns true, then drains. A lane that loses its lease registers again under
    /// another name.
    pub(crate) async fn run(mut self, stop: watch::Receiver<bool>) {
        let mut drain_until = None;
        loop {
            self.epoch += 1;
            let worker = format!("{}/{}.{}", self.context.node, self.number, self.epoch);
            let mut dead = self.context.running_jobs.add_worker(&worker);
            let drained = tokio::select! {
                drained = self.run_worker(&worker, stop.clone(), &mut drain_until) => drained,
                // An error means that the sender is gone, so nothing declares this worker dead.
                Ok(_) = dead.wait_for(|d| *d) => false,
            };
            self.context.running_jobs.remove_worker(&worker);
            if drained {
                return;
            }
            tracing::warn!(%worker, runs = self.running.len(), "lease ended; stopping its runs");
            self.abandon_runs();
        }
    }

    /// Stops every run: other workers may have claimed them. Keeps the outcomes of runs that have ended, at most
    /// one for each run of the lane: perhaps nobody could claim them, because the database was away. The
    /// statements that record them find their rows by the lease token and write nothing for a row of another
    /// worker.
    fn abandon_runs(&mut self) {
        for (token, (_, cancel)) in self.running.drain() {
            cancel.stop(StopReason::LeaseLost);
            self.context.running_jobs.remove(token);
        }
        // A run that ends from now on knows that it is stopped, and has no outcome.
        self.pending.extend(self.completions.take().into_iter().filter_map(|(_, outcome)| outcome));
        self.alone = None;
        // The stopped runs still push into the old collection.
        self.completions = Arc::default();
    }

    /// Works as one registered worker and reconnects when a session is lost. Returns true when it
    /// has drained, false when its registration is lost.
    async fn run_worker(
        &mut self,
        worker: &str,
        stop: watch::Receiver<bool>,
        drain_until: &mut Option<Instant>,
    ) -> bool {
        let mut registered = false;
        loop {
            // Until the next success the lane makes no progress, and its lease runs out.
            self.context.running_jobs.begin_exchange(worker);
            let error = match self.session(worker, &mut registered, stop.clone(), drain_until).await {
                Ok(drained) => return drained,
                Err(e) => e,
            };
            let delay = self.progress.fail(format_args!("{worker}: {error}"));
            if *stop.borrow() && self.running.is_empty() {
                let end = *drain_until.get_or_insert_with(|| Instant::now() + self.context.options.drain);
                if self.pending.is_empty() || Instant::now() >= end {
                    tracing::warn!(%worker, outcomes = self.pending.len(), "stopped without recording outcomes");
                    return true;
                }
            }
            tokio::time::sleep(delay).await;
        }
    }

    /// Works over one session. Returns as [`Self::run_worker`] does.
    async fn session(
        &mut self,
        worker: &str,
        registered: &mut bool,
        mut stop: watch::Receiver<bool>,
        drain_until: &mut Option<Instant>,
    ) -> Result<bool, WorkerStoreError> {
        let limit = self.context.options.lease.min(STATEMENT_LIMIT_MAX);
        let store = WorkerStore::open(&self.context.postgres, limit).await?;
        self.register(&store, worker, registered).await?;
        self.context.running_jobs.end_exchange(worker);
        self.may_have_work = true;
        loop {
            let draining = *stop.borrow();
            if draining {
                let end = *drain_until.get_or_insert_with(|| Instant::now() + self.context.options.drain);
                if Instant::now() >= end {
                    self.running.values().for_each(|(_, cancel)| cancel.stop(StopReason::Draining));
                }
                if self.running.is_empty() && self.pending.is_empty() {
                    store.unregister(worker).await?;
                    return Ok(true);
                }
            }
            self.wait(&mut stop, draining, *drain_until).await;
            let claim = !draining && self.may_have_work;
            self.context.running_jobs.begin_exchange(worker);
            if self.turn(&store, worker, claim).await? == Registration::Lost {
                return Ok(false);
            }
            if !draining && self.claim_alone(&store, worker).await? == Registration::Lost {
                return Ok(false);
            }
            self.context.running_jobs.end_exchange(worker);
            self.progress.succeed();
        }
    }

    /// Registers the worker, or hands back what the lost session claimed without starting it.
    async fn register(
        &self,
        store: &WorkerStore,
        worker: &str,
        registered: &mut bool,
    ) -> Result<(), WorkerStoreError> {
        if *registered {
            let pending = self.pending.iter().map(|o| o.token);
            let known: Vec<Uuid> = self.running.keys().copied().chain(pending).collect();
            store.hand_back_unknown(worker, &known).await?;
            return Ok(());
        }
        store.register(worker, &self.context.node, self.context.options.lease, self.capacity).await?;
        *registered = true;
        self.context.running_jobs.set_registered(worker);
        Ok(())
    }

    fn room(&self) -> usize {
        self.capacity.saturating_sub(self.running.len() - usize::from(self.alone.is_some()))
    }

    /// Waits for an outcome, a notification, the next poll or the stop signal.
    async fn wait(&mut self, stop: &mut watch::Receiver<bool>, draining: bool, drain_until: Option<Instant>) {
        if self.pending.is_empty() && !(self.may_have_work && self.room() > 0 && !draining) {
            let is_first = self.number == 0;
            let poll = if is_first { self.poll_at.min(self.poll_alone_at) } else { self.poll_at };
            let wake = if draining { drain_until.unwrap_or(poll) } else { poll };
            tokio::select! {
                () = self.completions.wait_for_first() => {}
                channel = self.notifications.recv(), if is_first && !draining => {
                    self.may_have_work |= !matches!(channel, Ok(Channel::Cancel | Channel::Schedule | Channel::Access));
                }
                () = self.context.more_work.notified(), if !is_first && !draining => self.may_have_work = true,
                _ = stop.changed(), if !draining => {}
                () = tokio::time::sleep_until(wake.max(Instant::now()).into()) => self.may_have_work |= is_first,
            }
        }
        if !self.completions.is_empty() {
            // Runs that finish together are recorded together.
            self.completions.wait_for_all(GATHER).await;
        }
        for (token, outcome) in self.completions.take() {
            match outcome {
                Some(outcome) => self.pending.push(outcome),
                None => self.remove_run(token),
            }
        }
    }

    /// Forgets a run that is recorded or needs no record.
    pub(super) fn remove_run(&mut self, token: Uuid) {
        self.running.remove(&token);
        self.context.running_jobs.remove(token);
        if self.alone == Some(token) {
            self.alone = None;
            self.poll_alone_at = Instant::now();
        }
    }
}
