//! A finding: one thing a check says about one system.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Series, Status};
use crate::base::units;

/// The source of what this host says of itself: the one system that is always there.
pub(crate) const HOST: &str = "host";

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// Stable name within its report, such as `queue.due`.
    pub(crate) id: String,
    /// The verdict.
    pub(crate) status: Status,
    /// One line for a person.
    pub(crate) summary: String,
    /// The system that said so: `postgresql`, `redis`, `docker`, `http`, `prometheus`,
    /// `alertmanager`, `host`, or `ordctl` itself.
    pub(crate) source: String,
    /// The measured value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<f64>,
    /// Its unit: `s`, `bytes`, `%`, or a plain word for what is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<String>,
    /// The value from which on it is a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) warn: Option<f64>,
    /// The value from which on it is critical.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) crit: Option<f64>,
    /// The next command to type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
    /// What stands behind the summary, for machines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<Value>,
    /// How the value has gone over time, or will go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) series: Option<Series>,
}

impl Finding {
    /// A finding without a value.
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
            hint: None,
            details: None,
            series: None,
        }
    }

    /// A measured value, judged by its threshold.
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
            ..Self::new(id, source, threshold.judge(value), summary)
        }
    }

    /// Adds the next command to type, when the finding is not well.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        if !matches!(self.status, Status::Ok | Status::Skipped) {
            self.hint = Some(hint.into());
        }
        self
    }

    /// Adds what stands behind the summary.
    #[must_use]
    pub(crate) fn details(mut self, details: Value) -> Self {
        self.details = Some(details);
        self
    }

    /// Adds how the value has gone over time, or will go.
    #[must_use]
    pub(crate) fn series(mut self, series: Series) -> Self {
        self.series = Some(series);
        self
    }

    /// What it says after naming itself: the same for all that one dead system keeps from knowing.
    pub(crate) fn cause(&self) -> &str {
        self.summary.split_once(": ").map_or(self.summary.as_str(), |(_, cause)| cause)
    }

    /// Whether this finding says no more than `other` does: both could not be asked, for one cause.
    pub(crate) fn repeats(&self, other: &Finding) -> bool {
        let idle = matches!(self.status, Status::Unknown | Status::Skipped);
        idle && self.status == other.status && self.cause() == other.cause()
    }

    /// Raises the status to at least `status`.
    #[must_use]
    pub(crate) fn at_least(mut self, status: Status) -> Self {
        self.status = Status::worst([self.status, status]);
        self
    }
}

/// Which way a value gets worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Worse {
    /// The more, the worse.
    #[default]
    Higher,
    /// The fewer, the worse.
    Lower,
}

/// Where a value becomes a warning and where critical. The named value itself already counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Threshold {
    /// From here on: a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// From here on: critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// Which way the value gets worse.
    #[serde(default)]
    pub(crate) worse: Worse,
}

impl Threshold {
    /// No threshold: every value is ok.
    pub(crate) const NONE: Threshold = Threshold { warn: None, crit: None, worse: Worse::Higher };

    /// Worse the higher.
    pub(crate) const fn above(warn: Option<f64>, crit: Option<f64>) -> Self {
        Self { warn, crit, worse: Worse::Higher }
    }

    /// The verdict on a value. A value that is no number is `unknown`.
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

    /// The thresholds for a reader, such as `warn 500, crit 1,000`; empty without any.
    pub(crate) fn text(&self, unit: Option<&str>) -> String {
        let part =
            |name: &str, limit: Option<f64>| limit.map(|l| format!("{name} {}", units::quantity(l, unit)));
        [part("warn", self.warn), part("crit", self.crit)]
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
        let low = Threshold { warn: Some(1.0), crit: Some(0.0), worse: Worse::Lower };
        assert_eq!(low.judge(2.0), Status::Ok);
        assert_eq!(low.judge(1.0), Status::Warn);
        assert_eq!(low.judge(0.0), Status::Crit);
    }
}
