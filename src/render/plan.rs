//! The steps of a plan, for a dry run and for the prompt: one line each, with the exact statements on request.

use serde_json::Value;

use super::Style;
use super::text::{about, faint, label};
use crate::base::clean::clean;
use crate::model::{Finding, Plan, PlannedStep, ReportSection, Status};

/// The column at which the text of a step begins.
const STEP: usize = 6;

/// The steps of a dry run. A step that cannot run shows its verdict and the next command.
pub(super) fn section(section: &ReportSection, style: Style) -> String {
    let mut out = String::new();
    for (n, finding) in section.findings.iter().enumerate() {
        let shown = !style.quiet || !matches!(finding.status, Status::Ok | Status::Skipped);
        let folded = section.findings[..n].iter().any(|earlier| finding.repeats(earlier));
        if !shown || folded {
            continue;
        }
        let repeats = section.findings[n + 1..].iter().filter(|f| f.repeats(finding)).count();
        let line = line(n, verdict(finding.status, style).as_deref(), finding.text());
        out.push_str(&format!("{}\n", style.wrap(&(line + &faint(&more(repeats), style)), STEP)));
        if let Some(hint) = &finding.hint {
            out.push_str(&format!("      {}\n", faint(&format!("-> {}", clean(hint)), style)));
        }
        if style.statements {
            out.extend(calls(finding).iter().map(|call| format!("       {}\n", clean(call))));
        }
    }
    out
}

/// A plan above the question of the prompt: the target, the steps, and last the summary.
pub(super) fn question(plan: &Plan, style: Style) -> Vec<String> {
    let target = &plan.target;
    let title = clean(&plan.title);
    let mut out = vec![
        style.wrap(&format!("{title}  {}", clean(&target.environment)), 2),
        style.wrap(&clean(&about(target)), 0),
        String::new(),
    ];
    // The only step of a single change is its title.
    if !matches!(plan.steps.as_slice(), [one] if one.line() == plan.title && !style.statements) {
        out.extend(steps(&plan.steps, style));
        out.push(String::new());
    }
    out.extend(plan.summary().iter().map(|line| style.wrap(&clean(line), 2)));
    out.iter().flat_map(|lines| lines.split('\n').map(str::to_owned)).collect()
}

/// Steps that are left out for the same reason are one line.
fn steps(steps: &[PlannedStep], style: Style) -> Vec<String> {
    let mut out = Vec::new();
    for (n, step) in steps.iter().enumerate() {
        let repeats = |other: &&PlannedStep| step.left_out.is_some() && other.left_out == step.left_out;
        if steps[..n].iter().any(|earlier| repeats(&earlier)) {
            continue;
        }
        let more = more(steps[n + 1..].iter().filter(repeats).count());
        out.push(style.wrap(&(line(n, None, &step.line()) + &more), STEP));
        let calls = step.calls.iter().filter(|_| style.statements && runs(step));
        out.extend(calls.map(|call| format!("       {}", clean(call))));
    }
    out
}

/// How many more steps are left out for the same reason.
fn more(repeats: usize) -> String {
    match repeats {
        0 => String::new(),
        1 => " (and 1 more step)".to_owned(),
        n => format!(" (and {n} more steps)"),
    }
}

fn runs(step: &PlannedStep) -> bool {
    step.left_out.is_none() && step.blocked.is_none()
}

fn line(n: usize, verdict: Option<&str>, text: &str) -> String {
    let verdict = verdict.map_or_else(String::new, |word| format!("{word} "));
    format!("  {:>2}. {verdict}{}", n + 1, clean(text))
}

/// The verdict on a step that cannot run.
fn verdict(status: Status, style: Style) -> Option<String> {
    (!matches!(status, Status::Ok | Status::Skipped)).then(|| label(status, style))
}

/// The exact statements or calls of a step in a report.
fn calls(finding: &Finding) -> Vec<&str> {
    let calls = finding.details.as_ref().and_then(|details| details.get("calls")).and_then(Value::as_array);
    calls.into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Target;

    #[test]
    fn the_question_folds_skipped_steps_and_ends_with_the_summary() {
        let step = |id: &str, left_out: Option<&str>| PlannedStep {
            left_out: left_out.map(str::to_owned),
            ..PlannedStep::change(id, format!("Do {id}"), "t", vec!["an exact statement".into()])
        };
        let off = Some("skipped by --only");
        let steps = vec![step("a", off), step("b", None), step("c", off), step("d", off)];
        let target = Target { environment: "test".into(), host: "vm".into(), ..Target::default() };
        let plan = Plan { name: "r".into(), title: "Mend".into(), target, steps, verify: vec![] };
        let wanted = [
            "Mend  test",
            "no database, from vm",
            "",
            "   1. Do a: skipped by --only (and 2 more steps)",
            "   2. Do b",
            "",
            "1 of 4 steps changes something, 3 skipped",
        ];
        assert_eq!(question(&plan, Style::default()), wanted);
        let exact = Style { statements: true, ..Style::default() };
        assert_eq!(question(&plan, exact)[5], "       an exact statement");
    }

    #[test]
    fn the_only_step_is_the_title() {
        let steps = vec![PlannedStep::change("a", "Hold", "t", vec!["an exact statement".into()])];
        let target = Target { environment: "test".into(), host: "vm".into(), ..Target::default() };
        let plan = Plan { name: "r".into(), title: "Hold".into(), target, steps, verify: vec![] };
        assert_eq!(question(&plan, Style::default()), ["Hold  test", "no database, from vm", "", "1 change"]);
    }
}
