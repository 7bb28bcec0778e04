//! The consumer: imports entries that other programs add to the Redis stream.
//!
//! All nodes form one consumer group, so each entry goes to one of them. Entries that a dead node left
//! unacknowledged are claimed by another after [`CLAIM_AFTER`]; a node that reconnects to Redis starts
//! with its own unacknowledged entries. An entry that cannot be imported stays pending and is retried in
//! the same way; other entries continue.
//!
//! The group starts at the beginning of the stream, or at its end if the database was adopted: earlier
//! entries were processed by Ordinaut. A lost group is recreated there, and known events are recognized
//! by their rows. When event rows are deleted, the start moves past them. A row is deleted only after
//! its entry was acknowledged; for that, the group's position is stored in the database.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use uuid::Uuid;

use super::batch::Batch;
use super::relay::call_redis;
use super::stream_event::StreamEvent;
use crate::clients::ClientError;
use crate::clients::redis::{Entry, Redis, place};
use crate::engine::metrics::Metrics;
use crate::engine::notifier::{Channel, Notifier};
use crate::engine::progress::LoopProgress;
use crate::store::{self, Store, StoreError};

pub(crate) const GROUP: &str = "ordctl";
/// An entry that stays unacknowledged for this long is claimed by another node.
const CLAIM_AFTER: Duration = Duration::from_secs(30);
/// How often entries are claimed and the group's position is stored.
const CLAIM_INTERVAL: Duration = Duration::from_secs(10);
/// A consumer without pending entries is removed from the group after this idle time.
const REMOVE_IDLE_AFTER: Duration = Duration::from_secs(86_400);
/// How long a read blocks.
const READ_TIMEOUT: Duration = Duration::from_secs(2);
/// Entries per read.
const BATCH: usize = 100;
/// Maximum failed entries remembered for logging.
const FAILED_MAX: usize = 1000;

/// Consumes until `stop` turns true.
pub(crate) async fn run_consumer(
    store: Store,
    redis: Arc<Redis>,
    name: String,
    notifier: Notifier,
    metrics: Arc<Metrics>,
    progress: Arc<LoopProgress>,
    mut stop: watch::Receiver<bool>,
) {
    let failed = HashSet::new();
    let mut consumer = Consumer { store, redis, name, notifier, metrics, progress, failed };
    loop {
        let error = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => break,
            error = consumer.session() => error,
        };
        let delay = consumer.progress.fail(&error);
        drop(tokio::time::timeout(delay, stop.wait_for(|s| *s)).await);
    }
    // Removes the consumer's name, which must not accumulate in the group.
    let leave = consumer.redis.leave(GROUP, &consumer.name);
    drop(consumer.redis.bounded(Duration::from_secs(1), leave).await);
}

struct Consumer {
    store: Store,
    redis: Arc<Redis>,
    name: String,
    notifier: Notifier,
    metrics: Arc<Metrics>,
    progress: Arc<LoopProgress>,
    /// Failed entries that were logged.
    failed: HashSet<String>,
}

