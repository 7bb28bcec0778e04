//! `serve`: runs the engine on the configured database, or on the embedded one.

mod banner;
mod dev;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};

use super::Context;
use super::signals::StopSignals;
use super::task_session::store_error;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::layout::Layout;
use crate::base::settings::Settings;
use crate::clients::ClientError;
use crate::clients::postgres::Postgres;
use crate::engine::api::{Api, NodeProbe, Probe};
use crate::engine::embedded::{Embedded, EmbeddedError};
use crate::engine::hold::check_database_identity;
use crate::engine::metrics::Metrics;
use crate::engine::migrations::{MigrationError, Options, migrate_audited};
use crate::engine::node::{Node, Role, running_upstream};
use crate::engine::tasks::Tasks;
use crate::engine::worker::WorkerOptions;
use crate::model::Consented;
use crate::render::{LogFormat, log};
use crate::store::Store;

/// Schedule and run tasks
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Serve {
    /// Serve HTTP on this address [default: engine.listen]
    ///
    /// Without the role api, serve listens only if this flag is given, and serves only /health and /metrics.
    #[arg(long, value_name = "ADDRESS", value_parser = socket_address)]
    listen: Option<SocketAddr>,
    /// Run only these roles [default: all]
    #[arg(long = "role", value_enum, value_delimiter = ',', value_name = "ROLE")]
    roles: Vec<ServeRole>,
    /// Run at most this many tasks at the same time [default: engine.concurrency]
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Start even if Ordinaut's scheduler or workers run on this database
    #[arg(long)]
    beside_upstream: bool,
    /// Create missing example tasks
    #[arg(long)]
    dev: bool,
    /// Write the log in this format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: LogFormat,
}

/// Minimum pool size for requests, checks and steps. Roles use separate sessions.
const POOL_SIZE_MIN: usize = 10;

/// Maximum deadline of a statement of the engine's loops. With a shorter lease it is the lease, so that work
/// goes on within a lease after a connection silently died.
const STATEMENT_LIMIT_MAX: Duration = Duration::from_secs(10);

const EXAMPLES: &str = "\
Examples:
  ordctl serve                            all roles, embedded PostgreSQL
  ordctl serve --dev                      with example tasks
  ordctl serve --role scheduler,worker    without HTTP
  ordctl serve --role worker --listen 127.0.0.1:9001   /health and /metrics
  ordctl serve --listen 127.0.0.1:9000 --log-format json";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ServeRole {
    /// Serve the HTTP API
    Api,
    /// Queue scheduled runs and condition tasks
    Scheduler,
    /// Run due tasks
    Worker,
}

impl From<ServeRole> for Role {
    fn from(role: ServeRole) -> Self {
        match role {
            ServeRole::Api => Self::Api,
            ServeRole::Scheduler => Self::Scheduler,
            ServeRole::Worker => Self::Worker,
        }
    }
}

/// The runtime of steps. Steps that still run at exit are abandoned; their rows are handed back or taken
/// over.
struct StepRuntime(Option<Runtime>);

impl StepRuntime {
    fn handle(&self) -> std::io::Result<Handle> {
        let gone = || std::io::Error::other("the step runtime has stopped");
        self.0.as_ref().map(|r| r.handle().clone()).ok_or_else(gone)
    }
}

impl Drop for StepRuntime {
    fn drop(&mut self) {
        // Blocking on a runtime's shutdown is not allowed inside another runtime.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Parses an address without the parser's own message.
fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "not an address; use for example 127.0.0.1:8080".to_owned())
}

/// The settings for the engine: a pool for the API, and sessions that accept writes and do not wait long.
fn engine_settings(settings: &Settings) -> Settings {
    let mut settings = settings.clone();
    settings.database.max_connections = settings.database.max_connections.max(POOL_SIZE_MIN);
    settings.database.writable = true;
    settings.database.statement_limit = Some(settings.engine.lease.duration().min(STATEMENT_LIMIT_MAX));
    settings
}

