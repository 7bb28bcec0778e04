//! Retention: deletes runs that are over, dead letters, audit rows and events older than the configured
//! age. Off by default.
//!
//! Every node with the worker role checks once a minute; an advisory lock lets one delete at a time.
//! Rows are found by an index and deleted in bounded batches with a pause between them, so no
//! statement runs long or blocks others. Rows that waiting or running work still needs are kept at
//! any age; `ordctl.delete_events` decides which events these are.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;
use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{Row, Statement};
use uuid::Uuid;

use super::progress::LoopProgress;
use crate::base::settings::Retention;
use crate::clients::ClientError;
use crate::clients::postgres::{Postgres, Session, explain};
use crate::store::prepared::RetentionStatements;

/// The average interval; it is randomized so that nodes do not run together.
const INTERVAL: Duration = Duration::from_secs(60);
/// The average delay after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(10);
/// Delay of the first run: a node that restarts often would otherwise never delete.
const FIRST_DELAY: Duration = Duration::from_secs(1);
/// Deadline of a statement; longer than the server's.
const STATEMENT_LIMIT: Duration = Duration::from_secs(40);
/// Rows per statement.
const BATCH: i32 = 1000;
/// Pause between two batches, for other sessions.
const PAUSE: Duration = Duration::from_millis(50);
/// Maximum batches of dead letters per run; the next run continues after them.
const DEAD_LETTER_BATCHES: u32 = 100;

/// Deletes until `stop` turns true. `stream`: whether events must be in Redis before they are deleted.
pub(crate) async fn run_retention(
    postgres: Arc<Postgres>,
    retention: Retention,
    stream: bool,
    progress: Arc<LoopProgress>,
    mut stop: watch::Receiver<bool>,
) {
    let turns = async {
        // Dead letters have no index on their time: the position of the scan by primary key.
        let mut position = Uuid::nil();
        let mut wait = FIRST_DELAY;
        loop {
            tokio::time::sleep(wait.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
            wait = INTERVAL;
            let deleted = delete_old(&postgres, &retention, stream, &mut position).await;
            if deleted.is_ok() {
                progress.succeed();
            }
            match deleted {
                Ok(Some(deleted)) => deleted.log(),
                // Another node is deleting.
                Ok(None) => {}
                Err(error) => {
                    progress.fail(&error);
                    wait = RETRY_DELAY;
                }
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
struct DeletedRows {
    runs: u64,
    dead_letters: u64,
    audit: u64,
    events: u64,
}

impl DeletedRows {
    fn log(&self) {
        let Self { runs, dead_letters, audit, events } = self;
        if runs + dead_letters + audit + events > 0 {
            tracing::info!(runs, dead_letters, audit, events, "deleted rows older than their retention");
        }
    }
}

async fn delete_old(
    postgres: &Postgres,
    retention: &Retention,
    stream: bool,
    position: &mut Uuid,
) -> Result<Option<DeletedRows>, ClientError> {
    let Some(session) = RetentionSession::open(postgres).await? else { return Ok(None) };
    let mut deleted = DeletedRows::default();
    if let Some(age) = retention.runs {
        let age = age.as_secs_f64();
        deleted.runs = session.delete_oldest(&session.statements.runs, age).await?;
        deleted.dead_letters = session.delete_dead_letters(age, position).await?;
    }
    if let Some(age) = retention.audit {
        deleted.audit = session.delete_oldest(&session.statements.audit, age.as_secs_f64()).await?;
    }
    if let Some(age) = retention.events {
        deleted.events = session.delete_events(age.as_secs_f64(), stream).await?;
    }
    Ok(Some(deleted))
}

/// A session that holds the retention lock; dropping it releases the lock.
struct RetentionSession {
    session: Session,
    statements: RetentionStatements,
}

impl RetentionSession {
    /// None when another node holds the lock.
    async fn open(postgres: &Postgres) -> Result<Option<Self>, ClientError> {
        let session = postgres.session().await?.with_limit(STATEMENT_LIMIT);
        let statements = RetentionStatements::prepare(&session).await?;
        let retention = Self { session, statements };
        retention.row(&retention.statements.settings, &[]).await?;
        let taken = column(&retention.row(&retention.statements.try_lock, &[]).await?, "taken")?;
        Ok(if taken { Some(retention) } else { None })
    }

    async fn row(&self, statement: &Statement, values: &[&(dyn ToSql + Sync)]) -> Result<Row, ClientError> {
        self.session.query_one(statement, values).await.map_err(|e| explain(&e))
    }

    /// Deletes rows older than `age`, in seconds.
    async fn delete_oldest(&self, statement: &Statement, age: f64) -> Result<u64, ClientError> {
        let mut deleted = 0;
        loop {
            let rows = self.session.execute(statement, &[&age, &BATCH]).await.map_err(|e| explain(&e))?;
            deleted += rows;
            if rows < u64::from(BATCH.unsigned_abs()) {
                return Ok(deleted);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Deletes old events that nothing needs, oldest first.
    async fn delete_events(&self, age: f64, stream: bool) -> Result<u64, ClientError> {
        let row = self.row(&self.statements.needed_events, &[&age]).await?;
        let (before, needed): (DateTime<Utc>, Vec<Uuid>) = (column(&row, "before")?, column(&row, "needed")?);
        let statement = &self.statements.events;
        let (mut at, mut id, mut deleted) = (None::<DateTime<Utc>>, Uuid::nil(), 0);
        loop {
            let values: [&(dyn ToSql + Sync); 6] = [&before, &at, &id, &BATCH, &needed, &stream];
            let row = self.session.query_one(statement, &values).await.map_err(|e| explain(&e))?;
            deleted += column::<i64>(&row, "deleted")?.unsigned_abs();
            if column::<i64>(&row, "seen")? < i64::from(BATCH) {
                return Ok(deleted);
            }
            (at, id) = (column(&row, "last_at")?, column(&row, "last_id")?);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Scans dead letters by primary key from `position` and deletes the old ones. After the end, the
    /// next run starts from the beginning.
    async fn delete_dead_letters(&self, age: f64, position: &mut Uuid) -> Result<u64, ClientError> {
        let statement = &self.statements.dead_letters;
        let mut deleted = 0;
        for _ in 0..DEAD_LETTER_BATCHES {
            let row = self
                .session
                .query_one(statement, &[&age, &*position, &BATCH])
                .await
                .map_err(|e| explain(&e))?;
            deleted += column::<i64>(&row, "deleted")?.unsigned_abs();
            if column::<i64>(&row, "seen")? < i64::from(BATCH) {
                *position = Uuid::nil();
                break;
            }
            *position = column::<Option<Uuid>>(&row, "last")?.unwrap_or_default();
            tokio::time::sleep(PAUSE).await;
        }
        Ok(deleted)
    }
}

fn column<'a, T: FromSql<'a>>(row: &'a Row, name: &str) -> Result<T, ClientError> {
    row.try_get(name).map_err(|e| explain(&e))
}
