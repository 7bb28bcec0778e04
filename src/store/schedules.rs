//! Schedules of active tasks, for forecasts.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{Store, StoreError};

/// An active task with a time schedule.
#[derive(Debug, Deserialize)]
pub(crate) struct ScheduledTask {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) expr: String,
    pub(crate) timezone: String,
    pub(crate) created_at: DateTime<Utc>,
}

/// A snoozed task: no occurrence up to `until` is queued any more.
#[derive(Debug, Deserialize)]
pub(crate) struct SnoozedTask {
    pub(crate) id: String,
    pub(crate) until: DateTime<Utc>,
}

impl Store {
    pub(crate) async fn active_schedules(&self) -> Result<Vec<ScheduledTask>, StoreError> {
        self.rows("schedules_active").await
    }

    /// Empty in a database that is not migrated.
    pub(crate) async fn snoozed_tasks(&self) -> Result<Vec<SnoozedTask>, StoreError> {
        self.rows_if_migrated("snoozed_tasks").await
    }
}
