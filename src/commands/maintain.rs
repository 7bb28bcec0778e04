//! `maintain`: recurring maintenance.

use clap::Subcommand;

use super::Context;
use super::report::{Flags, run_and_print};
use crate::base::cli_error::CliError;

#[derive(Debug, Subcommand)]
pub(crate) enum Maintain {
    /// Update the planner statistics of the scheduler's tables
    #[command(after_help = ANALYZE)]
    Analyze(Flags),
    /// Delete old rows, vacuum, rebuild bloated indexes and remove unused Docker objects
    #[command(after_help = WEEKLY)]
    Weekly(Flags),
    /// Back up, verify the backup by restoring it, review the month and delete old backups
    #[command(after_help = MONTHLY)]
    Monthly(Flags),
}

pub(crate) const EXAMPLES: &str = "\
Examples:
  ordctl maintain analyze --dry-run
  ordctl maintain weekly --yes
  ordctl history                        what earlier runs did";

const ANALYZE: &str = "\
Examples:
  ordctl maintain analyze --dry-run
  ordctl maintain analyze --yes
  ordctl maintain analyze --yes --only task_run
  ordctl maintain analyze --yes --resume    continue an unfinished run";

const WEEKLY: &str = "\
Examples:
  ordctl maintain weekly --dry-run
  ordctl maintain weekly --yes
  ordctl maintain weekly --yes --skip reindex --report weekly.md
  ordctl maintain weekly --yes --resume     continue an unfinished run
  ordctl run maintain/weekly --yes -p runs=60d -p audit=180d";

const MONTHLY: &str = "\
Examples:
  ordctl maintain monthly --dry-run
  ordctl maintain monthly --yes
  ordctl maintain monthly --yes --only verify   verify the newest dump
  ordctl maintain monthly --yes --resume        continue an unfinished run
  0 1 1-7 * *  [ \"$(date +\\%u)\" = 7 ] && ordctl maintain monthly --yes -q";

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
