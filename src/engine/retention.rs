//! Retention: deletes what is over and older than configuration says. Off unless configured.
//!
//! Every node that works looks each minute; an advisory lock lets one of them delete at a time.
//! Rows go in bounded batches with a pause between them, found by an index, so that no statement
//! is long and nobody waits for one. What work that waits or runs still needs stays, however old;
//! and of events what `ordctl.delete_events` says.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use super::sql;
use crate::base::settings::Retention;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};

/// How often a node looks, more or less: nodes that start together should not come together.
const EVERY: Duration = Duration::from_secs(60);
/// The first time comes sooner: a node that is started often would never get to it.
const FIRST: Duration = Duration::from_secs(1);
/// How long one statement may take; more than the database gives it.
const STATEMENT: Duration = Duration::from_secs(40);
/// How many rows one statement deletes, or walks over.
const BATCH: i32 = 1000;
/// How long everybody else has the tables for themselves between two batches.
const PAUSE: Duration = Duration::from_millis(50);
/// How many batches a walk takes in one sweep. The next sweep goes on behind them.
const STRETCH: u32 = 100;

/// Deletes until `stop` turns true. A database that is lost is asked again at the next turn. `stream`:
/// whether events still have to go to Redis before they may go here.
pub(crate) async fn retain(
    postgres: Arc<Postgres>,
    kept: Retention,
    stream: bool,
    mut stop: watch::Receiver<bool>,
) {
    if kept.is_off() {
        return;
    }
    let turns = async {
        // Up to where the letters were walked, which have no index of their times.
        let mut letters = Uuid::nil();
        let mut wait = FIRST;
        loop {
            tokio::time::sleep(wait.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            wait = EVERY;
            match sweep(&postgres, &kept, stream, &mut letters).await {
                Ok(Some(Swept { runs, letters, audit, events })) => {
                    tracing::info!(runs, letters, audit, events, "deleted what is older than its retention");
                }
                // Another node is at it.
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "what is old cannot be deleted; it will be tried again"),
            }
        }
    };
    tokio::select! {
        biased;
        _ = stop.wait_for(|s| *s) => {}
        () = turns => {}
    }
}

#[derive(Default)]
struct Swept {
    runs: u64,
    letters: u64,
    audit: u64,
    events: u64,
}

async fn sweep(
    postgres: &Postgres,
    kept: &Retention,
    stream: bool,
    letters: &mut Uuid,
) -> Result<Option<Swept>, ClientError> {
    let Some(broom) = Broom::open(postgres).await? else { return Ok(None) };
    let mut swept = Swept::default();
    if let Some(age) = kept.runs {
        let age = age.as_secs_f64();
        swept.runs = broom.oldest("runs", age).await?;
        swept.letters = broom.walk_letters(age, letters).await?;
    }
    if let Some(age) = kept.audit {
        swept.audit = broom.oldest("audit", age.as_secs_f64()).await?;
    }
    if let Some(age) = kept.events {
        swept.events = broom.events(age.as_secs_f64(), stream).await?;
    }
    Ok(Some(swept))
}

/// A session that may delete: it holds the lock. Both end when it is dropped.
struct Broom {
    session: Session,
}

impl Broom {
    /// None: another node has the lock.
    async fn open(postgres: &Postgres) -> Result<Option<Self>, ClientError> {
        let broom = Self { session: postgres.session().await? };
        broom.row("session", &[]).await?;
        let taken = read(&broom.row("try_lock", &[]).await?, "taken")?;
        Ok(if taken { Some(broom) } else { None })
    }

    async fn statement(&self, name: &str) -> Result<Statement, ClientError> {
        let text = sql(&format!("retention/{name}"))?;
        answer(self.session.prepare(&text)).await
    }

    /// The row of a statement that is run once.
    async fn row(&self, name: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Row, ClientError> {
        let statement = self.statement(name).await?;
        answer(self.session.query_one(&statement, values)).await
    }

    /// Deletes the oldest rows until none is too old.
    async fn oldest(&self, name: &str, age: f64) -> Result<u64, ClientError> {
        let statement = self.statement(name).await?;
        let mut deleted = 0;
        loop {
            let rows = answer(self.session.execute(&statement, &[&age, &BATCH])).await?;
            deleted += rows;
            if rows < u64::from(BATCH.unsigned_abs()) {
                return Ok(deleted);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Walks the old events, the oldest first, and deletes those that nobody needs.
    async fn events(&self, age: f64, stream: bool) -> Result<u64, ClientError> {
        let row = self.row("needed", &[&age]).await?;
        let (before, needed): (DateTime<Utc>, Vec<Uuid>) = (read(&row, "before")?, read(&row, "needed")?);
        let statement = self.statement("events").await?;
        let (mut at, mut id, mut deleted) = (None::<DateTime<Utc>>, Uuid::nil(), 0);
        loop {
            let values: [&(dyn ToSql + Sync); 6] = [&before, &at, &id, &BATCH, &needed, &stream];
            let row = answer(self.session.query_one(&statement, &values)).await?;
            deleted += read::<i64>(&row, "deleted")?.unsigned_abs();
            if read::<i64>(&row, "seen")? < i64::from(BATCH) {
                return Ok(deleted);
            }
            (at, id) = (read(&row, "last_at")?, read(&row, "last_id")?);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Walks the letters by their key from `place` on and deletes those that are too old; from the end the
    /// next walk begins anew.
    async fn walk_letters(&self, age: f64, place: &mut Uuid) -> Result<u64, ClientError> {
        let statement = self.statement("letters").await?;
        let mut deleted = 0;
        for _ in 0..STRETCH {
            let row = answer(self.session.query_one(&statement, &[&age, &*place, &BATCH])).await?;
            deleted += read::<i64>(&row, "deleted")?.unsigned_abs();
            if read::<i64>(&row, "seen")? < i64::from(BATCH) {
                *place = Uuid::nil();
                break;
            }
            *place = read::<Option<Uuid>>(&row, "last")?.unwrap_or_default();
            tokio::time::sleep(PAUSE).await;
        }
        Ok(deleted)
    }
}

fn read<'a, T: FromSql<'a>>(row: &'a Row, name: &str) -> Result<T, ClientError> {
    row.try_get(name).map_err(|e| explain(&e))
}

/// Bounds a call in time: a host that is no more never says so.
async fn answer<T>(call: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, ClientError> {
    let late = |_| ClientError::unreachable("postgresql", "no answer in time");
    tokio::time::timeout(STATEMENT, call).await.map_err(late)?.map_err(|e| explain(&e))
}
