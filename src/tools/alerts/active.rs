//! `check.alerts`: active alerts by severity, without silenced and inhibited ones.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::shell;
use crate::clients::alertmanager;
use crate::clients::alertmanager::Alert;
use crate::clients::http::first_words;
use crate::model::{Finding, Status, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Alerts with a separate finding.
const MAX_FINDINGS: usize = 20;

pub(crate) struct Alerts;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warn at or above this number of alerts.
    #[serde(default = "warn")]
    pub(crate) warn: Option<f64>,
    /// Critical at or above this number of alerts.
    #[serde(default = "crit")]
    pub(crate) crit: Option<f64>,
    /// Alerts that are always active and prove that alerting works.
    #[serde(default = "ignore")]
    pub(crate) ignore: Vec<String>,
}

#[expect(clippy::unnecessary_wraps, reason = "null switches the threshold off")]
const fn warn() -> Option<f64> {
    Some(1.0)
}

#[expect(clippy::unnecessary_wraps, reason = "null switches the threshold off")]
const fn crit() -> Option<f64> {
    Some(5.0)
}

fn ignore() -> Vec<String> {
    ["Watchdog", "DeadMansSwitch", "InfoInhibitor"].map(str::to_owned).into()
}

#[derive(Debug, Serialize)]
pub(crate) struct Active {
    /// Number of alerts, without ignored ones.
    pub(crate) count: usize,
    /// Most severe first.
    pub(crate) alerts: Vec<Alert>,
}

impl Tool for Alerts {
    type Params = Params;
    type Result = Active;

    const NAME: &'static str = "check.alerts";
    const HELP: &'static str = "Report active alerts by severity, without silenced and inhibited ones";
    const SOURCE: &'static str = alertmanager::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Active>, ToolError> {
        let client = ctx.clients.alertmanager()?;
        let (ignored, mut alerts): (Vec<Alert>, Vec<Alert>) = client
            .active(ctx.limit)
            .await?
            .into_iter()
            .partition(|a| params.ignore.iter().any(|i| i == a.name()) || a.severity() == "none");
        // The sort is stable: the oldest comes first within a severity.
        alerts.sort_by_key(|a| Status::ALL.iter().position(|s| *s == severity_status(a)));
        let zone = ctx.settings.time_zone;
        let mut findings = vec![total(&alerts, ignored.len(), &params, &client.target())];
        for alert in alerts.iter().take(MAX_FINDINGS) {
            let since = alert.since.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
            findings.push(single(alert, &since, &client.target()));
        }
        if let Some(rest) = alerts.len().checked_sub(MAX_FINDINGS).filter(|n| *n > 0) {
            let worst = Status::worst(alerts[MAX_FINDINGS..].iter().map(severity_status));
            let finding = Finding::new("rest", Self::SOURCE, worst, format!("Other active alerts: {rest}"));
            findings.push(finding.hint(list(&client.target())));
        }
        Ok(Output::new(findings, Active { count: alerts.len(), alerts }))
    }
}

/// The command that lists all active alerts.
fn list(target: &str) -> String {
    let url = format!("{target}/api/v2/alerts?active=true&silenced=false&inhibited=false");
    format!("curl -sS {}", shell::quoted(url))
}

/// The status for the rule's severity.
fn severity_status(alert: &Alert) -> Status {
    match alert.severity().to_lowercase().as_str() {
        "critical" | "crit" | "page" | "emergency" | "fatal" | "disaster" | "0" => Status::Crit,
        "info" | "informational" => Status::Ok,
        _ => Status::Warn,
    }
}

