//! `scale`: changes the number of workers.

use clap::{Args, Subcommand};

use super::Context;
use super::autoscale::Auto;
use super::report::{Flags, LookFlags, RunFlags, run_and_print};
use crate::base::cli_error::CliError;

#[derive(Debug, Subcommand)]
pub(crate) enum Scale {
    /// Add workers until N run
    #[command(after_help = "Examples:\n  ordctl scale up 4 --dry-run\n  ordctl scale up 4 --yes")]
    Up(Number),
    /// Stop workers until N run
    #[command(after_help = "Examples:\n  ordctl scale down 2 --dry-run\n  ordctl scale down 2 --yes")]
    Down(Number),
    /// Set the number of workers to N
    #[command(
        after_help = "Examples:\n  ordctl scale to 3 --yes\n  ordctl scale to 3 --yes -p service=importer"
    )]
    To(Number),
    /// Scale to the maximum number of workers: services.worker.max, or 8
    #[command(
        after_help = "Examples:\n  ordctl scale emergency --dry-run\n  ordctl scale emergency --confirm production"
    )]
    Emergency(Flags),
    /// Scale the workers to match the load
    Auto(Auto),
    /// Report how many workers run and how many the load needs
    #[command(after_help = "Examples:\n  ordctl scale status\n  ordctl scale status --watch 5s")]
    Status(LookFlags),
}

#[derive(Debug, Args)]
pub(crate) struct Number {
    /// Number of workers; optional with --resume
    #[arg(value_name = "N", required_unless_present = "resume")]
    number: Option<u32>,
    #[command(flatten)]
    flags: Flags,
}

impl Scale {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        match self {
            Self::Up(number) => number.scale(context, "up").await,
            Self::Down(number) => number.scale(context, "down").await,
            Self::To(number) => number.scale(context, "any").await,
            Self::Emergency(flags) => {
                run_and_print(context, "operate/scale-emergency", &flags.look, &flags.run).await
            }
            Self::Auto(auto) => auto.execute(context).await,
            Self::Status(look) => {
                run_and_print(context, "operate/scale-status", look, &RunFlags::default()).await
            }
        }
    }
}

impl Number {
    async fn scale(&self, context: &Context, direction: &str) -> Result<u8, CliError> {
        let mut look = self.flags.look.clone();
        // Without a number it is a resumed run, which keeps its own.
        if let Some(number) = self.number {
            let own = [("to", number.to_string()), ("direction", direction.to_owned())];
            look.params.extend(own.map(|(key, value)| (key.to_owned(), value)));
        }
        run_and_print(context, "operate/scale", &look, &self.flags.run).await
    }
}
