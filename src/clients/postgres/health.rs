//! What the sessions of one pool tell each other about their server.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::base::lock::lock;

/// What the sessions of one pool learned about the server.
#[derive(Debug, Default)]
pub(super) struct Health {
    /// Counts the servers that stopped accepting writes. Sessions of an earlier epoch are closed.
    epoch: AtomicU64,
    /// When a session last missed a deadline.
    silent_at: Mutex<Option<Instant>>,
}

impl Health {
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Ends this epoch, once.
    pub(super) fn end(&self, epoch: u64) {
        // An error means that another session has ended it.
        self.epoch.compare_exchange(epoch, epoch + 1, Ordering::AcqRel, Ordering::Acquire).ok();
    }

    pub(super) fn missed_deadline(&self) {
        *lock(&self.silent_at) = Some(Instant::now());
    }

    /// Whether a session last used at this time is likely to be as silent as the one that missed a deadline.
    pub(super) fn is_suspect(&self, used_at: Instant) -> bool {
        lock(&self.silent_at).is_some_and(|at| used_at < at)
    }
}
