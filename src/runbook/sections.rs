//! Converts outcomes and plans to report sections, and names the report's target.

use serde_json::{Map, Value, json};

use super::journal::EndStatus;
use super::plan::Obstacle;
use crate::base::units;
use crate::model::{Effect, Finding, PLAN, Plan, Reclaimed, ReportSection, Runbook, Status, Target};
use crate::pipeline::{Executor, State, StepOutcome};

/// The system that this executor works on.
pub(crate) fn target(executor: &Executor) -> Target {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Target {
        environment: executor.ctx.settings.environment.clone(),
        host,
        database: executor.ctx.clients.postgres().ok().map(|p| p.target()),
        docker: executor.ctx.clients.platform().ok().map(|platform| {
            let address = platform.address();
            platform.project().map_or_else(|| address.to_owned(), |p| format!("{address}, project {p}"))
        }),
        discovered: executor.ctx.settings.discovered,
    }
}

pub(crate) fn ended(outcomes: &[StepOutcome]) -> EndStatus {
    match outcomes.iter().find(|o| !matches!(o.state, State::Done | State::Skipped)) {
        None => EndStatus::Done,
        Some(o) if o.state == State::Interrupted => EndStatus::Interrupted,
        Some(_) => EndStatus::Failed,
    }
}

/// Whether a failed precondition ended the run before anything changed: a step was refused, and no step
/// changed or may have changed anything.
pub(crate) fn refused(outcomes: &[StepOutcome], plan: &Plan) -> bool {
    let looked = |position: usize| plan.steps.get(position).is_some_and(|s| s.effect == Effect::Look);
    outcomes.iter().any(|o| o.state == State::Refused)
        && outcomes.iter().enumerate().all(|(position, o)| match o.state {
            State::Refused | State::Skipped | State::NotReached => true,
            State::Done => looked(position),
            State::Failed | State::Interrupted => false,
        })
}

/// The findings of some steps. Their ids start with the section's id.
pub(crate) fn section(
    runbook: &Runbook,
    id: &str,
    title: &str,
    outcomes: impl Iterator<Item = StepOutcome>,
) -> ReportSection {
    let mut findings = Vec::new();
    for outcome in outcomes {
        let mut steps = runbook.all_steps().filter(|_| runbook.headings).map(|(_, step)| step);
        let heading = steps.find(|step| step.name() == outcome.id).map(|step| step.title().to_owned());
        findings.extend(outcome.findings.into_iter().map(|mut f| {
            f.id = format!("{id}.{}", f.id);
            f.heading.clone_from(&heading);
            f
        }));
    }
    ReportSection::new(id, title, findings)
}

/// The sum that all steps reclaimed, including those that an earlier run finished.
pub(crate) fn reclaimed(outcomes: &[StepOutcome]) -> Option<ReportSection> {
    let of = |o: &StepOutcome| Some((o.id.clone(), o.reclaimed?));
    let steps: Vec<(String, Reclaimed)> = outcomes.iter().filter_map(of).collect();
    let sum: Reclaimed = steps.iter().map(|(_, gain)| *gain).sum();
    let summary = format!(
        "Reclaimed: {} rows deleted, {} freed, in {}",
        units::count(sum.rows as f64),
        units::bytes(sum.bytes as f64),
        units::duration(sum.seconds)
    );
    let by_step: Map<String, Value> = steps.iter().map(|(id, gain)| (id.clone(), json!(gain))).collect();
    let details = json!({ "rows": sum.rows, "bytes": sum.bytes, "seconds": sum.seconds, "steps": by_step });
    let finding = Finding::new("reclaimed", "ordctl", Status::Ok, summary).details(details);
    (!steps.is_empty()).then(|| ReportSection::new("reclaimed", "Reclaimed", vec![finding]))
}

/// The plan as findings: a step that would run is `ok`, one that could not is `crit`.
pub(crate) fn plan_section(plan: &Plan, obstacles: &[Obstacle]) -> ReportSection {
    let mut findings = Vec::new();
    for (position, step) in plan.steps.iter().enumerate() {
        let obstacle = obstacles.iter().find(|o| o.position == position);
        let status = match (obstacle, &step.left_out) {
            (Some(o), _) if o.optional => Status::Warn,
            (Some(_), _) => Status::Crit,
            (None, Some(_)) => Status::Skipped,
            (None, None) => Status::Ok,
        };
        let mut details =
            json!({ "title": step.title, "uses": step.uses, "effect": step.effect, "calls": step.calls });
        if let Some(deletes) = &step.deletes {
            details["deletes"] = json!(deletes);
        }
        if step.idle {
            details["idle"] = json!(true);
        }
        let id = format!("plan.{}", step.id);
        let finding = Finding::new(&id, "ordctl", status, step.line()).details(details);
        findings.push(match obstacle.and_then(|o| o.error.hint()) {
            Some(hint) => finding.hint(hint),
            None => finding,
        });
    }
    ReportSection::new(PLAN, "Plan (nothing was changed)", findings)
}
