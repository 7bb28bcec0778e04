//! The workers and runs of a node, for renewal and cancellation.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use uuid::Uuid;

use super::cancel::{CancelHandle, StopReason};

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
    /// Turns true when the worker's lease has ended.
    dead: watch::Sender<bool>,
}

struct RunningJob {
    id: i64,
    since: Instant,
    cancel: CancelHandle,
}

impl RunningJobs {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A poisoned lock is safe to use: each change is one insertion or removal.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a worker. The receiver turns true when its lease has ended.
    pub(crate) fn add_worker(&self, worker: &str) -> watch::Receiver<bool> {
        let dead = watch::Sender::new(false);
        let receiver = dead.subscribe();
        self.lock().workers.insert(worker.to_owned(), Worker { registered: false, dead });
        receiver
    }

    /// The worker is registered in the database: its lease is renewed from now on.
    pub(crate) fn set_registered(&self, worker: &str) {
        if let Some(worker) = self.lock().workers.get_mut(worker) {
            worker.registered = true;
        }
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
