//! Claimed rows of due work.

use chrono::{DateTime, Utc};
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::clients::postgres::{RawJson, RawText};

/// A row of due work that is leased and whose start is committed.
#[derive(Clone, Debug)]
pub(crate) struct ClaimedJob {
    pub(crate) id: i64,
    pub(crate) task: Uuid,
    /// The lease token, new at every claim.
    pub(crate) token: Uuid,
    /// By the database's clock.
    pub(crate) leased_at: DateTime<Utc>,
    pub(crate) scheduled_at: DateTime<Utc>,
    pub(crate) run_at: DateTime<Utc>,
    /// 1 to 9; 1 runs first.
    pub(crate) priority: i32,
    /// The occurrence, which is also the id of its final run.
    pub(crate) occurrence: Uuid,
    /// Failed attempts so far.
    pub(crate) attempts: u32,
    pub(crate) concurrency_key: Option<RawText>,
    /// The event that triggered it, or why it cannot be used.
    pub(crate) event: Result<Option<Value>, String>,
    /// The version of its task.
    pub(crate) version: i64,
}

#[derive(Debug, Default)]
pub(crate) struct ClaimedBatch {
    pub(crate) jobs: Vec<ClaimedJob>,
    /// Whether the worker is still registered. If not, the claimed jobs are not its own.
    pub(crate) registered: bool,
}

impl ClaimedBatch {
    /// Reads the rows of `claim.sql`.
    pub(crate) fn from_rows(rows: &[Row]) -> Result<Self, tokio_postgres::Error> {
        let registered = rows.first().map_or(Ok(true), |r| r.try_get("member"))?;
        let jobs = rows.iter().map(ClaimedJob::from_row).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { jobs, registered })
    }
}

impl ClaimedJob {
    fn from_row(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let scheduled: Option<DateTime<Utc>> = row.try_get("scheduled_at")?;
        let run_at = row.try_get("run_at")?;
        Ok(Self {
            id: row.try_get("id")?,
            task: row.try_get("task_id")?,
            token: row.try_get("lease_token")?,
            leased_at: row.try_get("leased_at")?,
            scheduled_at: scheduled.unwrap_or(run_at),
            run_at,
            priority: row.try_get("priority")?,
            occurrence: row.try_get("occurrence")?,
            attempts: u32::try_from(row.try_get::<_, i32>("attempts")?).unwrap_or_default(),
            concurrency_key: row.try_get("concurrency_key")?,
            event: row.try_get::<_, Option<RawJson>>("event")?.map(|e| e.checked("event")).transpose(),
            version: row.try_get("version")?,
        })
    }
}