fn total(alerts: &[Alert], ignored: usize, params: &Params, target: &str) -> Finding {
    let mut severities: Vec<(&str, usize)> = Vec::new();
    for alert in alerts {
        let name = if alert.severity().is_empty() { "without severity" } else { alert.severity() };
        match severities.iter_mut().find(|(s, _)| *s == name) {
            Some((_, n)) => *n += 1,
            None => severities.push((name, 1)),
        }
    }
    let by: Vec<String> = severities.iter().map(|(s, n)| format!("{n} {s}")).collect();
    let summary = match (alerts.len(), ignored) {
        (0, 0) => "Active alerts: none".to_owned(),
        (0, n) => format!("Active alerts: none ({n} ignored)"),
        (n, _) => format!("Active alerts: {n} ({})", by.join(", ")),
    };
    #[expect(clippy::cast_precision_loss, reason = "there are no 2^52 alerts")]
    let value = alerts.len() as f64;
    let threshold = Threshold::above(params.warn, params.crit);
    let worst = Status::worst(alerts.iter().map(severity_status).filter(|s| *s == Status::Crit));
    Finding::measured("total", alertmanager::SYSTEM, summary, value, Some("alerts"), threshold)
        .at_least(worst)
        .details(json!({ "by_severity": severities, "ignored": ignored }))
        .hint(list(target))
}

fn single(alert: &Alert, since: &str, target: &str) -> Finding {
    let mut summary = alert.name().to_owned();
    if !alert.severity().is_empty() {
        summary += &format!(" ({})", alert.severity());
    }
    summary += &format!(" since {since}");
    let note = |name: &str| alert.annotations.get(name).filter(|t| !t.trim().is_empty());
    if let Some(instance) = alert.labels.get("instance") {
        summary += &format!(" on {instance}");
    }
    if let Some(text) = note("summary").or_else(|| note("description")) {
        summary += &format!(": {}", first_words(text.as_bytes(), 100));
    }
    // Several alerts may bear one name; the fingerprint of the labels is stable.
    let id = format!("{}.{}", ident(alert.name()), ident(&alert.fingerprint));
    let filter = format!("filter=alertname=\"{}\"", alert.name());
    let url = shell::quoted(format!("{target}/api/v2/alerts"));
    let hint = format!("curl -sSG {url} --data-urlencode {}", shell::word(filter));
    let mut finding = Finding::new(&id, alertmanager::SYSTEM, severity_status(alert), summary)
        .details(json!({ "labels": alert.labels, "annotations": alert.annotations, "since": alert.since }));
    finding.hint = Some(hint);
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(name: &str, severity: &str) -> Alert {
        serde_json::from_value(json!({
            "labels": { "alertname": name, "severity": severity, "instance": "db:9187" },
            "annotations": { "summary": "the queue\nis deep" },
            "startsAt": "2026-01-02T03:04:05.678Z",
            "endsAt": "2026-01-02T04:04:05Z",
            "fingerprint": "AB12",
            "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] },
        }))
        .unwrap()
    }

    fn params() -> Params {
        serde_json::from_value(json!({})).unwrap()
    }

    fn status(alerts: &[Alert]) -> Status {
        total(alerts, 0, &params(), "http://a").status
    }

    #[test]
    fn count_and_severity_decide() {
        assert_eq!(status(&[]), Status::Ok);
        assert_eq!(status(&[alert("A", "warning")]), Status::Warn);
        assert_eq!(status(&vec![alert("A", "warning"); 5]), Status::Crit);
        for severity in ["critical", "page", "0"] {
            assert_eq!(status(&[alert("A", severity)]), Status::Crit, "{severity}");
        }
        let two = total(&[alert("A", "page"), alert("B", "")], 1, &params(), "http://a");
        assert_eq!(two.summary, "Active alerts: 2 (1 page, 1 without severity)");
    }

    #[test]
    fn a_finding_names_alert_severity_time_and_instance() {
        let finding = single(&alert("HighQueueDepth", "page"), "2026-01-02 03:04", "http://a");
        assert_eq!(finding.id, "highqueuedepth.ab12");
        assert_eq!(
            finding.summary,
            "HighQueueDepth (page) since 2026-01-02 03:04 on db:9187: the queue is deep"
        );
        assert_eq!(single(&alert("X", "info"), "", "http://a").status, Status::Ok);
        let hint = |name| single(&alert(name, "page"), "", "http://a").hint.unwrap();
        let words = |name| shell_words::split(&hint(name)).unwrap();
        assert!(hint("X").ends_with("'filter=alertname=\"X\"'"), "{}", hint("X"));
        assert_eq!(words("a'; reboot; '").last().unwrap(), "filter=alertname=\"a'; reboot; '\"");
    }
}
