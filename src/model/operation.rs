//! An operation: one run of an acting runbook or one change, as the journal recorded it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Reclaimed;
use crate::base::units;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(crate) id: Uuid,
    /// The runbook, such as `maintain/weekly`, or the command of a change, such as `task-pause`.
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) params: Map<String, Value>,
    /// The operating system's user who began it.
    pub(crate) user: String,
    pub(crate) host: String,
    #[serde(default)]
    pub(crate) reason: Option<String>,
    pub(crate) started_at: DateTime<Utc>,
    #[serde(default)]
    pub(crate) finished_at: Option<DateTime<Utc>>,
    pub(crate) outcome: OperationOutcome,
    #[serde(default)]
    pub(crate) steps: Vec<OperationStep>,
    /// The command that continues it; none if it is finished, runs, or was replaced by a later run.
    #[serde(default)]
    pub(crate) resume: Option<String>,
}

/// How an operation or a step of it ended, or that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OperationOutcome {
    Running,
    Done,
    Skipped,
    Failed,
    /// Stopped by a signal, or its process was killed.
    Interrupted,
}

impl OperationOutcome {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OperationStep {
    pub(crate) id: String,
    /// The tool or the command; empty in journals of releases that did not record it.
    #[serde(default)]
    pub(crate) uses: String,
    pub(crate) outcome: OperationOutcome,
    #[serde(default)]
    pub(crate) started_at: Option<DateTime<Utc>>,
    #[serde(default)]
    pub(crate) finished_at: Option<DateTime<Utc>>,
    /// What the report said about it; only on the host that ran it.
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) error: Option<String>,
    #[serde(default)]
    pub(crate) result: Value,
    /// The exact statements and calls; only in the database.
    #[serde(default)]
    pub(crate) calls: Vec<String>,
}

impl Operation {
    /// As a person types it: `maintain weekly`, `restart workers`, `task pause`, `run mine/cleanup`.
    pub(crate) fn command(&self) -> String {
        let own = self.name.strip_prefix("operate/").unwrap_or(&self.name);
        if own.contains('/') && !own.starts_with("maintain/") {
            return format!("run {own}");
        }
        own.replace(['/', '-'], " ")
    }

    /// The person behind it: whoever called sudo, or the user.
    pub(crate) fn person(&self) -> &str {
        let caller = self.user.split_once(" (sudo: ").and_then(|(_, rest)| rest.strip_suffix(')'));
        caller.unwrap_or(&self.user)
    }

    pub(crate) fn seconds(&self) -> Option<f64> {
        seconds(Some(self.started_at), self.finished_at)
    }

    /// What it changed, such as `37,720 rows deleted, 12 MiB freed`; empty if nothing is known.
    pub(crate) fn changed(&self) -> String {
        let ended = || self.steps.iter().filter(|s| s.outcome != OperationOutcome::Skipped && !s.looks());
        let reclaimed: Vec<Reclaimed> = ended().filter_map(|s| Reclaimed::of(&s.result)).collect();
        if !reclaimed.is_empty() {
            return reclaimed_text(reclaimed.into_iter().sum());
        }
        let done = ended().filter(|s| s.outcome == OperationOutcome::Done);
        let texts: Vec<String> = done.map(OperationStep::summary).filter(|t| !t.is_empty()).collect();
        texts.join("; ")
    }

    /// The first error, with its step.
    pub(crate) fn error(&self) -> Option<String> {
        let failed = self.steps.iter().find(|s| s.error.is_some())?;
        let error = failed.error.as_deref()?;
        // A change has one step, which is named as the command.
        Some(if failed.id == self.name { error.to_owned() } else { format!("{}: {error}", failed.id) })
    }

