//! A batch of the stream's entries on its way into the database.

use std::collections::HashSet;

use super::foreign::{Fate, Foreign};
use super::{New, publish};
use crate::clients::redis::Entry;
use crate::engine::metrics::Metrics;
use crate::store::{Store, StoreError};

/// What becomes of the entries of a batch.
#[derive(Default)]
pub(crate) struct Batch<'a> {
    pub(crate) done: Vec<&'a str>,
    /// Whether there is new work.
    pub(crate) queued: bool,
    pub(crate) unusable: Unusable,
    /// What is tried again later, and why.
    pub(crate) failed: Vec<(String, StoreError)>,
    /// Why the rest was not tried.
    pub(crate) broken: Option<StoreError>,
    /// Topics that somebody has locked.
    locked: HashSet<&'a str>,
}

impl<'a> Batch<'a> {
    /// There is nothing more to do about it.
    pub(crate) fn done(&mut self, entry: &'a Entry) {
        self.done.push(&entry.id);
    }

    pub(crate) fn unusable(&mut self, entry: &'a Entry, why: &'static str) {
        self.unusable.count += 1;
        self.unusable.first.get_or_insert_with(|| (entry.id.clone(), why));
        self.done(entry);
    }

    /// Makes it durable. Returns whether the rest is worth a try.
    pub(crate) async fn publish(&mut self, store: &Store, entry: &'a Entry, foreign: &Foreign<'a>) -> bool {
        if self.locked.contains(foreign.topic) {
            return true;
        }
        let Foreign { id, topic, payload, source } = foreign;
        let new = New { id: *id, topic, payload, by: "stream", source: *source, stream_id: &entry.id };
        let error = match publish(store, &new).await {
            Ok(published) => {
                self.queued |= published.is_some_and(|p| p.new);
                self.done(entry);
                return true;
            }
            Err(error) => error,
        };
        match Fate::of(&error) {
            Fate::Never => self.unusable(entry, "it holds something that cannot be stored"),
            Fate::Everything => {
                self.broken = Some(error);
                return false;
            }
            fate => {
                if fate == Fate::Topic {
                    self.locked.insert(foreign.topic);
                }
                self.failed.push((entry.id.clone(), error));
            }
        }
        true
    }
}

/// Entries that are left out, said in one line a batch.
#[derive(Default)]
pub(crate) struct Unusable {
    count: u64,
    /// The first of them, and why.
    first: Option<(String, &'static str)>,
}

impl Unusable {
    pub(crate) fn say(&self, metrics: &Metrics) {
        let Some((entry, why)) = &self.first else { return };
        metrics.redis_operations_total.with_label_values(&["xreadgroup", "unusable"]).inc_by(self.count);
        tracing::warn!(count = self.count, entry, why, "entries of the event stream are left out");
    }
}
