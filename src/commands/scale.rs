//! `scale`: how many workers run.

use clap::{Args, Subcommand};

use super::Context;
use super::autoscale::Auto;
use super::report::{Flags, LookFlags, RunFlags, run_and_print};
use crate::base::cli_error::CliError;

/// Scaling.
#[derive(Debug, Subcommand)]
pub(crate) enum Scale {
    /// To so many workers in all, which must not be fewer than now
    #[command(after_help = "Examples:\n  ordctl scale up 4 --dry-run\n  ordctl scale up 4 --yes")]
    Up(Number),
    /// To so many workers in all, which must not be more than now
    #[command(after_help = "Examples:\n  ordctl scale down 2 --dry-run\n  ordctl scale down 2 --yes")]
    Down(Number),
    /// To so many workers in all
    #[command(
        after_help = "Examples:\n  ordctl scale to 3 --yes\n  ordctl scale to 3 --yes -p service=importer"
    )]
    To(Number),
    /// To as many workers as may be: services.worker.max, or 8
    #[command(
        after_help = "Examples:\n  ordctl scale emergency --dry-run\n  ordctl scale emergency --confirm production"
    )]
    Emergency(Flags),
    /// To as many workers as the load asks for
    Auto(Auto),
    /// How many run, and is it enough?
    #[command(after_help = "Examples:\n  ordctl scale status\n  ordctl scale status --watch 5s")]
    Status(LookFlags),
}

/// How many, with the flags.
#[derive(Debug, Args)]
pub(crate) struct Number {
    /// How many there are to be in all; a resumed run knows it
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
        // Without a number it is a run that is resumed, which keeps its own.
        if let Some(number) = self.number {
            let own = [("to", number.to_string()), ("direction", direction.to_owned())];
            look.params.extend(own.map(|(key, value)| (key.to_owned(), value)));
        }
        run_and_print(context, "operate/scale", &look, &self.flags.run).await
    }
}
