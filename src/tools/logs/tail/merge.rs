//! Several logs as one, in the order of time: a k-way merge that holds a few batches of each.
//!
//! Logs that end are merged exactly. Logs that are followed are merged as far as it can be known: a
//! log that has been silent for a moment is not waited for, and what it says later comes later.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::clients::ClientError;
use crate::clients::platform::{Batch, Stream, TimedLine};

/// How long a followed log may be silent before the others go on without it.
const PATIENCE: Duration = Duration::from_millis(200);
/// The same before its first line: the engine has to find the beginning.
const FIRST_PATIENCE: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) service: String,
    pub(crate) container: String,
}

/// A log that is to be merged.
pub(crate) struct Source {
    pub(crate) label: Label,
    pub(crate) lines: mpsc::Receiver<Batch>,
}

/// A line with whose it is.
#[derive(Debug)]
pub(crate) struct Merged<'a> {
    pub(crate) label: &'a Label,
    pub(crate) time: DateTime<Utc>,
    pub(crate) stream: Stream,
    pub(crate) text: &'a [u8],
}

/// A container whose log could not be read.
#[derive(Debug)]
pub(crate) struct Trouble {
    /// Its name; none when it is the engine itself.
    pub(crate) container: Option<String>,
    pub(crate) error: ClientError,
}

struct Lane {
    source: Source,
    batch: Batch,
    place: usize,
    ended: bool,
    /// When it is no longer waited for.
    quiet_at: Instant,
}

pub(crate) struct Merge {
    lanes: Vec<Lane>,
    /// The next line of each lane that has one.
    heads: BinaryHeap<Reverse<(i64, usize)>>,
    joining: mpsc::Receiver<Source>,
    joined_all: bool,
    following: bool,
}

impl Merge {
    /// Nothing yet; the logs come through `joining`.
    pub(crate) fn new(joining: mpsc::Receiver<Source>, following: bool) -> Self {
        Self { lanes: Vec::new(), heads: BinaryHeap::new(), joining, joined_all: false, following }
    }

    /// The longest name of a container that has come so far.
    pub(crate) fn longest_name(&self) -> usize {
        self.lanes.iter().map(|l| l.source.label.container.chars().count()).max().unwrap_or_default()
    }

    /// Waits until [`Merge::pop`] gives something; false when nothing will ever come. May be
    /// dropped while it waits: no line is lost.
    pub(crate) async fn ready(&mut self) -> bool {
        loop {
            let until = self.lanes.iter().filter(|l| l.lacks()).map(|l| l.quiet_at).max();
            let now = Instant::now();
            let until = until.filter(|at| self.following && *at > now);
            let filled = std::future::poll_fn(|cx| self.poll(cx, until.is_some()));
            match until {
                Some(until) => drop(timeout_at(until, filled).await),
                None => filled.await,
            }
            if self.may_go_on() {
                return true;
            }
            if self.joined_all && self.lanes.iter().all(|l| l.ended) {
                return !self.heads.is_empty();
            }
        }
    }

    /// The next line, unless one must be waited for.
    pub(crate) fn pop(&mut self) -> Option<Merged<'_>> {
        if !self.may_go_on() {
            return None;
        }
        let Reverse((_, lane)) = self.heads.pop()?;
        self.lanes[lane].place += 1;
        let after = self.lanes[lane].head().map(|head| head.at);
        match after {
            Some(at) => self.heads.push(Reverse((at, lane))),
            None => self.lanes[lane].quiet_at = Instant::now() + PATIENCE,
        }
        let lane = &self.lanes[lane];
        let TimedLine { at, stream, text } = lane.batch.get(lane.place - 1)?;
        Some(Merged { label: &lane.source.label, time: DateTime::from_timestamp_nanos(at), stream, text })
    }

    /// Whether the first of the heads is known to be the next line, or is not waited for any more.
    fn may_go_on(&self) -> bool {
        let now = Instant::now();
        let waits = |l: &Lane| l.lacks() && !(self.following && l.quiet_at <= now);
        !self.heads.is_empty() && (self.joined_all || self.following) && !self.lanes.iter().any(waits)
    }

    /// Takes what is there. Ready when no lane lacks a line, or, when not `patient`, when any has
    /// one; and when a log has joined or all have ended.
    fn poll(&mut self, cx: &mut Context<'_>, patient: bool) -> Poll<()> {
        let mut changed = self.poll_joining(cx);
        let mut lacking = false;
        for (i, lane) in self.lanes.iter_mut().enumerate().filter(|(_, l)| l.lacks()) {
            match lane.source.lines.poll_recv(cx) {
                Poll::Ready(Some(batch)) => {
                    (lane.batch, lane.place) = (batch, 0);
                    match lane.batch.get(0) {
                        Some(head) => self.heads.push(Reverse((head.at, i))),
                        None => changed = true,
                    }
                }
                Poll::Ready(None) => (lane.ended, changed) = (true, true),
                Poll::Pending => lacking = true,
            }
        }
        let any = !self.heads.is_empty() && self.following && !patient;
        if changed || any || (!lacking && !self.heads.is_empty()) { Poll::Ready(()) } else { Poll::Pending }
    }

    fn poll_joining(&mut self, cx: &mut Context<'_>) -> bool {
        let before = (self.lanes.len(), self.joined_all);
        while !self.joined_all {
            match self.joining.poll_recv(cx) {
                Poll::Ready(Some(source)) => self.lanes.push(Lane {
                    source,
                    batch: Batch::default(),
                    place: 0,
                    ended: false,
                    quiet_at: Instant::now() + FIRST_PATIENCE,
                }),
                Poll::Ready(None) => self.joined_all = true,
                Poll::Pending => break,
            }
        }
        before != (self.lanes.len(), self.joined_all)
    }
}

impl Lane {
    fn head(&self) -> Option<TimedLine<'_>> {
        self.batch.get(self.place)
    }

    /// Whether its next line is not known.
    fn lacks(&self) -> bool {
        !self.ended && self.head().is_none()
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
