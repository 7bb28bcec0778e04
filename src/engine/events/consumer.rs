//! The consumer: takes in what other programs add to the Redis stream.
//!
//! All nodes are one consumer group, so each entry comes to one of them; what a node that is gone left
//! unacknowledged, another claims after [`CLAIM_AFTER`], and a node that was cut off from Redis begins
//! with what it had. An entry that cannot be taken in stays with the group and is tried again in the
//! same way; the others go on.
//!
//! The group begins at the stream's beginning, or where the stream ended when the database was adopted:
//! what lies before that was dealt with by others. If the group is lost, it is made anew there, and every
//! event that is known is recognised. When rows of events are deleted, the beginning moves past them,
//! and no row goes before its entry was read and acknowledged; for that the group's place is noted.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio::sync::watch;
use uuid::Uuid;

use super::batch::Batch;
use super::foreign::Foreign;
use super::relay::counted;
use crate::clients::ClientError;
use crate::clients::redis::{Entry, Redis, place};
use crate::engine::metrics::Metrics;
use crate::engine::notice::{Notices, Subject};
use crate::engine::tasks::binds;
use crate::store::{Store, StoreError};

pub(crate) const GROUP: &str = "ordctl";
/// An entry that was read so long ago and not acknowledged belongs to nobody.
const CLAIM_AFTER: Duration = Duration::from_secs(30);
/// How often such entries are looked for, and the group's place is noted.
const CLAIM_EVERY: Duration = Duration::from_secs(10);
/// Who has nothing and did not ask for so long is gone.
const GONE_AFTER: Duration = Duration::from_secs(86_400);
/// How long one read waits for an entry.
const WAIT: Duration = Duration::from_secs(2);
/// How long to wait after an error.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// So many entries a read.
const BATCH: usize = 100;
/// So many entries that failed are remembered.
const FAILING: usize = 1000;

/// Consumes until `stop` turns true.
pub(crate) async fn consume(
    store: Store,
    redis: Arc<Redis>,
    name: String,
    notices: Notices,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) {
    let (said, failing) = (String::new(), HashSet::new());
    let mut consumer = Consumer { store, redis, name, notices, metrics, said, failing };
    loop {
        let error = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => break,
            error = consumer.session() => error.to_string(),
        };
        if error != consumer.said {
            tracing::warn!(%error, "the event stream is not read; its entries wait there");
        }
        consumer.said = error;
        drop(tokio::time::timeout(AGAIN_AFTER, stop.wait_for(|s| *s)).await);
    }
    // Without its entries, of which it has none, its name means nothing to anybody.
    let leave = consumer.redis.leave(GROUP, &consumer.name);
    drop(consumer.redis.bounded(Duration::from_secs(1), leave).await);
}

struct Consumer {
    store: Store,
    redis: Arc<Redis>,
    name: String,
    notices: Notices,
    metrics: Arc<Metrics>,
    /// The outage that goes on, as it was logged.
    said: String,
    /// Entries that could not be taken in, of which the log has heard.
    failing: HashSet<String>,
}