    /// The error, or what it changed, or where it stopped: one cell of a list.
    pub(crate) fn summary(&self) -> String {
        let stopped = || {
            let open = self.steps.iter().rfind(|s| s.outcome == OperationOutcome::Interrupted)?;
            Some(format!("stopped in step {}", open.id))
        };
        self.error().or_else(stopped).unwrap_or_else(|| self.changed())
    }
}

impl OperationStep {
    /// Whether it only reads.
    fn looks(&self) -> bool {
        self.uses.starts_with("check.") || self.uses.starts_with("measure.")
    }

    pub(crate) fn seconds(&self) -> Option<f64> {
        seconds(self.started_at, self.finished_at)
    }

    /// What it did: the report's words, or what its result tells.
    pub(crate) fn summary(&self) -> String {
        if !self.text.is_empty() {
            return self.text.clone();
        }
        if let Some(reclaimed) = Reclaimed::of(&self.result) {
            return reclaimed_text(reclaimed);
        }
        let text = |key: &str| self.result.get(key).and_then(Value::as_str);
        let number = |key: &str| self.result.get(key).and_then(Value::as_u64);
        if let (Some(service), Some(from), Some(to)) = (text("service"), number("from"), number("to")) {
            return format!("{service}: scaled from {from} to {to}");
        }
        for key in ["restarted", "started", "stopped"] {
            let names = self.result.get(key).and_then(Value::as_array);
            let names: Vec<&str> = names.into_iter().flatten().filter_map(Value::as_str).collect();
            if !names.is_empty() {
                return format!("{key} {}", names.join(", "));
            }
        }
        String::new()
    }
}

fn reclaimed_text(sum: Reclaimed) -> String {
    let rows = (sum.rows > 0).then(|| format!("{} deleted", units::counted(sum.rows as f64, "row")));
    let bytes = (sum.bytes > 0).then(|| format!("{} freed", units::bytes(sum.bytes as f64)));
    let parts: Vec<String> = [rows, bytes].into_iter().flatten().collect();
    if parts.is_empty() { "nothing to delete or free".to_owned() } else { parts.join(", ") }
}

fn seconds(from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> Option<f64> {
    Some((to? - from?).as_seconds_f64().max(0.0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn operation(steps: Value) -> Operation {
        let at = "2026-11-29T12:00:00Z";
        serde_json::from_value(json!({
            "id": Uuid::nil(), "name": "maintain/weekly", "user": "root", "host": "db1", "started_at": at,
            "outcome": "done", "steps": steps,
        }))
        .unwrap()
    }

    #[test]
    fn an_operation_tells_in_one_cell_what_it_changed() {
        let pruned = json!({ "reclaimed": { "rows": 37_720, "bytes": 0, "seconds": 1.5 } });
        let vacuumed = json!({ "reclaimed": { "rows": 0, "bytes": 12 << 20, "seconds": 1.5 } });
        let step = |id: &str, uses: &str, outcome: &str, result: Value| json!({ "id": id, "uses": uses, "outcome": outcome, "result": result });
        let weekly = operation(json!([
            step("sizes", "check.table_sizes", "done", json!({ "service": "x", "from": 1, "to": 2 })),
            step("runs", "postgres.prune", "done", pruned),
            step("task", "postgres.vacuum", "done", vacuumed),
        ]));
        assert_eq!(weekly.command(), "maintain weekly");
        assert_eq!(weekly.summary(), "37,720 rows deleted, 12.0 MiB freed");
        let scaled = json!({ "service": "worker", "from": 2, "to": 4 });
        let scale = operation(json!([step("scale", "service.scale", "done", scaled)]));
        assert_eq!(scale.summary(), "worker: scaled from 2 to 4");
        let failed =
            json!({ "id": "task", "uses": "postgres.vacuum", "outcome": "failed", "error": "no space" });
        assert_eq!(operation(json!([failed])).summary(), "task: no space");
        let open = step("task", "postgres.vacuum", "interrupted", Value::Null);
        assert_eq!(operation(json!([open])).summary(), "stopped in step task");
    }
}
