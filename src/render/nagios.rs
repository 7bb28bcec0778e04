//! A monitoring plugin's output: one line of status with performance data, then the details
//! (Monitoring Plugins Development Guidelines, "Plugin Output").

use crate::base::clean::clean;
use crate::model::{Finding, Report, Status};

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
    let limit = |l: Option<f64>| l.map(|l| l.to_string()).unwrap_or_default();
    let label = clean(&finding.id).replace(['\'', '='], "_");
    Some(format!("'{label}'={value}{unit};{};{}", limit(finding.warn), limit(finding.crit)))
}

/// A bar starts the performance data and a line break the details.
fn plain(text: &str) -> String {
    clean(text).replace('|', "/")
}
