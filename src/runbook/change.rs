//! A single change, such as `hold` or `task pause`: planned, consented to and journaled as a runbook's
//! steps are.
//!
//! It takes no run lock: it is one atomic statement, and an operator must be able to put the engine on hold
//! while a long maintenance run works. It has nothing to resume, so its journal always gets an end.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::journal::{DatabaseJournal, EndStatus, FileJournal, RECORD_LIMIT, Record, RunStart, no_journal};
use super::sections::{plan_section, target};
use crate::base::cli_error::CliError;
use crate::base::layout::Layout;
use crate::model::consent::{self, ConsentFlags, Consented, acting_user};
use crate::model::{Kind, Plan, PlannedStep, Prompt, Report};
use crate::pipeline::Executor;
use crate::store::Store;

/// What a change does, for its plan and its journal.
#[derive(Debug)]
pub(crate) struct Change {
    /// The command, such as `task pause`.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) steps: Vec<PlannedStep>,
}

impl Change {
    /// A change of one step.
    pub(crate) fn single(name: &'static str, title: String, calls: Vec<String>) -> Self {
        let step = PlannedStep::change(&name.replace(' ', "-"), title.clone(), name, calls);
        Self { name, title, steps: vec![step] }
    }
}

/// The outcome of a change.
#[derive(Debug)]
pub(crate) enum Outcome<T> {
    DryRun(Box<Report>),
    Done {
        result: T,
        /// Why the database did not record it beside the local journal.
        warning: Option<String>,
    },
}

/// Asks for consent, records the change, and calls `apply`.
pub(crate) async fn change<T>(
    executor: &Executor,
    change: Change,
    flags: &ConsentFlags,
    dry_run: bool,
    prompt: &dyn Prompt,
    apply: impl AsyncFnOnce(&Consented) -> Result<T, CliError>,
) -> Result<Outcome<T>, CliError> {
    let plan =
        Plan { name: change.name.into(), title: change.title, target: target(executor), steps: change.steps };
    let now = executor.ctx.clock.now();
    if dry_run {
        let started = now.with_timezone(&executor.ctx.settings.time_zone).fixed_offset();
        let sections = vec![plan_section(&plan, &[])];
        let report = Report::new(&plan.name, &plan.title, Kind::DryRun, plan.target, started, sections);
        return Ok(Outcome::DryRun(Box::new(report)));
    }
    let consented = consent::ask(&plan, flags, prompt)?;
    let mut journal = ChangeJournal::begin(executor, &plan, &consented, now).await?;
    let result = apply(&consented).await;
    let warning = journal.end(result.as_ref().err(), executor.ctx.clock.now()).await;
    result.map(|result| Outcome::Done { result, warning })
}

struct ChangeJournal {
    file: FileJournal,
    database: DatabaseJournal,
    store: Option<Store>,
    begin: RunStart,
    /// The first step of the plan, with the calls of all.
    step: PlannedStep,
}

impl ChangeJournal {
    async fn begin(
        executor: &Executor,
        plan: &Plan,
        consented: &Consented,
        at: DateTime<Utc>,
    ) -> Result<Self, CliError> {
        let begin = RunStart {
            id: Uuid::now_v7(),
            runbook: plan.name.replace(' ', "-"),
            steps: String::new(),
            params: Map::new(),
            only: Vec::new(),
            skip: Vec::new(),
            target: plan.target.clone(),
            user: acting_user(),
            reason: consented.reason().map(str::to_owned),
            at,
        };
        let directory = Layout::new(executor.ctx.settings.data_dir()).journals();
        let record = Record::Step { position: 0, id: begin.runbook.clone(), at };
        let file = FileJournal::begin(&directory, begin.clone())
            .and_then(|mut file| file.write(&record).map(|()| file))
            .map_err(no_journal)?;
        let store = executor.ctx.clients.postgres().ok();
        let store = store.map(|p| Store::new(p.clone(), executor.ctx.library.clone(), RECORD_LIMIT));
        let uses = plan.steps.first().map_or("", |s| &s.uses);
        let calls = plan.steps.iter().flat_map(|s| s.calls.clone()).collect();
        let step = PlannedStep::change(&begin.runbook, plan.title.clone(), uses, calls);
        let database = begin_in_database(store.clone(), &begin, &step).await;
        Ok(Self { file, database, store, begin, step })
    }

    /// Records how the change ended. Its result is not recorded: it may be an API key.
    async fn end(&mut self, error: Option<&CliError>, at: DateTime<Utc>) -> Option<String> {
        let status = if error.is_none() { EndStatus::Done } else { EndStatus::Failed };
        let error = error.map(CliError::chain);
        let id = self.begin.runbook.clone();
        let done = Record::Done { position: 0, id, status, error: error.clone(), result: Value::Null, at };
        let written = [done, Record::End { status, at }].iter().try_for_each(|r| self.file.write(r));
        if self.database.is_absent() {
            // The change may have created the tables: `migrate` did.
            self.database = begin_in_database(self.store.take(), &self.begin, &self.step).await;
        }
        self.database.done(0, status, error.as_deref(), &json!(null).to_string()).await;
        self.database.end(status).await;
        if let Err(e) = written {
            return Some(format!("cannot record the end in {}: {e:#}", self.file.path().display()));
        }
        let failure = self.database.failure.as_ref().filter(|_| !self.database.is_absent())?;
        Some(format!("recorded only in {}, not in the database: {failure}", self.file.path().display()))
    }
}

async fn begin_in_database(store: Option<Store>, begin: &RunStart, step: &PlannedStep) -> DatabaseJournal {
    let mut database = DatabaseJournal::begin(store, begin).await;
    database.step(0, &step.id, &step.uses, &step.calls).await;
    database
}
