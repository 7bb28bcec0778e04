//! Stops a run, and records why.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::watch;

/// Why a run is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum StopReason {
    None,
    Canceled,
    /// Its lease has ended: another worker may run it.
    LeaseLost,
    Draining,
}

#[derive(Clone)]
pub(crate) struct CancelHandle {
    reason: Arc<AtomicU8>,
    stop: watch::Sender<bool>,
}

impl CancelHandle {
    pub(crate) fn new() -> Self {
        Self { reason: Arc::new(AtomicU8::new(StopReason::None as u8)), stop: watch::Sender::new(false) }
    }

    /// Stops the run at its next await. The first reason wins.
    pub(crate) fn stop(&self, reason: StopReason) {
        let none = StopReason::None as u8;
        if self.reason.compare_exchange(none, reason as u8, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            self.stop.send_replace(true);
        }
    }

    pub(crate) fn reason(&self) -> StopReason {
        match self.reason.load(Ordering::Acquire) {
            1 => StopReason::Canceled,
            2 => StopReason::LeaseLost,
            3 => StopReason::Draining,
            _ => StopReason::None,
        }
    }

    /// Turns true when the run is stopped.
    pub(super) fn subscribe(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }
}
