//! Acting: the recorder that stands between the steps and writes the journal.

use std::collections::BTreeMap;

use anyhow::Context;
use async_trait::async_trait;
use serde_json::Value;

use super::Choice;
use super::journal::{DatabaseJournal, Ended, FileJournal, Record};
use crate::base::clock::Clock;
use crate::model::{Consented, Plan, Step};
use crate::pipeline::{Gate, Pass, State, StepOutcome, ToolError};

/// Chooses which steps run, and records each before and after.
pub(crate) struct Recorder {
    pub(crate) file: FileJournal,
    pub(crate) database: DatabaseJournal,
    /// Results of steps that an earlier run finished.
    pub(crate) done: BTreeMap<usize, Value>,
    pub(crate) choice: Choice,
    /// The plan that was consented to.
    pub(crate) plan: Plan,
    pub(crate) consented: Consented,
    /// Optional steps that could not be planned, by position.
    pub(crate) unplanned: BTreeMap<usize, ToolError>,
    pub(crate) clock: Clock,
}

impl Recorder {
    /// Records how the run ended. A run that failed or was interrupted has no end: it can be
    /// resumed.
    pub(crate) async fn end(&mut self, status: Ended) -> anyhow::Result<()> {
        if status == Ended::Done {
            self.file.write(&Record::End { status, at: self.clock.now() })?;
        }
        self.database.end(status).await;
        Ok(())
    }
}

/// What the plan left out stays out: nobody has consented to it, though its condition may hold by now.
fn left_out(plan: &Plan, position: usize) -> Option<String> {
    plan.steps.get(position).and_then(|s| s.left_out.clone())
}

/// Lets pass what a plan that changes nothing would run; there is nothing to record.
pub(crate) struct AsPlanned<'a>(pub(crate) &'a Plan);

#[async_trait]
impl Gate for AsPlanned<'_> {
    async fn before(&mut self, position: usize, _: &Step) -> anyhow::Result<Pass> {
        Ok(left_out(self.0, position).map_or(Pass::Run(None), Pass::LeaveOut))
    }

    async fn after(&mut self, _: usize, _: &StepOutcome) -> anyhow::Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Gate for Recorder {
    async fn before(&mut self, position: usize, step: &Step) -> anyhow::Result<Pass> {
        if let Some(result) = self.done.get(&position) {
            // The run that did it may have been killed before the database heard of its end.
            self.database.done(position, Ended::Done, None, &result.to_string()).await;
            return Ok(Pass::Done(result.clone()));
        }
        let chosen_off = self.choice.leaves_out(&[step.name()]);
        if let Some(reason) = chosen_off.or_else(|| left_out(&self.plan, position)) {
            return Ok(Pass::LeaveOut(reason));
        }
        if let Some(error) = self.unplanned.remove(&position) {
            return Ok(Pass::Fail(error));
        }
        let record = Record::Step { position, id: step.name().to_owned(), at: self.clock.now() };
        self.file.write(&record).with_context(|| format!("cannot write {}", self.file.path().display()))?;
        let calls = self.plan.steps.get(position).map(|s| s.calls.as_slice()).unwrap_or_default();
        self.database.step(position, step.name(), &step.uses, calls).await;
        let planned = self.plan.steps.get(position).filter(|s| s.depends.is_none());
        Ok(Pass::Run(Some(self.consented.for_calls(planned.map(|s| s.calls.as_slice().into())))))
    }

    async fn after(&mut self, position: usize, outcome: &StepOutcome) -> anyhow::Result<()> {
        let status = match outcome.state {
            State::Done => Ended::Done,
            State::Skipped => Ended::Skipped,
            State::Interrupted => Ended::Interrupted,
            State::Failed | State::Refused | State::NotReached => Ended::Failed,
        };
        let result = outcome.result.clone().unwrap_or(Value::Null);
        let text = result.to_string();
        let record = Record::Done {
            position,
            id: outcome.id.clone(),
            status,
            error: outcome.error.clone(),
            result,
            at: self.clock.now(),
        };
        self.file.write(&record).with_context(|| format!("cannot write {}", self.file.path().display()))?;
        self.database.done(position, status, outcome.error.as_deref(), &text).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Effect, PlannedStep, Target};

    #[tokio::test]
    async fn what_the_plan_left_out_does_not_run_though_its_condition_may_hold_by_now() {
        let step = |left_out: Option<&str>| PlannedStep {
            id: "scale".into(),
            title: "Scale".into(),
            uses: "service.scale".into(),
            effect: Effect::Change,
            calls: vec![],
            left_out: left_out.map(str::to_owned),
            depends: None,
            found: vec![],
        };
        let steps = vec![step(Some("its condition does not hold")), step(None)];
        let plan = Plan { name: "r".into(), title: "r".into(), target: Target::default(), steps };
        let written: Step = serde_json::from_value(serde_json::json!({ "uses": "service.scale" })).unwrap();
        let mut gate = AsPlanned(&plan);
        assert!(matches!(gate.before(0, &written).await.unwrap(), Pass::LeaveOut(_)));
        assert!(matches!(gate.before(1, &written).await.unwrap(), Pass::Run(None)));
        let dir = tempfile::tempdir().unwrap();
        let begin = super::super::journal::Begin {
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
        let mut recorder = Recorder {
            file: FileJournal::begin(dir.path(), begin.clone()).unwrap(),
            database: DatabaseJournal::begin(None, &begin).await,
            done: BTreeMap::new(),
            choice: Choice::default(),
            plan: plan.clone(),
            consented: Consented::from_configuration("a test"),
            unplanned: BTreeMap::new(),
            clock: Clock::System,
        };
        assert!(matches!(recorder.before(0, &written).await.unwrap(), Pass::LeaveOut(_)));
        assert!(matches!(recorder.before(1, &written).await.unwrap(), Pass::Run(Some(_))));
    }
}
