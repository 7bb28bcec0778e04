//! Findings with the same columns, as a table.

use super::Style;
use super::blocks::is_ok;
use super::text::{detail, faint, label};
use crate::base::clean::clean;
use crate::model::Finding;

/// The width of the verdict's column.
const MARGIN: usize = 11;

/// The number of findings at the beginning that are rows of one table; 0 when the first is none.
pub(super) fn length(findings: &[&Finding]) -> usize {
    let columns = |f: &Finding| f.cells.as_ref().map(|row| row.keys().cloned().collect::<Vec<_>>());
    let Some(first) = findings.first().and_then(|f| columns(f)) else { return 0 };
    findings.iter().take_while(|f| columns(f).as_ref() == Some(&first)).count()
}

/// One line a row. A terminal that is too narrow loses the last columns; a row that needs attention is followed by its
/// text and its command.
pub(super) fn table(findings: &[&Finding], style: Style) -> String {
    let rows: Vec<Vec<String>> = findings.iter().map(|f| cells(f)).collect();
    let Some(cells) = findings.first().and_then(|f| f.cells.as_ref()) else { return String::new() };
    let header: Vec<String> = cells.keys().map(|column| column.to_uppercase()).collect();
    let wide =
        |n: usize| rows.iter().chain([&header]).filter_map(|row| row.get(n)).map(|c| c.chars().count()).max();
    let mut widths: Vec<usize> = (0..header.len()).filter_map(wide).collect();
    while widths.len() > 2
        && style.width.is_some_and(|w| MARGIN + widths.iter().sum::<usize>() + 2 * (widths.len() - 1) > w)
    {
        widths.pop();
    }
    let mut out = format!("{:MARGIN$}{}\n", "", faint(&line(&header, &widths), style));
    for (finding, row) in findings.iter().zip(&rows) {
        out.push_str(&format!("  {} {}\n", label(finding.status, style), line(row, &widths)));
        if !is_ok(finding) {
            out.push_str(&detail(finding, style));
        }
    }
    out
}

fn cells(finding: &Finding) -> Vec<String> {
    finding.cells.iter().flatten().map(|(_, text)| clean(text).into_owned()).collect()
}

/// The first column on the left, the values on the right.
fn line(cells: &[String], widths: &[usize]) -> String {
    let padded = cells.iter().zip(widths).enumerate().map(|(n, (cell, width))| match n {
        0 => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    padded.collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    fn rows() -> Vec<Finding> {
        let row = |status, name: &str, value: &str| {
            let text = format!("{name}: {value} of 100 ms");
            let finding = Finding::new(name, "s", status, text).hint("ordctl doctor");
            finding.cells([
                ("figure", name.to_owned()),
                ("value", value.to_owned()),
                ("target", "100 ms".to_owned()),
            ])
        };
        let line = Finding::new("n", "s", Status::Ok, "PostgreSQL 15");
        vec![row(Status::Ok, "API p95", "4 ms"), row(Status::Crit, "Wait", "300 ms"), line]
    }

    #[test]
    fn rows_are_aligned_and_a_bad_one_shows_its_command() {
        let rows = rows();
        let all: Vec<&Finding> = rows.iter().collect();
        assert_eq!(length(&all), 2);
        let wanted = "           FIGURE    VALUE  TARGET
  ok       API p95    4 ms  100 ms
  critical Wait     300 ms  100 ms
           Wait: 300 ms of 100 ms
           -> ordctl doctor
";
        assert_eq!(table(&all[..2], Style::default()), wanted);
    }

    #[test]
    fn a_narrow_terminal_loses_the_last_columns() {
        let rows = rows();
        let narrow = Style { width: Some(30), ..Style::default() };
        let text = table(&[&rows[0]], narrow);
        assert_eq!(text, "           FIGURE   VALUE\n  ok       API p95   4 ms\n");
    }
}
