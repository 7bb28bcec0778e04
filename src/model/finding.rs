//! A finding: one result of a check on one system.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Series, Status};
use crate::base::units;

/// The source of findings on the host that ordctl runs on.
pub(crate) const HOST: &str = "host";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// Stable within a report, such as `queue.due`.
    pub(crate) id: String,
    pub(crate) status: Status,
    /// One line: `subject: value, context`.
    pub(crate) summary: String,
    /// The system that was checked: `postgresql`, `redis`, `docker`, `http`, `prometheus`,
    /// `alertmanager`, `host`, or `ordctl` itself.
    pub(crate) source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<f64>,
    /// `s`, `bytes`, `%`, or the noun that is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<String>,
    /// Values from here on are warnings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) warn: Option<f64>,
    /// Values from here on are critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) crit: Option<f64>,
    /// `lower` when values up to the thresholds are bad; absent when values from them on are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) worse: Option<Worse>,
    /// The next command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// Details for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<Value>,
    /// The value over time, or its forecast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) series: Option<Series>,
    /// The title of its step, where a runbook has many under one section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) heading: Option<String>,
    /// Its row in a table, by column: findings in a row with the same columns make a table in text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cells: Option<IndexMap<String, String>>,
}

impl Finding {
    pub(crate) fn new(id: &str, source: &str, status: Status, summary: impl Into<String>) -> Self {
        Self {
            id: id.to_owned(),
            status,
            summary: summary.into(),
            source: source.to_owned(),
            value: None,
            unit: None,
            warn: None,
            crit: None,
            worse: None,
            hint: None,
            details: None,
            series: None,
            heading: None,
            cells: None,
        }
    }

    /// A measured value; its threshold gives the status.
    pub(crate) fn measured(
        id: &str,
        source: &str,
        summary: impl Into<String>,
        value: f64,
        unit: Option<&str>,
        threshold: Threshold,
    ) -> Self {
        Self {
            value: Some(value),
            unit: unit.map(str::to_owned),
            warn: threshold.warn,
            crit: threshold.crit,
            worse: Some(threshold.worse).filter(|worse| *worse == Worse::Lower),
            ..Self::new(id, source, threshold.judge(value), summary)
        }
    }

    /// Sets the next command, unless the finding is ok or skipped.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if !matches!(self.status, Status::Ok | Status::Skipped) {
            self.hint = Some(hint.into());
        }
        self
    }

    #[must_use]
    pub(crate) fn details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    #[must_use]
    pub(crate) fn series(mut self, series: Series) -> Self {
        self.series = Some(series);
        self
    }

    /// Sets its row in a table.
    #[must_use]
    pub(crate) fn cells(mut self, cells: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.cells = Some(cells.into_iter().map(|(column, text)| (column.to_owned(), text)).collect());
        self
    }

    /// The summary after its subject: the same for every check of one unreachable system.
    pub(crate) fn cause(&self) -> &str {
        self.summary.split_once(": ").map_or(self.summary.as_str(), |(_, cause)| cause)
    }

    /// The summary for a reader, without a subject that the cause names again: "Redis: Redis is unreachable".
    pub(crate) fn text(&self) -> &str {
        match self.summary.split_once(": ") {
            Some((subject, cause))
                if cause.strip_prefix(subject).is_some_and(|rest| rest.starts_with(' ')) =>
            {
                cause
            }
            _ => &self.summary,
        }
    }

    /// Whether both findings are unknown or skipped for the same cause.
    pub(crate) fn repeats(&self, other: &Finding) -> bool {
        let no_verdict = matches!(self.status, Status::Unknown | Status::Skipped);
        no_verdict && self.status == other.status && self.cause() == other.cause()
    }

    /// Raises the status to at least `status`.
    #[must_use]
    pub(crate) fn at_least(mut self, status: Status) -> Self {
        self.status = Status::worst([self.status, status]);
        self
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Worse {
    #[default]
    Higher,
    Lower,
}

/// Thresholds of a value, inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Threshold {
    /// Values from here on are warnings.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Values from here on are critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    #[serde(default)]
    pub(crate) worse: Worse,
}

impl Threshold {
    pub(crate) const NONE: Threshold = Threshold { warn: None, crit: None, worse: Worse::Higher };

    pub(crate) const fn above(warn: Option<f64>, crit: Option<f64>) -> Self {
        Self { warn, crit, worse: Worse::Higher }
    }

    /// The verdict on a value. NaN is `unknown`.
    pub(crate) fn judge(&self, value: f64) -> Status {
        let past = |limit: Option<f64>| {
            limit.is_some_and(|l| match self.worse {
                Worse::Higher => value >= l,
                Worse::Lower => value <= l,
            })
        };
        if value.is_nan() {
            Status::Unknown
        } else if past(self.crit) {
            Status::Crit
        } else if past(self.warn) {
            Status::Warn
        } else {
            Status::Ok
        }
    }

    /// As text, such as `warning 500, critical 1,000`; empty without thresholds. What is counted stands beside the value.
    /// A threshold of 0 is left out: that none is bad, the finding says itself.
    pub(crate) fn text(&self, unit: Option<&str>) -> String {
        let unit = unit.filter(|unit| ["s", "bytes", "%"].contains(unit));
        let part = |name: &str, limit: Option<f64>| {
            limit.filter(|l| *l != 0.0).map(|l| format!("{name} {}", units::quantity(l, unit)))
        };
        [part("warning", self.warn), part("critical", self.crit)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_itself_already_counts() {
        let t = Threshold::above(Some(50.0), Some(100.0));
        assert_eq!(t.judge(49.9), Status::Ok);
        assert_eq!(t.judge(50.0), Status::Warn);
        assert_eq!(t.judge(100.0), Status::Crit);
        assert_eq!(t.judge(f64::NAN), Status::Unknown);
        assert_eq!(t.text(Some("items")), "warning 50, critical 100");
        let low = Threshold { warn: Some(1.0), crit: Some(0.0), worse: Worse::Lower };
        assert_eq!(low.text(Some("workers")), "warning 1");
        assert_eq!(Threshold { warn: None, ..low }.text(Some("workers")), "");
        assert_eq!(low.judge(2.0), Status::Ok);
        assert_eq!(low.judge(1.0), Status::Warn);
        assert_eq!(low.judge(0.0), Status::Crit);
    }
}
