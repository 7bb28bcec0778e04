//! `maintain`: work that keeps the system in order.

use clap::{Args, Subcommand};

use super::Context;
use super::report::{ActFlags, LookFlags, show};
use crate::base::fault::Fault;

/// Maintenance.
#[derive(Debug, Subcommand)]
pub enum Maintain {
    /// Refresh the planner's statistics of the scheduler's tables
    #[command(after_help = ANALYZE)]
    Analyze(Flags),
}

/// Flags of a maintenance command.
#[derive(Debug, Args)]
pub struct Flags {
    #[command(flatten)]
    look: LookFlags,
    #[command(flatten)]
    act: ActFlags,
}

const ANALYZE: &str = "\
Examples:
  ordctl maintain analyze --dry-run
  ordctl maintain analyze --yes
  ordctl maintain analyze --yes --only task_run
  ordctl maintain analyze --yes --resume    go on where a run was stopped";

impl Maintain {
    /// Runs it.
    pub async fn execute(&self, context: &Context) -> Result<u8, Fault> {
        let Self::Analyze(flags) = self;
        show(context, "maintain/analyze", &flags.look, &flags.act).await
    }
}
