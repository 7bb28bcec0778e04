//! Reading and canceling runs.

use uuid::Uuid;

use super::{Actor, ConsentedActor, PageRequest, RunFilter, TaskError, Tasks};
use crate::engine::notifier::Channel;
use crate::model::{Page, Run, RunStats};

impl Tasks {
    /// Finished and running attempts, newest first.
    pub(crate) async fn runs(
        &self,
        filter: &RunFilter,
        page: &PageRequest,
        actor: &Actor,
    ) -> Result<Page<Run>, TaskError> {
        let total = self.store.count_runs(filter, actor.owner).await?;
        let items = self.store.runs(filter, actor.owner, page.binds(), page.cap()).await?;
        Ok(page.page(items, total, |r: &Run| r.started_at.clone().map(|at| (at, r.id))))
    }

    /// A finished or running attempt.
    pub(crate) async fn run(&self, id: Uuid, actor: &Actor) -> Result<Run, TaskError> {
        self.store.run(id, actor.owner).await?.ok_or(TaskError::NotFound("run"))
    }

    /// The task's latest finished run.
    pub(crate) async fn latest(&self, task: Uuid, actor: &Actor) -> Result<Option<Run>, TaskError> {
        self.get(task, actor).await?;
        Ok(self.store.latest_run(task).await?)
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
        self.store.run_stats(task, days, actor.owner).await?.ok_or(TaskError::NotFound("run"))
    }

    /// Requests the cancellation of running attempts, and returns how many had not ended.
    pub(crate) async fn cancel_runs(&self, ids: &[Uuid], actor: &ConsentedActor) -> Result<usize, TaskError> {
        let asked = self.store.cancel_runs(ids, &actor.audit()).await?;
        if !asked.is_empty() {
            self.notifier.notify(Channel::Cancel);
        }
        Ok(asked.len())
    }

    /// Requests the cancellation of a running attempt; its worker ends it.
    pub(crate) async fn cancel_run(&self, id: Uuid, actor: &ConsentedActor) -> Result<(), TaskError> {
        match self.store.cancel_run(id, actor.owner, &actor.audit()).await? {
            Some(row) if row.asked => {
                self.notifier.notify(Channel::Cancel);
                Ok(())
            }
            Some(row) if row.over => Err(TaskError::Conflict("the run has finished".into())),
            _ => Err(TaskError::NotFound("run")),
        }
    }
}
