//! Rows as a claim hands them over.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

/// A row of due work that is leased and whose start is committed.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The row.
    pub id: i64,
    /// The task.
    pub task: Uuid,
    /// The lease.
    pub token: Uuid,
    /// When it was leased, by the database's clock.
    pub leased_at: DateTime<Utc>,
    /// The occurrence's instant.
    pub scheduled_at: DateTime<Utc>,
    /// When it became due.
    pub run_at: DateTime<Utc>,
    /// 1 to 9, 1 first.
    pub priority: i32,
    /// The occurrence; also the id of its final run.
    pub occurrence: Uuid,
    /// Attempts that have failed so far.
    pub attempts: u32,
    /// The concurrency key that it holds.
    pub key: Option<String>,
    /// The event that it answers.
    pub event: Option<Value>,
    /// Which version of the task it belongs to.
    pub version: i64,
}

/// What a claim gave.
#[derive(Debug, Default)]
pub struct Catch {
    /// The rows.
    pub rows: Vec<Claimed>,
    /// Whether the worker is registered still. If not, what it has claimed is not its own.
    pub member: bool,
}

impl Catch {
    /// Reads the rows of `claim.sql`.
    pub fn read(rows: &[Row]) -> Result<Self, tokio_postgres::Error> {
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
