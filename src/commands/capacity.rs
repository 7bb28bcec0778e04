//! `capacity`: growth, utilization and time until full.

use std::path::PathBuf;

use clap::Args;

use super::Context;
use super::report::{LookFlags, RunFlags, run_and_print};
use crate::base::cli_error::CliError;

/// Report growth, utilization and time until full
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Capacity {
    #[command(flatten)]
    look: LookFlags,
    /// Also draw the time series to this SVG file
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  ordctl capacity
  ordctl capacity --chart capacity.svg
  ordctl capacity --only growth -p window=90d
  ordctl capacity --only recommendation -o json";

impl Capacity {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let look = LookFlags { chart: self.chart.clone(), ..self.look.clone() };
        run_and_print(context, "operate/capacity", &look, &RunFlags::default()).await
    }
}
