//! The relay: brings events from the outbox to the Redis stream, one node at a time.
//!
//! It holds an advisory lock on a session of its own. When Redis does not answer it lets go, so that a
//! node that reaches Redis can take over. What it sent before it lost its session may be in the stream
//! without a note in the outbox; whoever takes over looks at the stream's end first, so that it is
//! not sent twice.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_postgres::Statement;
use uuid::Uuid;

use super::super::metrics::Metrics;
use super::super::notice::{Notices, Subject};
use super::super::sql;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};
use crate::clients::redis::{Entry, Redis};

/// How often it looks by itself.
const POLL: Duration = Duration::from_secs(1);
/// How long to wait after an error, and for another relay.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// How long Redis may take.
const ANSWER: Duration = Duration::from_secs(5);
/// So many entries at the stream's end are looked at; more than one batch of the outbox.
const LOOK_BACK: usize = 500;

/// Relays until `stop` turns true.
pub async fn relay(
    postgres: Arc<Postgres>,
    redis: Arc<Redis>,
    notices: Notices,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) {
    let mut said = String::new();
    loop {
        let ended = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            ended = session(&postgres, &redis, &notices, &metrics) => ended,
        };
        // An outage is said once, not every two seconds.
        let now = ended.err().map(|e| e.to_string()).unwrap_or_default();
        if !now.is_empty() && now != said {
            tracing::warn!(error = %now, "events wait in the outbox; nothing is lost");
        }
        said = now;
        drop(tokio::time::timeout(AGAIN_AFTER, stop.wait_for(|s| *s)).await);
    }
}

/// Ends without an error when another node relays.
async fn session(
    postgres: &Postgres,
    redis: &Redis,
    notices: &Notices,
    metrics: &Metrics,
) -> Result<(), ClientError> {
    let relay = Relay::open(postgres).await?;
    if !relay.locked().await.map_err(|e| explain(&e))? {
        return Ok(());
    }
    let mut heard = notices.hear();
    relay.look_back(redis, metrics).await?;
    loop {
        while relay.turn(redis, metrics).await? {}
        let clock = tokio::time::sleep(POLL);
        tokio::pin!(clock);
        loop {
            tokio::select! {
                () = &mut clock => break,
                subject = heard.recv() => if matches!(subject, Ok(Subject::Event) | Err(_)) {
                    break;
                }
            }
        }
    }
}

struct Relay {
    session: Session,
    lock: Statement,
    outbox: Statement,
    relayed: Statement,
}

impl Relay {
    async fn open(postgres: &Postgres) -> Result<Self, ClientError> {
        let session = postgres.session().await?;
        let statement = async |name: &str| {
            let text = sql(&format!("events/{name}")).map_err(|e| ClientError::failed("postgresql", e))?;
            session.prepare(&text).await.map_err(|e| explain(&e))
        };
        Ok(Self {
            lock: statement("relay_lock").await?,
            outbox: statement("outbox").await?,
            relayed: statement("relayed").await?,
            session,
        })
    }

    async fn locked(&self) -> Result<bool, tokio_postgres::Error> {
        self.session.query_one(&self.lock, &[]).await?.try_get("taken")
    }

    /// Notes what is in the stream already.
    async fn look_back(&self, redis: &Redis, metrics: &Metrics) -> Result<(), ClientError> {
        let entries = counted(metrics, "xrevrange", redis.latest(LOOK_BACK)).await?;
        let known: Vec<(Uuid, String)> =
            entries.iter().filter_map(|e| Some((e.get("event_id")?.parse().ok()?, e.id.clone()))).collect();
        self.note(&known).await
    }

    /// Sends a batch. Returns whether there may be more.
    async fn turn(&self, redis: &Redis, metrics: &Metrics) -> Result<bool, ClientError> {
        let rows = self.session.query(&self.outbox, &[]).await.map_err(|e| explain(&e))?;
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
        let added = counted(metrics, "xadd", redis.add(&entries)).await?;
        let known: Vec<(Uuid, String)> = ids.into_iter().zip(added).collect();
        self.note(&known).await?;
        Ok(true)
    }

    async fn note(&self, known: &[(Uuid, String)]) -> Result<(), ClientError> {
        let mut seen = HashSet::new();
        let first: Vec<&(Uuid, String)> = known.iter().filter(|(id, _)| seen.insert(*id)).collect();
        let ids: Vec<Uuid> = first.iter().map(|(id, _)| *id).collect();
        let places: Vec<&str> = first.iter().map(|(_, place)| place.as_str()).collect();
        self.session.execute(&self.relayed, &[&ids, &places]).await.map(drop).map_err(|e| explain(&e))
    }
}

/// The fields of the contract.
fn entry(id: Uuid, row: &tokio_postgres::Row) -> Result<Entry, tokio_postgres::Error> {
    let source: Option<Uuid> = row.try_get("source_agent_id")?;
    let by: Option<String> = row.try_get("published_by")?;
    Ok(Entry::new([
        ("event_id", id.to_string()),
        ("topic", row.try_get("topic")?),
        ("payload", row.try_get("payload")?),
        ("source_agent_id", source.map(|s| s.to_string()).unwrap_or_default()),
        ("published_at", row.try_get("published_at")?),
        ("published_by", by.unwrap_or_default()),
    ]))
}

/// Bounds a call to Redis in time, and counts it.
pub(super) async fn counted<T>(
    metrics: &Metrics,
    operation: &str,
    call: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    let late = || ClientError::unreachable("redis", "no answer in time");
    let answer = tokio::time::timeout(ANSWER, call).await.unwrap_or_else(|_| Err(late()));
    let result = if answer.is_ok() { "success" } else { "error" };
    metrics.redis_operations_total.with_label_values(&[operation, result]).inc();
    answer
}
