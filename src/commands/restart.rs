//! `restart`: services, in the right order, each ready before the next.

use clap::Subcommand;

use super::Context;
use super::report::{Flags, run_and_print};
use crate::base::cli_error::CliError;

/// Restarting.
#[derive(Debug, Subcommand)]
pub(crate) enum Restart {
    /// The API; it must answer on its health endpoint
    #[command(after_help = "Examples:\n  ordctl restart api --dry-run\n  ordctl restart api --yes")]
    Api(Flags),
    /// The scheduler
    #[command(
        after_help = "Examples:\n  ordctl restart scheduler --yes\n  ordctl restart scheduler --yes -p ready=heartbeat"
    )]
    Scheduler(Flags),
    /// The workers, one at a time; each must send a heartbeat before the next
    #[command(after_help = WORKERS)]
    Workers(Flags),
    /// PostgreSQL; what depends on it is stopped first and started again
    #[command(after_help = DATABASE)]
    Database(Flags),
    /// Redis; it must answer PING
    #[command(after_help = "Examples:\n  ordctl restart redis --dry-run\n  ordctl restart redis --yes")]
    Redis(Flags),
    /// Everything, in the right order
    #[command(
        after_help = "Examples:\n  ordctl restart all --dry-run\n  ordctl restart all --confirm production"
    )]
    All(Flags),
}

const WORKERS: &str = "\
Examples:
  ordctl restart workers --dry-run
  ordctl restart workers --yes
  ordctl restart workers --yes -p within=5m    for workers that take long to begin
  ordctl restart workers --yes --resume        go on where a run was stopped";

const DATABASE: &str = "\
Examples:
  ordctl restart database --dry-run
  ordctl restart database --confirm production
  ordctl restart database --confirm production --resume    go on where a run was stopped";

impl Restart {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let (runbook, flags) = match self {
            Self::Api(flags) => ("operate/restart-api", flags),
            Self::Scheduler(flags) => ("operate/restart-scheduler", flags),
            Self::Workers(flags) => ("operate/restart-workers", flags),
            Self::Database(flags) => ("operate/restart-database", flags),
            Self::Redis(flags) => ("operate/restart-redis", flags),
            Self::All(flags) => ("operate/restart-all", flags),
        };
        run_and_print(context, runbook, &flags.look, &flags.run).await
    }
}
