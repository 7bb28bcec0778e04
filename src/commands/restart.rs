//! `restart`: restarts services in dependency order.

use clap::{Args, Subcommand};

use super::Context;
use super::report::{Flags, run_and_print};
use crate::base::cli_error::CliError;

#[derive(Debug, Subcommand)]
pub(crate) enum Restart {
    /// Restart the API and wait for its health endpoint
    #[command(after_help = "Examples:\n  ordctl restart api --dry-run\n  ordctl restart api --yes")]
    Api(Flags),
    /// Restart the scheduler
    #[command(
        after_help = "Examples:\n  ordctl restart scheduler --yes\n  ordctl restart scheduler --yes -p ready=heartbeat"
    )]
    Scheduler(Flags),
    /// Restart the workers one at a time, waiting for the heartbeat of each
    #[command(after_help = WORKERS)]
    Workers(Workers),
    /// Restart PostgreSQL; stop its clients first and start them afterwards
    #[command(after_help = DATABASE)]
    Database(Flags),
    /// Restart Redis and wait for PING
    #[command(after_help = "Examples:\n  ordctl restart redis --dry-run\n  ordctl restart redis --yes")]
    Redis(Flags),
    /// Restart all services in dependency order
    #[command(
        after_help = "Examples:\n  ordctl restart all --dry-run\n  ordctl restart all --confirm production"
    )]
    All(Flags),
}

#[derive(Debug, Args)]
pub(crate) struct Workers {
    /// Restart only these containers, by name or number
    #[arg(value_name = "CONTAINER")]
    containers: Vec<String>,
    #[command(flatten)]
    flags: Flags,
}

impl Workers {
    async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let mut look = self.flags.look.clone();
        if !self.containers.is_empty() {
            look.params.push(("only".to_owned(), self.containers.join(",")));
        }
        run_and_print(context, "operate/restart-workers", &look, &self.flags.run).await
    }
}

const WORKERS: &str = "\
Examples:
  ordctl restart workers --dry-run
  ordctl restart workers --yes
  ordctl restart workers shop-worker-2 --yes   only this container
  ordctl restart workers --yes -p within=5m    for workers that start slowly
  ordctl restart workers --yes --resume        continue an unfinished run";

const DATABASE: &str = "\
Examples:
  ordctl restart database --dry-run
  ordctl restart database --confirm production
  ordctl restart database --confirm production --resume";

impl Restart {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let (runbook, flags) = match self {
            Self::Api(flags) => ("operate/restart-api", flags),
            Self::Scheduler(flags) => ("operate/restart-scheduler", flags),
            Self::Workers(workers) => return workers.execute(context).await,
            Self::Database(flags) => ("operate/restart-database", flags),
            Self::Redis(flags) => ("operate/restart-redis", flags),
            Self::All(flags) => ("operate/restart-all", flags),
        };
        run_and_print(context, runbook, &flags.look, &flags.run).await
    }
}
