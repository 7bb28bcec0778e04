//! The starting point of every command that needs settings: settings, tools, runbooks, queries.

use std::sync::{Arc, Once, OnceLock};

use super::cli::GlobalFlags;
use super::deadline::{DEFAULT_LIMIT, Deadline};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::settings::{self, Resolved, Settings};
use crate::base::target_flags::TargetFlags;
use crate::base::units::Span;
use crate::clients::postgres::SYSTEM;
use crate::clients::{ClientError, Clients};
use crate::engine::forecast::Forecast;
use crate::model::{Observer, Report, Silent, Table};
use crate::pipeline::{DEFAULT_TIMEOUT, Executor};
use crate::render::{self, Style, TableStyle, stdio};
use crate::runbook::{Library, RunbookRun};
use crate::store::{self, Store};
use crate::tools::{Answering, Registry, ToolContext};

pub(crate) struct Context {
    pub(crate) flags: GlobalFlags,
    /// The settings with the origin of each value.
    pub(crate) resolved: Resolved,
    pub(crate) registry: Registry,
    pub(crate) runbooks: Library,
    pub(crate) queries: Arc<store::Library>,
    pub(crate) deadline: Deadline,
    /// A command that runs several rounds warns once.
    warned: Once,
    /// How the action of this command ended, and its exit code.
    outcome: OnceLock<(String, u8)>,
}

impl Context {
    /// Reads the configuration. Without one it discovers the system if `discover` is true, for which it asks at most
    /// the local engine of the services.
    pub(crate) async fn load(flags: GlobalFlags, discover: bool) -> Result<Self, CliError> {
        let mut resolved = settings::load(&settings::Flags { discover, ..flags.settings() })?;
        find_project(&mut resolved).await;
        resolved.warnings.iter().for_each(|why| stdio::note(&format!("warning: {why}")));
        if resolved.settings.api.removed_signing_key_file.is_some() {
            stdio::note(
                "warning: api.signing_key_file has no effect and can be removed: access tokens are opaque\n",
            );
        }
        Ok(Self::new(flags, resolved))
    }

    pub(crate) fn new(flags: GlobalFlags, resolved: Resolved) -> Self {
        let runbooks = Library::new(resolved.settings.runbooks.clone());
        let queries = Arc::new(store::Library::new(resolved.settings.queries.clone()));
        let builtin = Registry::builtin().with(Forecast);
        let registry = builtin.clone().with(RunbookRun::new(runbooks.clone(), builtin));
        let deadline = Deadline::new(flags.timeout.map_or(DEFAULT_LIMIT, Span::duration));
        Self {
            flags,
            resolved,
            registry,
            runbooks,
            queries,
            deadline,
            warned: Once::new(),
            outcome: OnceLock::new(),
        }
    }

    /// Adds to an error about a missing setting where a configuration was searched.
    pub(crate) fn naming_files(&self, mut error: CliError) -> CliError {
        if error.lacks_configuration {
            error.items.push(match &self.settings().file {
                Some(file) => format!("the configuration is {}", file.display()),
                None => no_file(),
            });
        }
        error
    }

    /// Remembers how an action ended, for [`Context::after_action`]. Words: such as "maintain/weekly is done".
    pub(crate) fn set_outcome(&self, words: String, code: u8) {
        self.outcome.get_or_init(|| (words, code));
    }

    /// An output that cannot be written does not undo the action: the error says how that ended.
    pub(crate) fn after_action(&self, mut error: CliError) -> CliError {
        if let Some((words, code)) = self.outcome.get().filter(|_| error.is_output) {
            error.message = format!("{words}; its output was not written: {}", error.message);
            error.code = (*code).max(exit::WARNING);
        }
        error
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.resolved.settings
    }

    /// What steps run with. An unusable setting is an error here; it never becomes a finding.
    pub(crate) fn executor(&self, observer: Option<Arc<dyn Observer>>) -> Result<Executor, CliError> {
        let mut settings = self.settings().clone();
        if let Some(limit) = self.flags.timeout {
            for own in [&mut settings.database.connect_timeout, &mut settings.redis.connect_timeout] {
                *own = if limit < *own { limit } else { *own };
            }
        }
        let mut executor = self.executor_with(settings, observer)?;
        executor.ctx.answering = Answering::within(self.deadline.limit());
        Ok(executor)
    }

