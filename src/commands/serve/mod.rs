//! `serve`: the engine. Schedules and runs tasks on the configured database, or on an embedded one.

mod dev;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use tokio::net::TcpListener;
use tokio::runtime::{Handle, Runtime};

use super::Context;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::layout::Layout;
use crate::clients::ClientError;
use crate::clients::postgres::Postgres;
use crate::engine::agents::Agents;
use crate::engine::api::{Api, Probe};
use crate::engine::embedded::{Embedded, EmbeddedError};
use crate::engine::metrics::Metrics;
use crate::engine::migrations::{MigrationError, Options, migrate};
use crate::engine::node::{Node, Role, upstream_alive};
use crate::engine::state;
use crate::engine::tasks::Tasks;
use crate::engine::worker::Pace;
use crate::render::{LogFormat, log, stdio};
use crate::store::Store;

/// Schedule and run tasks
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Serve {
    /// Where to serve HTTP; without the role api only /health and /metrics, and only if this is given
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// What this process does; default: everything
    #[arg(long = "role", value_enum, value_delimiter = ',', value_name = "ROLE")]
    roles: Vec<ServeRole>,
    /// How many runs at once
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Start although upstream's scheduler or workers run on this database
    #[arg(long)]
    beside_upstream: bool,
    /// Make the example tasks, if they are not there
    #[arg(long)]
    dev: bool,
    /// How the log is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log_format: LogFormat,
}

/// A server shares so many connections at least among requests, checks and steps; its roles have sessions of
/// their own besides.
const CONNECTIONS: usize = 10;

const EXAMPLES: &str = "\
Examples:
  ordctl serve                                   everything, on an embedded database if none is configured
  ordctl serve --dev                             with a few example tasks
  ordctl serve --role scheduler,worker           without HTTP
  ordctl serve --role worker --listen 127.0.0.1:9001   with /health and /metrics only
  ordctl serve --listen 127.0.0.1:9000 --log-format json";

/// A role as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ServeRole {
    /// Serves HTTP
    Api,
    /// Queues what schedules ask for
    Scheduler,
    /// Runs what is due
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

/// The threads that steps run on. What they are at when we go is left: it is handed back or lost.
struct Steps(Option<Runtime>);

impl Steps {
    fn handle(&self) -> std::io::Result<Handle> {
        let gone = || std::io::Error::other("the threads of steps are gone");
        self.0.as_ref().map(|r| r.handle().clone()).ok_or_else(gone)
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        // A runtime may not be waited for where others are.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Serve {
    /// Serves until a signal, then drains.
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        log(self.log_format);
        let embedded = match &context.settings().database.url {
            Some(_) => None,
            None => {
                let layout = Layout::new(context.settings().data_dir());
                Some(Embedded::join(&layout).await.map_err(EmbeddedError::fault)?)
            }
        };
        let served = self.serve(context).await;
        if let Some(embedded) = embedded {
            embedded.leave().await.map_err(EmbeddedError::fault)?;
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
        let mut settings = context.settings().clone();
        settings.database.max_connections = settings.database.max_connections.max(CONNECTIONS);
        let executor = context.executor_with(settings, None)?;
        let postgres = executor.ctx.clients.postgres().map_err(ClientError::fault)?.clone();
        self.prepare(context, &postgres, &roles).await?;
        let failed = |e: std::io::Error| CliError::failed("cannot start").because(e);
        // Steps have threads of their own: one that computes without end delays no lease.
        let steps = tokio::runtime::Builder::new_multi_thread().thread_name("step").enable_all().build();
        let steps = Steps(Some(steps.map_err(failed)?));
        let store =
            Store::new(postgres.clone(), context.queries.clone(), Options::default().statement_timeout);
        let listener = self.listener(context, &store, &roles).await?;
        let metrics = Metrics::new().map_err(|e| CliError::failed("cannot start").because(e))?;
        let metrics = Arc::new(metrics);
        let (pace, handle) = (self.pace(context), steps.handle().map_err(failed)?);
        let node = Node::start(executor.clone(), postgres.clone(), &roles, pace, handle, metrics.clone());
        let node = node.map_err(failed)?;
        let address = listener.as_ref().map(TcpListener::local_addr).transpose().map_err(failed)?;
        let open = address.is_none_or(|a| a.ip().is_loopback());
        let anybody = open
            && !Agents::without_tokens(store.clone())
                .credentials()
                .await
                .map_err(super::task_session::store_error)?
                .ever;
        let tasks = Tasks { store: store.clone(), executor, notices: node.notices().clone() };
        let made = if self.dev { Some(dev::load(&tasks).await?) } else { None };
        stdio::note(&banner(address, anybody, &postgres.target(), &roles, made));
        let mut serving = tokio::task::JoinSet::new();
        match listener {
            Some(at) if roles.contains(&Role::Api) => {
                serving.spawn(Api::new(tasks, metrics, open).serve(at, node.stopping()));
            }
            Some(at) => {
                serving.spawn(Probe { store, metrics }.serve(at, node.stopping()));
            }
            None => {}
        }
        stopped().await.map_err(failed)?;
        tracing::info!(running = node.running(), "stopping: nothing new starts");
        tokio::select! {
            () = async {
                node.drain().await;
                while serving.join_next().await.is_some() {}
            } => Ok(()),
            _ = stopped() => Err(CliError::interrupted("stopped without draining; leases end by themselves")),
        }
    }

    fn pace(&self, context: &Context) -> Pace {
        let settings = &context.settings().engine;
        Pace {
            concurrency: self.concurrency.unwrap_or(settings.concurrency).max(1),
            lease: settings.lease.duration(),
            drain: settings.drain.duration(),
        }
    }

    /// Where HTTP is served. Off loopback only when somebody has credentials.
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
        if serves_tasks && !address.ip().is_loopback() {
            let agents = Agents::without_tokens(store.clone());
            if !agents.credentials().await.map_err(super::task_session::store_error)?.live {
                return Err(CliError::refused(format!(
                    "{address} is not loopback, and nobody has credentials yet"
                ))
                .hint("ordctl agent create root --scope admin --yes, or --listen 127.0.0.1:8080"));
            }
        }
        let listener = TcpListener::bind(address).await;
        listener.map(Some).map_err(|e| {
            CliError::failed(format!("cannot listen on {address}"))
                .because(e)
                .hint("choose another with --listen")
        })
    }

