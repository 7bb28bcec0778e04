//! Listing workers and dead letters, and retrying dead letters.

use serde::Deserialize;
use uuid::Uuid;

use super::{ConsentedActor, TaskError, Tasks, binds};
use crate::engine::notifier::Channel;
use crate::model::{DeadLetter, DeadLetterTask, Retried, Worker};

/// Dead letters per statement.
const BATCH: usize = 500;

impl Tasks {
    /// ordctl nodes and upstream's workers.
    pub(crate) async fn workers(&self) -> Result<Vec<Worker>, TaskError> {
        Ok(self.store.rows("engine/api/workers").await?)
    }

    /// Dead letters that were not retried, newest first. No task: of all tasks.
    pub(crate) async fn dead_letters(
        &self,
        task: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<DeadLetter>, TaskError> {
        let binds = binds([("task", task_filter(task)), ("limit", limit.to_string())]);
        Ok(self.store.rows_with("engine/api/dead_letters", &binds).await?)
    }

    /// Tasks with dead letters that were not retried.
    pub(crate) async fn dead_letter_tasks(
        &self,
        task: Option<Uuid>,
    ) -> Result<Vec<DeadLetterTask>, TaskError> {
        Ok(self
            .store
            .rows_with("engine/api/dead_letter_tasks", &binds([("task", task_filter(task))]))
            .await?)
    }

    /// Dead letters of active tasks that were not retried, oldest first.
    pub(crate) async fn dead_letter_ids(
        &self,
        task: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Uuid>, TaskError> {
        #[derive(Deserialize)]
        struct Row {
            occurrence: Uuid,
        }
        let binds = binds([("task", task_filter(task)), ("limit", limit.to_string())]);
        let rows: Vec<Row> = self.store.rows_with("engine/api/dead_letter_ids", &binds).await?;
        Ok(rows.into_iter().map(|row| row.occurrence).collect())
    }

    /// Queues dead letters again, each as a new occurrence. Returns one result per letter, in the given order.
    /// Concurrent retries queue a letter once.
    pub(crate) async fn retry(
        &self,
        dead_letters: &[Uuid],
        actor: &ConsentedActor,
    ) -> Result<Vec<Retried>, TaskError> {
        let mut all = Vec::with_capacity(dead_letters.len());
        for batch in dead_letters.chunks(BATCH) {
            let ids: Vec<String> = batch.iter().map(ToString::to_string).collect();
            let binds = binds([
                ("occurrences", format!("{{{}}}", ids.join(","))),
                ("actor", actor.agent.to_string()),
                ("details", actor.details.to_string()),
            ]);
            let retried: Vec<Retried> =
                self.store.write_returning("engine/api/dead_letter_retry", &binds).await?;
            if retried.iter().any(|r| r.occurrence.is_some()) {
                self.notifier.notify(Channel::Due);
            }
            all.extend(retried);
        }
        Ok(all)
    }
}

/// An empty filter matches all tasks.
fn task_filter(task: Option<Uuid>) -> String {
    task.map(|t| t.to_string()).unwrap_or_default()
}
