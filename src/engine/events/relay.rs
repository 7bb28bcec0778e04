//! The relay: writes events from the outbox to the Redis stream, one node at a time (promise 6).
//!
//! It holds an advisory lock in its own session. When Redis does not answer, it releases the lock so that
//! a node that reaches Redis can take over. PostgreSQL 14 and newer ends a session that is idle for
//! seconds because its host is gone or suspended. Events that a relay sent before it lost its session
//! can be in the stream but unmarked in the outbox; the next relay first reads the end of the stream,
//! so it does not send them twice.
//!
//! A batch is added atomically, which keeps the order when Redis is out of memory. Then the stream is
//! trimmed to its maximum length, up to the last entry that the group has read.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_postgres::Row;
use uuid::Uuid;

use super::consumer::GROUP;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, RawText, Session, explain};
use crate::clients::redis::{Entry, Redis};
use crate::engine::metrics::Metrics;
use crate::engine::notifier::{Channel, Notifier};
use crate::engine::progress::LoopProgress;
use crate::store::prepared::RelayStatements;

/// How often it polls.
const POLL: Duration = Duration::from_secs(1);
/// Between tries for the lock.
const RETRY_DELAY: Duration = Duration::from_secs(2);
/// Deadline of a statement; longer than the server's.
const STATEMENT_LIMIT: Duration = Duration::from_secs(15);
/// Entries per read of the stream's end; entries can be large.
const READ_BACK_BATCH: usize = 20;
/// Maximum entries to read back; more than one outbox batch.
const READ_BACK_MAX: usize = 500;

/// Relays until `stop` turns true.
pub(crate) async fn run_relay(
    postgres: Arc<Postgres>,
    redis: Arc<Redis>,
    notifier: Notifier,
    metrics: Arc<Metrics>,
    progress: Arc<LoopProgress>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let ended = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            ended = session(&postgres, &redis, &notifier, &metrics, &progress) => ended,
        };
        let delay = ended.map_or_else(|error| progress.fail(&error), |()| RETRY_DELAY);
        drop(tokio::time::timeout(delay, stop.wait_for(|s| *s)).await);
    }
}

/// Returns without an error when another node holds the lock.
async fn session(
    postgres: &Postgres,
    redis: &Redis,
    notifier: &Notifier,
    metrics: &Metrics,
    progress: &LoopProgress,
) -> Result<(), ClientError> {
    let relay = RelaySession::open(postgres).await?;
    if !relay.try_lock().await? {
        // Another node relays, and reports its own progress.
        progress.stand_by();
        return Ok(());
    }
    let mut notifications = notifier.subscribe();
    relay.mark_sent(redis, metrics).await?;
    loop {
        while relay.send_batch(redis, metrics).await? {
            progress.succeed();
        }
        progress.succeed();
        let timer = tokio::time::sleep(POLL);
        tokio::pin!(timer);
        loop {
            tokio::select! {
                () = &mut timer => break,
                channel = notifications.recv() => if matches!(channel, Ok(Channel::Event) | Err(_)) {
                    break;
                }
            }
        }
    }
}

struct RelaySession {
    session: Session,
    statements: RelayStatements,
}

impl RelaySession {
    async fn open(postgres: &Postgres) -> Result<Self, ClientError> {
        let session = postgres.session().await?.with_limit(STATEMENT_LIMIT);
        let statements = RelayStatements::prepare(&session).await?;
        session.query_one(&statements.settings, &[]).await.map_err(|e| explain(&e))?;
        Ok(Self { session, statements })
    }

    async fn try_lock(&self) -> Result<bool, ClientError> {
        let row = self.session.query_one(&self.statements.lock, &[]).await.map_err(|e| explain(&e))?;
        row.try_get("taken").map_err(|e| explain(&e))
    }

    /// Marks outbox events that are already in the stream. It reads back to the first marked entry,
    /// because batches are marked completely and in order.
    async fn mark_sent(&self, redis: &Redis, metrics: &Metrics) -> Result<(), ClientError> {
        let mut before: Option<String> = None;
        for _ in 0..READ_BACK_MAX / READ_BACK_BATCH {
            let entries =
                call_redis(metrics, "xrevrange", redis.latest(before.as_deref(), READ_BACK_BATCH)).await?;
            let known: Vec<(Uuid, String)> = entries
                .iter()
                .filter_map(|e| Some((e.get("event_id")?.parse().ok()?, e.id.clone())))
                .collect();
            let ids: Vec<Uuid> = known.iter().map(|(id, _)| *id).collect();
            let marked =
                self.session.query(&self.statements.find_relayed, &[&ids]).await.map_err(|e| explain(&e))?;
            self.mark(&known).await?;
            if !marked.is_empty() || entries.len() < READ_BACK_BATCH {
                break;
            }
            before = entries.last().map(|e| e.id.clone());
        }
        Ok(())
    }

    /// Returns whether there may be more events.
    async fn send_batch(&self, redis: &Redis, metrics: &Metrics) -> Result<bool, ClientError> {
        let rows = self.session.query(&self.statements.outbox, &[]).await.map_err(|e| explain(&e))?;
        if rows.is_empty() {
            return Ok(false);
        }
        let mut ids = Vec::with_capacity(rows.len());
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            let id: Uuid = row.try_get("id").map_err(|e| explain(&e))?;
            entries.push(entry(id, row).map_err(|e| explain(&e))?);
            ids.push(id);
        }
        let added = call_redis(metrics, "xadd", redis.add(&entries)).await?;
        let known: Vec<(Uuid, String)> = ids.into_iter().zip(added).collect();
        self.mark(&known).await?;
        call_redis(metrics, "xtrim", redis.shorten(GROUP)).await?;
        Ok(true)
    }

    async fn mark(&self, sent: &[(Uuid, String)]) -> Result<(), ClientError> {
        let mut seen = HashSet::new();
        let first: Vec<&(Uuid, String)> = sent.iter().filter(|(id, _)| seen.insert(*id)).collect();
        let ids: Vec<Uuid> = first.iter().map(|(id, _)| *id).collect();
        let entry_ids: Vec<&str> = first.iter().map(|(_, id)| id.as_str()).collect();
        self.session
            .execute(&self.statements.record_relayed, &[&ids, &entry_ids])
            .await
            .map_err(|e| explain(&e))
            .map(drop)
    }
}

fn entry(id: Uuid, row: &Row) -> Result<Entry, tokio_postgres::Error> {
    let source: Option<Uuid> = row.try_get("source_agent_id")?;
    // An entry is UTF-8 for its readers, whatever a program wrote into the table.
    let text = |column: &str| {
        let text: Option<RawText> = row.try_get(column)?;
        let text = text.as_ref().map(RawText::lossy).unwrap_or_default();
        if matches!(text, Cow::Owned(_)) {
            tracing::warn!(event = %id, column, "not UTF-8; sent with replacement characters");
        }
        Ok::<_, tokio_postgres::Error>(text.into_owned())
    };
    Ok(Entry::new([
        ("event_id", id.to_string()),
        ("topic", text("topic")?),
        ("payload", text("payload")?),
        ("source_agent_id", source.map(|s| s.to_string()).unwrap_or_default()),
        ("published_at", row.try_get("published_at")?),
        ("published_by", text("published_by")?),
    ]))
}

/// Counts a Redis call.
pub(super) async fn call_redis<T>(
    metrics: &Metrics,
    operation: &str,
    call: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    let answer = call.await;
    let result = if answer.is_ok() { "success" } else { "error" };
    metrics.redis_operations_total.with_label_values(&[operation, result]).inc();
    answer
}
