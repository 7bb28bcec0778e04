//! Reading and canceling runs.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::{Actor, ConsentedActor, PageRequest, TaskError, Tasks, binds};
use crate::engine::notifier::Channel;
use crate::model::{Page, Run, RunStats};

/// Restricts a list of runs; None matches all.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunFilter {
    pub(crate) task: Option<Uuid>,
    pub(crate) success: Option<bool>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) to: Option<DateTime<Utc>>,
}

impl Tasks {
    /// Finished and running attempts, newest first.
    pub(crate) async fn runs(
        &self,
        filter: &RunFilter,
        page: &PageRequest,
        actor: &Actor,
    ) -> Result<Page<Run>, TaskError> {
        let filter = [
            ("task", filter.task.map(|id| id.to_string()).unwrap_or_default()),
            ("success", filter.success.map(|s| s.to_string()).unwrap_or_default()),
            ("from", filter.from.map(|t| t.to_rfc3339()).unwrap_or_default()),
            ("to", filter.to.map(|t| t.to_rfc3339()).unwrap_or_default()),
            ("owner", actor.owner()),
        ];
        let total = self.count("engine/api/runs_count", binds(filter.clone())).await?;
        let mut all = binds(filter);
        all.extend(page.binds());
        let items = self.store.first_rows("engine/api/runs", &all, page.cap()).await?;
        Ok(page.page(items, total, |r: &Run| r.started_at.clone().map(|at| (at, r.id))))
    }

    /// A finished or running attempt.
    pub(crate) async fn run(&self, id: Uuid, actor: &Actor) -> Result<Run, TaskError> {
        let all = binds([("id", id.to_string()), ("owner", actor.owner())]);
        let rows: Vec<Run> = self.store.rows_with("engine/api/run", &all).await?;
        rows.into_iter().next().ok_or(TaskError::NotFound("run"))
    }

    /// The task's latest finished run.
    pub(crate) async fn latest(&self, task: Uuid, actor: &Actor) -> Result<Option<Run>, TaskError> {
        self.get(task, actor).await?;
        let mut rows =
            self.store.rows_with("engine/api/run_latest", &binds([("task", task.to_string())])).await?;
        Ok(rows.pop())
    }

    /// Statistics of the runs of the last `days`.
    pub(crate) async fn stats(
        &self,
        task: Option<Uuid>,
        days: i64,
        actor: &Actor,
    ) -> Result<RunStats, TaskError> {
        if let Some(task) = task {
            self.get(task, actor).await?;
        }
        let task = task.map(|t| t.to_string()).unwrap_or_default();
        let rows: Vec<RunStats> = self
            .store
            .rows_with(
                "engine/api/run_stats",
                &binds([("task", task), ("days", days.to_string()), ("owner", actor.owner())]),
            )
            .await?;
        rows.into_iter().next().ok_or(TaskError::NotFound("run"))
    }

    /// Requests the cancellation of a running attempt; its worker ends it.
    pub(crate) async fn cancel_run(&self, id: Uuid, actor: &ConsentedActor) -> Result<(), TaskError> {
        #[derive(Deserialize)]
        struct Row {
            asked: bool,
            over: bool,
        }
        let binds = binds([
            ("id", id.to_string()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
            ("owner", actor.owner()),
        ]);
        let rows: Vec<Row> = self.store.write_returning("engine/api/run_cancel", &binds).await?;
        match rows.first() {
            Some(row) if row.asked => {
                self.notifier.notify(Channel::Cancel);
                Ok(())
            }
            Some(row) if row.over => Err(TaskError::Conflict("the run has finished".into())),
            _ => Err(TaskError::NotFound("run")),
        }
    }
}
