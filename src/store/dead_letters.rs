//! Dead letters, and the workers that the API lists.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::runs::Candidate;
use super::tasks::text;
use super::{Audit, Binds, Store, StoreError, binds, timestamp};
use crate::model::{DeadLetter, DeadLetterGroup, DeadLetterTask, Retried, Worker};

/// Restricts dead letters; None matches all.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeadLetterFilter {
    pub(crate) task: Option<Uuid>,
    /// A part of the first line of the error; the case does not matter.
    pub(crate) error: Option<String>,
    /// When the last attempt ended.
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) until: Option<DateTime<Utc>>,
}

impl DeadLetterFilter {
    fn binds(&self) -> Binds {
        binds([
            ("task", text(self.task)),
            ("error", text(self.error.as_deref())),
            ("since", text(self.since.map(timestamp))),
            ("until", text(self.until.map(timestamp))),
        ])
    }

    fn binds_with(&self, limit: i64) -> Binds {
        let mut all = self.binds();
        all.insert("limit".to_owned(), limit.to_string());
        all
    }
}

/// Retried dead letters are left out.
impl Store {
    /// Nodes of ordctl and workers of upstream.
    pub(crate) async fn node_workers(&self) -> Result<Vec<Worker>, StoreError> {
        self.rows("engine/api/workers").await
    }

    /// Newest first.
    pub(crate) async fn dead_letters(
        &self,
        filter: &DeadLetterFilter,
        limit: i64,
    ) -> Result<Vec<DeadLetter>, StoreError> {
        self.rows_with("engine/api/dead_letters", &filter.binds_with(limit)).await
    }

    /// Largest group first.
    pub(crate) async fn dead_letter_groups(
        &self,
        filter: &DeadLetterFilter,
        limit: i64,
    ) -> Result<Vec<DeadLetterGroup>, StoreError> {
        self.rows_with("engine/api/dead_letter_groups", &filter.binds_with(limit)).await
    }

    pub(crate) async fn dead_letter_tasks(
        &self,
        filter: &DeadLetterFilter,
    ) -> Result<Vec<DeadLetterTask>, StoreError> {
        self.rows_with("engine/api/dead_letter_tasks", &filter.binds()).await
    }

    /// Counts all up to a limit.
    pub(crate) async fn dead_letter_total(&self, limit: i64) -> Result<i64, StoreError> {
        self.total("engine/api/dead_letter_total", &binds([("limit", limit.to_string())])).await
    }

    /// Those of active tasks, oldest first.
    pub(crate) async fn dead_letter_ids(
        &self,
        filter: &DeadLetterFilter,
        limit: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            occurrence: Uuid,
        }
        let rows: Vec<Row> = self.rows_with("engine/api/dead_letter_ids", &filter.binds_with(limit)).await?;
        Ok(rows.into_iter().map(|row| row.occurrence).collect())
    }

    /// Those whose ids lie between two ids.
    pub(crate) async fn find_dead_letters(
        &self,
        (low, high): (Uuid, Uuid),
    ) -> Result<Vec<Candidate>, StoreError> {
        let binds = binds([("low", low.to_string()), ("high", high.to_string())]);
        self.rows_with("engine/api/dead_letter_find", &binds).await
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
