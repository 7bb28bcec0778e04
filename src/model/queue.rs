//! Workers and dead letters, as commands list them.

use serde::Deserialize;
use uuid::Uuid;

use super::table::Neighbors;

/// A worker node, or a worker of Ordinaut.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Worker {
    pub(crate) worker: String,
    pub(crate) kind: String,
    /// None before its first heartbeat.
    pub(crate) host: Option<String>,
    pub(crate) pid: Option<i32>,
    /// Number of lanes; Ordinaut's workers have none.
    pub(crate) lanes: Option<i64>,
    /// Number of current runs.
    pub(crate) running: i64,
    /// Number of finished runs.
    pub(crate) processed: Option<i64>,
    /// Its last heartbeat, RFC 3339.
    pub(crate) last_seen: Option<String>,
    /// `held` or `ended`; None without lanes.
    pub(crate) lease: Option<String>,
}

/// An occurrence whose attempts are exhausted.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct DeadLetter {
    /// Also the id of its final run.
    pub(crate) occurrence: Uuid,
    pub(crate) task_id: Uuid,
    /// The title of the task.
    pub(crate) title: String,
    pub(crate) status: String,
    /// RFC 3339.
    pub(crate) scheduled_at: String,
    /// None when the run was deleted.
    pub(crate) attempts: Option<i32>,
    /// When the last attempt ended, RFC 3339.
    pub(crate) at: String,
    /// The first line of the last error.
    pub(crate) error: Option<String>,
    #[serde(flatten)]
    pub(crate) neighbors: Neighbors,
}

/// Dead letters of a task that were not retried and whose errors differ only in numbers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct DeadLetterGroup {
    pub(crate) task_id: Uuid,
    /// The title of the task.
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) count: i64,
    /// When the first one failed, RFC 3339.
    pub(crate) first_at: String,
    pub(crate) last_at: String,
    /// The first line of the newest error.
    pub(crate) error: Option<String>,
    /// The occurrence of the newest one.
    pub(crate) example: Uuid,
    #[serde(flatten)]
    pub(crate) neighbors: Neighbors,
}

/// A task with dead letters that were not retried.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct DeadLetterTask {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) dead_letters: i64,
}

/// The result of retrying a dead letter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Retried {
    /// The occurrence of the dead letter.
    pub(crate) letter: Uuid,
    /// The title of the task.
    pub(crate) task: Option<String>,
    /// The new occurrence, unless refused.
    pub(crate) occurrence: Option<Uuid>,
    pub(crate) refused: Option<String>,
}
