//! The consumer: takes in what other programs add to the Redis stream.
//!
//! All nodes are one consumer group, so each entry comes to one of them; what a node that is gone left
//! unacknowledged, another claims after [`CLAIM_AFTER`]. The group begins at the stream's beginning, or
//! where the stream ended when the database was adopted: what lies before that was dealt with by others.
//! If the group is lost, it is made anew there, and every event that is known is recognised.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::Value;
use tokio::sync::watch;
use uuid::Uuid;

use super::relay::counted;
use super::{New, TOPIC_MAX, publish};
use crate::clients::ClientError;
use crate::clients::redis::{Entry, Redis};
use crate::engine::metrics::Metrics;
use crate::engine::notice::{Notices, Subject};
use crate::engine::tasks::binds;
use crate::store::{Store, StoreError};

/// The consumer group.
pub const GROUP: &str = "ordctl";
/// An entry that was read so long ago and not acknowledged belongs to nobody.
const CLAIM_AFTER: Duration = Duration::from_secs(30);
/// How often such entries are looked for.
const CLAIM_EVERY: Duration = Duration::from_secs(10);
/// How long one read waits for an entry.
const WAIT: Duration = Duration::from_secs(2);
/// How long to wait after an error.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// So many entries a read.
const BATCH: usize = 100;

/// Consumes until `stop` turns true.
pub async fn consume(
    store: Store,
    redis: Arc<Redis>,
    name: String,
    notices: Notices,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) {
    let consumer = Consumer { store, redis, name, notices, metrics };
    let mut said = String::new();
    loop {
        let error = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => break,
            error = consumer.session() => error.to_string(),
        };
        if error != said {
            tracing::warn!(%error, "the event stream is not read; its entries wait there");
        }
        said = error;
        drop(tokio::time::timeout(AGAIN_AFTER, stop.wait_for(|s| *s)).await);
    }
    // Without its entries, of which it has none, its name means nothing to anybody.
    drop(tokio::time::timeout(Duration::from_secs(1), consumer.redis.leave(GROUP, &consumer.name)).await);
}

struct Consumer {
    store: Store,
    redis: Arc<Redis>,
    name: String,
    notices: Notices,
    metrics: Arc<Metrics>,
}

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Redis(#[from] ClientError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Consumer {
    async fn session(&self) -> Ended {
        match self.read().await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn read(&self) -> Result<std::convert::Infallible, Ended> {
        let start = self.start().await?;
        counted(&self.metrics, "xgroup", self.redis.group(GROUP, &start)).await?;
        let mut claimed_at: Option<Instant> = None;
        loop {
            if claimed_at.is_none_or(|at| at.elapsed() >= CLAIM_EVERY) {
                let left = self.redis.claim(GROUP, &self.name, CLAIM_AFTER, BATCH);
                let left = counted(&self.metrics, "xautoclaim", left).await?;
                let more = left.len() >= BATCH;
                self.take(left).await?;
                claimed_at = (!more).then(Instant::now);
            }
            let new = self.redis.read(GROUP, &self.name, BATCH, WAIT);
            let new = counted(&self.metrics, "xreadgroup", new).await?;
            self.take(new).await?;
        }
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
        let end = if row.adopted {
            counted(&self.metrics, "xinfo", self.redis.last_id()).await?
        } else {
            "0-0".to_owned()
        };
        let said: Vec<String> =
            self.store.change("engine/events/begin_stream", &binds([("start", end.clone())])).await?;
        Ok(said.into_iter().next().unwrap_or(end))
    }

    /// Makes entries durable, then acknowledges them.
    async fn take(&self, entries: Vec<Entry>) -> Result<(), Ended> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut done = Vec::with_capacity(entries.len());
        let mut queued = false;
        let mut broken = None;
        for entry in &entries {
            match self.one(entry).await {
                Ok(new) => queued |= new,
                Err(e) => {
                    broken = Some(e);
                    break;
                }
            }
            done.push(entry.id.as_str());
        }
        if queued {
            self.notices.tell(Subject::Due);
        }
        counted(&self.metrics, "xack", self.redis.acknowledge(GROUP, &done)).await?;
        broken.map_or(Ok(()), |e| Err(e.into()))
    }

    /// Returns whether it was new.
    async fn one(&self, entry: &Entry) -> Result<bool, StoreError> {
        let Some(topic) = entry.get("topic").filter(|t| (1..=TOPIC_MAX).contains(&t.chars().count())) else {
            self.unusable(entry, "it has no topic of 1 to 100 characters");
            return Ok(false);
        };
        // Without an id of its own, its place in the stream is what it is known by.
        let id = entry.get("event_id").and_then(|t| t.parse().ok()).unwrap_or_else(|| {
            Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{} {}", self.redis.stream(), entry.id).as_bytes())
        });
        let payload = match entry.get("payload") {
            None | Some("") => Value::Object(serde_json::Map::new()),
            // What is no JSON is a text.
            Some(text) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        let source = entry.get("source_agent_id").and_then(|t| t.parse().ok());
        let new = New { id, topic, payload: &payload, by: "stream", source, stream_id: &entry.id };
        match publish(&self.store, &new).await {
            Ok(published) => Ok(published.is_some_and(|p| p.new)),
            // A character that the database cannot hold: it never will.
            Err(StoreError::Client(ClientError::Failed { code: Some(code), .. }))
                if code.starts_with("22") =>
            {
                self.unusable(entry, "it holds something that cannot be stored");
                Ok(false)
            }
            Err(e) => Err(e),
        }
    }

    fn unusable(&self, entry: &Entry, why: &str) {
        self.metrics.redis_operations_total.with_label_values(&["xreadgroup", "unusable"]).inc();
        tracing::warn!(entry = %entry.id, why, "an entry of the event stream is left out");
    }
}
