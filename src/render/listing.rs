//! Tables of items that are not findings.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};

use super::{Format, charset, json as structured, markdown, stdio, unsupported};
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::model::Listing;
use crate::model::report::SCHEMA_VERSION;

pub(crate) fn listing(listing: &Listing, format: Format) -> Result<String, CliError> {
    let fail = |e: anyhow::Error| CliError::failed("cannot render the list").because(e);
    let value = || json!({ "schema_version": SCHEMA_VERSION, listing.name: listing.objects() });
    match format {
        Format::Text | Format::Wide => Ok(charset::fitted(text(listing))),
        Format::Json => structured::json(&value()).map_err(fail),
        Format::Yaml => structured::yaml(&value()).map_err(fail),
        Format::Markdown => Ok(markdown(listing)),
        other => Err(unsupported(other)),
    }
}

fn text(listing: &Listing) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    // In a file or a pipe each row stays on one line.
    let arrangement =
        if stdio::out_is_terminal() { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    table.set_content_arrangement(arrangement);
    table.set_header(listing.columns.iter().map(|c| c.to_uppercase()));
    for row in &listing.rows {
        table.add_row(row.iter().map(cell));
    }
    let lines: Vec<String> = table.lines().map(|l| l.trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

fn markdown(listing: &Listing) -> String {
    let mut out = markdown::row(&listing.columns.iter().map(ToString::to_string).collect::<Vec<_>>());
    out.push_str(&markdown::row(&vec!["---".to_owned(); listing.columns.len()]));
    for row in &listing.rows {
        out.push_str(&markdown::row(&row.iter().map(cell).collect::<Vec<_>>()));
    }
    out
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(s) => clean(s).into_owned(),
        other => clean(&other.to_string()).into_owned(),
    }
}
