//! A report as one line, for what goes on and on: a round of `--watch` that is kept, not redrawn.

use super::text::label;
use super::{Format, Style, json, unfit};
use crate::base::cli_error::CliError;
use crate::model::{Report, Status};

/// The report's line with its end: for a person the time, the verdict and what was found; for a program
/// the whole report. Empty where `quiet` leaves it out.
pub(crate) fn line(report: &Report, format: Format, style: Style) -> Result<String, CliError> {
    let fail = |e: anyhow::Error| CliError::failed("the report cannot be written in this format").because(e);
    let well = matches!(report.status, Status::Ok | Status::Skipped);
    match format {
        Format::Text | Format::Json if style.quiet && well => Ok(String::new()),
        Format::Json => json::line(report).map_err(fail),
        Format::Text => {
            let findings = report.sections.iter().flat_map(|s| &s.findings);
            let said: Vec<&str> =
                findings.filter(|f| f.status != Status::Skipped).map(|f| f.summary.as_str()).collect();
            let said = said.join("; ").replace(['\n', '\r'], " ");
            let time = report.started_at.format("%Y-%m-%d %H:%M:%S");
            Ok(format!("{time}  {} {said}\n", label(report.status, style)))
        }
        other => Err(unfit(other).hint("here it is text or json")),
    }
}
