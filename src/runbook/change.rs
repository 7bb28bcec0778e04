//! A single change, such as `hold` or `task pause`: planned, consented to and journaled as a runbook's
//! steps are.
//!
//! It takes no run lock: it is one atomic statement, and an operator must be able to put the engine on hold
//! while a long maintenance run works. It has nothing to resume, so its journal always gets an end.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::journal::{DatabaseJournal, EndStatus, FileJournal, RECORD_LIMIT, Record, RunStart, no_journal};
use super::sections::{plan_section, target};
use crate::base::cli_error::CliError;
use crate::base::layout::Layout;
use crate::clients::postgres::{ClientError, SYSTEM};
use crate::model::consent::{self, ConsentFlags, Consented, acting_user};
use crate::model::{Kind, Plan, PlannedStep, Prompt, Report};
use crate::pipeline::Executor;
use crate::store::{Store, StoreError};

/// What a change does, for its plan and its journal.
#[derive(Debug)]
pub(crate) struct Change {
    /// The command, such as `task pause`.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) steps: Vec<PlannedStep>,
    pub(crate) haste: Haste,
}

/// How a change deals with a database that does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Haste {
    /// The database records it after it is made, so that nothing comes before the change itself.
    Urgent,
    /// It fails within the limit of the command.
    Normal,
    /// Its statements take long by design.
    Patient,
}

impl Change {
    /// A change of one step.
    pub(crate) fn single(name: &'static str, title: String, calls: Vec<String>) -> Self {
        let step = PlannedStep::change(&name.replace(' ', "-"), title.clone(), name, calls);
        Self { name, title, steps: vec![step], haste: Haste::Normal }
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
    let haste = change.haste;
    let (name, target, verify) = (change.name.into(), target(executor), Vec::new());
    let plan = Plan { name, title: change.title, target, steps: change.steps, verify };
    let now = executor.ctx.clock.now();
    if dry_run {
        let started = now.with_timezone(&executor.ctx.settings.time_zone).fixed_offset();
        let sections = vec![plan_section(&plan, &[])];
        let summary = plan.summary();
        let report = Report::new(&plan.name, &plan.title, Kind::DryRun, plan.target, started, sections);
        let report = Report { plan_summary: summary, ..report };
        return Ok(Outcome::DryRun(Box::new(report)));
    }
    let consented = consent::ask(&plan, flags, prompt)?;
    let mut journal = ChangeJournal::begin(executor, &plan, &consented, now)?;
    if haste != Haste::Urgent {
        journal.begin_in_database().await;
    }
    let ctx = &executor.ctx;
    let answering = if haste == Haste::Patient { ctx.answering.of_action() } else { ctx.answering.clone() };
    let mut result = match journal.unreachable() {
        Some(error) => Err(error.fault()),
        None => answering.guard(&ctx.clients, SYSTEM, apply(&consented)).await,
    };
    if let Err(error) = &mut result
        && answering.is_silent(SYSTEM)
    {
        error.message.push_str("; the change may still take effect");
    }
    if haste == Haste::Urgent && result.is_ok() {
        journal.begin_in_database().await;
    }
    let warning = journal.end(result.as_ref().err(), ctx.clock.now()).await;
    result.map(|result| Outcome::Done { result, warning })
}

struct ChangeJournal {
    file: FileJournal,
    store: Option<Store>,
    /// None before the database has a record of the change.
    database: Option<DatabaseJournal>,
    limit: Option<Duration>,
    start: RunStart,
    uses: String,
    title: String,
    calls: Vec<String>,
}

impl ChangeJournal {
    fn begin(
        executor: &Executor,
        plan: &Plan,
        consented: &Consented,
        at: DateTime<Utc>,
    ) -> Result<Self, CliError> {
        let start = RunStart {
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
        let uses = plan.steps.first().map_or_else(String::new, |step| step.uses.clone());
        let record = Record::Step { position: 0, id: start.runbook.clone(), uses: uses.clone(), at };
        let directory = Layout::new(executor.ctx.settings.data_dir()).journals();
        let file = FileJournal::begin(&directory, start.clone())
            .and_then(|mut file| file.write(&record).map(|()| file))
            .map_err(no_journal)?;
        let store = executor.ctx.clients.postgres().ok();
        let store = store.map(|p| Store::new(p.clone(), executor.ctx.library.clone(), RECORD_LIMIT));
        let calls = plan.steps.iter().flat_map(|step| step.calls.clone()).collect();
        let limit = executor.ctx.answering.limit();
        Ok(Self { file, store, database: None, limit, start, uses, title: plan.title.clone(), calls })
    }

    async fn begin_in_database(&mut self) {
        let mut database = DatabaseJournal::begin(self.store.clone(), &self.start, self.limit).await;
        database.step(0, &self.start.runbook, &self.uses, &self.calls).await;
        self.database = Some(database);
    }

    /// Why the database did not record the begin: it did not answer, and the change would not reach it either.
    fn unreachable(&self) -> Option<ClientError> {
        match self.database.as_ref()?.failure.as_ref()? {
            StoreError::Client(error @ ClientError::Unreachable { .. }) => Some(error.clone()),
            _ => None,
        }
    }

    /// Records how the change ended. Its result is not recorded: it may be an API key.
    async fn end(&mut self, error: Option<&CliError>, at: DateTime<Utc>) -> Option<String> {
        let status = if error.is_none() { EndStatus::Done } else { EndStatus::Failed };
        let error = error.map(CliError::chain);
        let id = self.start.runbook.clone();
        let text = if error.is_none() { self.title.clone() } else { String::new() };
        let done =
            Record::Done { position: 0, id, status, error: error.clone(), text, result: Value::Null, at };
        let written = [done, Record::End { status, at }].iter().try_for_each(|r| self.file.write(r));
        if self.database.as_ref().is_some_and(DatabaseJournal::is_absent) {
            // The change may have created the tables: `migrate` did.
            self.begin_in_database().await;
        }
        if let Some(database) = &mut self.database {
            database.done(0, status, error.as_deref(), &json!(null).to_string()).await;
            database.end(status).await;
        }
        if let Err(e) = written {
            return Some(format!("cannot record the end in {}: {e:#}", self.file.path().display()));
        }
        let database = self.database.as_ref().filter(|database| !database.is_absent())?;
        let failure = database.failure.as_ref()?;
        Some(format!("recorded only in {}, not in the database: {failure}", self.file.path().display()))
    }
}
