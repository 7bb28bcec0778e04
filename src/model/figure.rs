//! Figures of a system's performance: as findings carry them, as a file keeps them.

use chrono::{DateTime, FixedOffset};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Finding, Report, Target, Worse};

/// Raised when a field of a saved baseline changes its meaning or goes away. Fields may be added.
pub const BASELINE_VERSION: u32 = 1;

/// What of a measured finding is needed to compare it with another time's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What a person reads.
    pub title: String,
    /// How much.
    pub value: f64,
    /// Its unit, as that of a [`Finding`].
    pub unit: String,
    /// Which way it gets worse; none of a figure that is shown and not judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worse: Option<Worse>,
    /// The value at which its target is missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
    /// A difference below this one is noise, however large its share.
    #[serde(default)]
    pub noise: f64,
    /// On how many requests, questions, probes or runs it rests.
    pub samples: u64,
    /// How it was measured: figures that were measured otherwise cannot be compared.
    #[serde(default)]
    pub conditions: Value,
}

impl Figure {
    /// Puts the figure into its finding, for whoever keeps and compares.
    #[must_use]
    pub fn into_finding(self, finding: Finding) -> Finding {
        let figure = json!({ "figure": self });
        finding.details(figure)
    }

    /// The figure that a finding carries, if it does.
    pub fn of(finding: &Finding) -> Option<Self> {
        let figure = finding.details.as_ref()?.get("figure")?;
        serde_json::from_value(figure.clone()).ok()
    }

    /// Whether its target is missed.
    pub fn misses(&self) -> bool {
        match (self.target, self.worse) {
            (Some(target), Some(Worse::Higher)) => self.value >= target,
            (Some(target), Some(Worse::Lower)) => self.value <= target,
            _ => false,
        }
    }
}

/// The machine that measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Logical processors.
    pub cpus: u64,
    /// Bytes of memory.
    pub memory_bytes: u64,
    /// The operating system's kernel.
    pub kernel: String,
}

/// All figures of one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// [`BASELINE_VERSION`].
    pub schema_version: u32,
    /// When it was measured.
    pub at: DateTime<FixedOffset>,
    /// Of which system.
    pub target: Target,
    /// The versions of what was measured and of what measured, by name.
    pub versions: IndexMap<String, String>,
    /// From where.
    pub machine: Machine,
    /// The figures by the ids of their findings.
    pub figures: IndexMap<String, Figure>,
}

impl Baseline {
    /// The figures and versions of a report.
    pub fn of(report: &Report, machine: Machine) -> Self {
        let mut versions = IndexMap::from([("ordctl".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]);
        let mut figures = IndexMap::new();
        for finding in report.findings() {
            if let Some(figure) = Figure::of(finding) {
                figures.insert(finding.id.clone(), figure);
            }
            let said = finding.details.as_ref().and_then(|d| d.get("version")).and_then(Value::as_str);
            if let Some(version) = said {
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
