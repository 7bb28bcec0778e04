//! Figures of a system's performance: as findings carry them, as a file keeps them.

use chrono::{DateTime, FixedOffset};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Finding, Report, Target, Worse};
use crate::base::units;

/// Raised when a field of a saved baseline changes its meaning or is removed. Fields may be added.
pub(crate) const BASELINE_VERSION: u32 = 1;

/// What of a measured finding is needed to compare it with another time's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) title: String,
    pub(crate) value: f64,
    /// Its unit, as that of a [`Finding`].
    pub(crate) unit: String,
    /// Which way it gets worse; none of a figure that is shown and not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) worse: Option<Worse>,
    /// The value at which its target is missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<f64>,
    /// A smaller absolute difference is noise.
    #[serde(default)]
    pub(crate) noise: f64,
    /// Number of samples: requests, queries, probes or runs.
    pub(crate) samples: u64,
    /// The conditions of the measurement. Figures with other conditions cannot be compared.
    #[serde(default)]
    pub(crate) conditions: Value,
}

impl Figure {
    /// Puts the figure into its finding, to save and compare it.
    #[must_use]
    pub(crate) fn into_finding(self, finding: Finding) -> Finding {
        let finding = self.as_row(finding);
        finding.details(json!({ "figure": self }))
    }

    /// Gives its finding a row of figure, value and target. The verdict is that of the finding.
    #[must_use]
    pub(crate) fn as_row(&self, finding: Finding) -> Finding {
        let show = |value: f64| units::quantity(value, Some(&self.unit));
        let side = if self.worse == Some(Worse::Lower) { "above" } else { "below" };
        let target = self.target.map_or_else(|| "-".to_owned(), |target| format!("{side} {}", show(target)));
        let samples = units::count(self.samples as f64);
        let cells = [("value", show(self.value)), ("target", target), ("samples", samples)];
        finding.cells([("figure", self.title.clone())].into_iter().chain(cells))
    }

    /// The figure that a finding carries, if it does.
    pub(crate) fn of(finding: &Finding) -> Option<Self> {
        let figure = finding.details.as_ref()?.get("figure")?;
        serde_json::from_value(figure.clone()).ok()
    }

    /// Whether its target is missed.
    pub(crate) fn misses(&self) -> bool {
        match (self.target, self.worse) {
            (Some(target), Some(Worse::Higher)) => self.value >= target,
            (Some(target), Some(Worse::Lower)) => self.value <= target,
            _ => false,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) cpus: u64,
    /// Bytes of memory.
    pub(crate) memory_bytes: u64,
    pub(crate) kernel: String,
}

/// All figures of one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Baseline {
    pub(crate) schema_version: u32,
    pub(crate) at: DateTime<FixedOffset>,
    pub(crate) target: Target,
    /// The versions of what was measured and of what measured, by name.
    pub(crate) versions: IndexMap<String, String>,
    pub(crate) machine: Machine,
    /// The figures by the ids of their findings.
    pub(crate) figures: IndexMap<String, Figure>,
}

impl Baseline {
    /// The figures and versions of a report.
    pub(crate) fn of(report: &Report, machine: Machine) -> Self {
        let mut versions = IndexMap::from([("ordctl".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]);
        let mut figures = IndexMap::new();
        for finding in report.findings() {
            if let Some(figure) = Figure::of(finding) {
                figures.insert(finding.id.clone(), figure);
            }
            let version = finding.details.as_ref().and_then(|d| d.get("version")).and_then(Value::as_str);
            if let Some(version) = version {
                versions.insert(finding.source.clone(), version.to_owned());
            }
        }
        Self {
            schema_version: BASELINE_VERSION,
            at: report.started_at,
            target: report.target.clone(),
            versions,
            machine,
            figures,
        }
    }
}
