//! Tasks and runs as the API and the commands show them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A task: a stored pipeline with a schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its id.
    pub id: Uuid,
    /// What a person calls it.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The agent that made it.
    pub created_by: Uuid,
    /// cron, rrule, once, event or condition.
    pub schedule_kind: String,
    /// When, in the kind's own notation.
    pub schedule_expr: Option<String>,
    /// The zone of wall-clock times in it.
    pub timezone: String,
    /// `{"params": …, "pipeline": […]}`
    pub payload: Value,
    /// active, paused or canceled.
    pub status: String,
    /// 1 to 9, 1 first.
    pub priority: i32,
    /// Occurrences with the same key within the window are dropped.
    pub dedupe_key: Option<String>,
    /// How long, in seconds.
    pub dedupe_window_seconds: i32,
    /// How often a failed run is tried again.
    pub max_retries: i32,
    /// exponential_jitter, linear or fixed.
    pub backoff_strategy: String,
    /// Runs with the same key run one at a time.
    pub concurrency_key: Option<String>,
    /// What becomes of missed occurrences: skip, once or all.
    pub catch_up: String,
    /// RFC 3339.
    pub created_at: String,
}

/// A run: one attempt at an occurrence. Its times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Its id; that of a final run is its occurrence's.
    pub id: Uuid,
    /// The task.
    pub task_id: Uuid,
    /// The worker that runs it, or ran it.
    pub lease_owner: Option<String>,
    /// How long it is that worker's.
    pub leased_until: Option<String>,
    /// When it began.
    pub started_at: Option<String>,
    /// When it ended; None while it is going on.
    pub finished_at: Option<String>,
    /// Whether it worked; None while it is going on.
    pub success: Option<bool>,
    /// Why it did not work.
    pub error: Option<String>,
    /// Which attempt it is, from 1.
    pub attempt: i32,
    /// What it left.
    pub output: Option<Value>,
    /// RFC 3339.
    pub created_at: String,
}

/// How runs went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStats {
    /// Attempts in all.
    pub total: i64,
    /// Those that worked.
    pub successful: i64,
    /// Those that did not.
    pub failed: i64,
    /// Those that did not, with no attempt after them.
    pub failed_for_good: i64,
    /// Percent; None without runs.
    pub success_rate: Option<f64>,
    /// Seconds.
    pub avg_duration_seconds: Option<f64>,
    /// Seconds.
    pub min_duration_seconds: Option<f64>,
    /// Seconds.
    pub max_duration_seconds: Option<f64>,
    /// Seconds.
    pub p95_duration_seconds: Option<f64>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// How many there are in all; counted up to 100,000.
    pub total: i64,
    /// How many a page holds.
    pub limit: i64,
    /// How many come before it.
    pub offset: i64,
    /// Whether others come after it.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// A page, given one item more than fits on it when there are others after it.
    pub fn new(mut items: Vec<T>, total: i64, limit: i64, offset: i64) -> Self {
        let fits = usize::try_from(limit).unwrap_or_default();
        let has_more = items.len() > fits;
        items.truncate(fits);
        let seen = offset + i64::try_from(items.len()).unwrap_or_default() + i64::from(has_more);
        Self { items, total: total.max(seen), limit, offset, has_more }
    }
}
