//! Runs: reading them, and asking for the end of one.

use serde::Deserialize;
use uuid::Uuid;

use super::{Actor, ConsentedActor, Place, TaskError, Tasks, binds};
use crate::engine::notice::Subject;
use crate::model::{Page, Run, RunStats};

impl Tasks {
    /// Runs, newest first, those that are going on among them; empty filters let everything pass.
    pub(crate) async fn runs(
        &self,
        [task, success, from, to]: [&str; 4],
        place: &Place,
        actor: &Actor,
    ) -> Result<Page<Run>, TaskError> {
        let filter = [
            ("task", task.to_owned()),
            ("success", success.to_owned()),
            ("from", from.to_owned()),
            ("to", to.to_owned()),
            ("owner", actor.owner()),
        ];
        let total = self.count("engine/api/runs_count", binds(filter.clone())).await?;
        let mut all = binds(filter);
        all.extend(place.binds());
        let items = self.store.first_rows("engine/api/runs", &all, place.cap()).await?;
        Ok(place.page(items, total, |r: &Run| r.started_at.clone().map(|at| (at, r.id))))
    }

    /// One run, be it over or going on.
    pub(crate) async fn run(&self, id: Uuid, actor: &Actor) -> Result<Run, TaskError> {
        let all = binds([("id", id.to_string()), ("owner", actor.owner())]);
        let rows: Vec<Run> = self.store.rows_with("engine/api/run", &all).await?;
        rows.into_iter().next().ok_or(TaskError::NotFound("run"))
    }

    /// The latest run of a task that is over.
    pub(crate) async fn latest(&self, task: Uuid, actor: &Actor) -> Result<Option<Run>, TaskError> {
        self.get(task, actor).await?;
        let mut rows =
            self.store.rows_with("engine/api/run_latest", &binds([("task", task.to_string())])).await?;
        Ok(rows.pop())
    }

    /// How the runs of the last days went.
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

    /// Asks for the end of a run that is going on.
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
                self.notices.tell(Subject::Cancel);
                Ok(())
            }
            Some(row) if row.over => Err(TaskError::Conflict("the run is over".into())),
            _ => Err(TaskError::NotFound("run")),
        }
    }
}
