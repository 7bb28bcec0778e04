//! Tasks, and the documents that create and change them. The field limits here are the published JSON Schema.

use std::collections::BTreeMap;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::optional_storable_object;
use super::storable::Storable;
use super::task_schema::{TaskStep, TimeZone, schedule_expr_by_kind};

/// Text that PostgreSQL can store.
pub(crate) const NO_NUL: &str = r"^[^\x00]*$";

/// Defines an enum by the words of the API, the database and the command line.
macro_rules! keywords {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $(#[serde(rename = $word)] $variant),+ }

        impl $name {
            pub(crate) const NAMES: &'static [&'static str] = &[$($word),+];

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $name {
            type Err = UnknownKeyword;

            fn from_str(text: &str) -> Result<Self, UnknownKeyword> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownKeyword { text: text.to_owned(), names: Self::NAMES }),
                }
            }
        }
    };
}

pub(super) use keywords;

/// A word that is none of an enum's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown value '{text}'; use one of {}", names.join(", "))]
pub struct UnknownKeyword {
    pub(super) text: String,
    pub(super) names: &'static [&'static str],
}

keywords! {
    /// What starts a task; decides the notation of `schedule_expr`.
    ScheduleKind { Cron = "cron", Rrule = "rrule", Once = "once", Event = "event", Condition = "condition" }
}

keywords! {
    /// Canceled tasks stay canceled.
    TaskStatus { Active = "active", Paused = "paused", Canceled = "canceled" }
}

keywords! {
    /// Which occurrences run that were missed because no node ran.
    CatchUp { Skip = "skip", Once = "once", All = "all" }
}

keywords! {
    /// How the delay before a retry grows.
    Backoff { ExponentialJitter = "exponential_jitter", Linear = "linear", Fixed = "fixed" }
}

impl ScheduleKind {
    /// Whether the schedule names instants.
    pub(crate) const fn is_timed(self) -> bool {
        matches!(self, Self::Cron | Self::Rrule | Self::Once)
    }
}

/// A task: a stored pipeline with a schedule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Task {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) description: String,
    /// The agent that owns the task.
    pub(crate) created_by: Uuid,
    pub(crate) schedule_kind: ScheduleKind,
    /// Five cron fields, an RRULE, an instant, a topic or a condition.
    pub(crate) schedule_expr: Option<String>,
    /// IANA time zone of wall-clock times in `schedule_expr`.
    pub(crate) timezone: String,
    /// `{"params": …, "pipeline": […]}`
    pub(crate) payload: Value,
    pub(crate) status: TaskStatus,
    /// 1 to 9; 1 runs first.
    pub(crate) priority: i32,
    /// Occurrences with the same key within the window are dropped.
    pub(crate) dedupe_key: Option<String>,
    pub(crate) dedupe_window_seconds: i32,
    /// Retries after the first attempt.
    pub(crate) max_retries: i32,
    #[serde(deserialize_with = "known_backoff")]
    pub(crate) backoff_strategy: Backoff,
    /// Runs with the same key run one at a time.
    pub(crate) concurrency_key: Option<String>,
    pub(crate) catch_up: CatchUp,
    /// RFC 3339.
    pub(crate) created_at: String,
}

/// The body of `POST /tasks`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = schedule_expr_by_kind)]
pub(crate) struct TaskInput {
    #[schemars(length(min = 1, max = 200), regex(pattern = NO_NUL))]
    pub(crate) title: String,
    #[schemars(length(min = 1, max = 2000), regex(pattern = NO_NUL))]
    pub(crate) description: String,
    pub(crate) schedule_kind: ScheduleKind,
    /// Five cron fields, an RRULE, an instant, a topic or a condition.
    #[schemars(length(min = 1, max = 20_000), regex(pattern = NO_NUL))]
    pub(crate) schedule_expr: String,
    pub(crate) payload: Payload,
    #[serde(flatten)]
    pub(crate) options: TaskOptions,
    /// Recorded in the audit log.
    #[serde(default, skip_serializing)]
    #[allow(dead_code, reason = "part of the schema; the API reads it from the body of every request alike")]
    #[schemars(length(max = 200), regex(pattern = NO_NUL))]
    pub(crate) reason: Option<String>,
}

/// The body of `PUT /tasks/{id}`: fields that are present change. Null clears `dedupe_key` and
/// `concurrency_key`, and leaves other fields unchanged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields, transform = schedule_expr_by_kind)]
pub(crate) struct TaskUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 200), regex(pattern = NO_NUL))]
    pub(crate) title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 2000), regex(pattern = NO_NUL))]
    pub(crate) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) schedule_kind: Option<ScheduleKind>,
    /// Five cron fields, an RRULE, an instant, a topic or a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 1, max = 20_000), regex(pattern = NO_NUL))]
    pub(crate) schedule_expr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<Payload>,
    #[serde(flatten)]
    pub(crate) options: TaskOptions,
    /// Recorded in the audit log.
    #[serde(default, skip_serializing)]
    #[allow(dead_code, reason = "part of the schema; the API reads it from the body of every request alike")]
    #[schemars(length(max = 200), regex(pattern = NO_NUL))]
    pub(crate) reason: Option<String>,
}

/// Fields of a task that have a default.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct TaskOptions {
    /// The owner; only an admin can name another agent. Default: the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) created_by: Option<Uuid>,
    /// IANA time zone of wall-clock times in `schedule_expr`. Default: `Europe/Chisinau`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<TimeZone>")]
    pub(crate) timezone: Option<String>,
    /// 1 runs first. Default: 5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 9))]
    pub(crate) priority: Option<i32>,
    /// Occurrences with the same key within the window are dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = NO_NUL))]
    pub(crate) dedupe_key: Option<String>,
    /// Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 31_536_000))]
    pub(crate) dedupe_window_seconds: Option<i32>,
    /// Retries after the first attempt. Default: 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10))]
    pub(crate) max_retries: Option<i32>,
    /// Default: `exponential_jitter`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) backoff_strategy: Option<Backoff>,
    /// Runs with the same key run one at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = NO_NUL))]
    pub(crate) concurrency_key: Option<String>,
    /// Default: `once`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) catch_up: Option<CatchUp>,
}

/// A task's parameters and steps.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Payload {
    /// Values that steps read as `params.NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "optional_storable_object")]
    pub(crate) params: Option<Map<String, Value>>,
    /// The steps, in order.
    #[schemars(length(max = 200), with = "Vec<TaskStep>")]
    pub(crate) pipeline: Vec<Map<String, Value>>,
    /// Keys that ordctl keeps and does not read.
    #[serde(flatten)]
    #[schemars(with = "BTreeMap<String, Storable>")]
    pub(crate) other: Map<String, Value>,
}

/// The optional body, or the query of a `DELETE`, of requests that change something.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct ReasonInput {
    /// Recorded in the audit log.
    #[serde(default)]
    #[schemars(length(max = 200), regex(pattern = NO_NUL))]
    pub(crate) reason: Option<String>,
}

/// The body of `POST /tasks/{id}/snooze`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SnoozeInput {
    #[schemars(range(min = 1, max = 604_800))]
    pub(crate) delay_seconds: i64,
    /// Recorded in the audit log.
    #[serde(default)]
    #[schemars(length(max = 200), regex(pattern = NO_NUL))]
    pub(crate) reason: Option<String>,
}

/// Upstream's column is free text; its engine treats unknown words as the default.
fn known_backoff<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Backoff, D::Error> {
    let text = String::deserialize(deserializer)?;
    Ok(text.parse().unwrap_or(Backoff::ExponentialJitter))
}
