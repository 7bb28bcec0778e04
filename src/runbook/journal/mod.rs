//! The journal of a run that acts: each step before and after it runs, and how the run ended.
//!
//! The local file is authoritative: `--resume` reads it. It is preallocated, so that a disk that fills up
//! during the run cannot prevent a record, and each record is synced before the run continues. The database
//! gets the same records while it is reachable.

mod database;
mod file;
mod gate;
mod history;
mod resume;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::model::Target;

pub(crate) use database::DatabaseJournal;
pub(crate) use file::{FileJournal, PastRun, unfinished};
pub(crate) use gate::{JournalGate, PlanGate};
pub(crate) use history::{HistoryFilter, past_runs};
pub(crate) use resume::{RECORD_LIMIT, no_journal};

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub(crate) enum Record {
    Begin(Box<RunStart>),
    /// A step is about to run.
    Step {
        /// From 0.
        position: usize,
        id: String,
        /// The tool, or the command of a change.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        uses: String,
        at: DateTime<Utc>,
    },
    Done {
        position: usize,
        id: String,
        status: EndStatus,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        /// What the report says about it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        /// What later steps can read.
        #[serde(default, skip_serializing_if = "Value::is_null")]
        result: Value,
        at: DateTime<Utc>,
    },
    /// The run ended and cannot be resumed.
    End {
        status: EndStatus,
        at: DateTime<Utc>,
    },
}

/// The first record of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct RunStart {
    pub(crate) id: Uuid,
    pub(crate) runbook: String,
    /// A fingerprint of its steps.
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
pub(crate) enum EndStatus {
    Done,
    Skipped,
    Failed,
    Interrupted,
    /// A later run of the same runbook replaced it.
    Superseded,
}

impl EndStatus {
    /// The name in the database.
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
