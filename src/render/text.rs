//! Reports as text, for a terminal or a mail from cron. Lines are never wrapped, so that a command can
//! be copied in one piece.

use owo_colors::{OwoColorize, Style as Paint};

use super::Style;
use super::sparkline::sparkline;
use crate::base::clean::clean;
use crate::base::{exit, units};
use crate::model::{Finding, Kind, Report, Status, Threshold, Worse};

/// With `quiet` only findings that are not ok, and no text at all when the exit code is 0.
pub(crate) fn report(report: &Report, style: Style) -> String {
    if style.quiet && report.exit_code() == exit::OK && report.kind != Kind::DryRun {
        return String::new();
    }
    let mut out = head(report, style);
    for section in &report.sections {
        let shown = |f: &&Finding| !style.quiet || !matches!(f.status, Status::Ok | Status::Skipped);
        let findings: Vec<&Finding> = section.findings.iter().filter(shown).collect();
        if !findings.is_empty() {
            out.push_str(&format!("\n{}\n", bold(&clean(&section.title), style)));
            for (i, one) in findings.iter().enumerate() {
                if findings[..i].iter().any(|earlier| one.repeats(earlier)) {
                    continue;
                }
                let repeats = findings[i + 1..].iter().filter(|f| f.repeats(one)).count();
                out.push_str(&finding(one, repeats, style));
            }
        }
    }
    out.push_str(&verdict(report, style));
    out
}

fn head(report: &Report, style: Style) -> String {
    let target = &report.target;
    let mut about = vec![format!("from {}", target.host)];
    about.insert(0, target.database.clone().unwrap_or_else(|| "no database".to_owned()));
    about.extend(target.docker.as_ref().map(|d| format!("docker {d}")));
    format!(
        "{}  {}  {}\n{}\n",
        bold(&clean(&report.title), style),
        clean(&target.environment),
        report.started_at.format("%Y-%m-%d %H:%M:%S %:z"),
        faint(&clean(&about.join(", ")), style)
    )
}

/// A finding, with the number of findings that repeat it.
fn finding(finding: &Finding, repeats: usize, style: Style) -> String {
    let mut line = format!("  {} {}", label(finding.status, style), clean(finding.text()));
    if let Some(series) = &finding.series {
        line.push_str(&faint(&format!("  {}", sparkline(series)), style));
    }
    if repeats > 0 {
        let checks = if repeats == 1 { "check" } else { "checks" };
        line.push_str(&faint(&format!(" (and {repeats} more {checks})"), style));
    }
    let bad = !matches!(finding.status, Status::Ok | Status::Skipped);
    let limits = Threshold { warn: finding.warn, crit: finding.crit, worse: Worse::Higher };
    let limits = limits.text(finding.unit.as_deref());
    if bad && !limits.is_empty() {
        line.push_str(&faint(&format!(" [{}]", clean(&limits)), style));
    }
    line.push('\n');
    if let Some(hint) = &finding.hint {
        line.push_str(&format!("           {}\n", faint(&format!("-> {}", clean(hint)), style)));
    }
    line
}

fn verdict(report: &Report, style: Style) -> String {
    let counts: Vec<String> = Status::ALL
        .into_iter()
        .filter(|s| report.count(*s) > 0)
        .map(|s| format!("{} {}", report.count(s), s.word()))
        .collect();
    let word = word(report);
    let word =
        if style.color { word.style(paint(report.status).bold()).to_string() } else { word.to_owned() };
    let mut out =
        format!("\n{word}: {} in {}\n", counts.join(", "), units::duration(report.duration_seconds));
    const SHOWN: usize = 5;
    for reason in report.reasons.iter().take(SHOWN) {
        out.push_str(&format!("  - {}\n", clean(reason)));
    }
    if report.reasons.len() > SHOWN {
        out.push_str(&format!("  - and {} more above\n", report.reasons.len() - SHOWN));
    }
    if let Some(first) = report.next.first() {
        out.push_str(&format!("next: {}\n", clean(first)));
    }
    out
}

fn word(report: &Report) -> &'static str {
    match (report.kind, report.status) {
        (Kind::Look, Status::Skipped) => "unknown, nothing was checked",
        (Kind::Look, status) => status.word(),
        (Kind::Act, Status::Crit | Status::Unknown) if report.refused => "refused",
        (Kind::Act, Status::Crit | Status::Unknown) => "failed",
        (Kind::Act, Status::Warn) => "done with warnings",
        (Kind::Act, _) => "done",
        (Kind::DryRun, Status::Crit | Status::Unknown) => "refused, dry run",
        (Kind::DryRun, Status::Warn) => "dry run with warnings, nothing was changed",
        (Kind::DryRun, _) => "dry run, nothing was changed",
    }
}

/// The verdict's word, padded to the longest.
pub(super) fn label(status: Status, style: Style) -> String {
    let padded = format!("{:<8}", status.word());
    if style.color { padded.style(paint(status)).to_string() } else { padded }
}

fn paint(status: Status) -> Paint {
    match status {
        Status::Ok => Paint::new().green(),
        Status::Warn => Paint::new().yellow(),
        Status::Crit => Paint::new().red(),
        Status::Unknown => Paint::new().magenta(),
        Status::Skipped => Paint::new().dimmed(),
    }
}

fn bold(text: &str, style: Style) -> String {
    if style.color { text.bold().to_string() } else { text.to_owned() }
}

fn faint(text: &str, style: Style) -> String {
    if style.color { text.dimmed().to_string() } else { text.to_owned() }
}
