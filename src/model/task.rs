//! Tasks and runs as the API and the commands show them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// A task: a stored pipeline with a schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Task {
    pub(crate) id: Uuid,
    /// What a person calls it.
    pub(crate) title: String,
    /// What it is for.
    pub(crate) description: String,
    /// The agent that made it.
    pub(crate) created_by: Uuid,
    /// cron, rrule, once, event or condition.
    pub(crate) schedule_kind: String,
    /// When, in the kind's own notation.
    pub(crate) schedule_expr: Option<String>,
    /// The zone of wall-clock times in it.
    pub(crate) timezone: String,
    /// `{"params": …, "pipeline": […]}`
    pub(crate) payload: Value,
    /// active, paused or canceled.
    pub(crate) status: String,
    /// 1 to 9, 1 first.
    pub(crate) priority: i32,
    /// Occurrences with the same key within the window are dropped.
    pub(crate) dedupe_key: Option<String>,
    /// How long, in seconds.
    pub(crate) dedupe_window_seconds: i32,
    /// How often a failed run is tried again.
    pub(crate) max_retries: i32,
    /// exponential_jitter, linear or fixed.
    pub(crate) backoff_strategy: String,
    /// Runs with the same key run one at a time.
    pub(crate) concurrency_key: Option<String>,
    /// What becomes of missed occurrences: skip, once or all.
    pub(crate) catch_up: String,
    /// RFC 3339.
    pub(crate) created_at: String,
}

/// A run: one attempt at an occurrence. Its times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Run {
    /// Its id; that of a final run is its occurrence's.
    pub(crate) id: Uuid,
    /// The task.
    pub(crate) task_id: Uuid,
    /// The worker that runs it, or ran it.
    pub(crate) lease_owner: Option<String>,
    /// How long it is that worker's.
    pub(crate) leased_until: Option<String>,
    /// When it began.
    pub(crate) started_at: Option<String>,
    /// When it ended; None while it is going on.
    pub(crate) finished_at: Option<String>,
    /// Whether it worked; None while it is going on.
    pub(crate) success: Option<bool>,
    /// Why it did not work.
    pub(crate) error: Option<String>,
    /// Which attempt it is, from 1.
    pub(crate) attempt: i32,
    /// What it left.
    pub(crate) output: Option<Value>,
    /// RFC 3339.
    pub(crate) created_at: String,
}

/// How runs went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RunStats {
    /// Attempts in all.
    pub(crate) total: i64,
    /// Those that worked.
    pub(crate) successful: i64,
    /// Those that did not.
    pub(crate) failed: i64,
    /// Those that did not, with no attempt after them.
    pub(crate) failed_for_good: i64,
    /// Percent; None without runs.
    pub(crate) success_rate: Option<f64>,
    /// Seconds.
    pub(crate) avg_duration_seconds: Option<f64>,
    /// Seconds.
    pub(crate) min_duration_seconds: Option<f64>,
    /// Seconds.
    pub(crate) max_duration_seconds: Option<f64>,
    /// Seconds.
    pub(crate) p95_duration_seconds: Option<f64>,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Page<T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// How many there are in all; counted up to 100,000.
    pub(crate) total: i64,
    /// How many a page holds.
    pub(crate) limit: i64,
    /// How many come before it.
    pub(crate) offset: i64,
    /// Whether others come after it.
    pub(crate) has_more: bool,
    /// The `cursor` of the next page, which costs the same however far down the list it lies.
    pub(crate) next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A page, given one item more than fits on it when there are others after it.
    pub(crate) fn new(mut items: Vec<T>, total: i64, limit: i64, offset: i64) -> Self {
        let fits = usize::try_from(limit).unwrap_or_default();
        let has_more = items.len() > fits;
        items.truncate(fits);
        let seen = offset + i64::try_from(items.len()).unwrap_or_default() + i64::from(has_more);
        Self { items, total: total.max(seen), limit, offset, has_more, next_cursor: None }
    }
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Op {
    /// true
    pub(crate) success: bool,
    pub(crate) message: String,
    /// What is known besides.
    pub(crate) details: Value,
}

impl Op {
    /// A change that was made.
    pub(crate) fn new(message: &str, details: Value) -> Self {
        Self { success: true, message: message.to_owned(), details }
    }
}

/// What a request to make a task holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TaskInput {
    /// What a person calls it.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) title: String,
    /// What it is for.
    #[schemars(length(min = 1, max = 2000))]
    pub(crate) description: String,
    /// When it runs, what it runs, and how.
    #[serde(flatten)]
    pub(crate) rest: TaskFields,
    /// What times it: the notation of `schedule_expr`.
    pub(crate) schedule_kind: ScheduleKind,
    /// What it does.
    pub(crate) payload: Payload,
}

/// What a request to change a task holds: what is there changes, the rest stays.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TaskUpdate {
    /// What a person calls it.
    #[serde(default)]
    #[schemars(length(min = 1, max = 200))]
    pub(crate) title: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(min = 1, max = 2000))]
    pub(crate) description: Option<String>,
    /// When it runs, what it runs, and how.
    #[serde(flatten)]
    pub(crate) rest: TaskFields,
    /// What times it.
    #[serde(default)]
    pub(crate) schedule_kind: Option<ScheduleKind>,
    /// What it does.
    #[serde(default)]
    pub(crate) payload: Option<Payload>,
}

/// What may be left out when a task is made.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TaskFields {
    /// Whose it is; only an admin names another than himself.
    #[serde(default)]
    pub(crate) created_by: Option<Uuid>,
    /// Five fields of cron, an RRULE, an instant, a topic, or a condition.
    #[serde(default)]
    #[schemars(length(min = 1, max = 20_000))]
    pub(crate) schedule_expr: Option<String>,
    /// The zone of wall-clock times in it, such as `Europe/Chisinau`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    pub(crate) timezone: Option<String>,
    /// 1 first; default 5.
    #[serde(default)]
    #[schemars(range(min = 1, max = 9))]
    pub(crate) priority: Option<i32>,
    /// Occurrences with the same key within the window are dropped.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    pub(crate) dedupe_key: Option<String>,
    /// How long, in seconds; default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 31_536_000))]
    pub(crate) dedupe_window_seconds: Option<i32>,
    /// How often a failed run is tried again; default 3.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10))]
    pub(crate) max_retries: Option<i32>,
    /// How long a retry waits.
    #[serde(default)]
    pub(crate) backoff_strategy: Option<Backoff>,
    /// Runs with the same key run one at a time.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    pub(crate) concurrency_key: Option<String>,
    /// What becomes of missed occurrences.
    #[serde(default)]
    pub(crate) catch_up: Option<CatchUp>,
}

/// What times a task.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words say it")]
pub(crate) enum ScheduleKind {
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
pub(crate) enum Backoff {
    ExponentialJitter,
    Linear,
    Fixed,
}

/// What becomes of missed occurrences.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words say it")]
pub(crate) enum CatchUp {
    Skip,
    Once,
    All,
}

/// A task's pipeline with its parameters.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Payload {
    /// What steps read under `params`.
    #[serde(default)]
    pub(crate) params: serde_json::Map<String, Value>,
    /// The steps, in order.
    pub(crate) pipeline: Vec<serde_json::Map<String, Value>>,
}

/// What a request to postpone holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SnoozeInput {
    /// By how long.
    #[schemars(range(min = 1, max = 604_800))]
    pub(crate) delay_seconds: i64,
    #[serde(default)]
    #[schemars(length(max = 200))]
    pub(crate) reason: Option<String>,
}
