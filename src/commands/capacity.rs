//! `capacity`: how much room there is, and for how long.

use std::path::PathBuf;

use clap::Args;

use super::Context;
use super::report::{ActFlags, LookFlags, show};
use crate::base::cli_error::CliError;

/// How much room is there, and for how long?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Capacity {
    #[command(flatten)]
    look: LookFlags,
    /// Also draw what has a course over time as SVG, atomically
    #[arg(long, value_name = "PATH")]
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
        show(context, "operate/capacity", &look, &ActFlags::default()).await
    }
}
