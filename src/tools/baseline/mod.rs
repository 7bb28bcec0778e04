//! Tools that measure: each puts a bounded, gentle load on one system, or reads what it has done, and
//! judges a few figures by the targets in `baseline` of ordctl.yaml.
//!
//! * A verdict needs enough samples; with fewer it is refused, and what was measured is still shown. Nothing
//!   of such a measurement carries a figure, so nothing of it is kept for later or compared.
//! * A system that does not answer, or goes away half-way, is a finding and no failure of the step:
//!   the steps after it measure other systems.
//! * They stand in `steps`, one after the other, so that none measures the load of another.

pub(crate) mod database;
pub(crate) mod latencies;
pub(crate) mod load;
pub(crate) mod probe;
pub(crate) mod workers;

use serde_json::Value;

use crate::model::{Figure, Finding, Status, Threshold, Worse};
use crate::tools::ToolError;

pub(crate) use latencies::Latencies;

/// Below this share of its target a difference of two measurements is noise.
const NOISE: f64 = 0.05;

/// What the figures of one measurement have in common.
pub(crate) struct Sheet<'a> {
    /// The system that was measured.
    pub(crate) source: &'static str,
    /// What a person reads before each figure's own name.
    pub(crate) title: &'a str,
    /// The target of the figure that has one, in seconds.
    pub(crate) target: f64,
    pub(crate) conditions: Value,
    /// On how many samples it rests.
    pub(crate) samples: u64,
    /// How many a verdict needs.
    pub(crate) least: u64,
    /// What to type to have more.
    pub(crate) more: &'static str,
    /// Why there can be no verdict, beyond too few samples, if there is a reason.
    pub(crate) doubt: Option<String>,
}

impl Sheet<'_> {
    /// A time that is shown, and compared when it gets `worse` some way.
    pub(crate) fn time(&self, name: &str, seconds: f64, worse: Option<Worse>, summary: String) -> Finding {
        let finding = Finding::measured(name, self.source, summary, seconds, Some("s"), Threshold::NONE);
        self.sound(self.figure(name, seconds, worse, None), finding)
    }

    /// The time that has a target. `next` is what to type where it is missed.
    pub(crate) fn judged(&self, name: &str, seconds: f64, summary: String, next: &str) -> Finding {
        let threshold = Threshold::above(None, Some(self.target));
        let mut finding = Finding::measured(name, self.source, summary, seconds, Some("s"), threshold);
        if let Some(doubt) = self.no_verdict() {
            finding.status = Status::Unknown;
            finding.summary += &format!("; {doubt}");
        }
        let few = self.doubt.is_none() && self.samples < self.least;
        let finding = finding.hint(if few { self.more } else { next });
        self.sound(self.figure(name, seconds, Some(Worse::Higher), Some(self.target)), finding)
    }

    /// Puts the figure into its finding, if there can be a verdict on it.
    pub(crate) fn sound(&self, figure: Figure, finding: Finding) -> Finding {
        if self.no_verdict().is_some() { finding } else { figure.into_finding(finding) }
    }

    fn no_verdict(&self) -> Option<String> {
        self.doubt.clone().or_else(|| {
            (self.samples < self.least)
                .then(|| format!("no verdict on {} samples, it takes {}", self.samples, self.least))
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

/// Whether a number of a step's parameters lies where it may.
pub(crate) fn within(tool: &str, name: &str, value: f64, low: f64, high: f64) -> Result<(), ToolError> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(ToolError::Params(format!("{tool}: {name} lies between {low} and {high}, {value} does not")))
}
