//! A monitoring plugin's output: one line of status with performance data, then the details
//! (Monitoring Plugins Development Guidelines, "Plugin Output").

use crate::base::clean::clean;
use crate::model::{Finding, Report, Status, Worse};

pub(crate) fn report(report: &Report) -> String {
    let word = match report.status {
        Status::Ok => "OK",
        Status::Warn => "WARNING",
        Status::Crit => "CRITICAL",
        Status::Unknown | Status::Skipped => "UNKNOWN",
    };
    let text = match report.reasons.first() {
        Some(first) if report.reasons.len() > 1 => format!("{first} (and {} more)", report.reasons.len() - 1),
        Some(first) => first.clone(),
        None => format!("{} ok", report.count(Status::Ok)),
    };
    let data: Vec<String> = report.findings().filter_map(performance).collect();
    let mut out =
        format!("{} {word} - {}", plain(&report.name.to_uppercase().replace('/', " ")), plain(&text));
    if !data.is_empty() {
        out.push_str(&format!(" | {}", data.join(" ")));
    }
    out.push('\n');
    for f in report.findings() {
        out.push_str(&format!("{}: {}\n", f.status.word(), plain(f.text())));
    }
    out
}

fn performance(finding: &Finding) -> Option<String> {
    let value = finding.value?;
    let unit = match finding.unit.as_deref() {
        Some("s") => "s",
        Some("bytes") => "B",
        Some("%") => "%",
        _ => "",
    };
    let limit = |l: Option<f64>| l.map(|l| range(finding, l)).unwrap_or_default();
    let label = clean(&finding.id).replace(['\'', '='], "_");
    Some(format!("'{label}'={value}{unit};{};{}", limit(finding.warn), limit(finding.crit)))
}

/// The range of good values. Where low values are bad it has a start and no end. The threshold itself is bad, so that
/// the good values of a count begin above it.
fn range(finding: &Finding, limit: f64) -> String {
    match finding.worse {
        Some(Worse::Lower) if is_count(finding) => format!("{}:", limit + 1.0),
        Some(Worse::Lower) => format!("{limit}:"),
        _ => limit.to_string(),
    }
}

/// Whether the value is a number of things. A ratio has no unit either, but a fraction in its value or its limits.
fn is_count(finding: &Finding) -> bool {
    let is_measured = matches!(finding.unit.as_deref(), Some("s" | "bytes" | "%" | "days"));
    let numbers = [finding.value, finding.warn, finding.crit];
    !is_measured && numbers.into_iter().flatten().all(|n| n.fract() == 0.0)
}

/// A bar starts the performance data and a line break the details.
fn plain(text: &str) -> String {
    clean(text).replace('|', "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Threshold;

    #[test]
    fn limits_are_ranges_of_the_plugin_guidelines() {
        let line = |unit, worse| {
            let threshold = Threshold { warn: Some(2.0), crit: Some(0.0), worse };
            performance(&Finding::measured("n", "docker", "n", 3.0, unit, threshold)).unwrap()
        };
        assert_eq!(line(None, Worse::Lower), "'n'=3;3:;1:", "no worker is critical");
        assert_eq!(line(Some("containers"), Worse::Lower), "'n'=3;3:;1:");
        assert_eq!(line(Some("bytes"), Worse::Lower), "'n'=3B;2:;0:");
        assert_eq!(line(None, Worse::Higher), "'n'=3;2;0");
        for (value, expected) in [(0.97, "'n'=0.97;0.9:;0.5:"), (1.0, "'n'=1;0.9:;0.5:")] {
            let ratio = Threshold { warn: Some(0.9), crit: Some(0.5), worse: Worse::Lower };
            let finding = Finding::measured("n", "postgresql", "n", value, None, ratio);
            assert_eq!(performance(&finding).unwrap(), expected, "a ratio");
        }
    }
}
