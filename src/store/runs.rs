//! Runs (`public.task_run`).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Store, StoreError, binds, timestamp};

/// The runs of a period. Of a retried occurrence only the final run counts, where the table records
/// which one that is.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct RunStatistics {
    /// Runs that started.
    pub(crate) runs: u64,
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    /// Runs without an end: still running or abandoned.
    pub(crate) unfinished: u64,
    /// Failed attempts that were or will be retried; not part of `runs`.
    #[serde(default)]
    pub(crate) retried: u64,
    /// Percentage of ended runs that succeeded; null when none has ended, as are the durations.
    pub(crate) success_rate: Option<f64>,
    pub(crate) average_seconds: Option<f64>,
    pub(crate) p50_seconds: Option<f64>,
    pub(crate) p95_seconds: Option<f64>,
    pub(crate) p99_seconds: Option<f64>,
    pub(crate) max_seconds: Option<f64>,
}

impl Store {
    /// Statistics of the runs that started from `begin` on and before `end`.
    pub(crate) async fn run_statistics(
        &self,
        begin: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<RunStatistics, StoreError> {
        let binds = binds([("begin", timestamp(begin)), ("end", timestamp(end))]);
        Ok(self.optional("runs_between", &binds).await?.unwrap_or_default())
    }
}
