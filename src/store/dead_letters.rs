//! Dead letters, and the workers that the API lists.

use serde::Deserialize;
use uuid::Uuid;

use super::tasks::text;
use super::{Audit, Store, StoreError, binds};
use crate::model::{DeadLetter, DeadLetterTask, Retried, Worker};

/// Without a task, each function reads the dead letters of all tasks. Retried ones are left out.
impl Store {
    /// Nodes of ordctl and workers of upstream.
    pub(crate) async fn node_workers(&self) -> Result<Vec<Worker>, StoreError> {
        self.rows("engine/api/workers").await
    }

    /// Newest first.
    pub(crate) async fn dead_letters(
        &self,
        task: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        let binds = binds([("task", text(task)), ("limit", limit.to_string())]);
        self.rows_with("engine/api/dead_letters", &binds).await
    }

    pub(crate) async fn dead_letter_tasks(
        &self,
        task: Option<Uuid>,
    ) -> Result<Vec<DeadLetterTask>, StoreError> {
        self.rows_with("engine/api/dead_letter_tasks", &binds([("task", text(task))])).await
    }

    /// Those of active tasks, oldest first.
    pub(crate) async fn dead_letter_ids(
        &self,
        task: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            occurrence: Uuid,
        }
        let binds = binds([("task", text(task)), ("limit", limit.to_string())]);
        let rows: Vec<Row> = self.rows_with("engine/api/dead_letter_ids", &binds).await?;
        Ok(rows.into_iter().map(|row| row.occurrence).collect())
    }

    pub(crate) async fn retry_dead_letters(
        &self,
        dead_letters: &[Uuid],
        audit: &Audit<'_>,
    ) -> Result<Vec<Retried>, StoreError> {
        let ids: Vec<String> = dead_letters.iter().map(ToString::to_string).collect();
        let binds = audit.binds([("occurrences", format!("{{{}}}", ids.join(",")))]);
        self.write_returning("engine/api/dead_letter_retry", &binds).await
    }
}
