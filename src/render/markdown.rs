//! Reports as Markdown, for a ticket or a wiki.

use crate::base::clean::clean;
use crate::base::units;
use crate::model::{Report, Status};

pub(crate) fn report(report: &Report) -> String {
    let mut out = format!(
        "# {}: {}\n\n{}, {}, {}\n",
        clean(&report.title),
        report.status.word(),
        clean(&report.target.environment),
        clean(&report.target.host),
        report.started_at.format("%Y-%m-%d %H:%M:%S %:z")
    );
    for section in &report.sections {
        out.push_str(&format!(
            "\n## {}\n\n| status | finding | source | next |\n|---|---|---|---|\n",
            clean(&section.title)
        ));
        for f in &section.findings {
            let hint = f.hint.as_ref().map(|h| format!("`{}`", h.replace('`', "'"))).unwrap_or_default();
            let status = if matches!(f.status, Status::Ok | Status::Skipped) {
                f.status.word().to_owned()
            } else {
                format!("**{}**", f.status.word())
            };
            out.push_str(&row(&[status, f.text().to_owned(), f.source.clone(), hint]));
        }
    }
    if !report.plan_summary.is_empty() {
        let lines: Vec<_> = report.plan_summary.iter().map(|line| clean(line)).collect();
        out.push_str(&format!("\n{}\n", lines.join("  \n")));
    }
    out.push_str(&format!("\nTook {}.\n", units::duration(report.duration_seconds)));
    out
}

/// A table row with its cells cleaned and escaped.
pub(crate) fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|c| clean(c).replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}
