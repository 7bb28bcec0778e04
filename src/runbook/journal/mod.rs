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

pub(crate) use database::DatabaseJournal;
pub(crate) use file::{FileJournal, Past, unfinished};

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum Record {
    Begin(Begin),
    /// A step is about to run.
    Step {
        /// Its place among the runbook's steps, from 0.
        position: usize,
        id: String,
        at: DateTime<Utc>,
    },
    Done {
        position: usize,
        id: String,
        status: Ended,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// What later steps may read.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        result: Value,
        at: DateTime<Utc>,
    },
    /// The run ended; it is not to be resumed.
    End {
        status: Ended,
        at: DateTime<Utc>,
    },
}

/// The beginning of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Begin {
    pub(crate) id: Uuid,
    pub(crate) runbook: String,
    /// A fingerprint of its steps: a run goes on only with the steps that it began with.
    pub(crate) steps: String,
    pub(crate) params: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) only: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skip: Vec<String>,
    pub(crate) target: Target,
    pub(crate) user: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    pub(crate) at: DateTime<Utc>,
}

/// How a step or a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ended {
    Done,
    Skipped,
    Failed,
    Interrupted,
    /// A later run of the same runbook began from the start.
    Superseded,
}

impl Ended {
    /// Its name, as in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Superseded => "superseded",
        }
    }
}
