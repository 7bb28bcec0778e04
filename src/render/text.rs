//! For a person: at a terminal at three in the morning, or in the mail that cron sends. Lines
//! are never wrapped, so that a command can be copied whole.

use owo_colors::{OwoColorize, Style as Paint};

use super::Style;
use super::sparkline::sparkline;
use crate::base::{exit, units};
use crate::model::{Finding, Kind, Report, Status, Threshold, Worse};

/// The report; with `quiet` only what is not ok, and nothing at all when all is.
pub(crate) fn report(report: &Report, style: Style) -> String {
    // What checked nothing is no good day, though nothing in it is bad.
    if style.quiet && report.exit_code() == exit::OK && report.kind != Kind::DryRun {
        return String::new();
    }
    let mut out = head(report, style);
    for section in &report.sections {
        let shown = |f: &&Finding| !style.quiet || !matches!(f.status, Status::Ok | Status::Skipped);
        let findings: Vec<&Finding> = section.findings.iter().filter(shown).collect();
        if !findings.is_empty() {
            out.push_str(&format!("\n{}\n", bold(&section.title, style)));
            for (i, one) in findings.iter().enumerate() {
                if findings[..i].iter().any(|earlier| one.repeats(earlier)) {
                    continue;
                }
                let like_it = findings[i + 1..].iter().filter(|f| f.repeats(one)).count();
                out.push_str(&finding(one, like_it, style));
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
        bold(&report.title, style),
        target.environment,
        report.started_at.format("%Y-%m-%d %H:%M:%S %:z"),
        faint(&about.join(", "), style)
    )
}

/// A finding, with how many more say the same.
fn finding(finding: &Finding, like_it: usize, style: Style) -> String {
    let mut line = format!("  {} {}", label(finding.status, style), one_line(&finding.summary));
    if let Some(series) = &finding.series {
        line.push_str(&faint(&format!("  {}", sparkline(series)), style));
    }
    if like_it > 0 {
        line.push_str(&faint(&format!(" (and {like_it} more the same)"), style));
    }
    let bad = !matches!(finding.status, Status::Ok | Status::Skipped);
    let limits = Threshold { warn: finding.warn, crit: finding.crit, worse: Worse::Higher };
    let limits = limits.text(finding.unit.as_deref());
    if bad && !limits.is_empty() {
        line.push_str(&faint(&format!(" [{limits}]"), style));
    }
    line.push('\n');
    if let Some(hint) = &finding.hint {
        line.push_str(&format!("           {}\n", faint(&format!("-> {hint}"), style)));
    }
    line
}

fn verdict(report: &Report, style: Style) -> String {
    let counts: Vec<String> = Status::ALL
        .into_iter()
        .filter(|s| report.count(*s) > 0)
        .map(|s| format!("{} {}", report.count(s), s))
        .collect();
    let word = word(report);
    let word =
        if style.color { word.style(paint(report.status).bold()).to_string() } else { word.to_owned() };
    let mut out =
        format!("\n{word}: {} in {}\n", counts.join(", "), units::duration(report.duration_seconds));
    const SHOWN: usize = 5;
    for reason in report.reasons.iter().take(SHOWN) {
        out.push_str(&format!("  - {}\n", one_line(reason)));
    }
    if report.reasons.len() > SHOWN {
        out.push_str(&format!("  - and {} more above\n", report.reasons.len() - SHOWN));
    }
    if let Some(first) = report.next.first() {
        out.push_str(&format!("next: {first}\n"));
    }
    out
}

fn word(report: &Report) -> &'static str {
    match (report.kind, report.status) {
        (Kind::Look, Status::Ok) => "OK",
        (Kind::Look, Status::Skipped) => "NOTHING WAS CHECKED",
        (_, Status::Warn) if report.kind == Kind::Act => "DONE, WITH WARNINGS",
        (_, Status::Warn) => "WARNING",
        (Kind::Look, Status::Crit) => "CRITICAL",
        (Kind::Look, Status::Unknown) => "UNKNOWN",
        (Kind::Act, Status::Crit | Status::Unknown) if report.refused => "REFUSED",
        (Kind::Act, Status::Crit | Status::Unknown) => "FAILED",
        (Kind::Act, _) => "DONE",
        (Kind::DryRun, Status::Crit | Status::Unknown) => "WOULD BE REFUSED",
        (Kind::DryRun, _) => "NOTHING WAS CHANGED",
    }
}

/// The verdict's word, as wide as the widest.
pub(super) fn label(status: Status, style: Style) -> String {
    let word = match status {
        Status::Ok => "ok",
        Status::Warn => "WARN",
        Status::Crit => "CRIT",
        Status::Unknown => "UNKNOWN",
        Status::Skipped => "skipped",
    };
    let padded = format!("{word:<8}");
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

/// A summary may quote what a server said; on a terminal it stays one line without control
/// characters.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
