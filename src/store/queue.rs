//! The queue (`public.due_work`): its depth and how long runs waited in it.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Store, StoreError, binds, timestamp};

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct QueueDepth {
    /// Items that are due and that a worker may claim now.
    pub(crate) due: u64,
    /// Due items that wait for their concurrency key, or whose task is paused.
    pub(crate) parked: u64,
    /// Items with a valid lease.
    pub(crate) leased: u64,
    /// Items scheduled for later.
    pub(crate) future: u64,
    /// Items whose lease expired; they are due again.
    pub(crate) expired: u64,
    /// Age of the oldest due item; null when none is due.
    pub(crate) oldest_due_seconds: Option<f64>,
    /// Due items by priority, 1 first.
    pub(crate) due_by_priority: BTreeMap<String, u64>,
}

/// Runs that started in one hour, or in all 24.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HourlyWaits {
    /// Start of the hour; null for the total.
    pub(crate) at: Option<DateTime<Utc>>,
    pub(crate) runs: u64,
    /// Runs whose wait is known: first attempts.
    pub(crate) waited: u64,
    /// Null when no wait is known, as are the other durations.
    pub(crate) average_seconds: Option<f64>,
    pub(crate) max_seconds: Option<f64>,
    pub(crate) p95_seconds: Option<f64>,
}

/// What [`QueueDepth`] leaves out, for `queue status`.
#[derive(Debug, Deserialize)]
pub(crate) struct QueueStatus {
    pub(crate) waiting_for_key: u64,
    pub(crate) of_paused_tasks: u64,
    /// Items whose worker died while running them; each runs alone now.
    pub(crate) alone: u64,
    pub(crate) later: u64,
    pub(crate) retrying: u64,
    pub(crate) dead_letters: u64,
    /// Worker lanes with a valid lease.
    pub(crate) workers: u64,
    pub(crate) nodes: u64,
    pub(crate) broken_schedules: u64,
}

/// The due and running work of one task.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TaskWork {
    pub(crate) task_id: Uuid,
    pub(crate) title: String,
    pub(crate) due: u64,
    pub(crate) running: u64,
    /// Age of the oldest due item.
    pub(crate) oldest_due_seconds: Option<f64>,
    /// Of the run in progress that started first; None for a run of Ordinaut's.
    pub(crate) longest_run_seconds: Option<f64>,
    /// Median duration of successful runs of the last day.
    pub(crate) usual_seconds: Option<f64>,
}

/// Work that is queued for a period.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(crate) struct QueuedWork {
    pub(crate) rows: u64,
    pub(crate) tasks: u64,
}

/// Values of the gauges that only the database knows.
#[derive(Debug, Deserialize)]
pub(crate) struct Gauges {
    pub(crate) lag_seconds: f64,
    /// Age of the oldest event that is not in the stream; 0 when there is none.
    pub(crate) outbox_seconds: f64,
    pub(crate) active_workers: f64,
    /// Due work by priority, from 1 to 9.
    pub(crate) depth: Vec<f64>,
    /// Active tasks; the next two count the others.
    pub(crate) active: f64,
    pub(crate) paused: f64,
    pub(crate) canceled: f64,
}

impl Store {
    pub(crate) async fn gauges(&self) -> Result<Gauges, StoreError> {
        self.one("engine/api/gauges").await
    }

    pub(crate) async fn queue_depth(&self) -> Result<QueueDepth, StoreError> {
        self.one("queue_depth").await
    }

    pub(crate) async fn queue_status(&self) -> Result<QueueStatus, StoreError> {
        self.one("engine/api/queue_status").await
    }

    /// The tasks with the most due and running work.
    pub(crate) async fn queue_by_task(&self, limit: u32) -> Result<Vec<TaskWork>, StoreError> {
        self.rows_with("engine/api/queue_by_task", &binds([("limit", limit.to_string())])).await
    }

    /// The longest wait, in seconds, of the runs that started within the window; 0 without any.
    pub(crate) async fn longest_wait(&self, window: Duration) -> Result<f64, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            seconds: f64,
        }
        let binds = binds([("seconds", window.as_secs_f64().to_string())]);
        let row: Option<Row> = self.optional("longest_wait", &binds).await?;
        Ok(row.map_or(0.0, |row| row.seconds))
    }

    /// The last 24 hours, then their total.
    pub(crate) async fn waits_by_hour(&self) -> Result<Vec<HourlyWaits>, StoreError> {
        self.rows("waits_by_hour").await
    }

    pub(crate) async fn queued_between(
        &self,
        begin: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<QueuedWork, StoreError> {
        let binds = binds([("begin", timestamp(begin)), ("end", timestamp(end))]);
        Ok(self.optional("queued_between", &binds).await?.unwrap_or_default())
    }
}
