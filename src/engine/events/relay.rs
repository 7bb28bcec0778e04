//! The relay: brings events from the outbox to the Redis stream, one node at a time.
//!
//! It holds an advisory lock on a session of its own. When Redis does not answer it lets go, so that a
//! node that reaches Redis can take over; and a session that asks nothing for seconds, because its host is
//! gone or asleep, is ended by the server (14 or newer). What a relay sent before it lost its session
//! may be in the stream without a note in the outbox; whoever takes over looks at the stream's end
//! first, so that it is not sent twice.
//!
//! A batch is added whole or not at all, so the order holds when Redis has no room for all of it. Then the
//! stream is cut to its length, as far as the group has read it: other programs' entries, too.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use super::super::metrics::Metrics;
use super::super::notice::{Notices, Subject};
use super::super::prepared;
use super::consumer::GROUP;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};
use crate::clients::redis::{Entry, Redis};

/// How often it looks by itself.
const POLL: Duration = Duration::from_secs(1);
/// How long to wait after an error, and for another relay.
const AGAIN_AFTER: Duration = Duration::from_secs(2);
/// An outage that was not seen for so long is over.
const OVER_AFTER: Duration = Duration::from_secs(60);
/// How long Redis may take; less than the session may be idle.
pub(super) const ANSWER: Duration = Duration::from_secs(5);
/// How long the database may take; more than it gives a statement itself.
const STATEMENT: Duration = Duration::from_secs(15);
/// So many entries at the stream's end are looked at together: they may be big.
const STEP: usize = 20;
/// And so many in all; more than one batch of the outbox.
const LOOK_BACK: usize = 500;

/// Relays until `stop` turns true.
pub(crate) async fn relay(
    postgres: Arc<Postgres>,
    redis: Arc<Redis>,
    notices: Notices,
    metrics: Arc<Metrics>,
    mut stop: watch::Receiver<bool>,
) {
    let mut said = Said::default();
    loop {
        let ended = tokio::select! {
            biased;
            _ = stop.wait_for(|s| *s) => return,
            ended = session(&postgres, &redis, &notices, &metrics, &mut said) => ended,
        };
        if let Err(error) = ended {
            said.say(error.to_string());
        }
        drop(tokio::time::timeout(AGAIN_AFTER, stop.wait_for(|s| *s)).await);
    }
}

/// Ends without an error when another node relays. What was said of an outage is forgotten at its end.
async fn session(
    postgres: &Postgres,
    redis: &Redis,
    notices: &Notices,
    metrics: &Metrics,
    said: &mut Said,
) -> Result<(), ClientError> {
    let relay = in_time(Relay::open(postgres)).await?;
    if !relay.locked().await? {
        return Ok(());
    }
    let mut heard = notices.hear();
    relay.look_back(redis, metrics).await?;
    loop {
        while relay.turn(redis, metrics).await? {}
        *said = Said::default();
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

/// An outage, as it was logged: once, not every two seconds. That another node took the lock does not end
/// it, for nodes take turns at trying; that this one did not fail for so long does.
#[derive(Default)]
struct Said {
    error: String,
    at: Option<Instant>,
}

impl Said {
    fn say(&mut self, error: String) {
        if error != self.error || self.at.is_none_or(|at| at.elapsed() >= OVER_AFTER) {
            tracing::warn!(%error, "events wait in the outbox; nothing is lost");
        }
        *self = Self { error, at: Some(Instant::now()) };
    }
}

struct Relay {
    session: Session,
    lock: Statement,
    outbox: Statement,
    noted: Statement,
    relayed: Statement,
}

impl Relay {
    async fn open(postgres: &Postgres) -> Result<Self, ClientError> {
        let session = postgres.session().await?;
        let statement = async |name: &str| prepared(&session, &format!("events/{name}")).await;
        let prepare = statement("session").await?;
        session.query_one(&prepare, &[]).await.map_err(|e| explain(&e))?;
        Ok(Self {
            lock: statement("relay_lock").await?,
            outbox: statement("outbox").await?,
            noted: statement("noted").await?,
            relayed: statement("relayed").await?,
            session,
        })
    }

    async fn locked(&self) -> Result<bool, ClientError> {
        let row = answer(self.session.query_one(&self.lock, &[])).await?;
        row.try_get("taken").map_err(|e| explain(&e))
    }

    /// Notes what is in the stream already: back to the first entry that was noted, for batches are
    /// noted whole and one after the other.
    async fn look_back(&self, redis: &Redis, metrics: &Metrics) -> Result<(), ClientError> {
        let mut before: Option<String> = None;
        for _ in 0..LOOK_BACK / STEP {
            let entries = counted(metrics, redis, "xrevrange", redis.latest(before.as_deref(), STEP)).await?;
            let known: Vec<(Uuid, String)> = entries
                .iter()
                .filter_map(|e| Some((e.get("event_id")?.parse().ok()?, e.id.clone())))
                .collect();
            let ids: Vec<Uuid> = known.iter().map(|(id, _)| *id).collect();
            let noted = answer(self.session.query(&self.noted, &[&ids])).await?;
            self.note(&known).await?;
            if !noted.is_empty() || entries.len() < STEP {
                break;
            }
            before = entries.last().map(|e| e.id.clone());
        }
        Ok(())
    }

    /// Sends a batch. Returns whether there may be more.
    async fn turn(&self, redis: &Redis, metrics: &Metrics) -> Result<bool, ClientError> {
        let rows = answer(self.session.query(&self.outbox, &[])).await?;
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
        let added = counted(metrics, redis, "xadd", redis.add(&entries)).await?;
        let known: Vec<(Uuid, String)> = ids.into_iter().zip(added).collect();
        self.note(&known).await?;
        counted(metrics, redis, "xtrim", redis.shorten(GROUP)).await?;
        Ok(true)
    }

    async fn note(&self, known: &[(Uuid, String)]) -> Result<(), ClientError> {
        let mut seen = HashSet::new();
        let first: Vec<&(Uuid, String)> = known.iter().filter(|(id, _)| seen.insert(*id)).collect();
        let ids: Vec<Uuid> = first.iter().map(|(id, _)| *id).collect();
        let places: Vec<&str> = first.iter().map(|(_, place)| place.as_str()).collect();
        answer(self.session.execute(&self.relayed, &[&ids, &places])).await.map(drop)
    }
}

/// The fields of the contract.
fn entry(id: Uuid, row: &Row) -> Result<Entry, tokio_postgres::Error> {
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

/// Bounds a call to the database in time: a host that is no more never says so.
async fn in_time<T>(call: impl Future<Output = Result<T, ClientError>>) -> Result<T, ClientError> {
    let late = || ClientError::unreachable("postgresql", "no answer in time");
    tokio::time::timeout(STATEMENT, call).await.unwrap_or_else(|_| Err(late()))
}

async fn answer<T>(call: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, ClientError> {
    in_time(async { call.await.map_err(|e| explain(&e)) }).await
}

/// Bounds a call to Redis in time, and counts it.
pub(super) async fn counted<T>(
    metrics: &Metrics,
    redis: &Redis,
    operation: &str,
    call: impl Future<Output = Result<T, ClientError>>,
) -> Result<T, ClientError> {
    let answer = redis.bounded(ANSWER, call).await;
    let result = if answer.is_ok() { "success" } else { "error" };
    metrics.redis_operations_total.with_label_values(&[operation, result]).inc();
    answer
}
