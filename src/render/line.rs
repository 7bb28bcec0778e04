//! A report as one line, for `--watch` where each round is appended to a log.

use super::text::label;
use super::{Format, Style, charset, json, unsupported};
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::model::{Finding, Report, Status};

/// As text: time, verdict and summaries. As JSON: the complete report. Empty when `quiet` omits it.
pub(crate) fn line(report: &Report, format: Format, style: Style) -> Result<String, CliError> {
    let fail = |e: anyhow::Error| CliError::failed("cannot render the report").because(e);
    let is_ok = matches!(report.status, Status::Ok | Status::Skipped);
    match format {
        Format::Text | Format::Wide | Format::Json if style.quiet && is_ok => Ok(String::new()),
        Format::Json => json::line(report).map_err(fail),
        Format::Text | Format::Wide => {
            let findings = report.sections.iter().flat_map(|s| &s.findings);
            let summaries: Vec<&str> =
                findings.filter(|f| f.status != Status::Skipped).map(Finding::text).collect();
            let summaries = summaries.join("; ");
            let summaries = clean(&summaries);
            let time = report.started_at.format("%Y-%m-%d %H:%M:%S");
            Ok(charset::fitted(format!("{time}  {} {summaries}\n", label(report.status, style))))
        }
        other => Err(unsupported(other).hint("use -o text or -o json")),
    }
}
