//! Runs as the API and the commands show them.

use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::table::Neighbors;
use super::task::{UnknownKeyword, keywords};

/// One attempt at an occurrence. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Run {
    /// A final run has the id of its occurrence.
    pub(crate) id: Uuid,
    pub(crate) task_id: Uuid,
    /// The worker that holds or held the lease.
    pub(crate) lease_owner: Option<String>,
    pub(crate) leased_until: Option<String>,
    pub(crate) started_at: Option<String>,
    /// Null while the run is in progress.
    pub(crate) finished_at: Option<String>,
    /// Null while the run is in progress.
    pub(crate) success: Option<bool>,
    pub(crate) error: Option<String>,
    /// From 1.
    pub(crate) attempt: i32,
    pub(crate) output: Option<Value>,
    pub(crate) created_at: String,
}

keywords! {
    /// How far a run has come.
    RunStatus { Running = "running", Ok = "ok", Failed = "failed" }
}

impl RunStatus {
    pub(crate) const fn of(success: Option<bool>) -> Self {
        match success {
            None => Self::Running,
            Some(true) => Self::Ok,
            Some(false) => Self::Failed,
        }
    }
}

/// A run in a list, without its output.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct ListedRun {
    pub(crate) id: Uuid,
    pub(crate) task_id: Uuid,
    /// The title of the task.
    pub(crate) title: String,
    pub(crate) lease_owner: Option<String>,
    pub(crate) started_at: Option<String>,
    pub(crate) finished_at: Option<String>,
    pub(crate) success: Option<bool>,
    pub(crate) attempt: i32,
    pub(crate) error: Option<String>,
    /// Since its start, of a run in progress.
    pub(crate) seconds: Option<f64>,
    #[serde(flatten)]
    pub(crate) neighbors: Neighbors,
}

/// A finished run, for those who follow the ends of runs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct EndedRun {
    pub(crate) id: Uuid,
    pub(crate) task_id: Uuid,
    /// The title of the task.
    pub(crate) title: String,
    pub(crate) lease_owner: Option<String>,
    pub(crate) leased_until: Option<String>,
    pub(crate) started_at: Option<String>,
    pub(crate) finished_at: String,
    pub(crate) success: Option<bool>,
    pub(crate) error: Option<String>,
    pub(crate) attempt: i32,
    /// None where the query left it out.
    pub(crate) output: Option<Value>,
    pub(crate) created_at: String,
    #[serde(flatten)]
    pub(crate) neighbors: Neighbors,
}

impl EndedRun {
    /// As the API shows it.
    pub(crate) fn into_run(self) -> Run {
        Run {
            id: self.id,
            task_id: self.task_id,
            lease_owner: self.lease_owner,
            leased_until: self.leased_until,
            started_at: self.started_at,
            finished_at: Some(self.finished_at),
            success: self.success,
            error: self.error,
            attempt: self.attempt,
            output: self.output,
            created_at: self.created_at,
        }
    }
}

/// Counts and durations of finished attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RunStats {
    pub(crate) total: i64,
    pub(crate) successful: i64,
    pub(crate) failed: i64,
    /// Failed with no retry left.
    pub(crate) failed_for_good: i64,
    /// Percent; null without runs.
    pub(crate) success_rate: Option<f64>,
    pub(crate) avg_duration_seconds: Option<f64>,
    pub(crate) min_duration_seconds: Option<f64>,
    pub(crate) max_duration_seconds: Option<f64>,
    pub(crate) p95_duration_seconds: Option<f64>,
}

/// The cause in `step 'post': http.request: <cause>`, for a narrow column that the step and the tool would fill.
pub(crate) fn cause_of(error: &str) -> &str {
    let step = error.strip_prefix("step '").and_then(|rest| rest.split_once("': "));
    let Some((_, rest)) = step else { return error };
    let is_tool = |name: &str| {
        name.contains('.') && name.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '.' | '_'))
    };
    match rest.split_once(": ") {
        Some((name, cause)) if is_tool(name) => cause,
        _ => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_of_an_error_is_without_its_step_and_tool() {
        for (error, cause) in [
            ("step 'post': http.request: timed out after 3 s", "timed out after 3 s"),
            ("step 'post': timed out", "timed out"),
            ("step 'post': 127.0.0.1: refused", "127.0.0.1: refused"),
            ("the worker died", "the worker died"),
        ] {
            assert_eq!(cause_of(error), cause);
        }
    }
}
