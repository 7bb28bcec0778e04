//! Workers and dead letters as the commands show them.

use serde::Deserialize;
use uuid::Uuid;

/// A node, or one of upstream's workers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Worker {
    /// Its name.
    pub worker: String,
    /// ordctl or upstream.
    pub kind: String,
    /// Where it runs; None before its first sign of life.
    pub host: Option<String>,
    /// Its process.
    pub pid: Option<i32>,
    /// How many lanes it has; upstream's workers have none.
    pub lanes: Option<i64>,
    /// How much it runs now.
    pub running: i64,
    /// How much it has run so far.
    pub processed: Option<i64>,
    /// Its last sign of life, RFC 3339.
    pub last_seen: Option<String>,
    /// held or ended; None when it has no lanes.
    pub lease: Option<String>,
}

/// An occurrence whose attempts are used up.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DeadLetter {
    /// The occurrence; also the id of its final run.
    pub occurrence: Uuid,
    /// Its task.
    pub task_id: Uuid,
    /// What a person calls the task.
    pub title: String,
    /// active, paused or canceled.
    pub status: String,
    /// The occurrence's own instant, RFC 3339.
    pub scheduled_at: String,
    /// How many it had; None when the run is deleted already.
    pub attempts: Option<i32>,
    /// When the last one ended, RFC 3339.
    pub at: String,
    /// Why that one failed: the first line of its error.
    pub error: Option<String>,
}

/// A task with dead letters that were not retried.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct LetterTask {
    /// Its id.
    pub id: Uuid,
    /// What a person calls it.
    pub title: String,
    /// active, paused or canceled.
    pub status: String,
    /// How many.
    pub letters: i64,
}

/// What became of retrying a dead letter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Retried {
    /// The occurrence whose attempts were used up.
    pub letter: Uuid,
    /// The title of its task.
    pub task: Option<String>,
    /// The fresh occurrence, if there is one.
    pub occurrence: Option<Uuid>,
    /// Why there is none.
    pub refused: Option<String>,
}
