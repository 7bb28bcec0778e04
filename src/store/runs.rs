//! Runs (`public.task_run`).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::tasks::text;
use super::{Audit, Binds, RowLimit, Store, StoreError, binds, timestamp};
use crate::model::{EndedRun, ListedRun, Run, RunStats, RunStatus};

/// Largest list in bytes of JSON: errors may be long.
const LIST_BYTES: usize = 8 << 20;

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

/// Restricts a list of runs; None matches all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunFilter {
    pub(crate) task: Option<Uuid>,
    pub(crate) success: Option<bool>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) to: Option<DateTime<Utc>>,
}

impl RunFilter {
    fn binds(&self, owner: Option<Uuid>) -> Binds {
        binds([
            ("task", text(self.task)),
            ("success", text(self.success)),
            ("from", text(self.from.map(|t| t.to_rfc3339()))),
            ("to", text(self.to.map(|t| t.to_rfc3339()))),
            ("owner", text(owner)),
        ])
    }
}

/// Restricts a list of runs for people; None matches all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunListFilter {
    pub(crate) task: Option<Uuid>,
    pub(crate) status: Option<RunStatus>,
    /// When it started.
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
}

/// The finished runs to read: those that ended after a position.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EndsFilter {
    pub(crate) task: Option<Uuid>,
    /// The end and the id of a run; None reads from the first run on.
    pub(crate) after: Option<(DateTime<Utc>, Uuid)>,
    /// Of more than the limit, keep the last ones instead of the first.
    pub(crate) is_last: bool,
    pub(crate) limit: i64,
    pub(crate) with_output: bool,
}

/// A row that matches the start of an id.
#[derive(Debug, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) id: Uuid,
    /// The title of its task.
    pub(crate) title: String,
    /// Of the run, or of the task of a dead letter.
    pub(crate) status: String,
    /// When it started or failed.
    pub(crate) at: Option<DateTime<Utc>>,
}

/// A run for the stream of starts and ends.
#[derive(Deserialize)]
pub(crate) struct FeedRun {
    pub(crate) owner: Uuid,
    pub(crate) occurrence: Uuid,
    #[serde(flatten)]
    pub(crate) run: Run,
}

#[derive(Deserialize)]
pub(crate) struct CancelRequest {
    /// The run is in progress, and its cancellation is requested.
    pub(crate) asked: bool,
    /// The run has finished.
    pub(crate) over: bool,
}

/// `owner` restricts each function to the runs of an agent's tasks; None: no restriction.
impl Store {
    /// A page of finished and running attempts, newest first, and whether the limit left none out.
    pub(crate) async fn runs(
        &self,
        filter: &RunFilter,
        owner: Option<Uuid>,
        page: Binds,
        limit: RowLimit,
    ) -> Result<(Vec<Run>, bool), StoreError> {
        let mut all = filter.binds(owner);
        all.extend(page);
        self.first_rows("engine/api/runs", &all, limit).await
    }

    /// Runs without their output, newest first, and whether the bytes of a page left none out.
    pub(crate) async fn list_runs(
        &self,
        filter: &RunListFilter,
        limit: i64,
    ) -> Result<(Vec<ListedRun>, bool), StoreError> {
        let binds = binds([
            ("task", text(filter.task)),
            ("status", text(filter.status)),
            ("since", text(filter.since.map(timestamp))),
            ("until", text(filter.until.map(timestamp))),
            ("limit", limit.to_string()),
        ]);
        let rows = usize::try_from(limit).unwrap_or_default();
        self.first_rows("engine/api/run_list", &binds, RowLimit { rows, bytes: LIST_BYTES }).await
    }

    /// Finished runs in the order of their ends, and whether the bytes of a page left none out.
    pub(crate) async fn run_ends(&self, filter: &EndsFilter) -> Result<(Vec<EndedRun>, bool), StoreError> {
        let (at, id) = filter
            .after
            .map_or_else(|| ("-infinity".to_owned(), Uuid::nil()), |(at, id)| (timestamp(at), id));
        let binds = binds([
            ("task", text(filter.task)),
            ("after_at", at),
            ("after_id", id.to_string()),
            ("keep", if filter.is_last { "last" } else { "first" }.to_owned()),
            ("limit", filter.limit.to_string()),
            ("output", filter.with_output.to_string()),
        ]);
        let rows = usize::try_from(filter.limit).unwrap_or_default();
        self.first_rows("engine/api/run_ends", &binds, RowLimit { rows, bytes: LIST_BYTES }).await
    }

