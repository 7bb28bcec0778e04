//! `maintain`: work that keeps the system in order.

use clap::Subcommand;

use super::Context;
use super::report::{Flags, run_and_print};
use crate::base::cli_error::CliError;

/// Maintenance.
#[derive(Debug, Subcommand)]
pub(crate) enum Maintain {
    /// Refresh the planner's statistics of the scheduler's tables
    #[command(after_help = ANALYZE)]
    Analyze(Flags),
    /// Delete what is old, give its room back, rebuild bloated indexes, clean up Docker
    #[command(after_help = WEEKLY)]
    Weekly(Flags),
    /// Back up, verify by restoring, review the month, delete old backups
    #[command(after_help = MONTHLY)]
    Monthly(Flags),
}

const ANALYZE: &str = "\
Examples:
  ordctl maintain analyze --dry-run
  ordctl maintain analyze --yes
  ordctl maintain analyze --yes --only task_run
  ordctl maintain analyze --yes --resume    go on where a run was stopped";

const WEEKLY: &str = "\
Examples:
  ordctl maintain weekly --dry-run
  ordctl maintain weekly --yes
  ordctl maintain weekly --yes --skip reindex --report weekly.md
  ordctl maintain weekly --yes --resume     go on where a run was stopped
  ordctl run maintain/weekly --yes -p runs=60d -p audit=180d";

const MONTHLY: &str = "\
Examples:
  ordctl maintain monthly --dry-run
  ordctl maintain monthly --yes
  ordctl maintain monthly --yes --only verify   restore the newest dump once more, to prove it
  ordctl maintain monthly --yes --resume        go on where a run was stopped
  ordctl run maintain/monthly --yes -p older_than=365d
  0 1 1-7 * *  [ \"$(date +\\%u)\" = 7 ] && ordctl maintain monthly --yes --quiet   (crontab)";

impl Maintain {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let (name, flags) = match self {
            Self::Analyze(flags) => ("maintain/analyze", flags),
            Self::Weekly(flags) => ("maintain/weekly", flags),
            Self::Monthly(flags) => ("maintain/monthly", flags),
        };
        run_and_print(context, name, &flags.look, &flags.run).await
    }
}
