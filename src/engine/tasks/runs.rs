//! Runs: reading them, and asking for the end of one.

use serde::Deserialize;
use uuid::Uuid;

use super::{Actor, TaskError, Tasks, binds};
use crate::engine::notice::Subject;
use crate::model::{Page, Run, RunStats};

impl Tasks {
    /// Runs, newest first, those that are going on among them; empty filters let everything pass.
    ///
    /// # Errors
    /// See [`TaskError`].
    pub async fn runs(
        &self,
        [task, success, from, to]: [&str; 4],
        limit: i64,
        offset: i64,
    ) -> Result<Page<Run>, TaskError> {
        let filter = [
            ("task", task.to_owned()),
            ("success", success.to_owned()),
            ("from", from.to_owned()),
            ("to", to.to_owned()),
        ];
        let total = self.count("engine/api/runs_count", binds(filter.clone())).await?;
        let mut all = binds(filter);
        all.extend(binds([("limit", (limit + 1).to_string()), ("offset", offset.to_string())]));
        let items = self.store.rows_with("engine/api/runs", &all).await?;
        Ok(Page::new(items, total, limit, offset))
    }

    /// One run, be it over or going on.
    ///
    /// # Errors
    /// See [`TaskError`].
    pub async fn run(&self, id: Uuid) -> Result<Run, TaskError> {
        let rows: Vec<Run> = self.store.rows_with("engine/api/run", &binds([("id", id.to_string())])).await?;
        rows.into_iter().next().ok_or(TaskError::NotFound("run"))
    }

    /// The latest run of a task that is over.
    ///
    /// # Errors
    /// See [`TaskError`].
    pub async fn latest(&self, task: Uuid) -> Result<Option<Run>, TaskError> {
        self.get(task).await?;
        let mut rows =
            self.store.rows_with("engine/api/run_latest", &binds([("task", task.to_string())])).await?;
        Ok(rows.pop())
    }

    /// How the runs of the last days went.
    ///
    /// # Errors
    /// See [`TaskError`].
    pub async fn stats(&self, task: Option<Uuid>, days: i64) -> Result<RunStats, TaskError> {
        if let Some(task) = task {
            self.get(task).await?;
        }
        let task = task.map(|t| t.to_string()).unwrap_or_default();
        let rows: Vec<RunStats> = self
            .store
            .rows_with("engine/api/run_stats", &binds([("task", task), ("days", days.to_string())]))
            .await?;
        rows.into_iter().next().ok_or(TaskError::NotFound("run"))
    }

    /// Asks for the end of a run that is going on.
    ///
    /// # Errors
    /// See [`TaskError`].
    pub async fn cancel_run(&self, id: Uuid, actor: &Actor) -> Result<(), TaskError> {
        #[derive(Deserialize)]
        struct Row {
            asked: bool,
            over: bool,
        }
        let binds = binds([
            ("id", id.to_string()),
            ("actor", actor.agent.to_string()),
            ("details", actor.details.to_string()),
        ]);
        let rows: Vec<Row> = self.store.change("engine/api/run_cancel", &binds).await?;
        match rows.first() {
            Some(row) if row.asked => {
                self.notices.tell(Subject::Cancel);
                Ok(())
            }
            Some(row) if row.over => Err(TaskError::Conflict("the run is over".into())),
            _ => Err(TaskError::NotFound("run")),
        }
    }
}
