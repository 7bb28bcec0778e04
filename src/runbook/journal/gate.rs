//! The gates between the steps of a runbook that acts.

use std::collections::BTreeMap;

use anyhow::Context;
use async_trait::async_trait;
use serde_json::Value;

use super::{DatabaseJournal, EndStatus, FileJournal, Record};
use crate::base::clock::Clock;
use crate::model::{Consented, Plan, Step};
use crate::pipeline::{Decision, State, StepGate, StepOutcome, ToolError};
use crate::runbook::Choice;

/// Runs the steps that were consented to and records each before and after.
pub(crate) struct JournalGate {
    pub(crate) file: FileJournal,
    pub(crate) database: DatabaseJournal,
    /// Results of the steps that an earlier run finished, by position.
    pub(crate) done: BTreeMap<usize, Value>,
    pub(crate) choice: Choice,
    /// The plan that was consented to.
    pub(crate) plan: Plan,
    pub(crate) consented: Consented,
    /// Why optional steps could not be planned, by position.
    pub(crate) unplanned: BTreeMap<usize, ToolError>,
    pub(crate) clock: Clock,
}

impl JournalGate {
    /// Records how the run ended. The local journal of a run that failed or was interrupted stays open, so
    /// that it can be resumed.
    pub(crate) async fn end(&mut self, status: EndStatus) -> anyhow::Result<()> {
        if status == EndStatus::Done {
            self.file.write(&Record::End { status, at: self.clock.now() })?;
        }
        self.database.end(status).await;
        Ok(())
    }
}

/// How many findings of a step its record keeps, and how many characters of each.
const TEXTS: usize = 3;
const TEXT_MAX: usize = 300;

/// What the report says about a step; the error of a failed one is recorded beside it.
fn report_text(outcome: &StepOutcome) -> String {
    if outcome.state != State::Done {
        return String::new();
    }
    let beginning = |text: &str| text.chars().take(TEXT_MAX).collect::<String>();
    let texts: Vec<String> = outcome.findings.iter().take(TEXTS).map(|f| beginning(&f.summary)).collect();
    texts.join("; ")
}

/// A step that the plan left out does not run even if its condition is true now: the consent does not cover it.
fn left_out(plan: &Plan, position: usize) -> Option<String> {
    plan.steps.get(position).and_then(|s| s.left_out.clone())
}

/// Runs the steps of a plan that changes nothing; there is nothing to record.
pub(crate) struct PlanGate<'a>(pub(crate) &'a Plan);

#[async_trait]
impl StepGate for PlanGate<'_> {
    async fn before(&mut self, position: usize, _: &Step) -> anyhow::Result<Decision> {
        Ok(left_out(self.0, position).map_or(Decision::Run(None), Decision::Skip))
    }

    async fn after(&mut self, _: usize, _: &StepOutcome) -> anyhow::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl StepGate for JournalGate {
    async fn before(&mut self, position: usize, step: &Step) -> anyhow::Result<Decision> {
        if let Some(result) = self.done.get(&position) {
            // The earlier run may have been killed before it recorded this in the database.
            self.database.done(position, EndStatus::Done, None, &result.to_string()).await;
            return Ok(Decision::AlreadyDone(result.clone()));
        }
        let chosen_off = self.choice.skip_reason(&[step.name()]);
        if let Some(reason) = chosen_off.or_else(|| left_out(&self.plan, position)) {
            return Ok(Decision::Skip(reason));
        }
        if let Some(error) = self.unplanned.remove(&position) {
            return Ok(Decision::Fail(error));
        }
        let (id, uses) = (step.name().to_owned(), step.uses.clone());
        let record = Record::Step { position, id, uses, at: self.clock.now() };
        self.file
            .write(&record)
            .with_context(|| format!("cannot write the journal {}", self.file.path().display()))?;
        let calls = self.plan.steps.get(position).map(|s| s.calls.as_slice()).unwrap_or_default();
        self.database.step(position, step.name(), &step.uses, calls).await;
        let planned = self.plan.steps.get(position).filter(|s| s.depends.is_none());
        Ok(Decision::Run(Some(self.consented.for_calls(planned.map(|s| s.calls.as_slice())))))
    }

    async fn after(&mut self, position: usize, outcome: &StepOutcome) -> anyhow::Result<()> {
        let status = match outcome.state {
            State::Done => EndStatus::Done,
            State::Skipped => EndStatus::Skipped,
            State::Interrupted => EndStatus::Interrupted,
            State::Failed | State::Refused | State::NotReached => EndStatus::Failed,
        };
        let result = outcome.result.as_deref().cloned().unwrap_or(Value::Null);
        let text = result.to_string();
        let record = Record::Done {
            position,
            id: outcome.id.clone(),
            status,
            error: outcome.error.clone(),
            text: report_text(outcome),
            result,
            at: self.clock.now(),
        };
        self.file
            .write(&record)
            .with_context(|| format!("cannot write the journal {}", self.file.path().display()))?;
        self.database.done(position, status, outcome.error.as_deref(), &text).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PlannedStep, Target};

    #[tokio::test]
    async fn a_step_that_the_plan_left_out_does_not_run() {
        let step = |left_out: Option<&str>| PlannedStep {
            left_out: left_out.map(str::to_owned),
            ..PlannedStep::change("scale", "Scale", "service.scale", vec![])
        };
        let steps = vec![step(Some("condition is false")), step(None)];
        let target = Target::default();
        let plan = Plan { name: "r".into(), title: "r".into(), target, steps, verify: vec![] };
        let written: Step = serde_json::from_value(serde_json::json!({ "uses": "service.scale" })).unwrap();
        let mut gate = PlanGate(&plan);
        assert!(matches!(gate.before(0, &written).await.unwrap(), Decision::Skip(_)));
        assert!(matches!(gate.before(1, &written).await.unwrap(), Decision::Run(None)));
        let dir = tempfile::tempdir().unwrap();
        let begin = super::super::RunStart {
            id: uuid::Uuid::now_v7(),
            runbook: "r".into(),
            steps: "f".into(),
            params: serde_json::Map::new(),
            only: vec![],
            skip: vec![],
            target: Target::default(),
            user: "u".into(),
            reason: None,
            at: chrono::Utc::now(),
        };
        let mut recorder = JournalGate {
            file: FileJournal::begin(dir.path(), begin.clone()).unwrap(),
            database: DatabaseJournal::begin(None, &begin, None).await,
            done: BTreeMap::new(),
            choice: Choice::default(),
            plan: plan.clone(),
            consented: Consented::from_configuration("a test"),
            unplanned: BTreeMap::new(),
            clock: Clock::System,
        };
        assert!(matches!(recorder.before(0, &written).await.unwrap(), Decision::Skip(_)));
        assert!(matches!(recorder.before(1, &written).await.unwrap(), Decision::Run(Some(_))));
    }
}
