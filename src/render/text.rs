//! Reports as text, for a terminal or a mail from cron.

use owo_colors::{OwoColorize, Style as Paint};

use super::blocks::{Block, blocks, is_ok};
use super::sparkline::sparkline;
use super::wrap::TEXT;
use super::{Style, overview, plan, table};
use crate::base::clean::clean;
use crate::base::{exit, units};
use crate::model::{DIAGNOSIS, Finding, Kind, PLAN, Report, STEPS, Status, Target, Threshold, Worse};

/// How the description of the local Docker engine begins.
const LOCAL_DOCKER: &str = "unix:///var/run/docker.sock, ";

/// With `quiet` only findings that are not ok, and no text at all when the exit code is 0. Compact, one line for each
/// block of checks; the steps of an action are what a reader wants to see, and stay complete.
pub(crate) fn report(report: &Report, style: Style) -> String {
    if style.quiet && report.exit_code() == exit::OK && report.kind != Kind::DryRun {
        return String::new();
    }
    let mut out = head(report, style);
    let blocks = blocks(report);
    // Steps that only measure make a report without checks.
    let only_checks = report.kind == Kind::Look && !report.sections.iter().any(|s| s.id == STEPS);
    let is_line = |b: &Block<'_>| style.compact && (only_checks || b.section.id == DIAGNOSIS);
    let pad = overview::title_width(blocks.iter().filter(|b| is_line(b)).map(|b| b.title));
    let mut follows_line = false;
    for block in blocks.iter().filter(|b| !style.quiet || !b.is_ok()) {
        if is_line(block) {
            out.push_str(if follows_line { "" } else { "\n" });
            out.push_str(&overview::line(block, pad, style));
        } else {
            out.push_str(&format!("\n{}\n", bold(&clean(block.title), style)));
            out.push_str(&match report.kind == Kind::DryRun && block.section.id == PLAN {
                true => plan::section(block.section, style),
                false => findings(block, style),
            });
        }
        follows_line = is_line(block);
    }
    out.push_str(&verdict(report, blocks.iter().any(is_line), style));
    out
}

/// Every finding of a block, those with the same columns as tables.
fn findings(block: &Block<'_>, style: Style) -> String {
    let shown: Vec<&Finding> = block.findings.iter().copied().filter(|f| !style.quiet || !is_ok(f)).collect();
    let (mut out, mut n) = (String::new(), 0);
    while n < shown.len() {
        let (one, rows) = (shown[n], table::length(&shown[n..]));
        if rows > 0 {
            out.push_str(&table::table(&shown[n..n + rows], style));
        } else if !shown[..n].iter().any(|earlier| one.repeats(earlier)) {
            let repeats = shown[n + 1..].iter().filter(|f| f.repeats(one)).count();
            out.push_str(&finding(one, repeats, style));
        }
        n += rows.max(1);
    }
    out
}

fn head(report: &Report, style: Style) -> String {
    let target = &report.target;
    format!(
        "{}  {}  {}\n{}\n",
        bold(&clean(&report.title), style),
        clean(&target.environment),
        report.started_at.format("%Y-%m-%d %H:%M:%S %:z"),
        faint(&style.wrap(&clean(&about(target)), 0), style)
    )
}

/// The system in one line. For the local Docker engine it names only the project.
pub(super) fn about(target: &Target) -> String {
    let mut about = vec![target.database.clone().unwrap_or_else(|| "no database".to_owned())];
    about.push(format!("from {}", target.host));
    let docker = target.docker.as_deref().map(|d| d.strip_prefix(LOCAL_DOCKER).unwrap_or(d));
    about.extend(docker.map(|d| format!("docker {d}")));
    about.join(", ")
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
    line.push_str(&limits(finding, style));
    style.wrap(&line, TEXT) + "\n" + &hint(finding, style)
}

/// The thresholds of a finding that needs attention.
pub(super) fn limits(finding: &Finding, style: Style) -> String {
    let limits = Threshold { warn: finding.warn, crit: finding.crit, worse: Worse::Higher };
    let limits = limits.text(finding.unit.as_deref());
    if is_ok(finding) || limits.is_empty() {
        return String::new();
    }
    faint(&format!(" [{}]", clean(&limits)), style)
}

/// What a table's row leaves out: the text, and the next command.
pub(super) fn detail(finding: &Finding, style: Style) -> String {
    let line = format!("           {}{}", clean(finding.text()), limits(finding, style));
    style.wrap(&line, TEXT) + "\n" + &hint(finding, style)
}

fn hint(finding: &Finding, style: Style) -> String {
    let hint = finding.hint.as_ref().map(|hint| faint(&format!("-> {}", clean(hint)), style));
    hint.map_or_else(String::new, |hint| format!("           {hint}\n"))
}

/// `folded`: a line of the report stands for several findings.
fn verdict(report: &Report, folded: bool, style: Style) -> String {
    let counts: Vec<String> = Status::ALL
        .into_iter()
        .filter(|s| report.count(*s) > 0)
        .map(|s| format!("{} {}", report.count(s), s.word()))
        .collect();
    let word = word(report);
    let word =
        if style.color { word.style(paint(report.status).bold()).to_string() } else { word.to_owned() };
    let mut summary = report.plan_summary.iter().map(|line| clean(line));
    let mut out = match summary.next() {
        Some(first) => format!("\n{}\n", style.wrap(&format!("{word}: {first}"), 2)),
        None => {
            let took = units::duration(report.duration_seconds);
            let more = if folded { faint("; -v shows every check", style) } else { String::new() };
            let verdict = format!("{word}: {} in {took}{more}", counts.join(", "));
            format!("\n{}\n", style.wrap(&verdict, 2))
        }
    };
    summary.for_each(|line| out.push_str(&format!("{}\n", style.wrap(&line, 2))));
    if style.compact {
        return out + &overview::problems(report, style);
    }
    const SHOWN: usize = 5;
    for reason in report.reasons.iter().take(SHOWN) {
        out.push_str(&format!("{}\n", style.wrap(&format!("  - {}", clean(reason)), 4)));
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
        (Kind::DryRun, Status::Warn) => "dry run with warnings",
        (Kind::DryRun, _) => "dry run",
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

pub(super) fn faint(text: &str, style: Style) -> String {
    if style.color && !text.is_empty() { text.dimmed().to_string() } else { text.to_owned() }
}
