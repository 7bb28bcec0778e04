//! What every command that needs settings begins with: settings, clients, tools, libraries.

use std::sync::Arc;

use super::cli::GlobalFlags;
use crate::base::cli_error::CliError;
use crate::base::settings::{self, Resolved, Settings};
use crate::clients::Clients;
use crate::engine::forecast::Forecast;
use crate::model::{Observer, Report, Silent};
use crate::pipeline::{DEFAULT_TIMEOUT, World};
use crate::render::{Style, stdio};
use crate::runbook::{Library, RunbookRun};
use crate::store;
use crate::tools::{Registry, ToolContext};

/// The flags with all that follows from them.
pub(crate) struct Context {
    /// The global flags.
    pub(crate) flags: GlobalFlags,
    /// The settings with their history.
    pub(crate) resolved: Resolved,
    /// The tools.
    pub(crate) registry: Registry,
    /// The runbooks.
    pub(crate) runbooks: Library,
    /// The queries.
    pub(crate) queries: Arc<store::Library>,
}

impl Context {
    /// Reads the configuration. Connects to nothing.
    pub(crate) fn load(flags: GlobalFlags) -> Result<Self, CliError> {
        let resolved = settings::load(&flags.settings())?;
        Ok(Self::new(flags, resolved))
    }

    /// Everything that follows from these settings.
    pub(crate) fn new(flags: GlobalFlags, resolved: Resolved) -> Self {
        let runbooks = Library::new(resolved.settings.runbooks.clone());
        let queries = Arc::new(store::Library::new(resolved.settings.queries.clone()));
        let builtin = Registry::builtin().with(Forecast);
        let registry = builtin.clone().with(RunbookRun::new(runbooks.clone(), builtin));
        Self { flags, resolved, registry, runbooks, queries }
    }

    /// The settings.
    pub(crate) fn settings(&self) -> &Settings {
        &self.resolved.settings
    }

    /// A world for running steps. A setting that cannot be used is a fault here, before anything
    /// is asked: it is never a finding.
    pub(crate) fn world(&self, observer: Option<Arc<dyn Observer>>) -> Result<World, CliError> {
        self.world_of(self.settings().clone(), observer)
    }

    /// As [`Context::world`], with settings that differ from the configured ones.
    pub(crate) fn world_of(
        &self,
        settings: Settings,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<World, CliError> {
        let settings = Arc::new(settings);
        let clients = Clients::new(&settings);
        clients.check().map_err(crate::clients::ClientError::fault)?;
        let observer = observer.unwrap_or_else(|| Arc::new(Silent));
        let library = self.queries.clone();
        let ctx = ToolContext::new(settings, Arc::new(clients), library, observer, DEFAULT_TIMEOUT);
        Ok(World { registry: self.registry.clone(), ctx })
    }

    /// The report with hints that can be typed as they stand: what was chosen by flags is chosen again.
    pub(crate) fn aimed(&self, mut report: Report) -> Report {
        report.aim(&self.flags.aim());
        report
    }

    /// How text looks on standard output.
    pub(crate) fn style(&self) -> Style {
        Style { color: self.flags.color_on(stdio::out_is_terminal()), quiet: self.flags.quiet }
    }
}
