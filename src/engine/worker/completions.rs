//! Collects the outcomes of a lane's runs. It wakes the lane at most twice per batch: at the first
//! outcome and when no run is left.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use super::outcome::Outcome;

use crate::base::lock::lock;

/// A run's lease token and outcome; None when there is nothing to record.
pub(crate) type Completion = (Uuid, Option<Outcome>);

#[derive(Default)]
pub(crate) struct Completions {
    finished: Mutex<Vec<Completion>>,
    running: AtomicUsize,
    first: Notify,
    last: Notify,
}

impl Completions {
    pub(crate) fn expect(&self, runs: usize) {
        self.running.fetch_add(runs, Ordering::AcqRel);
    }

    pub(crate) fn push(&self, completion: Completion) {
        let mut finished = lock(&self.finished);
        finished.push(completion);
        let is_first = finished.len() == 1;
        drop(finished);
        if is_first {
            self.first.notify_one();
        }
        if self.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.last.notify_one();
        }
    }

    /// Waits until a run has finished.
    pub(crate) async fn wait_for_first(&self) {
        while self.is_empty() {
            self.first.notified().await;
        }
    }

    /// Waits until no run is left, at most for `limit`.
    pub(crate) async fn wait_for_all(&self, limit: Duration) {
        let idle = async {
            while self.running.load(Ordering::Acquire) > 0 {
                self.last.notified().await;
            }
        };
        drop(tokio::time::timeout(limit, idle).await);
    }

    /// Takes all outcomes collected so far.
    pub(crate) fn take(&self) -> Vec<Completion> {
        std::mem::take(&mut *lock(&self.finished))
    }

    pub(crate) fn is_empty(&self) -> bool {
        lock(&self.finished).is_empty()
    }
}
