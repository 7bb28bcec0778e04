//! Imports a batch of stream entries into the database.

use std::collections::HashSet;

use super::stream_event::{PublishFailure, StreamEvent};
use super::{NewEvent, publish};
use crate::clients::redis::Entry;
use crate::engine::metrics::Metrics;
use crate::store::{Store, StoreError};

#[derive(Default)]
pub(crate) struct Batch<'a> {
    /// Ids of entries to acknowledge.
    pub(crate) done: Vec<&'a str>,
    /// Whether the batch queued work.
    pub(crate) queued: bool,
    pub(crate) skipped: SkippedEntries,
    /// Entries to retry, and why.
    pub(crate) failed: Vec<(String, StoreError)>,
    /// Why the rest of the batch was not tried.
    pub(crate) aborted_by: Option<StoreError>,
    locked_topics: HashSet<&'a str>,
}

impl<'a> Batch<'a> {
    pub(crate) fn mark_done(&mut self, entry: &'a Entry) {
        self.done.push(&entry.id);
    }

    /// Skips an entry that can never be imported.
    pub(crate) fn skip(&mut self, entry: &'a Entry, reason: &'static str) {
        self.skipped.count += 1;
        self.skipped.first.get_or_insert_with(|| (entry.id.clone(), reason));
        self.mark_done(entry);
    }

    /// Commits an event. Returns false when the rest of the batch would fail, too.
    pub(crate) async fn publish(&mut self, store: &Store, entry: &'a Entry, event: &StreamEvent<'a>) -> bool {
        if self.locked_topics.contains(event.topic) {
            return true;
        }
        let StreamEvent { id, topic, payload, source } = event;
        let new = NewEvent { id: *id, topic, payload, by: "stream", source: *source, stream_id: &entry.id };
        let error = match publish(store, &new).await {
            Ok(published) => {
                self.queued |= published.is_some_and(|p| p.new);
                self.mark_done(entry);
                return true;
            }
            Err(error) => error,
        };
        match PublishFailure::classify(&error) {
            PublishFailure::Permanent => self.skip(entry, "it contains a value that cannot be stored"),
            PublishFailure::Database => {
                self.aborted_by = Some(error);
                return false;
            }
            failure => {
                if failure == PublishFailure::TopicLocked {
                    self.locked_topics.insert(event.topic);
                }
                self.failed.push((entry.id.clone(), error));
            }
        }
        true
    }
}

/// Entries that can never be imported, logged in one line per batch.
#[derive(Default)]
pub(crate) struct SkippedEntries {
    count: u64,
    /// Id and reason.
    first: Option<(String, &'static str)>,
}

impl SkippedEntries {
    pub(crate) fn log(&self, metrics: &Metrics) {
        let Some((entry, reason)) = &self.first else { return };
        metrics.redis_operations_total.with_label_values(&["xreadgroup", "unusable"]).inc_by(self.count);
        tracing::warn!(count = self.count, entry, reason, "skipped invalid entries of the event stream");
    }
}
