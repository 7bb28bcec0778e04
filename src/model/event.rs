//! Progress of a pipeline, for reporters and the journal.

use std::time::Duration;

use super::Status;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Started {
        id: String,
        title: String,
    },
    Progress {
        id: String,
        done: u64,
        /// None while unknown.
        total: Option<u64>,
        /// The unit that is counted, or the current activity.
        note: String,
    },
    /// A step failed and will be retried.
    Retry {
        id: String,
        /// Number of the next attempt; the first attempt was 1.
        attempt: u32,
        error: String,
    },
    /// The run waits, possibly for long.
    Waits {
        what: String,
    },
    /// A step queued work; workers may claim it now.
    Queued,
    /// A step published an event; the relay may send it now.
    Published,
    Finished {
        id: String,
        status: Status,
        elapsed: Duration,
    },
}

/// Receives events from the executor; must return at once.
pub(crate) trait Observer: Send + Sync {
    fn notice(&self, event: Event);
}

pub(crate) struct Silent;

impl Observer for Silent {
    fn notice(&self, _: Event) {}
}
