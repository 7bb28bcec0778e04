//! Listing workers, and retrying dead letters.

use uuid::Uuid;

use super::{ConsentedActor, TaskError, Tasks};
use crate::engine::notifier::Channel;
use crate::model::{Retried, Worker};

/// Dead letters per statement.
const BATCH: usize = 500;

impl Tasks {
    /// ordctl nodes and upstream's workers.
    pub(crate) async fn workers(&self) -> Result<Vec<Worker>, TaskError> {
        Ok(self.store.node_workers().await?)
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
