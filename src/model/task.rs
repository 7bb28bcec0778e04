//! Tasks and runs as the API and the commands show them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A task: a stored pipeline with a schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    /// The `cursor` of the next page, which costs the same however far down the list it lies.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page, given one item more than fits on it when there are others after it.
    pub fn new(mut items: Vec<T>, total: i64, limit: i64, offset: i64) -> Self {
        let fits = usize::try_from(limit).unwrap_or_default();
        let has_more = items.len() > fits;
        items.truncate(fits);
        let seen = offset + i64::try_from(items.len()).unwrap_or_default() + i64::from(has_more);
        Self { items, total: total.max(seen), limit, offset, has_more, next_cursor: None }
    }
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Op {
    /// true
    pub success: bool,
    /// In words.
    pub message: String,
    /// What is known besides.
    pub details: Value,
}

impl Op {
    /// A change that was made.
    pub fn new(message: &str, details: Value) -> Self {
        Self { success: true, message: message.to_owned(), details }
    }
}

/// What a request to make a task holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TaskInput {
    /// What a person calls it.
    #[schemars(length(min = 1, max = 200))]
    pub title: String,
    /// What it is for.
    #[schemars(length(min = 1, max = 2000))]
    pub description: String,
    /// When it runs, what it runs, and how.
    #[serde(flatten)]
    pub rest: TaskFields,
    /// What times it: the notation of `schedule_expr`.
    pub schedule_kind: ScheduleKind,
    /// What it does.
    pub payload: Payload,
}

/// What a request to change a task holds: what is there changes, the rest stays.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct TaskUpdate {
    /// What a person calls it.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    pub title: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(min = 1, max = 2000))]
    pub description: Option<String>,
    /// When it runs, what it runs, and how.
    #[serde(flatten)]
    pub rest: TaskFields,
    /// What times it.
    #[serde(default)]
    pub schedule_kind: Option<ScheduleKind>,
    /// What it does.
    #[serde(default)]
    pub payload: Option<Payload>,
}

/// What may be left out when a task is made.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct TaskFields {
    /// Whose it is; only an admin names another than himself.
    #[serde(default)]
    pub created_by: Option<Uuid>,
    /// Five fields of cron, an RRULE, an instant, a topic, or a condition.
    #[serde(default)]
    #[schemars(length(min = 1, max = 20_000))]
    pub schedule_expr: Option<String>,
    /// The zone of wall-clock times in it, such as `Europe/Chisinau`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    pub timezone: Option<String>,
    /// 1 first; default 5.
    #[serde(default)]
    #[schemars(range(min = 1, max = 9))]
    pub priority: Option<i32>,
    /// Occurrences with the same key within the window are dropped.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    pub dedupe_key: Option<String>,
    /// How long, in seconds; default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 31_536_000))]
    pub dedupe_window_seconds: Option<i32>,
    /// How often a failed run is tried again; default 3.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10))]
    pub max_retries: Option<i32>,
    /// How long a retry waits.
    #[serde(default)]
    pub backoff_strategy: Option<Backoff>,
    /// Runs with the same key run one at a time.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    pub concurrency_key: Option<String>,
    /// What becomes of missed occurrences.
    #[serde(default)]
    pub catch_up: Option<CatchUp>,
}

/// What times a task.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words say it")]
pub enum ScheduleKind {
    Cron,
    Rrule,
    Once,
    Event,
    Condition,
}

/// How long a retry waits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Backoff {
    ExponentialJitter,
    Linear,
    Fixed,
}

/// What becomes of missed occurrences.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words say it")]
pub enum CatchUp {
    Skip,
    Once,
    All,
}

/// A task's pipeline with its parameters.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Payload {
    /// What steps read under `params`.
    #[serde(default)]
    pub params: serde_json::Map<String, Value>,
    /// The steps, in order.
    pub pipeline: Vec<serde_json::Map<String, Value>>,
}

/// What a request to postpone holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SnoozeInput {
    /// By how long.
    #[schemars(range(min = 1, max = 604_800))]
    pub delay_seconds: i64,
    /// Why.
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub reason: Option<String>,
}