#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Redis(#[from] ClientError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Consumer {
    async fn session(&mut self) -> Ended {
        match self.read().await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn read(&mut self) -> Result<std::convert::Infallible, Ended> {
        let start = self.start().await?;
        self.asked("xgroup", self.redis.group(GROUP, &start)).await?;
        // Names that mean nothing are no reason not to read: an account may lack the right to see them.
        drop(self.asked("xinfo", self.redis.sweep(GROUP, GONE_AFTER)).await);
        self.left_over().await?;
        let mut claimed_at: Option<Instant> = None;
        loop {
            if claimed_at.is_none_or(|at| at.elapsed() >= CLAIM_EVERY) {
                self.claim().await?;
                claimed_at = Some(Instant::now());
                // Whatever ended the last session would have ended this one by now.
                self.said.clear();
            }
            let new = self.asked("xreadgroup", self.redis.read(GROUP, &self.name, BATCH, WAIT)).await?;
            self.take(&new).await?;
        }
    }

    async fn asked<T>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        counted(&self.metrics, &self.redis, operation, call).await
    }

    /// From where the stream is read. Whoever asks first decides.
    async fn start(&self) -> Result<String, Ended> {
        #[derive(Deserialize)]
        struct Row {
            adopted: bool,
            stream_start: Option<String>,
        }
        let row: Row = self.store.one("engine/events/stream_start").await?;
        if let Some(start) = row.stream_start {
            return Ok(start);
        }
        let end =
            if row.adopted { self.asked("xinfo", self.redis.last_id()).await? } else { "0-0".to_owned() };
        let said: Vec<String> = self
            .store
            .write_returning("engine/events/begin_stream", &binds([("start", end.clone())]))
            .await?;
        Ok(said.into_iter().next().unwrap_or(end))
    }

    /// What this consumer had when its last session ended.
    async fn left_over(&mut self) -> Result<(), Ended> {
        let mut after = "0-0".to_owned();
        loop {
            let left = self.redis.unacknowledged(GROUP, &self.name, &after, BATCH);
            let left = self.asked("xreadgroup", left).await?;
            let Some(last) = left.last() else { return Ok(()) };
            after.clone_from(&last.id);
            self.take(&left).await?;
        }
    }

    /// What others left lying, and what failed; then where the group is.
    async fn claim(&mut self) -> Result<(), Ended> {
        let mut from = Some("0-0".to_owned());
        while let Some(place) = from {
            let found = self.redis.claim(GROUP, &self.name, CLAIM_AFTER, &place, BATCH);
            let found = self.asked("xautoclaim", found).await?;
            self.take(&found.entries).await?;
            from = found.next;
        }
        if let Some(done) = self.asked("xinfo", self.redis.done(GROUP)).await? {
            self.store.write("engine/events/read_up_to", &binds([("done", done)])).await?;
        }
        Ok(())
    }

    /// Makes entries durable, then acknowledges them. What is known is only acknowledged, a batch at a time:
    /// most entries are our own, which the relay has sent.
    async fn take(&mut self, entries: &[Entry]) -> Result<(), Ended> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::default();
        let mut read = Vec::with_capacity(entries.len());
        for entry in entries {
            match Foreign::read(entry, self.redis.stream()) {
                Ok(foreign) => read.push((entry, foreign)),
                Err(why) => batch.unusable(entry, why),
            }
        }
        let known = self.known(&read).await?;
        for (entry, foreign) in &read {
            if known.has(entry, foreign) {
                batch.done(entry);
            } else if !batch.publish(&self.store, entry, foreign).await {
                break;
            }
        }
        let broken = self.conclude(batch).await?;
        broken.map_or(Ok(()), |e| Err(e.into()))
    }

    /// Acknowledges, tells and says. Returns what kept the batch from going on.
    async fn conclude(&mut self, batch: Batch<'_>) -> Result<Option<StoreError>, Ended> {
        if batch.queued {
            self.notices.tell(Subject::Due);
        }
        batch.unusable.say(&self.metrics);
        if self.failing.len() > FAILING {
            self.failing.clear();
        }
        let failing = batch.failed.iter().filter(|(id, _)| self.failing.insert(id.clone()));
        let failing: Vec<_> = failing.collect();
        if let Some((entry, error)) = failing.first() {
            let count = failing.len();
            tracing::warn!(count, entry, %error, "entries of the event stream wait: they are tried again");
        }
        self.asked("xack", self.redis.acknowledge(GROUP, &batch.done)).await?;
        Ok(batch.broken)
    }

    async fn known(&self, read: &[(&Entry, Foreign<'_>)]) -> Result<Known, Ended> {
        #[derive(Deserialize)]
        struct Row {
            known: HashSet<Uuid>,
            stream_start: Option<String>,
        }
        let ids: Vec<String> = read.iter().map(|(_, foreign)| foreign.id.to_string()).collect();
        let ids = binds([("ids", format!("{{{}}}", ids.join(",")))]);
        let rows: Vec<Row> = self.store.rows_with("engine/events/known", &ids).await?;
        let row = rows.into_iter().next();
        let (ids, start) = row.map_or_else(Default::default, |r| (r.known, r.stream_start));
        Ok(Known { ids, start: start.as_deref().map(place).unwrap_or_default() })
    }
}

struct Known {
    ids: HashSet<Uuid>,
    /// Up to here, also where the rows are gone.
    start: (u64, u64),
}

impl Known {
    fn has(&self, entry: &Entry, foreign: &Foreign<'_>) -> bool {
        self.ids.contains(&foreign.id) || place(&entry.id) <= self.start
    }
}
