//! Measurements for the performance baseline: each puts a bounded load on one system, or reads its statistics,
//! and compares a few figures with the targets in `baseline` of ordctl.yaml.
//!
//! * A verdict needs enough samples. With fewer, the values are shown without a figure, so they are neither
//!   saved nor compared.
//! * A system that does not answer is a finding, not a failed step: later steps measure other systems.
//! * The steps run sequentially, so that none measures the load of another.

pub(crate) mod database;
pub(crate) mod latencies;
pub(crate) mod load;
pub(crate) mod probe;
pub(crate) mod workers;

use serde_json::Value;

use crate::model::{Figure, Finding, Status, Threshold, Worse};
use crate::tools::ToolError;

pub(crate) use latencies::Latencies;

/// A difference below this fraction of the target is noise.
const NOISE: f64 = 0.05;

/// Properties that the figures of one measurement share.
pub(crate) struct Measurement<'a> {
    /// The system that was measured.
    pub(crate) source: &'static str,
    /// Prefix of each figure's title.
    pub(crate) title: &'a str,
    /// The target of the figure that has one, in seconds.
    pub(crate) target: f64,
    pub(crate) conditions: Value,
    pub(crate) samples: u64,
    /// Number of samples that a verdict needs.
    pub(crate) min_samples: u64,
    /// Hint to get more samples.
    pub(crate) more_samples: &'static str,
    /// Why there is no verdict, apart from too few samples.
    pub(crate) no_verdict_reason: Option<String>,
}

impl Measurement<'_> {
    /// A time without a target. It is compared with saved ones if `worse` is set.
    pub(crate) fn time(&self, name: &str, seconds: f64, worse: Option<Worse>, summary: String) -> Finding {
        let finding = Finding::measured(name, self.source, summary, seconds, Some("s"), Threshold::NONE);
        self.attach(self.figure(name, seconds, worse, None), finding)
    }

    /// The time with the target; `next` is the hint when the target is missed.
    pub(crate) fn judged(&self, name: &str, seconds: f64, summary: String, next: &str) -> Finding {
        let threshold = Threshold::above(None, Some(self.target));
        let mut finding = Finding::measured(name, self.source, summary, seconds, Some("s"), threshold);
        if let Some(reason) = self.no_verdict() {
            finding.status = Status::Unknown;
            finding.summary += &format!("; {reason}");
        }
        let few = self.no_verdict_reason.is_none() && self.samples < self.min_samples;
        let finding = finding.hint(if few { self.more_samples } else { next });
        self.attach(self.figure(name, seconds, Some(Worse::Higher), Some(self.target)), finding)
    }

    /// Attaches the figure to the finding if there is a verdict.
    pub(crate) fn attach(&self, figure: Figure, finding: Finding) -> Finding {
        if self.no_verdict().is_some() { figure.as_row(finding) } else { figure.into_finding(finding) }
    }

    fn no_verdict(&self) -> Option<String> {
        self.no_verdict_reason.clone().or_else(|| {
            (self.samples < self.min_samples)
                .then(|| format!("no verdict: {} samples, {} required", self.samples, self.min_samples))
        })
    }

    fn figure(&self, name: &str, seconds: f64, worse: Option<Worse>, target: Option<f64>) -> Figure {
        Figure {
            title: format!("{} {name}", self.title),
            value: seconds,
            unit: "s".to_owned(),
            worse,
            target,
            noise: NOISE * self.target,
            samples: self.samples,
            conditions: self.conditions.clone(),
        }
    }
}

/// Checks the range of a parameter.
pub(crate) fn within(tool: &str, name: &str, value: f64, low: f64, high: f64) -> Result<(), ToolError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(ToolError::Params(format!("{tool}: {name} must be between {low} and {high}, not {value}")))
}
