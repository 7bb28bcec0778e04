//! Metrics in Prometheus's text format 0.0.4, for node_exporter's textfile collector.

use crate::base::clean::clean;
use crate::model::{Report, Status};

pub(crate) fn report(report: &Report) -> String {
    let mut out = String::new();
    let name = escape(&report.name);
    let environment = escape(&report.target.environment);
    let base = format!("report=\"{name}\",environment=\"{environment}\"");
    family(&mut out, "ordctl_report_status", "Verdict of the report: 0 ok, 1 warn, 2 crit, 3 unknown.");
    out.push_str(&format!("ordctl_report_status{{{base}}} {}\n", report.status.exit_code()));
    family(&mut out, "ordctl_report_timestamp_seconds", "When the report started.");
    out.push_str(&format!("ordctl_report_timestamp_seconds{{{base}}} {}\n", report.started_at.timestamp()));
    family(&mut out, "ordctl_report_duration_seconds", "How long the report took.");
    out.push_str(&format!("ordctl_report_duration_seconds{{{base}}} {}\n", report.duration_seconds));
    family(&mut out, "ordctl_finding_status", "Verdict of a finding: 0 ok, 1 warn, 2 crit, 3 unknown.");
    for f in report.findings().filter(|f| f.status != Status::Skipped) {
        let labels = format!("{base},finding=\"{}\",source=\"{}\"", escape(&f.id), escape(&f.source));
        out.push_str(&format!("ordctl_finding_status{{{labels}}} {}\n", f.status.exit_code()));
    }
    family(&mut out, "ordctl_finding_value", "Measured value of a finding, in its unit.");
    for f in report.findings() {
        if let Some(value) = f.value {
            let unit = escape(f.unit.as_deref().unwrap_or(""));
            let labels = format!("{base},finding=\"{}\",unit=\"{unit}\"", escape(&f.id));
            out.push_str(&format!("ordctl_finding_value{{{labels}}} {value}\n"));
        }
    }
    out
}

fn family(out: &mut String, name: &str, help: &str) {
    out.push_str(&format!("# HELP {name} {help}\n# TYPE {name} gauge\n"));
}

fn escape(text: &str) -> String {
    clean(text).replace('\\', "\\\\").replace('"', "\\\"")
}
