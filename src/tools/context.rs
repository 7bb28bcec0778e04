//! What a tool is given besides its parameters.

use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::secrets::Secrets;
use crate::base::settings::Settings;
use crate::clients::{ClientError, Clients};
use crate::model::{Event, Observer};
use crate::store::{Library, Store};

/// The world of one step.
#[derive(Clone)]
pub struct ToolContext {
    /// The environment's settings.
    pub settings: Arc<Settings>,
    /// The outside systems.
    pub clients: Arc<Clients>,
    /// The named queries.
    pub library: Arc<Library>,
    /// What time it is.
    pub clock: Clock,
    /// Who shows progress.
    pub observer: Arc<dyn Observer>,
    /// The step's name, for progress.
    pub step: String,
    /// The step's time-out. The executor enforces it; a tool passes it on to its system, so that
    /// nothing goes on there after the step gave up.
    pub limit: Duration,
    /// The secrets of this run. A tool masks with them what it cuts short; the executor masks the
    /// rest.
    pub secrets: Secrets,
    /// The stable name of the task's occurrence: the same at every attempt. None outside of tasks.
    pub occurrence: Option<String>,
    /// The runbook that the step stands in; none in a task's own pipeline.
    pub runbook: Option<String>,
    /// The run's id, for logs.
    pub run: Option<String>,
    /// Whether this is a dry run: then a tool that looks keeps nothing, either.
    pub rehearsal: bool,
    /// The calls that the step's plan listed and that were consented to. None where nobody was asked
    /// beforehand, or the calls could not be told.
    pub consented: Option<Arc<[String]>>,
}

impl ToolContext {
    /// A context outside of tasks, for a step without a name.
    pub fn new(
        settings: Arc<Settings>,
        clients: Arc<Clients>,
        library: Arc<Library>,
        observer: Arc<dyn Observer>,
        limit: Duration,
    ) -> Self {
        let secrets = Secrets::new(&settings.secrets);
        let (clock, step) = (Clock::System, String::new());
        let (occurrence, runbook, run, consented) = (None, None, None, None);
        Self {
            settings,
            clients,
            library,
            clock,
            observer,
            step,
            limit,
            secrets,
            occurrence,
            runbook,
            run,
            rehearsal: false,
            consented,
        }
    }

    /// The database through named queries, each bounded by the step's time-out.
    ///
    /// # Errors
    /// When no database is configured, or its settings cannot be used.
    pub fn store(&self) -> Result<Store, ClientError> {
        let postgres = self.clients.postgres()?.clone();
        Ok(Store::new(postgres, self.library.clone(), self.limit))
    }

    /// Tells how far the step is.
    pub fn progress(&self, done: u64, total: Option<u64>, note: impl Into<String>) {
        let note = self.secrets.mask(&note.into());
        self.observer.notice(Event::Progress { id: self.step.clone(), done, total, note });
    }
}
