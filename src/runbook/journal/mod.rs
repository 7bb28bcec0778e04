//! The journal of an acting run: what is about to be done, what was done, and how it ended.
//!
//! The local file is the truth that `--resume` reads. It is preallocated, so that a disk that
//! fills up during the run cannot keep a step from being recorded, and each record is on disk
//! before the step goes on. The database gets the same records while it answers.

mod database;
mod file;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::model::Target;

pub use database::DatabaseJournal;
pub use file::{FileJournal, Past, unfinished};

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// The run begins.
    Begin(Begin),
    /// A step is about to run.
    Step {
        /// Its place among the runbook's steps, from 0.
        position: usize,
        /// Its name.
        id: String,
        /// When.
        at: DateTime<Utc>,
    },
    /// A step ended.
    Done {
        /// Its place.
        position: usize,
        /// Its name.
        id: String,
        /// How it ended.
        status: Ended,
        /// Why it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// What later steps may read.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        result: Value,
        /// When.
        at: DateTime<Utc>,
    },
    /// The run ended; it is not to be resumed.
    End {
        /// How it ended.
        status: Ended,
        /// When.
        at: DateTime<Utc>,
    },
}

/// The beginning of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Begin {
    /// The run.
    pub id: Uuid,
    /// The runbook's name.
    pub runbook: String,
    /// A fingerprint of its steps: a run goes on only with the steps that it began with.
    pub steps: String,
    /// Its parameters.
    pub params: Map<String, Value>,
    /// `--only`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// `--skip`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// The system.
    pub target: Target,
    /// Who runs it.
    pub user: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a step or a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It did its work.
    Done,
    /// It was left out.
    Skipped,
    /// It failed.
    Failed,
    /// It was stopped.
    Interrupted,
    /// A later run of the same runbook began from the start.
    Superseded,
}

impl Ended {
    /// Its name, as in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Superseded => "superseded",
        }
    }
}
