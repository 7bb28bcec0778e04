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
pub(crate) struct Runbook {
    /// Its name: its path below `runbooks/` without the ending, or, below `alerts/`, the
    /// alert's name.
    pub(crate) name: String,
    /// What a person reads; default: the name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) title: String,
    /// What it is for, in a sentence or two.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) summary: String,
    /// The alert that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alert: Option<Alert>,
    /// Parameters by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub(crate) params: IndexMap<String, Param>,
    /// Time-out of every step that has none of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_seconds: Option<f64>,
    /// Titled groups of steps that only look; all run concurrently.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) sections: Vec<Section>,
    /// Steps that only look, run concurrently before any action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) diagnose: Vec<Step>,
    /// Actions, in order, each with its own condition. `resolve` is the same.
    #[serde(default, alias = "resolve", skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<Step>,
    /// Steps that only look, in order after the actions: did it work?
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) verify: Vec<Step>,
    /// When to call somebody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) escalate: Vec<String>,
}

/// What sets an alert's runbook off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alert {
    /// 0 (system down) to 3 (informational).
    #[schemars(range(min = 0, max = 3))]
    pub(crate) severity: u8,
    /// How soon somebody must look.
    pub(crate) respond_within: Span,
    /// What sets it off, in words.
    pub(crate) trigger: String,
    /// What sets it off, as PromQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expr: Option<String>,
    /// What users notice.
    pub(crate) impact: String,
}

/// A parameter of a runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Param {
    /// The value when none is given; a parameter without one must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<Value>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) help: String,
}

/// Steps of a report under one title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    /// Stable name; the first part of its findings' ids.
    pub(crate) id: String,
    /// What a person reads.
    pub(crate) title: String,
    /// What is asked.
    pub(crate) steps: Vec<Step>,
}

impl Runbook {
    /// What a person reads.
    pub(crate) fn title(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }

    /// Every step with the part of the runbook that it stands in.
    pub(crate) fn all_steps(&self) -> impl Iterator<Item = (Part, &Step)> {
        let sections = self.sections.iter().flat_map(|s| s.steps.iter().map(|t| (Part::Look, t)));
        let diagnose = self.diagnose.iter().map(|t| (Part::Look, t));
        let steps = self.steps.iter().map(|t| (Part::Act, t));
        let verify = self.verify.iter().map(|t| (Part::Verify, t));
        sections.chain(diagnose).chain(steps).chain(verify)
    }
}

/// Where in a runbook a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `sections` or `diagnose`.
    Look,
    /// `steps` or `resolve`.
    Act,
    /// `verify`.
    Verify,
}
