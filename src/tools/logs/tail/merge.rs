//! Merges several logs by time: a k-way merge that buffers a few batches of each log.
//!
//! Without `follow` the order is exact. With it, the merge does not wait for a log that has been idle for a moment;
//! its later lines may come out of order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::task::{Context, Poll};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::clients::ClientError;
use crate::clients::platform::{Batch, Stream, TimedLine};

/// How long the merge waits for an idle log.
const IDLE_WAIT: Duration = Duration::from_millis(200);
/// The same before the first line: the engine has to seek first.
const FIRST_LINE_WAIT: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) service: String,
    pub(crate) container: String,
}

pub(crate) struct Source {
    pub(crate) label: Label,
    pub(crate) lines: mpsc::Receiver<Batch>,
}

#[derive(Debug)]
pub(crate) struct MergedLine<'a> {
    pub(crate) label: &'a Label,
    pub(crate) time: DateTime<Utc>,
    pub(crate) stream: Stream,
    pub(crate) text: &'a [u8],
}

#[derive(Debug)]
pub(crate) struct UnreadableLog {
    /// None if the engine itself failed.
    pub(crate) container: Option<String>,
    pub(crate) error: ClientError,
}

struct Cursor {
    source: Source,
    batch: Batch,
    position: usize,
    ended: bool,
    /// When the merge stops waiting for its next line.
    idle_at: Instant,
}

pub(crate) struct Merge {
    cursors: Vec<Cursor>,
    /// Time and index of the next line of each cursor that has one.
    heads: BinaryHeap<Reverse<(i64, usize)>>,
    sources: mpsc::Receiver<Source>,
    sources_closed: bool,
    follow: bool,
}

impl Merge {
    /// Starts empty; logs arrive through `sources`.
    pub(crate) fn new(sources: mpsc::Receiver<Source>, follow: bool) -> Self {
        Self { cursors: Vec::new(), heads: BinaryHeap::new(), sources, sources_closed: false, follow }
    }

    /// The length of the longest container name so far.
    pub(crate) fn longest_name(&self) -> usize {
        self.cursors.iter().map(|l| l.source.label.container.chars().count()).max().unwrap_or_default()
    }

    /// Waits until [`Merge::pop`] returns a line; false at the end of all logs. Cancel safe.
    pub(crate) async fn ready(&mut self) -> bool {
        loop {
            let until = self.cursors.iter().filter(|l| l.needs_batch()).map(|l| l.idle_at).max();
            let now = Instant::now();
            let until = until.filter(|at| self.follow && *at > now);
            let filled = std::future::poll_fn(|cx| self.poll(cx, until.is_some()));
            match until {
                Some(until) => drop(timeout_at(until, filled).await),
                None => filled.await,
            }
            if self.can_pop() {
                return true;
            }
            if self.sources_closed && self.cursors.iter().all(|l| l.ended) {
                return !self.heads.is_empty();
            }
        }
    }

    /// The next line, or none if the order is not known yet.
    pub(crate) fn pop(&mut self) -> Option<MergedLine<'_>> {
        if !self.can_pop() {
            return None;
        }
        let Reverse((_, index)) = self.heads.pop()?;
        self.cursors[index].position += 1;
        let next_time = self.cursors[index].head().map(|head| head.at);
        match next_time {
            Some(at) => self.heads.push(Reverse((at, index))),
            None => self.cursors[index].idle_at = Instant::now() + IDLE_WAIT,
        }
        let cursor = &self.cursors[index];
        let TimedLine { at, stream, text } = cursor.batch.get(cursor.position - 1)?;
        Some(MergedLine {
            label: &cursor.source.label,
            time: DateTime::from_timestamp_nanos(at),
            stream,
            text,
        })
    }

    /// Whether no cursor that is still waited for could have an earlier line.
    fn can_pop(&self) -> bool {
        let now = Instant::now();
        let blocks = |c: &Cursor| c.needs_batch() && !(self.follow && c.idle_at <= now);
        !self.heads.is_empty() && (self.sources_closed || self.follow) && !self.cursors.iter().any(blocks)
    }

    /// Receives available batches. Ready when every cursor has a line, or, unless `wait_for_all`, when any has one;
    /// also when a source was added or has ended.
    fn poll(&mut self, cx: &mut Context<'_>, wait_for_all: bool) -> Poll<()> {
        let mut changed = self.poll_sources(cx);
        let mut any_pending = false;
        for (i, cursor) in self.cursors.iter_mut().enumerate().filter(|(_, l)| l.needs_batch()) {
            match cursor.source.lines.poll_recv(cx) {
                Poll::Ready(Some(batch)) => {
                    (cursor.batch, cursor.position) = (batch, 0);
                    match cursor.batch.get(0) {
                        Some(head) => self.heads.push(Reverse((head.at, i))),
                        None => changed = true,
                    }
                }
                Poll::Ready(None) => (cursor.ended, changed) = (true, true),
                Poll::Pending => any_pending = true,
            }
        }
        let any = !self.heads.is_empty() && self.follow && !wait_for_all;
        if changed || any || (!any_pending && !self.heads.is_empty()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn poll_sources(&mut self, cx: &mut Context<'_>) -> bool {
        let before = (self.cursors.len(), self.sources_closed);
        while !self.sources_closed {
            match self.sources.poll_recv(cx) {
                Poll::Ready(Some(source)) => self.cursors.push(Cursor {
                    source,
                    batch: Batch::default(),
                    position: 0,
                    ended: false,
                    idle_at: Instant::now() + FIRST_LINE_WAIT,
                }),
                Poll::Ready(None) => self.sources_closed = true,
                Poll::Pending => break,
            }
        }
        before != (self.cursors.len(), self.sources_closed)
    }
}

impl Cursor {
    fn head(&self) -> Option<TimedLine<'_>> {
        self.batch.get(self.position)
    }

    fn needs_batch(&self) -> bool {
        !self.ended && self.head().is_none()
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
