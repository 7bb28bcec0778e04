//! `config`: the settings and their origins.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::context::no_file;
use super::{Context, init};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::model::Listing;
use crate::render::{self, stdio};

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Show every setting, with secrets masked
    #[command(
        after_help = "Examples:\n  ordctl config show\n  ordctl config show --origin\n  ordctl config show --env staging -o json"
    )]
    Show(Show),
    /// Write a configuration of the discovered system, as ordctl init does
    #[command(hide = true)]
    Init(init::Init),
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Also show where each value comes from
    #[arg(long)]
    origin: bool,
}

impl Config {
    pub(crate) fn execute(&self, context: &Context) -> Result<u8, CliError> {
        // `init` needs no settings and is handled with the commands of that kind.
        let Self::Show(show) = self else { return Ok(exit::OK) };
        let mut columns = vec!["setting", "value"];
        columns.extend(show.origin.then_some("origin"));
        let row = |row: crate::base::settings::Row| {
            let mut cells = vec![json!(row.path), row.value];
            if show.origin {
                cells.push(Value::String(row.origin.to_string()));
            }
            cells
        };
        let rows = context.resolved.rows().into_iter().map(row).collect();
        let listing = Listing { name: "settings", columns, rows };
        stdio::data(&render::listing(&listing, context.flags.output)?)?;
        if show.origin && context.settings().file.is_none() {
            stdio::note(&no_file());
        }
        Ok(exit::OK)
    }
}
