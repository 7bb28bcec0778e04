//! What a tool is given besides its parameters.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use chrono_tz::Tz;

use super::ToolError;
use super::answering::Answering;
use super::cleanup::CleanupSet;
use crate::base::clock::Clock;
use crate::base::secrets::Secrets;
use crate::base::settings::Settings;
use crate::clients::{ClientError, Clients};
use crate::model::{Consented, Event, Observer};
use crate::store::{Library, Store};

#[derive(Clone)]
pub(crate) struct ToolContext {
    pub(crate) settings: Arc<Settings>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) library: Arc<Library>,
    pub(crate) clock: Clock,
    pub(crate) observer: Arc<dyn Observer>,
    /// The step's name, for progress.
    pub(crate) step: String,
    /// The step's timeout. The executor enforces it; a tool also passes it to its system, so that nothing
    /// continues there.
    pub(crate) limit: Duration,
    /// Ends a wait for a system that does not answer.
    pub(crate) answering: Answering,
    /// The secrets of this run. A tool masks text before it truncates it; the executor masks the rest.
    pub(crate) secrets: Secrets,
    /// The name of the task's occurrence, the same at every attempt. None outside of tasks.
    pub(crate) occurrence: Option<String>,
    /// The runbook of the step; none in a task's own pipeline.
    pub(crate) runbook: Option<String>,
    /// The run's id, for logs.
    pub(crate) run: Option<String>,
    pub(crate) cleanups: CleanupSet,
    /// In a dry run, checks store no samples either.
    pub(crate) dry_run: bool,
    /// The consent under which the step acts; none for a step that only looks.
    pub(crate) consented: Option<Consented>,
}

impl ToolContext {
    /// The time in the configured zone, for texts.
    pub(crate) fn local_now(&self) -> DateTime<Tz> {
        self.clock.now().with_timezone(&self.settings.time_zone)
    }

    /// A context outside of tasks, for a step without a name.
    pub(crate) fn new(
        settings: Arc<Settings>,
        clients: Arc<Clients>,
        library: Arc<Library>,
        observer: Arc<dyn Observer>,
        limit: Duration,
    ) -> Self {
        let secrets = Secrets::new(&settings.secrets);
        let (clock, step) = (Clock::System, String::new());
        let (occurrence, runbook, run, consented) = (None, None, None, None);
        let cleanups = CleanupSet::default();
        Self {
            settings,
            clients,
            library,
            clock,
            observer,
            step,
            limit,
            answering: Answering::default(),
            secrets,
            occurrence,
            runbook,
            run,
            cleanups,
            dry_run: false,
            consented,
        }
    }

    /// The store, with the step's timeout for each query.
    pub(crate) fn store(&self) -> Result<Store, ClientError> {
        let postgres = self.clients.postgres()?.clone();
        Ok(Store::new(postgres, self.library.clone(), self.limit))
    }

    /// The consent that every change demands.
    pub(crate) fn consent(&self) -> Result<&Consented, ToolError> {
        self.consented.as_ref().ok_or_else(|| ToolError::refused("no consent to this change"))
    }

    /// The calls that were consented to, where the plan could list them.
    pub(crate) fn consented_calls(&self) -> Option<&[String]> {
        self.consented.as_ref().and_then(Consented::calls)
    }

    /// Refuses an action that a task may run only through a runbook in `engine.runbooks`: the right to create
    /// tasks does not include the right to stop, change or load the system.
    pub(crate) fn refuse_in_task(&self, what: &str) -> Result<(), ToolError> {
        if self.occurrence.is_none() || self.runbook.is_some() {
            return Ok(());
        }
        Err(ToolError::Refused {
            message: format!("a task may {what} only through a runbook"),
            hint: Some("use runbook.run with a runbook from engine.runbooks".to_owned()),
        })
    }

    pub(crate) fn progress(&self, done: u64, total: Option<u64>, note: impl Into<String>) {
        let note = self.secrets.mask(&note.into());
        self.observer.notice(Event::Progress { id: self.step.clone(), done, total, note });
    }
}
