//! Retention: deletes what is over and older than configuration says. Off unless configured.
//!
//! Every node that works looks each minute; an advisory lock lets one of them delete at a time.
//! Rows go in bounded batches with a pause between them, found by an index, so that no statement
//! is long and nobody waits for one. What work that waits or runs still needs stays, however old.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::sql;
use crate::base::settings::Retention;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};

/// How often a node looks, more or less: nodes that start together should not come together.
const EVERY: Duration = Duration::from_secs(60);
/// The first time comes sooner: a node that is started often would never get to it.
const FIRST: Duration = Duration::from_secs(1);
/// How many rows one statement deletes, or walks over.
const BATCH: i32 = 1000;
/// How long everybody else has the tables for themselves between two batches.
const PAUSE: Duration = Duration::from_millis(50);
/// How many batches a walk takes in one sweep. The next sweep goes on behind them.
const STRETCH: u32 = 100;

/// Deletes until `stop` turns true. A database that is lost is asked again at the next turn. `stream`:
/// whether events still have to go to Redis before they may go here.
pub async fn retain(postgres: Arc<Postgres>, kept: Retention, stream: bool, mut stop: watch::Receiver<bool>) {
    if kept.is_off() {
        return;
    }
    let turns = async {
        let mut places = Places::default();
        let mut wait = FIRST;
        loop {
            tokio::time::sleep(wait.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            wait = EVERY;
            match sweep(&postgres, &kept, stream, &mut places).await {
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

/// How many rows went.
#[derive(Default)]
struct Swept {
    runs: u64,
    letters: u64,
    audit: u64,
    events: u64,
}

/// Up to where tables were walked that have no index of their times.
#[derive(Default)]
struct Places {
    letters: Uuid,
    events: Uuid,
}

async fn sweep(
    postgres: &Postgres,
    kept: &Retention,
    stream: bool,
    places: &mut Places,
) -> Result<Option<Swept>, ClientError> {
    let Some(broom) = Broom::open(postgres).await? else { return Ok(None) };
    let mut swept = Swept::default();
    if let Some(age) = kept.runs {
        let age = age.as_secs_f64();
        swept.runs = broom.oldest("runs", age).await?;
        swept.letters = broom.walk("letters", &age, &mut places.letters, &[]).await?;
    }
    if let Some(age) = kept.audit {
        swept.audit = broom.oldest("audit", age.as_secs_f64()).await?;
    }
    if let Some(age) = kept.events {
        let needed = broom.statement("needed").await?;
        let row = broom.session.query_one(&needed, &[&age.as_secs_f64()]).await.map_err(|e| explain(&e))?;
        let before: DateTime<Utc> = row.try_get("before").map_err(|e| explain(&e))?;
        let needed: Vec<Uuid> = row.try_get("needed").map_err(|e| explain(&e))?;
        swept.events = broom.walk("events", &before, &mut places.events, &[&needed, &stream]).await?;
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
        let failed = |e: tokio_postgres::Error| explain(&e);
        let prepare = broom.statement("session").await?;
        broom.session.query_one(&prepare, &[]).await.map_err(failed)?;
        let lock = broom.statement("try_lock").await?;
        let row = broom.session.query_one(&lock, &[]).await.map_err(failed)?;
        let taken: bool = row.try_get("taken").map_err(failed)?;
        Ok(taken.then_some(broom))
    }

    async fn statement(&self, name: &str) -> Result<Statement, ClientError> {
        let text = sql(&format!("retention/{name}")).map_err(|e| ClientError::failed("postgresql", e))?;
        self.session.prepare(&text).await.map_err(|e| explain(&e))
    }

    /// Deletes the oldest rows until none is too old.
    async fn oldest(&self, name: &str, age: f64) -> Result<u64, ClientError> {
        let statement = self.statement(name).await?;
        let mut deleted = 0;
        loop {
            let rows = self.session.execute(&statement, &[&age, &BATCH]).await.map_err(|e| explain(&e))?;
            deleted += rows;
            if rows < u64::from(BATCH.unsigned_abs()) {
                return Ok(deleted);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Walks a table by its key from `place` on and deletes what is too old; from its end the next
    /// walk begins anew.
    async fn walk(
        &self,
        name: &str,
        limit: &(dyn ToSql + Sync),
        place: &mut Uuid,
        more: &[&(dyn ToSql + Sync)],
    ) -> Result<u64, ClientError> {
        let failed = |e: tokio_postgres::Error| explain(&e);
        let statement = self.statement(name).await?;
        let mut deleted = 0;
        for _ in 0..STRETCH {
            let row = {
                let mut values: Vec<&(dyn ToSql + Sync)> = vec![limit, &*place, &BATCH];
                values.extend(more);
                self.session.query_one(&statement, &values).await.map_err(failed)?
            };
            deleted += row.try_get::<_, i64>("deleted").map_err(failed)?.unsigned_abs();
            let last: Option<Uuid> = row.try_get("last").map_err(failed)?;
            if row.try_get::<_, i64>("seen").map_err(failed)? < i64::from(BATCH) {
                *place = Uuid::nil();
                break;
            }
            *place = last.unwrap_or_default();
            tokio::time::sleep(PAUSE).await;
        }
        Ok(deleted)
    }
}
