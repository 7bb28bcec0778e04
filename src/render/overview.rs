//! A report on a terminal: one line for each block, and the problems with their commands in the summary.

use unicode_width::UnicodeWidthStr;

use super::blocks::{Block, is_ok};
use super::text::{faint, label, limits};
use super::wrap::TEXT;
use super::{Style, cut};
use crate::base::clean::clean;
use crate::model::{Finding, Report, Status};

/// The widest column of titles; longer titles push their line to the right.
const TITLE: usize = 19;
/// Problems in the summary; more would scroll the first ones away.
const PROBLEMS: usize = 8;
/// The width of a terminal that does not tell its own.
const WIDTH: usize = 80;

/// The column of titles.
pub(super) fn title_width<'a>(titles: impl Iterator<Item = &'a str>) -> usize {
    titles.map(|title| title.width()).max().unwrap_or_default().min(TITLE)
}

/// A block in one line: its most telling figures, or how many findings need attention.
pub(super) fn line(block: &Block<'_>, pad: usize, style: Style) -> String {
    let title = format!("{:<pad$}", clean(block.title));
    let room = style.width.unwrap_or(WIDTH).saturating_sub(13 + title.width());
    let text = if block.is_ok() { figures(block, room) } else { counts(block) };
    format!("  {} {title}  {text}\n", label(block.status(), style))
}

fn counts(block: &Block<'_>) -> String {
    let count = |status| block.findings.iter().filter(|f| f.status == status).count();
    let counts = Status::ALL.into_iter().map(|s| (count(s), s.word())).filter(|(n, _)| *n > 0);
    counts.map(|(n, word)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")
}

/// The first findings that fit, and how many more there are. What was skipped comes last.
fn figures(block: &Block<'_>, room: usize) -> String {
    let mut findings: Vec<&Finding> = block.findings.clone();
    findings.sort_by_key(|f| f.status == Status::Skipped);
    let mut out = String::new();
    for (n, finding) in findings.iter().enumerate() {
        let text = clean(without_title(finding.text(), block.title)).into_owned();
        let rest = findings.len() - n;
        let more = format!("; {rest} more");
        let last = if rest > 1 { more.width() } else { 0 };
        if n > 0 && out.width() + 2 + text.width() + last > room {
            return out + &more;
        }
        out.push_str(if n > 0 { "; " } else { "" });
        out.push_str(&cut(&text, room.saturating_sub(last)));
    }
    out
}

/// "Redis: 3 ms" under the title Redis.
fn without_title<'a>(text: &'a str, title: &str) -> &'a str {
    text.strip_prefix(title).and_then(|rest| rest.strip_prefix(": ")).unwrap_or(text)
}

/// The reasons of the verdict, worst first, each with its command.
pub(super) fn problems(report: &Report, style: Style) -> String {
    let mut out = String::new();
    let mut has_hint = false;
    let of = |reason: &String| report.findings().find(|f| !is_ok(f) && f.text() == reason);
    let shown = &report.reasons[..report.reasons.len().min(PROBLEMS)];
    for (n, reason) in shown.iter().enumerate() {
        let Some(finding) = of(reason) else {
            out.push_str(&format!("{}\n", style.wrap(&format!("  {}", clean(reason)), 2)));
            continue;
        };
        let line = format!("  {} {}{}", label(finding.status, style), clean(reason), limits(finding, style));
        out.push_str(&format!("{}\n", style.wrap(&line, TEXT)));
        // Problems in a row with the same command are followed by it once.
        let is_repeated = shown.get(n + 1).and_then(of).is_some_and(|next| next.hint == finding.hint);
        if let Some(hint) = finding.hint.as_ref().filter(|_| !is_repeated) {
            has_hint = true;
            out.push_str(&format!("           {}\n", faint(&format!("-> {}", clean(hint)), style)));
        }
    }
    if report.reasons.len() > PROBLEMS {
        out.push_str(&format!("  and {} more; -v shows all\n", report.reasons.len() - PROBLEMS));
    }
    let next = report.next.first().filter(|_| !has_hint);
    out.extend(next.map(|next| format!("next: {}\n", clean(next))));
    out
}

#[cfg(test)]
#[path = "overview_tests.rs"]
mod tests;
