//! A lane: one session that claims and records, and the runs that it has started.
//!
//! A turn records every outcome that has come in and claims as many rows as there is room for, in
//! one transaction. While it is on its way the runs of the lane go on, and their outcomes gather
//! for the next turn: the busier the lane, the larger its batches.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, watch};
use tracing::Instrument;
use uuid::Uuid;

use super::Shared;
use super::claim::{Claimed, ClaimedBatch};
use super::definitions::Definitions;
use super::inbox::Inbox;
use super::outcome::Outcome;
use super::record::count;
use super::run::{CancelHandle, Reason, run};
use super::store::{Claim, WorkerStore, WorkerStoreError};
use crate::engine::notice::Subject;

/// How often an idle lane looks by itself.
const POLL: Duration = Duration::from_millis(500);
/// How long a lane without a session waits before it tries again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);
/// How long the first outcome of a turn waits for others, when others are running.
const GATHER: Duration = Duration::from_millis(1);

/// One lane of a worker.
pub(crate) struct Lane {
    shared: Arc<Shared>,
    number: usize,
    capacity: usize,
    definitions: Definitions,
    running: HashMap<Uuid, (i64, CancelHandle)>,
    pub(super) pending: Vec<Outcome>,
    inbox: Arc<Inbox>,
    heard: broadcast::Receiver<Subject>,
    /// There may be work: told, or the last claim was filled.
    hungry: bool,
    /// The last claim was not filled: the next reads from the beginning.
    rested: bool,
    look_at: Instant,
    alone: Option<Uuid>,
    look_alone_at: Instant,
    epoch: u32,
}

impl Lane {
    /// A lane that has not begun.
    pub(crate) fn new(shared: Arc<Shared>, number: usize, capacity: usize) -> Self {
        let heard = shared.notices.hear();
        let now = Instant::now();
        Self {
            shared,
            number,
            capacity,
            definitions: Definitions::default(),
            running: HashMap::new(),
            pending: Vec::new(),
            inbox: Arc::default(),
            heard,
            hungry: true,
            rested: true,
            look_at: now,
            alone: None,
            look_alone_at: now,
            epoch: 0,
        }
    }

    /// Works until `stop` turns true, then drains.
    pub(crate) async fn run(mut self, stop: watch::Receiver<bool>) {
        let mut deadline = None;
        loop {
            self.epoch += 1;
            let worker = format!("{}/{}.{}", self.shared.node, self.number, self.epoch);
            let mut dead = self.shared.holdings.enter(&worker);
            let member = self.member(&worker, stop.clone(), &mut deadline);
            let left = tokio::select! {
                left = member => left,
                // An error means that the sender is gone: then nobody declares us dead.
                Ok(_) = dead.wait_for(|d| *d) => false,
            };
            self.shared.holdings.leave(&worker);
            if left {
                return;
            }
            tracing::warn!(%worker, runs = self.running.len(), "the lease has ended; its runs are stopped");
            self.lose();
        }
    }

    /// Stops every run and forgets every outcome: they belong to somebody else now.
    fn lose(&mut self) {
        for (token, (_, brake)) in self.running.drain() {
            brake.pull(Reason::Lost);
            self.shared.holdings.end(token);
        }
        for outcome in self.pending.drain(..) {
            self.shared.holdings.end(outcome.token);
        }
        self.alone = None;
        // The stopped runs still put theirs into the old one.
        self.inbox = Arc::default();
    }

