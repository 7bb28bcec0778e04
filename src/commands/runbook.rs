//! `runbook`: lists, shows, checks and runs runbooks.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Context, run};
use crate::base::clean::{clean, clean_lines};
use crate::base::cli_error::CliError;
use crate::base::{exit, units};
use crate::model::table::{Kind, Row, View};
use crate::model::{Column, Listing, Table};
use crate::render::{self, Format, stdio};
use crate::runbook::{Entry, lint, schema, warnings};

/// The origin of a runbook of this program.
const EMBEDDED: &str = "embedded";

#[derive(Debug, Subcommand)]
pub(crate) enum RunbookCommand {
    /// List all runbooks
    #[command(after_help = "Examples:\n  ordctl runbook list\n  ordctl runbook list -o json")]
    List,
    /// Show a runbook
    #[command(
        after_help = "Examples:\n  ordctl runbook show health/morning\n  ordctl runbook show health/morning -o json"
    )]
    Show(Named),
    /// Check runbooks without running them
    #[command(after_help = "Examples:\n  ordctl runbook lint\n  ordctl runbook lint ./my-runbook.yaml")]
    Lint(Several),
    /// Run a runbook; the same as `ordctl run`
    Run(Box<run::Run>),
    /// Print the JSON Schema of runbooks, for editors
    #[command(
        after_help = "Examples:\n  ordctl runbook schema\n  ordctl runbook schema > runbook.schema.json"
    )]
    Schema,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The name of a runbook, or the path of a YAML file
    name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Several {
    /// Names of runbooks, or paths of YAML files [default: all]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    names: Vec<String>,
}

impl RunbookCommand {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        match self {
            Self::List => list(context),
            Self::Show(named) => show(context, &named.name),
            Self::Lint(several) => check(context, &several.names),
            Self::Run(command) => command.execute(context).await,
            Self::Schema => {
                stdio::data(&render::value(&schema(&context.registry), Format::Json)?)?;
                Ok(exit::OK)
            }
        }
    }
}

fn list(context: &Context) -> Result<u8, CliError> {
    let mut rows = Vec::new();
    for entry in context.runbooks.entries()?.values() {
        // One invalid file must not hide the others.
        let (title, severity, within) = match entry.parse() {
            Ok(runbook) => (
                runbook.title().to_owned(),
                runbook.alert.as_ref().map(|a| a.severity),
                runbook.alert.as_ref().map(|a| a.respond_within.to_string()),
            ),
            Err(_) => (format!("invalid, see ordctl runbook lint {}", entry.name), None, None),
        };
        rows.push(Row::new(json!({
            "name": entry.name,
            "title": title,
            "severity": severity,
            "respond_within": within,
            "origin": entry.origin,
        })));
    }
    // Where all are embedded, the column says nothing.
    let is_own = |row: &Row| row.object["origin"] != EMBEDDED;
    let origin = if rows.iter().any(is_own) { View::Both } else { View::Wide };
    let columns = vec![
        Column::new("NAME", "name", Kind::Plain),
        Column::new("TITLE", "title", Kind::Text),
        Column::new("SEVERITY", "severity", Kind::Plain).optional(),
        Column::new("RESPOND WITHIN", "respond_within", Kind::Plain).optional(),
        Column::new("ORIGIN", "origin", Kind::Text).only(origin),
    ];
    context.print(&Table { name: "runbooks", columns, rows, none: "no runbooks".into() })?;
    Ok(exit::OK)
}

fn show(context: &Context, name: &str) -> Result<u8, CliError> {
    let entry = context.runbooks.find(name)?;
    let runbook = entry.parse()?;
    let text = match context.flags.output {
        // The file is its own best description.
        Format::Text | Format::Yaml => {
            format!("# {}\n{}", clean(&entry.origin), clean_lines(&entry.text))
        }
        other => render::value(&runbook, other)?,
    };
    stdio::data(&text)?;
    Ok(exit::OK)
}

fn check(context: &Context, names: &[String]) -> Result<u8, CliError> {
    let entries: Vec<Entry> = if names.is_empty() {
        context.runbooks.entries()?.into_values().collect()
    } else {
        names.iter().map(|n| context.runbooks.find(n)).collect::<Result<_, _>>()?
    };
    let mut rows = Vec::new();
    for entry in &entries {
        let problems = lint(entry, &context.registry, &context.queries);
        rows.extend(problems.into_iter().map(|p| vec![json!(p.place), json!(p.message)]));
        for warning in entry.parse().iter().flat_map(warnings) {
            stdio::note(&format!("warning: {warning}"));
        }
    }
    if rows.is_empty() && context.flags.output == Format::Text {
        stdio::note(&format!("{} checked, no problems", units::counted(entries.len() as f64, "runbook")));
        return Ok(exit::OK);
    }
    let code = if rows.is_empty() { exit::OK } else { exit::USAGE };
    let listing = Listing { name: "problems", columns: vec!["place", "problem"], rows };
    stdio::data(&render::listing(&listing, context.flags.output)?)?;
    Ok(code)
}
