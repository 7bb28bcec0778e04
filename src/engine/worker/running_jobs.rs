//! The workers and runs of a node, for renewal and cancellation.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use uuid::Uuid;

use super::cancel::{CancelHandle, StopReason};

use crate::base::lock::lock;

#[derive(Default)]
pub(crate) struct RunningJobs {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    workers: HashMap<String, Worker>,
    jobs: HashMap<Uuid, RunningJob>,
}

struct Worker {
    registered: bool,
    /// When the exchange with the database began that has not succeeded yet.
    waiting_since: Option<Instant>,
    /// Turns true when the worker's lease has ended.
    dead: watch::Sender<bool>,
}

/// Workers and the leases that they get.
#[derive(Default)]
pub(super) struct Renewals {
    pub(super) workers: Vec<String>,
    pub(super) seconds: Vec<f64>,
    /// Workers whose lease ends.
    pub(super) stalled: Vec<String>,
}

struct RunningJob {
    id: i64,
    since: Instant,
    cancel: CancelHandle,
}

impl RunningJobs {
    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Adds a worker. The receiver turns true when its lease has ended.
    pub(crate) fn add_worker(&self, worker: &str) -> watch::Receiver<bool> {
        let dead = watch::Sender::new(false);
        let receiver = dead.subscribe();
        self.lock()
            .workers
            .insert(worker.to_owned(), Worker { registered: false, waiting_since: None, dead });
        receiver
    }

    /// The worker is registered in the database: its lease is renewed from now on.
    pub(crate) fn set_registered(&self, worker: &str) {
        if let Some(worker) = self.lock().workers.get_mut(worker) {
            worker.registered = true;
        }
    }

    /// An exchange with the database begins. A repetition continues the first that failed.
    pub(super) fn begin_exchange(&self, worker: &str) {
        if let Some(worker) = self.lock().workers.get_mut(worker) {
            worker.waiting_since.get_or_insert_with(Instant::now);
        }
    }

    /// The exchange succeeded.
    pub(super) fn end_exchange(&self, worker: &str) {
        if let Some(worker) = self.lock().workers.get_mut(worker) {
            worker.waiting_since = None;
        }
    }

    /// How long each registered worker's lease may last from now on: one lease from its last progress. A
    /// worker that has waited longer gets nothing.
    pub(super) fn renewals(&self, lease: Duration) -> Renewals {
        let mut renewals = Renewals::default();
        for (name, worker) in self.lock().workers.iter().filter(|(_, w)| w.registered) {
            let waited = worker.waiting_since.map(|since| since.elapsed()).unwrap_or_default();
            match lease.checked_sub(waited).filter(|rest| !rest.is_zero()) {
                Some(rest) => {
                    renewals.workers.push(name.clone());
                    renewals.seconds.push(rest.as_secs_f64());
                }
                None => renewals.stalled.push(name.clone()),
            }
        }
        renewals
    }

    pub(crate) fn remove_worker(&self, worker: &str) {
        self.lock().workers.remove(worker);
    }

    pub(crate) fn add(&self, token: Uuid, id: i64, cancel: CancelHandle) {
        self.lock().jobs.insert(token, RunningJob { id, since: Instant::now(), cancel });
    }

    pub(crate) fn remove(&self, token: Uuid) {
        self.lock().jobs.remove(&token);
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().jobs.len()
    }

    pub(super) fn registered_workers(&self) -> Vec<String> {
        self.lock().workers.iter().filter(|(_, w)| w.registered).map(|(name, _)| name.clone()).collect()
    }

    /// Row ids and tokens of jobs that have run for at least `age`.
    pub(super) fn older_than(&self, age: Duration) -> (Vec<i64>, Vec<Uuid>) {
        let state = self.lock();
        state.jobs.iter().filter(|(_, j)| j.since.elapsed() >= age).map(|(token, j)| (j.id, *token)).unzip()
    }

    pub(super) fn stop(&self, token: Uuid, reason: StopReason) {
        if let Some(job) = self.lock().jobs.get(&token) {
            job.cancel.stop(reason);
        }
    }

    /// Marks the workers in `checked` that are not in `alive` as dead.
    pub(super) fn mark_dead(&self, checked: &[String], alive: &[String]) {
        let state = self.lock();
        for worker in checked.iter().filter(|w| !alive.contains(w)) {
            if let Some(worker) = state.workers.get(worker) {
                worker.dead.send_replace(true);
            }
        }
    }
}
