//! Opens the journal of a run: a new one, or that of the run that `--resume` continues.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{DatabaseJournal, EndStatus, FileJournal, JournalGate, PastRun, Record, RunStart, unfinished};
use crate::base::cli_error::CliError;
use crate::base::layout::{Layout, fingerprint};
use crate::base::shell;
use crate::model::{Consented, Plan, acting_user};
use crate::runbook::Choice;
use crate::runbook::run::Run;
use crate::store::Store;

/// The limit for one record in the database.
pub(crate) const RECORD_LIMIT: Duration = Duration::from_secs(5);

/// Nothing changes that cannot be recorded.
pub(crate) fn no_journal(error: anyhow::Error) -> CliError {
    CliError::refused("cannot write the journal, and nothing is done without one")
        .because(error)
        .hint("free disk space, or name another directory with --data-dir or $ORDCTL_DATA_DIR")
}

impl Run<'_> {
    /// The unfinished run that `--resume` continues.
    pub(in crate::runbook) fn past(&mut self) -> Result<Option<PastRun>, CliError> {
        if !self.request.resume {
            return Ok(None);
        }
        let name = &self.request.runbook.name;
        let past = unfinished(&self.journals(), name, &self.target)
            .map_err(|e| CliError::refused("cannot read the journal").because(e))?;
        let Some(past) = past else {
            return Err(CliError::refused(format!("no unfinished run of {name} on this target"))
                .hint(shell::run(name, "")));
        };
        if past.begin.steps != self.steps_fingerprint() {
            return Err(CliError::refused(format!(
                "the steps of {name} have changed since the unfinished run began"
            ))
            .hint(shell::run(name, "")));
        }
        if past.begin.params != self.params {
            if !self.request.params.is_empty() {
                return Err(CliError::refused("the unfinished run has other parameters")
                    .hint("leave out -p; a resumed run keeps its parameters"));
            }
            self.params.clone_from(&past.begin.params);
            self.scope.set("params", Value::Object(self.params.clone()));
        }
        if self.choice.is_everything() {
            self.choice = Choice { only: past.begin.only.clone(), skip: past.begin.skip.clone() };
        }
        Ok(Some(past))
    }

    pub(in crate::runbook) async fn open_journal(
        &mut self,
        past: Option<PastRun>,
        done: BTreeMap<usize, Value>,
        plan: Plan,
        consented: Consented,
    ) -> Result<JournalGate, CliError> {
        let directory = self.journals();
        let mut superseded = None;
        let now = self.start(&consented);
        let (file, begin) = match past {
            // The local journal keeps who began the run; the audit log names who continues it.
            Some(past) => {
                let file = FileJournal::reopen(&past).map_err(no_journal)?;
                (file, RunStart { user: now.user, reason: now.reason, ..past.begin })
            }
            None => {
                let name = &self.request.runbook.name;
                if let Some(old) = unfinished(&directory, name, &self.target).map_err(no_journal)? {
                    let at = self.executor.ctx.clock.now();
                    let end = Record::End { status: EndStatus::Superseded, at };
                    FileJournal::reopen(&old).and_then(|mut f| f.write(&end)).map_err(no_journal)?;
                    superseded = Some(old.begin.id);
                }
                (FileJournal::begin(&directory, now.clone()).map_err(no_journal)?, now)
            }
        };
        let store =
            self.executor.ctx.clients.postgres().ok().map(|postgres| {
                Store::new(postgres.clone(), self.executor.ctx.library.clone(), RECORD_LIMIT)
            });
        let mut database = DatabaseJournal::begin(store, &begin, self.executor.ctx.answering.limit()).await;
        if let Some(old) = superseded {
            database.supersede(old).await;
        }
        Ok(JournalGate {
            file,
            database,
            done,
            choice: self.choice.clone(),
            plan,
            consented,
            unplanned: std::mem::take(&mut self.unplanned),
            clock: self.executor.ctx.clock,
        })
    }

    fn start(&self, consented: &Consented) -> RunStart {
        RunStart {
            id: Uuid::now_v7(),
            runbook: self.request.runbook.name.clone(),
            steps: self.steps_fingerprint(),
            params: self.params.clone(),
            only: self.choice.only.clone(),
            skip: self.choice.skip.clone(),
            target: self.target.clone(),
            user: acting_user(),
            reason: consented.reason().map(str::to_owned),
            at: self.executor.ctx.clock.now(),
        }
    }

    fn journals(&self) -> PathBuf {
        Layout::new(self.executor.ctx.settings.data_dir()).journals()
    }

    /// A fingerprint of the steps: a run resumes only with the steps that it began with.
    fn steps_fingerprint(&self) -> String {
        let text = json!(self.request.runbook.steps).to_string();
        format!("{:016x}", fingerprint(text.as_bytes()))
    }
}