    /// Everything that has to hold before work may start.
    async fn prepare(
        &self,
        context: &Context,
        postgres: &Arc<Postgres>,
        roles: &BTreeSet<Role>,
    ) -> Result<(), CliError> {
        let options = Options::default();
        let store = Store::new(postgres.clone(), context.queries.clone(), options.statement_timeout);
        let done = migrate(&store, &options).await.map_err(MigrationError::fault)?;
        for applied in &done.applied {
            tracing::info!(version = applied.version, name = %applied.name, "migrated");
        }
        let works = roles.contains(&Role::Scheduler) || roles.contains(&Role::Worker);
        if works
            && !self.beside_upstream
            && let Some(sign) = upstream_alive(postgres).await.map_err(ClientError::fault)?
        {
            return Err(CliError::refused(sign)
                .hint("stop upstream's scheduler and workers, or pass --beside-upstream"));
        }
        let hold = state::identify(postgres).await.map_err(ClientError::fault)?;
        if hold.is_held {
            let because = hold.reason.unwrap_or_else(|| "no reason given".into());
            tracing::warn!(%because, "held: no work starts until `ordctl resume`");
        }
        Ok(())
    }
}

/// Where it listens, which database, how to stop.
fn banner(
    address: Option<SocketAddr>,
    anybody: bool,
    database: &str,
    roles: &BTreeSet<Role>,
    made: Option<usize>,
) -> String {
    let mut said = String::new();
    if let Some(at) = address {
        let who = match anybody {
            _ if !roles.contains(&Role::Api) => "/health and /metrics only",
            true => "without credentials: every request acts as 'system'",
            false => "with credentials",
        };
        said.push_str(&format!("listening  http://{at}, {who}\n"));
    }
    let names: Vec<String> = roles.iter().map(|r| format!("{r:?}").to_lowercase()).collect();
    said.push_str(&format!("database   {database}\nroles      {}\n", names.join(", ")));
    if let Some(made) = made {
        said.push_str(&format!("tasks      {made} of the examples made; `ordctl task list` shows them\n"));
    }
    said.push_str("stop       Ctrl-C or SIGTERM; runs have time to end");
    said
}

/// Waits for SIGINT or SIGTERM.
async fn stopped() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut int, mut term) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = int.recv() => {}
        _ = term.recv() => {}
    }
    Ok(())
}
