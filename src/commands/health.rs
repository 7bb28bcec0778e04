//! `health` and `doctor`: the state of the system, and whether ordctl can reach it.

use clap::{Args, Subcommand};

use super::Context;
use super::report::{LookFlags, RunFlags, run_and_print};
use crate::base::cli_error::CliError;

#[derive(Debug, Subcommand)]
pub(crate) enum Health {
    /// Report the state of every system
    #[command(after_help = MORNING)]
    Morning(LookFlags),
    /// Report today's runs, tomorrow's schedule, resource usage, growth and backups
    #[command(after_help = EVENING)]
    Evening(LookFlags),
}

const MORNING: &str = "\
Examples:
  ordctl health morning
  ordctl health morning --only queue --only workers
  ordctl health morning -p queue_crit=5000
  ordctl health morning -o json | jq '.sections[].findings[].summary'
  0 8 * * *  ordctl health morning -q --ping https://hc.example/id   (crontab)";

const EVENING: &str = "\
Examples:
  ordctl health evening
  ordctl health evening --only today --only tomorrow
  ordctl health evening -p rate_warn=99 -o json
  0 18 * * *  ordctl health evening --quiet -p period=last_24h   (crontab)

By default the report covers the time since midnight, so a report at 18:00 misses later runs. -p period=last_24h covers the last 24 hours.";

impl Health {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let (runbook, look) = match self {
            Self::Morning(look) => ("health/morning", look),
            Self::Evening(look) => ("health/evening", look),
        };
        run_and_print(context, runbook, look, &RunFlags::default()).await
    }
}

/// Check connections, privileges and settings of every system
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ordctl doctor\n  ordctl doctor --env staging -o json")]
pub(crate) struct Doctor {
    #[command(flatten)]
    look: LookFlags,
}

impl Doctor {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        run_and_print(context, "operate/doctor", &self.look, &RunFlags::default()).await
    }
}
