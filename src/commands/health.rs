//! `health` and `doctor`: reports on how the system is, and on how well it can be reached.

use clap::{Args, Subcommand};

use super::Context;
use super::report::{ActFlags, LookFlags, show};
use crate::base::cli_error::CliError;

/// Health reports.
#[derive(Debug, Subcommand)]
pub(crate) enum Health {
    /// Every system once: the first look of the day
    #[command(after_help = MORNING)]
    Morning(LookFlags),
    /// The day that ends: runs, tomorrow's schedule, use of resources, growth, backup
    #[command(after_help = EVENING)]
    Evening(LookFlags),
}

const MORNING: &str = "\
Examples:
  ordctl health morning
  ordctl health morning --only queue --only workers
  ordctl health morning -p queue_crit=5000
  ordctl health morning -o json | jq '.sections[].findings[] | select(.status != \"ok\")'
  0 8 * * *  ordctl health morning --quiet --ping https://hc.example/uuid   (crontab)";

const EVENING: &str = "\
Examples:
  ordctl health evening
  ordctl health evening --only today --only tomorrow
  ordctl health evening -p rate_warn=99 -o json
  0 18 * * *  ordctl health evening --quiet -p period=last_24h   (crontab)

Today's runs are those from midnight until now: a report at 18:00 every day never sees the runs
of the six hours after it. With -p period=last_24h they are those of the 24 hours that end now.";

impl Health {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let (runbook, look) = match self {
            Self::Morning(look) => ("health/morning", look),
            Self::Evening(look) => ("health/evening", look),
        };
        show(context, runbook, look, &ActFlags::default()).await
    }
}

/// What can be reached, with which rights, and what is missing?
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ordctl doctor\n  ordctl doctor --env staging -o json")]
pub(crate) struct Doctor {
    #[command(flatten)]
    look: LookFlags,
}

impl Doctor {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        show(context, "operate/doctor", &self.look, &ActFlags::default()).await
    }
}
