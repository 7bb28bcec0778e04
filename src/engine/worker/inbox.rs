//! Where a lane's runs leave their outcomes. It wakes the lane twice a batch, at its first outcome
//! and when nothing runs any more, however many there are between.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use uuid::Uuid;

use super::outcome::Outcome;

/// A run's token, and what became of it; None when there is nothing to record.
pub(crate) type Ended = (Uuid, Option<Outcome>);

/// Outcomes on their way to the lane.
#[derive(Default)]
pub(crate) struct Inbox {
    ended: Mutex<Vec<Ended>>,
    running: AtomicUsize,
    first: Notify,
    last: Notify,
}

impl Inbox {
    pub(crate) fn expect(&self, runs: usize) {
        self.running.fetch_add(runs, Ordering::AcqRel);
    }

    pub(crate) fn put(&self, ended: Ended) {
        let mut all = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(ended);
        let first = all.len() == 1;
        drop(all);
        if first {
            self.first.notify_one();
        }
        if self.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.last.notify_one();
        }
    }

    /// Waits until something has ended.
    pub(crate) async fn first(&self) {
        while self.is_empty() {
            self.first.notified().await;
        }
    }

    /// Waits until nothing runs any more, or so long.
    pub(crate) async fn last(&self, limit: Duration) {
        let none = async {
            while self.running.load(Ordering::Acquire) > 0 {
                self.last.notified().await;
            }
        };
        // Either will do.
        drop(tokio::time::timeout(limit, none).await);
    }

    /// Takes everything that has ended.
    pub(crate) fn take(&self) -> Vec<Ended> {
        std::mem::take(&mut *self.ended.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}
