//! Retention: rows that are old enough to delete.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Query, Store, StoreError, binds};

/// Rows that `postgres.prune` deletes.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PrunableRows {
    /// Runs that are over (`task_run`).
    Runs,
    /// Rows of `audit_log`.
    Audit,
    /// Work of canceled tasks without a lease (`due_work`).
    Canceled,
}

impl Store {
    /// How many rows are older than this.
    pub(crate) async fn prunable_rows(
        &self,
        rows: PrunableRows,
        older_than: Duration,
    ) -> Result<u64, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            due: u64,
        }
        let query = match rows {
            PrunableRows::Runs => "engine/retention/runs_count",
            PrunableRows::Audit => "engine/retention/audit_count",
            PrunableRows::Canceled => "engine/retention/canceled_count",
        };
        let row: Row =
            self.one_with(query, &binds([("seconds", older_than.as_secs_f64().to_string())])).await?;
        Ok(row.due)
    }

    /// The statement that deletes rows older than `$1` seconds (float8), at most `$2` (int4) of them.
    pub(crate) fn prune_statement(&self, rows: PrunableRows) -> Result<Query, StoreError> {
        self.library.sql(match rows {
            PrunableRows::Runs => "engine/retention/runs",
            PrunableRows::Audit => "engine/retention/audit",
            PrunableRows::Canceled => "engine/retention/canceled",
        })
    }
}
