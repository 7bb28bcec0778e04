//! Rows as a claim hands them over.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

/// A row of due work that is leased and whose start is committed.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) id: i64,
    pub(crate) task: Uuid,
    pub(crate) token: Uuid,
    /// When it was leased, by the database's clock.
    pub(crate) leased_at: DateTime<Utc>,
    pub(crate) scheduled_at: DateTime<Utc>,
    pub(crate) run_at: DateTime<Utc>,
    /// 1 to 9, 1 first.
    pub(crate) priority: i32,
    /// The occurrence; also the id of its final run.
    pub(crate) occurrence: Uuid,
    /// Attempts that have failed so far.
    pub(crate) attempts: u32,
    /// The concurrency key that it holds.
    pub(crate) key: Option<String>,
    /// The event that it answers.
    pub(crate) event: Option<Value>,
    /// Which version of the task it belongs to.
    pub(crate) version: i64,
}

#[derive(Debug, Default)]
pub(crate) struct ClaimedBatch {
    pub(crate) rows: Vec<Claimed>,
    /// Whether the worker is registered still. If not, what it has claimed is not its own.
    pub(crate) member: bool,
}

impl ClaimedBatch {
    /// Reads the rows of `claim.sql`.
    pub(crate) fn read(rows: &[Row]) -> Result<Self, tokio_postgres::Error> {
        let member = rows.first().map_or(Ok(true), |r| r.try_get("member"))?;
        let rows = rows.iter().map(claimed).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { rows, member })
    }
}

fn claimed(row: &Row) -> Result<Claimed, tokio_postgres::Error> {
    let scheduled: Option<DateTime<Utc>> = row.try_get("scheduled_at")?;
    let run_at = row.try_get("run_at")?;
    Ok(Claimed {
        id: row.try_get("id")?,
        task: row.try_get("task_id")?,
        token: row.try_get("lease_token")?,
        leased_at: row.try_get("leased_at")?,
        scheduled_at: scheduled.unwrap_or(run_at),
        run_at,
        priority: row.try_get("priority")?,
        occurrence: row.try_get("occurrence")?,
        attempts: u32::try_from(row.try_get::<_, i32>("attempts")?).unwrap_or_default(),
        key: row.try_get("concurrency_key")?,
        event: row.try_get("event")?,
        version: row.try_get("version")?,
    })
}