    /// Runs whose ids lie between two ids.
    pub(crate) async fn find_runs(&self, (low, high): (Uuid, Uuid)) -> Result<Vec<Candidate>, StoreError> {
        let binds = binds([("low", low.to_string()), ("high", high.to_string())]);
        self.rows_with("engine/api/run_find", &binds).await
    }

    pub(crate) async fn count_runs(
        &self,
        filter: &RunFilter,
        owner: Option<Uuid>,
    ) -> Result<i64, StoreError> {
        self.total("engine/api/runs_count", &filter.binds(owner)).await
    }

    pub(crate) async fn run(&self, id: Uuid, owner: Option<Uuid>) -> Result<Option<Run>, StoreError> {
        self.optional("engine/api/run", &binds([("id", id.to_string()), ("owner", text(owner))])).await
    }

    /// The latest finished run of a task.
    pub(crate) async fn latest_run(&self, task: Uuid) -> Result<Option<Run>, StoreError> {
        self.optional("engine/api/run_latest", &binds([("task", task.to_string())])).await
    }

    /// Outcomes of the runs of the last `days`, of one task or of all.
    pub(crate) async fn run_stats(
        &self,
        task: Option<Uuid>,
        days: i64,
        owner: Option<Uuid>,
    ) -> Result<Option<RunStats>, StoreError> {
        let binds = binds([("task", text(task)), ("days", days.to_string()), ("owner", text(owner))]);
        self.optional("engine/api/run_stats", &binds).await
    }

    pub(crate) async fn cancel_run(
        &self,
        id: Uuid,
        owner: Option<Uuid>,
        audit: &Audit<'_>,
    ) -> Result<Option<CancelRequest>, StoreError> {
        let binds = audit.binds([("id", id.to_string()), ("owner", text(owner))]);
        self.write_optional("engine/api/run_cancel", &binds).await
    }

    /// The runs of a task that are in progress, longest first.
    pub(crate) async fn running_ids(&self, task: Uuid, limit: i64) -> Result<Vec<Uuid>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            occurrence: Uuid,
        }
        let binds = binds([("task", task.to_string()), ("limit", limit.to_string())]);
        let rows: Vec<Row> = self.rows_with("engine/api/run_ids_running", &binds).await?;
        Ok(rows.into_iter().map(|row| row.occurrence).collect())
    }

    /// Returns those of the runs that are still in progress: their cancellation is requested.
    pub(crate) async fn cancel_runs(&self, ids: &[Uuid], audit: &Audit<'_>) -> Result<Vec<Uuid>, StoreError> {
        let list = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let binds = audit.binds([("ids", format!("{{{list}}}"))]);
        self.write_returning("engine/api/runs_cancel", &binds).await
    }

    /// The database's time.
    pub(crate) async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            now: DateTime<Utc>,
        }
        Ok(self.one::<Row>("engine/api/now").await?.now)
    }

    /// Runs in progress, and those of `running` that have ended.
    pub(crate) async fn running_runs(
        &self,
        running: impl Iterator<Item = &Run>,
    ) -> Result<Vec<FeedRun>, StoreError> {
        let runs: Vec<_> =
            running.map(|run| json!({ "task_id": run.task_id, "started_at": run.started_at })).collect();
        self.rows_with("engine/api/feed", &binds([("gone", json!(runs).to_string())])).await
    }

    /// Ended runs that started since an instant, latest start first, from `before` on (start and id).
    pub(crate) async fn ended_runs(
        &self,
        since: DateTime<Utc>,
        before: Option<&(String, Uuid)>,
        limit: usize,
    ) -> Result<Vec<FeedRun>, StoreError> {
        let (at, id) = before.map_or(("infinity", Uuid::nil()), |(at, id)| (at.as_str(), *id));
        let binds = binds([
            ("since", since.to_rfc3339()),
            ("before_at", at.to_owned()),
            ("before_id", id.to_string()),
            ("limit", limit.to_string()),
        ]);
        self.rows_with("engine/api/feed_ended", &binds).await
    }

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
