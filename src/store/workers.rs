//! Workers: heartbeats, leases, utilization and capacity.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Store, StoreError, binds};

/// A worker that sent a heartbeat recently or holds expired leases.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WorkerActivity {
    pub(crate) worker: String,
    /// Since the last heartbeat; null when it never sent one.
    pub(crate) seen_seconds_ago: Option<f64>,
    /// Runs finished since the worker started.
    pub(crate) processed: u64,
    /// Runs finished per minute over the last hour.
    pub(crate) per_minute: f64,
    /// Valid leases.
    #[serde(rename = "held")]
    pub(crate) leases: u64,
    #[serde(rename = "expired")]
    pub(crate) expired_leases: u64,
}

impl WorkerActivity {
    pub(crate) fn is_active(&self, within: Duration) -> bool {
        self.seen_seconds_ago.is_some_and(|seconds| seconds <= within.as_secs_f64())
    }
}

/// How busy an active worker was within a window, or since it started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WorkerUtilization {
    pub(crate) worker: String,
    /// Runs it can execute at once.
    pub(crate) slots: u64,
    pub(crate) runs: u64,
    /// Seconds spent on runs, summed over its slots.
    pub(crate) busy_seconds: f64,
    /// Seconds its slots were available.
    pub(crate) slot_seconds: f64,
}

impl WorkerUtilization {
    /// From 0 to 1; none for a worker that has just started.
    pub(crate) fn ratio(&self) -> Option<f64> {
        ratio(self.busy_seconds, self.slot_seconds)
    }
}

/// The utilization of all workers together, from 0 to 1; none without an active worker.
pub(crate) fn total_utilization(workers: &[WorkerUtilization]) -> Option<f64> {
    let sum = |seconds: fn(&WorkerUtilization) -> f64| workers.iter().map(seconds).sum::<f64>();
    ratio(sum(|w| w.busy_seconds), sum(|w| w.slot_seconds))
}

fn ratio(busy_seconds: f64, slot_seconds: f64) -> Option<f64> {
    (slot_seconds >= 1.0).then(|| (busy_seconds / slot_seconds).clamp(0.0, 1.0))
}

/// The workers and the runs of the last hour.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct WorkerCapacity {
    /// Active workers.
    pub(crate) workers: u64,
    /// Runs they can execute at once.
    pub(crate) slots: u64,
    /// Runs that ended.
    pub(crate) runs: u64,
    /// Total duration of these runs.
    pub(crate) busy_seconds: f64,
    /// Runs that ended in the busiest minute.
    pub(crate) busiest_minute: u64,
    /// Runs that started.
    pub(crate) begun: u64,
}

/// All heartbeats at one instant of the database's clock.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Heartbeats {
    /// The instant, in seconds since the epoch.
    pub(crate) now: f64,
    /// The last heartbeat of each worker, in seconds since the epoch.
    pub(crate) workers: BTreeMap<String, f64>,
}

impl Store {
    pub(crate) async fn workers(&self) -> Result<Vec<WorkerActivity>, StoreError> {
        self.rows("workers").await
    }

    /// The active workers over the window; none in a database that is not migrated.
    pub(crate) async fn worker_utilization(
        &self,
        window: Duration,
    ) -> Result<Option<Vec<WorkerUtilization>>, StoreError> {
        let binds = binds([("seconds", window.as_secs_f64().to_string())]);
        match self.rows_with("worker_utilization", &binds).await {
            Err(e) if e.is_not_migrated() => Ok(None),
            rows => rows.map(Some),
        }
    }

    pub(crate) async fn worker_capacity(&self) -> Result<WorkerCapacity, StoreError> {
        self.one("worker_capacity").await
    }

    pub(crate) async fn heartbeats(&self) -> Result<Heartbeats, StoreError> {
        self.one("heartbeats").await
    }
}
