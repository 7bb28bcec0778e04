//! What happens while steps run, for those who show or record it.

use std::time::Duration;

use super::Status;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Started {
        id: String,
        title: String,
    },
    /// A step tells how far it is.
    Progress {
        id: String,
        done: u64,
        /// In all, when it is known.
        total: Option<u64>,
        /// What is counted, or what goes on.
        note: String,
    },
    /// A step failed and is tried again.
    Retry {
        id: String,
        /// Which attempt comes next; the first was 1.
        attempt: u32,
        error: String,
    },
    /// The run itself waits, which may take long.
    Waits {
        what: String,
    },
    /// A step has queued work: somebody may run it now.
    Queued,
    /// A step has published an event: somebody may send it on.
    Published,
    Finished {
        id: String,
        status: Status,
        elapsed: Duration,
    },
}

/// Somebody who is told. Called from the executor, so it must return at once.
pub(crate) trait Observer: Send + Sync {
    /// Takes note of an event.
    fn notice(&self, event: Event);
}

pub(crate) struct Silent;

impl Observer for Silent {
    fn notice(&self, _: Event) {}
}
