//! Outcomes and plans as sections of a report, and the system that the report is about.

use serde_json::{Map, Value, json};

use super::journal::Ended;
use super::plan::Obstacle;
use crate::base::units;
use crate::model::{Effect, Finding, Plan, Reclaimed, ReportSection, Status, Target};
use crate::pipeline::{State, StepOutcome, World};

/// The system that a world works on.
pub(crate) fn target(world: &World) -> Target {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Target {
        environment: world.ctx.settings.environment.clone(),
        host,
        database: world.ctx.clients.postgres().ok().map(|p| p.target()),
        docker: world.ctx.clients.platform().ok().map(|platform| {
            let address = platform.address();
            platform.project().map_or_else(|| address.to_owned(), |p| format!("{address}, project {p}"))
        }),
    }
}

/// How a run ended, by the outcomes of its steps.
pub(crate) fn ended(outcomes: &[StepOutcome]) -> Ended {
    match outcomes.iter().find(|o| !matches!(o.state, State::Done | State::Skipped)) {
        None => Ended::Done,
        Some(o) if o.state == State::Interrupted => Ended::Interrupted,
        Some(_) => Ended::Failed,
    }
}

/// Whether a run came to nothing because a precondition did not hold: a step was refused, and none has
/// changed anything, nor may have.
pub(crate) fn refused(outcomes: &[StepOutcome], plan: &Plan) -> bool {
    let looked = |position: usize| plan.steps.get(position).is_some_and(|s| s.effect == Effect::Look);
    outcomes.iter().any(|o| o.state == State::Refused)
        && outcomes.iter().enumerate().all(|(position, o)| match o.state {
            State::Refused | State::Skipped | State::NotReached => true,
            State::Done => looked(position),
            State::Failed | State::Interrupted => false,
        })
}

/// The findings of some steps under one title; their ids begin with the section's.
pub(crate) fn section(id: &str, title: &str, outcomes: impl Iterator<Item = StepOutcome>) -> ReportSection {
    let mut findings = Vec::new();
    for outcome in outcomes {
        findings.extend(outcome.findings.into_iter().map(|mut f| {
            f.id = format!("{id}.{}", f.id);
            f
        }));
    }
    ReportSection::new(id, title, findings)
}

/// What was reclaimed over all steps, also by those that an earlier run finished; none when no step
/// gains anything.
pub(crate) fn reclaimed(outcomes: &[StepOutcome]) -> Option<ReportSection> {
    let of = |o: &StepOutcome| Some((o.id.clone(), Reclaimed::of(o.result.as_ref()?)?));
    let steps: Vec<(String, Reclaimed)> = outcomes.iter().filter_map(of).collect();
    let sum: Reclaimed = steps.iter().map(|(_, gain)| *gain).sum();
    let summary = format!(
        "{} rows deleted, {} given back, in {} of work",
        units::count(sum.rows as f64),
        units::bytes(sum.bytes as f64),
        units::duration(sum.seconds)
    );
    let by_step: Map<String, Value> = steps.iter().map(|(id, gain)| (id.clone(), json!(gain))).collect();
    let details = json!({ "rows": sum.rows, "bytes": sum.bytes, "seconds": sum.seconds, "steps": by_step });
    let finding = Finding::new("reclaimed", "ordctl", Status::Ok, summary).details(details);
    (!steps.is_empty()).then(|| ReportSection::new("reclaimed", "Reclaimed", vec![finding]))
}

/// The plan as findings: what would be done is `ok`, what stands in the way is `crit`.
pub(crate) fn plan_section(plan: &Plan, obstacles: &[Obstacle]) -> ReportSection {
    let mut findings = Vec::new();
    for (position, step) in plan.steps.iter().enumerate() {
        let obstacle = obstacles.iter().find(|o| o.position == position);
        let (status, what) = match (obstacle, &step.left_out, &step.depends) {
            (Some(o), _, _) if o.optional => {
                (Status::Warn, format!("could not run, the others would all the same: {}", o.error))
            }
            (Some(o), _, _) => (Status::Crit, format!("could not run: {}", o.error)),
            (None, Some(reason), _) => (Status::Skipped, reason.clone()),
            (None, None, Some(depends)) => (Status::Ok, format!("would run; what it does {depends}")),
            (None, None, None) if !step.found.is_empty() => (Status::Ok, step.found.join("; ")),
            (None, None, None) if step.effect == Effect::Look => (Status::Ok, "would look".to_owned()),
            (None, None, None) if step.calls.is_empty() => (Status::Ok, "nothing to do".to_owned()),
            (None, None, None) => (Status::Ok, format!("would run: {}", step.calls.join("; "))),
        };
        let finding =
            Finding::new(&format!("plan.{}", step.id), "ordctl", status, format!("{}: {what}", step.title))
                .details(json!({ "uses": step.uses, "effect": step.effect, "calls": step.calls }));
        findings.push(match obstacle.and_then(|o| o.error.hint()) {
            Some(hint) => finding.hint(hint),
            None => finding,
        });
    }
    ReportSection::new("plan", "Plan (nothing was changed)", findings)
}