    /// Works as one registered worker, over as many sessions as it takes. False: it was declared
    /// dead.
    async fn member(
        &mut self,
        worker: &str,
        stop: watch::Receiver<bool>,
        deadline: &mut Option<Instant>,
    ) -> bool {
        let mut registered = false;
        loop {
            let error = match self.session(worker, &mut registered, stop.clone(), deadline).await {
                Ok(left) => return left,
                Err(e) => e,
            };
            tracing::warn!(%worker, %error, "the session is lost");
            if *stop.borrow() && self.running.is_empty() && self.pending.is_empty() {
                return true;
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
    }

    /// Works over one session. True: it has drained and left.
    async fn session(
        &mut self,
        worker: &str,
        registered: &mut bool,
        mut stop: watch::Receiver<bool>,
        deadline: &mut Option<Instant>,
    ) -> Result<bool, WorkerStoreError> {
        let ledger = WorkerStore::open(&self.shared.postgres).await?;
        if *registered {
            let known: Vec<Uuid> =
                self.running.keys().copied().chain(self.pending.iter().map(|o| o.token)).collect();
            ledger.forget(worker, &known).await?;
        } else {
            ledger.register(worker, &self.shared.node, self.shared.pace.lease, self.capacity).await?;
            *registered = true;
            self.shared.holdings.registered(worker);
        }
        self.hungry = true;
        loop {
            let draining = *stop.borrow();
            if draining {
                let end = *deadline.get_or_insert_with(|| Instant::now() + self.shared.pace.drain);
                if Instant::now() >= end {
                    self.running.values().for_each(|(_, brake)| brake.pull(Reason::Drained));
                }
                if self.running.is_empty() && self.pending.is_empty() {
                    ledger.leave(worker).await?;
                    return Ok(true);
                }
            }
            self.wait(&mut stop, draining, *deadline).await;
            let claiming = !draining && self.hungry;
            if !self.turn(&ledger, worker, claiming).await? {
                return Ok(false);
            }
            if !draining && !self.find_alone(&ledger, worker).await? {
                return Ok(false);
            }
        }
    }

    fn room(&self) -> usize {
        self.capacity.saturating_sub(self.running.len() - usize::from(self.alone.is_some()))
    }

    /// Waits for an outcome, a notice, a turn of the clock or the end.
    async fn wait(&mut self, stop: &mut watch::Receiver<bool>, draining: bool, deadline: Option<Instant>) {
        if self.pending.is_empty() && !(self.hungry && self.room() > 0 && !draining) {
            let first = self.number == 0;
            let next = if first { self.look_at.min(self.look_alone_at) } else { self.look_at };
            let wake = if draining { deadline.unwrap_or(next) } else { next };
            tokio::select! {
                () = self.inbox.first() => {}
                subject = self.heard.recv(), if first && !draining => {
                    self.hungry |= !matches!(subject, Ok(Subject::Cancel | Subject::Schedule));
                }
                () = self.shared.plenty.notified(), if !first && !draining => self.hungry = true,
                _ = stop.changed(), if !draining => {}
                () = tokio::time::sleep_until(wake.max(Instant::now()).into()) => self.hungry |= first,
            }
        }
        if !self.inbox.is_empty() {
            // Those that end together are recorded together.
            self.inbox.last(GATHER).await;
        }
        for (token, outcome) in self.inbox.take() {
            match outcome {
                Some(outcome) => self.pending.push(outcome),
                None => self.forget(token),
            }
        }
    }

    /// A run is over and dealt with.
    fn forget(&mut self, token: Uuid) {
        self.running.remove(&token);
        self.shared.holdings.end(token);
        if self.alone == Some(token) {
            self.alone = None;
            self.look_alone_at = Instant::now();
        }
    }

    /// One turn. False: the worker is no longer registered.
    async fn turn(
        &mut self,
        ledger: &WorkerStore,
        worker: &str,
        claiming: bool,
    ) -> Result<bool, WorkerStoreError> {
        if self.pending.is_empty() && !claiming {
            return Ok(true);
        }
        let ended: HashSet<Uuid> = self.pending.iter().map(|o| o.token).collect();
        let still: Vec<i64> =
            self.running.iter().filter(|(t, _)| !ended.contains(t)).map(|(_, (id, _))| *id).collect();
        let alone = self.alone.is_some_and(|a| !ended.contains(&a));
        let room = self.capacity.saturating_sub(still.len() - usize::from(alone));
        let claiming = claiming && room > 0;
        let from = self.shared.marks.begin(self.rested && claiming);
        let claim =
            Claim { worker, limit: room, lease: self.shared.pace.lease, running: &still, from: &from };
        let claim = claiming.then_some(&claim);
        let catch = match ledger.turn(&self.pending, claim).await {
            Err(WorkerStoreError::Unstorable(_) | WorkerStoreError::Settled) => {
                self.bisect(ledger).await?;
                return Ok(true);
            }
            Err(WorkerStoreError::Contended(error)) => {
                tracing::debug!(%worker, %error, "once more");
                return Ok(true);
            }
            other => other?,
        };
        self.recorded();
        if let Some(claim) = claim {
            self.claimed(&catch, claim);
        }
        self.start_all(ledger, catch).await
    }

    /// Every pending outcome is recorded, or was not ours to record.
    pub(super) fn recorded(&mut self) {
        self.pending.iter().for_each(|outcome| count(&self.shared.metrics, outcome));
        let ended: Vec<Uuid> = self.pending.drain(..).map(|o| o.token).collect();
        self.shared.processed.fetch_add(ended.len() as u64, Ordering::Relaxed);
        ended.into_iter().for_each(|token| self.forget(token));
    }

    /// Was that all there is to claim?
    fn claimed(&mut self, catch: &ClaimedBatch, claim: &Claim<'_>) {
        self.shared.marks.advance(&catch.rows);
        let filled = catch.rows.len() >= claim.limit;
        self.rested = !filled;
        self.hungry = filled || !claim.from.whole;
        self.look_at = Instant::now() + POLL;
        if filled && self.number == 0 {
            self.shared.plenty.notify_waiters();
        }
    }

    async fn start_all(
        &mut self,
        ledger: &WorkerStore,
        catch: ClaimedBatch,
    ) -> Result<bool, WorkerStoreError> {
        if !catch.member {
            return Ok(false);
        }
        let rows = catch.rows;
        if rows.is_empty() {
            if !self.hungry && self.number == 0 {
                self.sleep_until_due(ledger).await?;
            }
            return Ok(true);
        }
        // Known before anything else can fail: what is not, is handed back by the next session.
        let unknown = self.definitions.unknown(&rows);
        ledger.define(&unknown, &mut self.definitions).await?;
        self.start(rows);
        Ok(true)
    }

    async fn sleep_until_due(&mut self, ledger: &WorkerStore) -> Result<(), WorkerStoreError> {
        if let Some(wait) = ledger.next_due().await? {
            self.look_at = self.look_at.min(Instant::now() + wait.min(POLL));
        }
        Ok(())
    }

    fn start(&mut self, rows: Vec<Claimed>) {
        self.inbox.expect(rows.len());
        let mut runs = Vec::with_capacity(rows.len());
        for claimed in rows {
            let (token, brake) = (claimed.token, CancelHandle::new());
            self.running.insert(token, (claimed.id, brake.clone()));
            self.shared.holdings.begin(token, claimed.id, brake.clone());
            match self.definitions.latest(&claimed).cloned() {
                Some(definition) => runs.push((claimed, definition, brake)),
                // The task is gone, and with it what there was to do.
                None => self.inbox.put((token, None)),
            }
        }
        let (inbox, executor) = (self.inbox.clone(), self.shared.executor.clone());
        let metrics = self.shared.metrics.clone();
        // One task that starts the others: from within, a start wakes no other thread.
        self.shared.steps.spawn(async move {
            for (claimed, definition, brake) in runs {
                let (inbox, executor, metrics) = (inbox.clone(), executor.clone(), metrics.clone());
                tokio::spawn(async move {
                    let token = claimed.token;
                    let span = tracing::info_span!("run", id = %claimed.occurrence, task = %claimed.task);
                    inbox.put((
                        token,
                        run(&executor, claimed, definition, brake, &metrics).instrument(span).await,
                    ));
                });
            }
        });
    }

    /// The first lane also runs what has to run alone: one at a time on each node.
    async fn find_alone(&mut self, ledger: &WorkerStore, worker: &str) -> Result<bool, WorkerStoreError> {
        if self.number != 0 || self.alone.is_some() || Instant::now() < self.look_alone_at {
            return Ok(true);
        }
        self.look_alone_at = Instant::now() + POLL;
        let running: Vec<i64> = self.running.values().map(|(id, _)| *id).collect();
        let catch = match ledger.claim_alone(worker, self.shared.pace.lease, &running).await {
            Err(WorkerStoreError::Contended(_)) => return Ok(true),
            other => other?,
        };
        self.alone = catch.rows.first().map(|r| r.token);
        self.start_all(ledger, catch).await
    }
}
