//! The only layer that prints. Data goes to standard output, everything else to standard error.
//!
//! A renderer is a pure function from a report or a listing to text. To add an output format, write its
//! file here and add it to [`Format`] and to [`report`].

mod blocks;
mod charset;
mod cli_error;
mod columns;
mod json;
mod junit;
mod line;
mod lines;
mod listing;
mod log;
mod markdown;
mod nagios;
mod overview;
mod plan;
mod progress;
mod prometheus;
mod prompt;
mod sparkline;
pub(crate) mod stdio;
mod svg;
mod table;
mod text;
mod wrap;

use crate::base::cli_error::CliError;
use crate::model::Report;

pub(crate) use charset::fit as ascii_fit;
pub(crate) use cli_error::cli_error;
pub(crate) use columns::{TableStyle, cut, table};
pub(crate) use json::line as json_line;
pub(crate) use line::line;
pub(crate) use lines::Lines;
pub(crate) use listing::listing;
pub(crate) use log::{LogFormat, log};
pub(crate) use progress::Progress;
pub(crate) use prompt::TerminalPrompt;
pub(crate) use svg::chart;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Text for a terminal or a mail
    #[default]
    Text,
    /// Text with all columns of a list, not cut
    Wide,
    /// Versioned JSON for programs
    Json,
    /// The same structure as YAML
    Yaml,
    /// Tables for a ticket or a wiki
    Markdown,
    /// JUnit XML for CI
    Junit,
    /// Metrics in the text format 0.0.4
    Prometheus,
    /// A monitoring plugin's status line
    Nagios,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Style {
    pub(crate) color: bool,
    /// Print only findings that are not ok.
    pub(crate) quiet: bool,
    /// Print the exact statements and calls of a plan.
    pub(crate) statements: bool,
    /// Print one line for each section, as a person at a terminal reads it first.
    pub(crate) compact: bool,
    /// Columns of the terminal; None for a file or a pipe.
    pub(crate) width: Option<usize>,
}

/// A report in a format.
pub(crate) fn report(report: &Report, format: Format, style: Style) -> Result<String, CliError> {
    let fail = |e: anyhow::Error| CliError::failed("cannot render the report").because(e);
    match format {
        Format::Text | Format::Wide => Ok(charset::fitted(text::report(report, style))),
        Format::Json => json::json(report).map_err(fail),
        Format::Yaml => json::yaml(report).map_err(fail),
        Format::Markdown => Ok(markdown::report(report)),
        Format::Junit => junit::report(report).map_err(fail),
        Format::Prometheus => Ok(prometheus::report(report)),
        Format::Nagios => Ok(charset::fitted(nagios::report(report))),
    }
}

/// Any value as JSON or YAML, for output that is neither a report nor a listing.
pub(crate) fn value<T: serde::Serialize>(value: &T, format: Format) -> Result<String, CliError> {
    let fail = |e: anyhow::Error| CliError::failed("cannot render the output").because(e);
    match format {
        Format::Yaml => json::yaml(value).map_err(fail),
        Format::Json | Format::Text | Format::Wide => json::json(value).map_err(fail),
        other => Err(unsupported(other)),
    }
}

/// The error for a format that only reports have.
fn unsupported(format: Format) -> CliError {
    let name = format!("{format:?}").to_lowercase();
    CliError::usage(format!("-o {name}: only reports support this format"))
        .hint("use text, wide, json, yaml or markdown")
}