    /// As [`Context::executor`], with other settings than the configured ones, and for steps that may wait for
    /// silent systems as long as their own limits allow.
    pub(crate) fn executor_with(
        &self,
        settings: Settings,
        observer: Option<Arc<dyn Observer>>,
    ) -> Result<Executor, CliError> {
        let settings = Arc::new(settings);
        let clients = Clients::new(&settings);
        clients.check().map_err(crate::clients::ClientError::fault)?;
        let ignored = clients.postgres().ok().and_then(|postgres| postgres.ignored_passfile());
        if let Some((why, remedy)) = ignored {
            self.warned.call_once(|| stdio::notes([format!("warning: {why}"), format!("hint: {remedy}")]));
        }
        let observer = observer.unwrap_or_else(|| Arc::new(Silent));
        let library = self.queries.clone();
        let ctx = ToolContext::new(settings, Arc::new(clients), library, observer, DEFAULT_TIMEOUT);
        Ok(Executor { registry: self.registry.clone(), ctx })
    }

    /// The database of one command. Connects at the first statement.
    pub(crate) fn database(&self) -> Result<(Executor, Store), CliError> {
        self.deadline.waits_for(SYSTEM);
        let executor = self.executor(None)?;
        let postgres = executor.ctx.clients.postgres().map_err(ClientError::fault)?.clone();
        let store = Store::new(postgres, self.queries.clone(), self.deadline.limit());
        Ok((executor, store))
    }

    /// Prints a table in the chosen format. A note says that a text has no rows.
    pub(crate) fn print(&self, table: &Table) -> Result<(), CliError> {
        match render::table(table, self.flags.output, self.table_style())? {
            text if text.is_empty() => stdio::note(&table.none),
            text => stdio::data(&text)?,
        }
        Ok(())
    }

    pub(crate) fn table_style(&self) -> TableStyle {
        TableStyle { wide: self.flags.wide, zone: self.settings().time_zone, now: chrono::Utc::now() }
    }

    /// Adds the flags that chose the system to the hints of a report.
    pub(crate) fn qualified(&self, mut report: Report) -> Report {
        // The doctor does not send its reader to itself, but to where the address and the password were set.
        if report.name == "operate/doctor" {
            report.replace_hint("ordctl doctor", "ordctl config show --origin");
        }
        let needs_psql = report.hints().any(|hint| TargetFlags::needs_psql(hint));
        report.qualify_hints(&target_flags(&self.flags, needs_psql.then_some(self.settings())));
        report
    }

    /// Adds the flags that chose the system to a hint.
    pub(crate) fn qualified_hint(&self, hint: &str) -> String {
        let needs_psql = TargetFlags::needs_psql(hint);
        target_flags(&self.flags, needs_psql.then_some(self.settings())).qualify(hint)
    }

    pub(crate) fn style(&self) -> Style {
        let color = self.flags.color_on(stdio::out_is_terminal());
        Style { color, quiet: self.flags.quiet, width: stdio::out_width(), ..Style::default() }
    }
}

/// The flags for hints. `database`: the settings from which the options of `psql` are taken, if a hint runs it.
fn target_flags(flags: &GlobalFlags, database: Option<&Settings>) -> TargetFlags {
    let mut target = flags.target_flags();
    if let Some(settings) = database {
        target.psql =
            Clients::new(settings).postgres().map(|postgres| postgres.psql_options()).unwrap_or_default();
    }
    target
}

/// As [`Context::qualified_hint`], after an error has ended the command. The settings are read again.
pub(crate) fn qualified_hint_of_error(flags: &GlobalFlags, hint: &str) -> String {
    let needs_psql = TargetFlags::needs_psql(hint);
    let resolved = needs_psql.then(|| settings::load(&flags.settings()).ok()).flatten();
    target_flags(flags, resolved.as_ref().map(|resolved| &resolved.settings)).qualify(hint)
}

/// Where a configuration was searched in vain.
pub(crate) fn no_file() -> String {
    let files: Vec<String> = settings::searched().iter().map(|file| file.display().to_string()).collect();
    format!("no configuration file: none of {} exists", files.join(", "))
}

/// Looks up the project of a given database in a discovered engine. Without one the engine serves other systems, or none.
/// An engine that does not answer stays, so that checks report it as unknown.
pub(super) async fn find_project(resolved: &mut Resolved) {
    if resolved.settings.discovered.is_none() || resolved.settings.docker.project.is_some() {
        return;
    }
    match Clients::new(&resolved.settings).project_of_database().await {
        Ok(Some(found)) => resolved.add_project(found.name, found.services),
        Ok(None) => resolved.remove_engine(),
        Err(why) => {
            let engine = resolved.origin("docker.enabled");
            resolved.warnings.push(format!("{engine}: {why}; whether it runs the services is unknown"));
            // Checks would refuse to start with a setting that nobody wrote.
            if matches!(why, ClientError::Misconfigured { .. }) {
                resolved.remove_engine();
            }
        }
    }
}
