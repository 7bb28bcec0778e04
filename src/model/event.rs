//! What happens while steps run, for those who show or record it.

use std::time::Duration;

use super::Status;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A step begins.
    Started {
        /// The step's name.
        id: String,
        /// What a person reads.
        title: String,
    },
    /// A step tells how far it is.
    Progress {
        /// The step's name.
        id: String,
        /// Done so far.
        done: u64,
        /// In all, when it is known.
        total: Option<u64>,
        /// What is counted, or what goes on.
        note: String,
    },
    /// A step failed and is tried again.
    Retry {
        /// The step's name.
        id: String,
        /// Which attempt comes next; the first was 1.
        attempt: u32,
        /// Why.
        error: String,
    },
    /// The run itself waits, which may take long.
    Waits {
        /// What for.
        what: String,
    },
    /// A step has queued work: somebody may run it now.
    Queued,
    /// A step has published an event: somebody may send it on.
    Published,
    /// A step ended.
    Finished {
        /// The step's name.
        id: String,
        /// With what.
        status: Status,
        /// After how long.
        elapsed: Duration,
    },
}

/// Somebody who is told. Called from the executor, so it must return at once.
pub trait Observer: Send + Sync {
    /// Takes note of an event.
    fn notice(&self, event: Event);
}

/// Takes note of nothing.
pub struct Silent;

impl Observer for Silent {
    fn notice(&self, _: Event) {}
}
