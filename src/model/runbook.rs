//! A runbook: a pipeline with a title and parameters, as its YAML file holds it.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Step;
use crate::base::units::Span;

/// A runbook. It holds either `sections` (a report), or `steps` (actions in order), or the
/// parts of an alert's answer: `diagnose`, `resolve`, `verify`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    /// Its name: its path below `runbooks/` without the ending, or, below `alerts/`, the
    /// alert's name.
    pub name: String,
    /// What a person reads; default: the name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// What it is for, in a sentence or two.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// The alert that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<Alert>,
    /// Parameters by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub params: IndexMap<String, Param>,
    /// Time-out of every step that has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<f64>,
    /// Titled groups of steps that only look; all run concurrently.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sections: Vec<Section>,
    /// Steps that only look, run concurrently before any action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnose: Vec<Step>,
    /// Actions, in order, each with its own condition. `resolve` is the same.
    #[serde(default, alias = "resolve", skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// Steps that only look, in order after the actions: did it work?
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<Step>,
    /// When to call somebody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalate: Vec<String>,
}

/// What sets an alert's runbook off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// 0 (system down) to 3 (informational).
    #[schemars(range(min = 0, max = 3))]
    pub severity: u8,
    /// How soon somebody must look.
    pub respond_within: Span,
    /// What sets it off, in words.
    pub trigger: String,
    /// What sets it off, as PromQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    /// What users notice.
    pub impact: String,
}

/// A parameter of a runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// The value when none is given; a parameter without one must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
}

/// Steps of a report under one title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Stable name; the first part of its findings' ids.
    pub id: String,
    /// What a person reads.
    pub title: String,
    /// What is asked.
    pub steps: Vec<Step>,
}

impl Runbook {
    /// What a person reads.
    pub fn title(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }

    /// Every step with the part of the runbook that it stands in.
    pub fn all_steps(&self) -> impl Iterator<Item = (Part, &Step)> {
        let sections = self.sections.iter().flat_map(|s| s.steps.iter().map(|t| (Part::Look, t)));
        let diagnose = self.diagnose.iter().map(|t| (Part::Look, t));
        let steps = self.steps.iter().map(|t| (Part::Act, t));
        let verify = self.verify.iter().map(|t| (Part::Verify, t));
        sections.chain(diagnose).chain(steps).chain(verify)
    }
}

/// Where in a runbook a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `sections` or `diagnose`.
    Look,
    /// `steps` or `resolve`.
    Act,
    /// `verify`.
    Verify,
}
