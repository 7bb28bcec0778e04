//! Progress of the engine: the loops of all nodes, overdue schedules and the event outbox.

use serde::{Deserialize, Serialize};

use super::{Store, StoreError, binds};
use crate::base::units::{count, duration};
use crate::model::{EngineLoop, Status};

/// Overdue schedules and waiting events warn and turn critical at these ages.
const OVERDUE_CRIT_SECONDS: f64 = 60.0;
const OUTBOX_WARN_SECONDS: f64 = 30.0;
const OUTBOX_CRIT_SECONDS: f64 = 120.0;

/// The last report of one loop on one node.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LoopReport {
    pub(crate) node: String,
    #[serde(rename = "loop")]
    pub(crate) kind: EngineLoop,
    pub(crate) is_ok: bool,
    /// Since the last success; null when there was none since the node started.
    pub(crate) age_seconds: Option<f64>,
    pub(crate) error: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EngineProgress {
    pub(crate) is_held: bool,
    /// Ordinaut's workers are running on this database.
    pub(crate) has_upstream_workers: bool,
    pub(crate) loops: Vec<LoopReport>,
    pub(crate) has_schedules: bool,
    pub(crate) has_due_work: bool,
    /// Schedules that are overdue for at least 30 s; at most 1,000 are counted.
    pub(crate) overdue: u64,
    pub(crate) overdue_seconds: Option<f64>,
    /// The title of the most overdue task.
    pub(crate) overdue_title: Option<String>,
    /// Events that are not in the stream; at most 10,000 are counted.
    pub(crate) outbox: u64,
    pub(crate) outbox_seconds: Option<f64>,
}

impl LoopReport {
    /// The verdict on this loop of this node.
    pub(crate) fn status(&self) -> Status {
        match (self.is_ok, self.kind.is_essential()) {
            (true, _) => Status::Ok,
            (false, true) => Status::Crit,
            (false, false) => Status::Warn,
        }
    }
}

/// The verdict on one part of the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartVerdict {
    pub(crate) id: &'static str,
    pub(crate) status: Status,
    /// Names no node, task or error, since anyone may read it.
    pub(crate) summary: String,
    /// The node, task or error.
    pub(crate) detail: Option<String>,
}

impl PartVerdict {
    fn new(id: &'static str, status: Status, summary: String) -> Self {
        Self { id, status, summary, detail: None }
    }

    pub(crate) fn full_text(&self) -> String {
        let detail = self.detail.as_deref().map(|d| format!(", {d}"));
        format!("{}{}", self.summary, detail.unwrap_or_default())
    }
}

impl EngineProgress {
    /// The parts that run, that should run, and that are late; in a fixed order.
    pub(crate) fn verdicts(&self) -> Vec<PartVerdict> {
        if self.loops.is_empty() && self.has_upstream_workers {
            let summary = "Engine: not running; Ordinaut's workers run on this database".to_owned();
            return vec![PartVerdict::new("nodes", Status::Skipped, summary)];
        }
        let loops = EngineLoop::ALL.into_iter().filter_map(|kind| self.judge_loop(kind));
        loops.chain(self.judge_overdue()).chain(self.judge_outbox()).collect()
    }

    fn judge_loop(&self, kind: EngineLoop) -> Option<PartVerdict> {
        let verdict =
            |status, text: String| PartVerdict::new(kind.name(), status, format!("{}: {text}", kind.title()));
        let reports: Vec<&LoopReport> = self.loops.iter().filter(|l| l.kind == kind).collect();
        if reports.is_empty() {
            let needed_for = match kind {
                EngineLoop::Scheduler if self.has_schedules => "tasks are scheduled",
                EngineLoop::Lane if self.has_due_work => "work is due",
                EngineLoop::Lane if self.has_schedules => "tasks are scheduled",
                _ => return None,
            };
            return Some(verdict(Status::Crit, format!("no node runs it, and {needed_for}")));
        }
        let Some(failing) = reports.iter().find(|l| !l.is_ok) else {
            let newest = reports.iter().filter_map(|l| l.age_seconds).fold(f64::INFINITY, f64::min);
            let last = if newest.is_finite() {
                format!(", last success {} ago", duration(newest))
            } else {
                ", starting".to_owned()
            };
            return Some(verdict(Status::Ok, format!("running{last}")));
        };
        let is_everywhere = reports.iter().all(|l| !l.is_ok);
        let status = if is_everywhere { failing.status() } else { Status::Warn };
        let age = match failing.age_seconds {
            Some(age) => format!("no success for {}", duration(age)),
            None => "no success since its start".to_owned(),
        };
        let error = failing.error.as_deref().map(|e| format!(": {e}")).unwrap_or_default();
        let detail = Some(format!("{}{error}", failing.node));
        Some(PartVerdict { detail, ..verdict(status, age) })
    }

    fn judge_overdue(&self) -> Option<PartVerdict> {
        match self.overdue_seconds {
            // On hold nothing is due.
            Some(age) if !self.is_held => {
                let status = if age >= OVERDUE_CRIT_SECONDS { Status::Crit } else { Status::Warn };
                let number = count(self.overdue as f64);
                let summary = format!("Overdue schedules: {number}, oldest by {}", duration(age));
                let detail = self.overdue_title.clone();
                Some(PartVerdict { detail, ..PartVerdict::new("overdue", status, summary) })
            }
            _ if self.has_schedules => {
                Some(PartVerdict::new("overdue", Status::Ok, "Overdue schedules: 0".to_owned()))
            }
            _ => None,
        }
    }

    /// Without a relay, events stay in the database and nothing waits for them.
    fn judge_outbox(&self) -> Option<PartVerdict> {
        self.loops.iter().find(|l| l.kind == EngineLoop::Relay)?;
        let age = self.outbox_seconds.unwrap_or_default();
        let status = match age {
            age if age >= OUTBOX_CRIT_SECONDS => Status::Crit,
            age if age >= OUTBOX_WARN_SECONDS => Status::Warn,
            _ => Status::Ok,
        };
        let summary = match self.outbox {
            0 => "Event outbox: empty".to_owned(),
            n => format!("Event outbox: {} waiting for Redis, oldest for {}", count(n as f64), duration(age)),
        };
        Some(PartVerdict::new("outbox", status, summary))
    }
}

impl Store {
    pub(crate) async fn engine_progress(&self) -> Result<EngineProgress, StoreError> {
        self.one("engine/progress/state").await
    }

    /// Stores the reports of one node's loops.
    pub(crate) async fn report_progress(&self, node: &str, loops: &[LoopReport]) -> Result<(), StoreError> {
        let loops = serde_json::to_string(loops).map_err(|e| StoreError::bad_row("progress", e))?;
        let binds = binds([("node", node.to_owned()), ("loops", loops)]);
        self.write_any_text("engine/progress/report", &binds).await
    }

    /// Removes the reports of a node that stops.
    pub(crate) async fn leave_progress(&self, node: &str) -> Result<(), StoreError> {
        self.write("engine/progress/leave", &binds([("node", node.to_owned())])).await
    }
}