impl Serve {
    /// Runs until a signal, then drains.
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        log(self.log_format);
        match (self.execute_logged(context).await, self.log_format) {
            (Err(error), LogFormat::Json) => {
                let hint = error.hint.as_deref().map(|hint| context.qualified_hint(hint));
                let cause = error.source.as_ref().map(|cause| format!("{cause:#}"));
                tracing::error!(cause, hint, "{}", error.message);
                Ok(error.code)
            }
            (result, _) => result,
        }
    }

    async fn execute_logged(&self, context: &Context) -> Result<u8, CliError> {
        // It waits for its systems as long as it runs.
        context.deadline.lift();
        let embedded = match &context.settings().database.url {
            Some(_) => None,
            None => {
                let layout = Layout::new(context.settings().data_dir());
                Some(Embedded::join(&layout).await.map_err(EmbeddedError::into_cli_error)?)
            }
        };
        let served = match &embedded {
            Some(server) => tokio::select! {
                served = self.serve(context) => served,
                error = server.supervise() => Err(error.into_cli_error()),
            },
            None => self.serve(context).await,
        };
        if let Some(embedded) = embedded {
            embedded.leave().await.map_err(EmbeddedError::into_cli_error)?;
        }
        served.map(|()| exit::OK)
    }

    fn roles(&self) -> BTreeSet<Role> {
        match self.roles.as_slice() {
            [] => [Role::Api, Role::Scheduler, Role::Worker].into(),
            some => some.iter().map(|r| Role::from(*r)).collect(),
        }
    }

    async fn serve(&self, context: &Context) -> Result<(), CliError> {
        let roles = self.roles();
        let settings = engine_settings(context.settings());
        let executor = context.executor_with(settings, None)?;
        let postgres = executor.ctx.clients.postgres().map_err(ClientError::fault)?.clone();
        self.prepare(context, &postgres, &roles).await?;
        let failed = |e: std::io::Error| CliError::failed("cannot start").because(e);
        // Steps have their own threads, so a busy step cannot delay lease renewal.
        let steps = tokio::runtime::Builder::new_multi_thread().thread_name("step").enable_all().build();
        let steps = StepRuntime(Some(steps.map_err(failed)?));
        let store =
            Store::new(postgres.clone(), context.queries.clone(), Options::default().statement_timeout);
        let listener = self.listener(context, &store, &roles).await?;
        let metrics = Metrics::new().map_err(|e| CliError::failed("cannot start").because(e))?;
        let metrics = Arc::new(metrics);
        let (options, handle) = (self.worker_options(context), steps.handle().map_err(failed)?);
        let node = Node::start(executor.clone(), postgres.clone(), &roles, options, handle, metrics.clone());
        let node = node.map_err(failed)?;
        let address = listener.as_ref().map(TcpListener::local_addr).transpose().map_err(failed)?;
        let is_loopback = address.is_none_or(|a| a.ip().is_loopback());
        let is_open = is_loopback && !store.credentials().await.map_err(store_error)?.ever;
        let tasks = Tasks { store: store.clone(), executor, notifier: node.notifier().clone() };
        let created = if self.dev { Some(dev::load(&tasks).await?) } else { None };
        banner::print(self.log_format, &banner::lines(address, is_open, &postgres.target(), &roles, created));
        let probed = NodeProbe::new(node.name(), node.progress().clone());
        let (mut serving, mut signals) = (tokio::task::JoinSet::new(), StopSignals::listen()?);
        match listener {
            Some(at) if roles.contains(&Role::Api) => {
                _ = serving.spawn(Api::new(tasks, metrics, probed, is_loopback).serve(at, node.stopping()));
            }
            Some(at) => _ = serving.spawn(Probe { store, metrics, node: probed }.serve(at, node.stopping())),
            None => {}
        }
        signals.next().await;
        tracing::info!(running = node.running(), "stopping; no new work starts");
        tokio::select! {
            () = async {
                node.drain().await;
                while serving.join_next().await.is_some() {}
            } => Ok(()),
            () = signals.next() => Err(CliError::interrupted("stopped without draining; other nodes take over when the leases expire")),
        }
    }

    fn worker_options(&self, context: &Context) -> WorkerOptions {
        let settings = &context.settings().engine;
        WorkerOptions {
            concurrency: self.concurrency.unwrap_or(settings.concurrency).max(1),
            lease: settings.lease.duration(),
            drain: settings.drain.duration(),
        }
    }

    /// The HTTP listener. Refuses a non-loopback address while no agent has credentials (promise 7).
    async fn listener(
        &self,
        context: &Context,
        store: &Store,
        roles: &BTreeSet<Role>,
    ) -> Result<Option<TcpListener>, CliError> {
        let serves_tasks = roles.contains(&Role::Api);
        let address = self.listen.unwrap_or(context.settings().engine.listen);
        if !serves_tasks && self.listen.is_none() {
            return Ok(None);
        }
        if serves_tasks
            && !address.ip().is_loopback()
            && !store.credentials().await.map_err(store_error)?.live
        {
            return Err(CliError::refused(format!(
                "cannot listen on {address}: it is not loopback, and no agent has credentials"
            ))
            .hint("ordctl agent create root --scope admin --yes, or --listen 127.0.0.1:8080"));
        }
        let listener = TcpListener::bind(address).await;
        listener.map(Some).map_err(|e| {
            CliError::failed(format!("cannot listen on {address}"))
                .because(e)
                .hint("set another address with --listen")
        })
    }

    /// Refuses a transaction pooler, migrates the database (starting `serve` is the consent), refuses to run beside
    /// Ordinaut, and checks for a hold.
    async fn prepare(
        &self,
        context: &Context,
        postgres: &Arc<Postgres>,
        roles: &BTreeSet<Role>,
    ) -> Result<(), CliError> {
        let options = Options::default();
        let store = Store::new(postgres.clone(), context.queries.clone(), options.statement_timeout);
        if Store::shares_backends(postgres, &context.queries).await.map_err(store_error)? {
            return Err(CliError::refused(format!(
                "{} is a transaction pooler: prepared statements, LISTEN and session locks do not work",
                postgres.target()
            ))
            .hint("set database.url to PostgreSQL itself, or pool_mode = session for this database in PgBouncer"));
        }
        let consented = Consented::from_configuration("serve");
        let done =
            migrate_audited(&store, &options, &consented).await.map_err(MigrationError::into_cli_error)?;
        for applied in &done.applied {
            tracing::info!(version = applied.version, name = %applied.name, "migration applied");
        }
        super::migrate::warn_in_log(&store).await;
        if done.adopted {
            super::migrate_cron::warn_in_log(&store).await.map_err(MigrationError::into_cli_error)?;
        }
        let runs_work = roles.contains(&Role::Scheduler) || roles.contains(&Role::Worker);
        if runs_work
            && !self.beside_upstream
            && let Some(reason) = running_upstream(postgres).await.map_err(ClientError::fault)?
        {
            return Err(CliError::refused(reason)
                .hint("stop Ordinaut's scheduler and workers, or pass --beside-upstream"));
        }
        let hold = check_database_identity(postgres).await.map_err(ClientError::fault)?;
        if hold.is_held {
            let reason = hold.reason.unwrap_or_else(|| "no reason given".into());
            tracing::warn!(%reason, "the engine is on hold; no work starts until `ordctl resume`");
        }
        Ok(())
    }
}
