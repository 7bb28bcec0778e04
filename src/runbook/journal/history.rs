//! Past runs, read from the local journals.

use std::fs::{File, TryLockError};
use std::ops::RangeInclusive;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::file::{journals, records};
use super::{EndStatus, Record, RunStart};
use crate::model::Target;
use crate::model::operation::{Operation, OperationOutcome, OperationStep};

/// Which runs to read.
#[derive(Clone, Debug)]
pub(crate) struct HistoryFilter<'a> {
    pub(crate) target: &'a Target,
    pub(crate) since: Option<DateTime<Utc>>,
    pub(crate) ids: RangeInclusive<Uuid>,
    pub(crate) limit: usize,
}

/// The runs on a target, newest first. Reads no more journals than it needs.
pub(crate) fn past_runs(directory: &Path, filter: &HistoryFilter<'_>) -> anyhow::Result<Vec<Operation>> {
    let mut found: Vec<Operation> = Vec::new();
    let mut newer = Vec::new();
    for path in journals(directory)?.into_iter().rev() {
        let is_wanted = id_of(&path).is_some_and(|id| filter.ids.contains(&id));
        let Some((all, _)) = records(&path) else { continue };
        let Some((Record::Begin(begin), rest)) = all.split_first() else { continue };
        if !is_same_target(&begin.target, filter.target) {
            continue;
        }
        if filter.since.is_some_and(|since| begin.at < since) {
            break;
        }
        // An older run of a runbook cannot be resumed.
        let is_newest = !newer.contains(&begin.runbook);
        newer.push(begin.runbook.clone());
        if is_wanted {
            found.push(operation(begin, rest, is_newest, is_running(&path)));
            if found.len() == filter.limit {
                break;
            }
        }
    }
    Ok(found)
}

/// Whether runs on both are runs of one system.
pub(super) fn is_same_target(one: &Target, other: &Target) -> bool {
    one.environment == other.environment && one.database == other.database && one.docker == other.docker
}

/// The run's id, from the name of its journal.
fn id_of(path: &Path) -> Option<Uuid> {
    path.file_stem()?.to_str()?.rsplit('-').next()?.parse().ok()
}

/// Whether a process works on it: that process holds a lock on the journal.
fn is_running(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

fn operation(begin: &RunStart, records: &[Record], is_newest: bool, is_running: bool) -> Operation {
    let mut steps: Vec<(usize, OperationStep)> = Vec::new();
    let (mut last, mut ended) = (None, None);
    for record in records {
        match record {
            Record::Step { position, id, uses, at } => {
                last = Some(*at);
                // A resumed run repeats the step that did not end.
                steps.retain(|(at, _)| at != position);
                steps.push((*position, open_step(id, uses, *at)));
            }
            Record::Done { position, id, status, error, text, result, at } => {
                last = Some(*at);
                if steps.iter().all(|(at, _)| at != position) {
                    steps.push((*position, OperationStep { started_at: None, ..open_step(id, "", *at) }));
                }
                for (_, step) in steps.iter_mut().filter(|(at, _)| at == position) {
                    step.outcome = outcome(*status);
                    (step.error, step.text, step.result) = (error.clone(), text.clone(), result.clone());
                    step.finished_at = Some(*at);
                }
            }
            Record::End { status, at } => (last, ended) = (Some(*at), Some(*status)),
            Record::Begin(_) => {}
        }
    }
    steps.sort_by_key(|(position, _)| *position);
    let mut steps: Vec<OperationStep> = steps.into_iter().map(|(_, step)| step).collect();
    let how = ended_as(ended, &steps, is_running);
    if how != OperationOutcome::Running {
        let open = steps.iter_mut().filter(|s| s.outcome == OperationOutcome::Running);
        open.for_each(|step| step.outcome = OperationOutcome::Interrupted);
    }
    // A change has no steps to continue.
    let can_resume = is_newest && ended.is_none() && !is_running && !begin.steps.is_empty();
    Operation {
        id: begin.id,
        name: begin.runbook.clone(),
        params: begin.params.clone(),
        user: begin.user.clone(),
        host: begin.target.host.clone(),
        reason: begin.reason.clone(),
        started_at: begin.at,
        finished_at: last.filter(|_| how != OperationOutcome::Running),
        outcome: how,
        steps,
        resume: can_resume.then(|| format!("ordctl run {} --resume", begin.runbook)),
    }
}

fn open_step(id: &str, uses: &str, at: DateTime<Utc>) -> OperationStep {
    OperationStep {
        id: id.to_owned(),
        uses: uses.to_owned(),
        outcome: OperationOutcome::Running,
        started_at: Some(at),
        finished_at: None,
        text: String::new(),
        error: None,
        result: Value::Null,
        calls: Vec::new(),
    }
}

const fn outcome(status: EndStatus) -> OperationOutcome {
    match status {
        EndStatus::Done => OperationOutcome::Done,
        EndStatus::Skipped => OperationOutcome::Skipped,
        EndStatus::Failed => OperationOutcome::Failed,
        EndStatus::Interrupted | EndStatus::Superseded => OperationOutcome::Interrupted,
    }
}

/// The journal of a run that failed or was killed has no end; a later run may have added that it replaced it.
fn ended_as(ended: Option<EndStatus>, steps: &[OperationStep], is_running: bool) -> OperationOutcome {
    let has_failed = steps.iter().any(|s| s.outcome == OperationOutcome::Failed);
    match ended {
        None if is_running => OperationOutcome::Running,
        None | Some(EndStatus::Superseded) if has_failed => OperationOutcome::Failed,
        None => OperationOutcome::Interrupted,
        Some(status) => outcome(status),
    }
}
