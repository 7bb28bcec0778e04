//! What a run has to do with the journal: the one that it goes on with, and the one that it writes.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::act::Recorder;
use super::super::journal::{Begin, DatabaseJournal, Ended, FileJournal, Past, Record, unfinished};
use super::{Choice, Run};
use crate::base::cli_error::CliError;
use crate::base::layout::{Layout, fingerprint};
use crate::model::{Consented, Plan, acting_user};
use crate::store::Store;

/// How long the database may take to record a step; the local journal does not wait for it.
pub(crate) const RECORD_LIMIT: Duration = Duration::from_secs(5);

/// Nothing changes that cannot be recorded.
pub(crate) fn no_journal(error: anyhow::Error) -> CliError {
    CliError::refused("cannot write the journal, and nothing is done without one")
        .because(error)
        .hint("free disk space, or name another directory with --data-dir or $ORDCTL_DATA_DIR")
}

impl Run<'_> {
    /// The run to go on with, when `--resume` asks for one.
    pub(super) fn past(&mut self) -> Result<Option<Past>, CliError> {
        if !self.request.resume {
            return Ok(None);
        }
        let name = &self.request.runbook.name;
        let past = unfinished(&self.journals(), name, &self.target)
            .map_err(|e| CliError::refused("cannot read the journal").because(e))?;
        let Some(past) = past else {
            return Err(CliError::refused(format!("there is no unfinished run of {name} on this target"))
                .hint(format!("begin one: ordctl run {name}")));
        };
        if past.begin.steps != self.steps_mark() {
            return Err(CliError::refused(format!("the steps of {name} have changed since that run began"))
                .hint(format!("begin anew: ordctl run {name}")));
        }
        if past.begin.params != self.params {
            if !self.request.params.is_empty() {
                return Err(CliError::refused("that run began with other parameters")
                    .hint("leave out -p: a resumed run keeps its own"));
            }
            self.params.clone_from(&past.begin.params);
            self.scope.set("params", Value::Object(self.params.clone()));
        }
        if self.choice.is_everything() {
            self.choice = Choice { only: past.begin.only.clone(), skip: past.begin.skip.clone() };
        }
        Ok(Some(past))
    }

    pub(super) async fn recorder(
        &mut self,
        past: Option<Past>,
        done: BTreeMap<usize, Value>,
        plan: Plan,
        consented: Consented,
    ) -> Result<Recorder, CliError> {
        let directory = self.journals();
        let mut superseded = None;
        let (file, begin) = match past {
            Some(past) => (FileJournal::reopen(&past).map_err(no_journal)?, past.begin),
            None => {
                let name = &self.request.runbook.name;
                if let Some(old) = unfinished(&directory, name, &self.target).map_err(no_journal)? {
                    let at = self.world.ctx.clock.now();
                    let end = Record::End { status: Ended::Superseded, at };
                    FileJournal::reopen(&old).and_then(|mut f| f.write(&end)).map_err(no_journal)?;
                    superseded = Some(old.begin.id);
                }
                let begin = self.begin(&consented);
                (FileJournal::begin(&directory, begin.clone()).map_err(no_journal)?, begin)
            }
        };
        let store = self
            .world
            .ctx
            .clients
            .postgres()
            .ok()
            .map(|postgres| Store::new(postgres.clone(), self.world.ctx.library.clone(), RECORD_LIMIT));
        let mut database = DatabaseJournal::begin(store, &begin).await;
        if let Some(old) = superseded {
            database.supersede(old).await;
        }
        Ok(Recorder {
            file,
            database,
            done,
            choice: self.choice.clone(),
            plan,
            consented,
            unplanned: std::mem::take(&mut self.unplanned),
            clock: self.world.ctx.clock,
        })
    }

    fn begin(&self, consented: &Consented) -> Begin {
        Begin {
            id: Uuid::now_v7(),
            runbook: self.request.runbook.name.clone(),
            steps: self.steps_mark(),
            params: self.params.clone(),
            only: self.choice.only.clone(),
            skip: self.choice.skip.clone(),
            target: self.target.clone(),
            user: acting_user(),
            reason: consented.reason().map(str::to_owned),
            at: self.world.ctx.clock.now(),
        }
    }

    fn journals(&self) -> PathBuf {
        Layout::new(self.world.ctx.settings.data_dir()).journals()
    }

    /// A fingerprint of the steps: what a resumed run must have in common with its beginning.
    fn steps_mark(&self) -> String {
        let text = json!(self.request.runbook.steps).to_string();
        format!("{:016x}", fingerprint(text.as_bytes()))
    }
}
