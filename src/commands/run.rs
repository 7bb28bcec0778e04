//! `run`: runs any runbook.

use clap::Args;

use super::Context;
use super::report::{LookFlags, RunFlags, run_and_print};
use crate::base::cli_error::CliError;

/// Run any runbook, including your own
#[derive(Debug, Args)]
// The short help fits on one screen.
#[command(after_help = EXAMPLES, mut_arg("verbose", |arg| arg.hide_short_help(true)))]
pub(crate) struct Run {
    /// The name of a runbook (`ordctl runbook list`), or the path of a YAML file
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    look: LookFlags,
    #[command(flatten)]
    run: RunFlags,
}

const EXAMPLES: &str = "\
Examples:
  ordctl run health/morning
  ordctl run maintain/analyze --dry-run
  ordctl run ./my-runbook.yaml -p table=orders --yes";

impl Run {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        run_and_print(context, &self.name, &self.look, &self.run).await
    }
}
