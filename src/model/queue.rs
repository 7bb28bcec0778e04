//! Workers and dead letters as the commands show them.

use serde::Deserialize;
use uuid::Uuid;

/// A node, or one of upstream's workers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Worker {
    pub(crate) worker: String,
    pub(crate) kind: String,
    /// Where it runs; None before its first sign of life.
    pub(crate) host: Option<String>,
    pub(crate) pid: Option<i32>,
    /// How many lanes it has; upstream's workers have none.
    pub(crate) lanes: Option<i64>,
    /// How much it runs now.
    pub(crate) running: i64,
    /// How much it has run so far.
    pub(crate) processed: Option<i64>,
    /// Its last sign of life, RFC 3339.
    pub(crate) last_seen: Option<String>,
    /// held or ended; None when it has no lanes.
    pub(crate) lease: Option<String>,
}

/// An occurrence whose attempts are used up.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct DeadLetter {
    /// The occurrence; also the id of its final run.
    pub(crate) occurrence: Uuid,
    pub(crate) task_id: Uuid,
    /// What a person calls the task.
    pub(crate) title: String,
    pub(crate) status: String,
    /// The occurrence's own instant, RFC 3339.
    pub(crate) scheduled_at: String,
    /// How many it had; None when the run is deleted already.
    pub(crate) attempts: Option<i32>,
    /// When the last one ended, RFC 3339.
    pub(crate) at: String,
    /// Why that one failed: the first line of its error.
    pub(crate) error: Option<String>,
}

/// A task with dead letters that were not retried.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct LetterTask {
    pub(crate) id: Uuid,
    /// What a person calls it.
    pub(crate) title: String,
    pub(crate) status: String,
    pub(crate) letters: i64,
}

/// What became of retrying a dead letter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Retried {
    /// The occurrence whose attempts were used up.
    pub(crate) letter: Uuid,
    /// The title of its task.
    pub(crate) task: Option<String>,
    /// The fresh occurrence, if there is one.
    pub(crate) occurrence: Option<Uuid>,
    pub(crate) refused: Option<String>,
}