#[derive(Debug, thiserror::Error)]
enum ConsumerError {
    #[error(transparent)]
    Redis(#[from] ClientError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Consumer {
    async fn session(&mut self) -> ConsumerError {
        match self.read().await {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }

    async fn read(&mut self) -> Result<std::convert::Infallible, ConsumerError> {
        let start = self.start().await?;
        self.redis_call("xgroup", self.redis.group(GROUP, &start)).await?;
        // Optional: the Redis user may lack the permission.
        drop(self.redis_call("xinfo", self.redis.sweep(GROUP, REMOVE_IDLE_AFTER)).await);
        self.import_own_pending().await?;
        let mut claimed_at: Option<Instant> = None;
        loop {
            if claimed_at.is_none_or(|at| at.elapsed() >= CLAIM_INTERVAL) {
                self.claim_pending().await?;
                claimed_at = Some(Instant::now());
            }
            let new = self
                .redis_call("xreadgroup", self.redis.read(GROUP, &self.name, BATCH, READ_TIMEOUT))
                .await?;
            self.import(&new).await?;
            self.progress.succeed();
        }
    }

    async fn redis_call<T>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        call_redis(&self.metrics, operation, call).await
    }

    /// Where the group starts in the stream; set by the first node.
    async fn start(&self) -> Result<String, ConsumerError> {
        let row = self.store.stream_start().await?;
        if let Some(start) = row.stream_start {
            return Ok(start);
        }
        let end = if row.adopted {
            self.redis_call("xinfo", self.redis.last_id()).await?
        } else {
            "0-0".to_owned()
        };
        Ok(self.store.record_stream_start(&end).await?.unwrap_or(end))
    }

    /// Imports the entries that this consumer has read and not acknowledged.
    async fn import_own_pending(&mut self) -> Result<(), ConsumerError> {
        let mut after = "0-0".to_owned();
        loop {
            let pending = self.redis.unacknowledged(GROUP, &self.name, &after, BATCH);
            let pending = self.redis_call("xreadgroup", pending).await?;
            let Some(last) = pending.last() else { return Ok(()) };
            after.clone_from(&last.id);
            self.import(&pending).await?;
            self.progress.succeed();
        }
    }

    /// Claims entries that other nodes left or that failed, then stores the group's position.
    async fn claim_pending(&mut self) -> Result<(), ConsumerError> {
        let mut from = Some("0-0".to_owned());
        while let Some(position) = from {
            let claimed = self.redis.claim(GROUP, &self.name, CLAIM_AFTER, &position, BATCH);
            let claimed = self.redis_call("xautoclaim", claimed).await?;
            self.import(&claimed.entries).await?;
            self.progress.succeed();
            from = claimed.next;
        }
        if let Some(done) = self.redis_call("xinfo", self.redis.done(GROUP)).await? {
            self.store.record_read_position(done).await?;
        }
        Ok(())
    }

    /// Commits entries as events, then acknowledges them. Known events are only acknowledged, a batch at a
    /// time: most entries come from our own relay.
    async fn import(&mut self, entries: &[Entry]) -> Result<(), ConsumerError> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::default();
        let mut events = Vec::with_capacity(entries.len());
        for entry in entries {
            match StreamEvent::from_entry(entry, self.redis.stream()) {
                Ok(event) => events.push((entry, event)),
                Err(reason) => batch.skip(entry, reason),
            }
        }
        let known = self.known_events(&events).await?;
        for (entry, event) in &events {
            if known.contains(entry, event) {
                batch.mark_done(entry);
            } else if !batch.publish(&self.store, entry, event).await {
                break;
            }
        }
        let aborted_by = self.finish(batch).await?;
        aborted_by.map_or(Ok(()), |e| Err(e.into()))
    }

    /// Notifies, logs and acknowledges. Returns the error that aborted the batch.
    async fn finish(&mut self, batch: Batch<'_>) -> Result<Option<StoreError>, ConsumerError> {
        if batch.queued {
            self.notifier.notify(Channel::Due);
        }
        batch.skipped.log(&self.metrics);
        if self.failed.len() > FAILED_MAX {
            self.failed.clear();
        }
        let new: Vec<_> = batch.failed.iter().filter(|(id, _)| self.failed.insert(id.clone())).collect();
        if let Some((entry, error)) = new.first() {
            let count = new.len();
            tracing::warn!(count, entry, %error, "importing stream entries failed; retrying later");
        }
        self.redis_call("xack", self.redis.acknowledge(GROUP, &batch.done)).await?;
        Ok(batch.aborted_by)
    }

    async fn known_events(&self, events: &[(&Entry, StreamEvent<'_>)]) -> Result<KnownEvents, ConsumerError> {
        let ids: Vec<Uuid> = events.iter().map(|(_, event)| event.id).collect();
        let store::events::KnownEvents { known: ids, stream_start: start } =
            self.store.known_events(&ids).await?;
        Ok(KnownEvents { ids, start: start.as_deref().map(place).unwrap_or_default() })
    }
}

struct KnownEvents {
    ids: HashSet<Uuid>,
    /// All entries up to here are known, even if their rows were deleted.
    start: (u64, u64),
}

impl KnownEvents {
    fn contains(&self, entry: &Entry, event: &StreamEvent<'_>) -> bool {
        self.ids.contains(&event.id) || place(&entry.id) <= self.start
    }
}
