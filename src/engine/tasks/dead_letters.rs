//! Listing workers and dead letters, and retrying dead letters.

use uuid::Uuid;

use super::{ConsentedActor, TaskError, Tasks};
use crate::engine::notifier::Channel;
use crate::model::{DeadLetter, DeadLetterTask, Retried, Worker};

/// Dead letters per statement.
const BATCH: usize = 500;

impl Tasks {
    /// ordctl nodes and upstream's workers.
    pub(crate) async fn workers(&self) -> Result<Vec<Worker>, TaskError> {
        Ok(self.store.node_workers().await?)
    }

    /// Dead letters that were not retried, newest first. No task: of all tasks.
    pub(crate) async fn dead_letters(
        &self,
        task: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<DeadLetter>, TaskError> {
        Ok(self.store.dead_letters(task, limit).await?)
    }

    /// Tasks with dead letters that were not retried.
    pub(crate) async fn dead_letter_tasks(
        &self,
        task: Option<Uuid>,
    ) -> Result<Vec<DeadLetterTask>, TaskError> {
        Ok(self.store.dead_letter_tasks(task).await?)
    }

    /// Dead letters of active tasks that were not retried, oldest first.
    pub(crate) async fn dead_letter_ids(
        &self,
        task: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Uuid>, TaskError> {
        Ok(self.store.dead_letter_ids(task, limit).await?)
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
            let retried = self.store.retry_dead_letters(batch, &actor.audit()).await?;
            if retried.iter().any(|r| r.occurrence.is_some()) {
                self.notifier.notify(Channel::Due);
            }
            all.extend(retried);
        }
        Ok(all)
    }
}
