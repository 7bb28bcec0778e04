//! A runbook: a pipeline with a title and parameters, in the form of its YAML file.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Step;
use crate::base::units::Span;

/// A runbook has `sections` (a report), or `steps` (actions in order), or the parts of an alert runbook:
/// `diagnose`, `resolve`, `verify`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Runbook {
    /// Its path below `runbooks/` without the extension; below `alerts/`, the name of the alert.
    pub(crate) name: String,
    /// Title; default: the name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) title: String,
    /// Purpose, in one or two sentences.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) summary: String,
    /// The alert that it handles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) alert: Option<Alert>,
    /// Parameters by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub(crate) params: IndexMap<String, Param>,
    /// Timeout of every step without its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_seconds: Option<f64>,
    /// Print the findings of each step under its title. For actions with many checks.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) headings: bool,
    /// Groups of checks with a title; all run concurrently.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) sections: Vec<Section>,
    /// Checks that run concurrently before any action.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) diagnose: Vec<Step>,
    /// Actions in order. `resolve` is an alias.
    #[serde(default, alias = "resolve", skip_serializing_if = "Vec::is_empty")]
    pub(crate) steps: Vec<Step>,
    /// Checks that run in order after the actions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) verify: Vec<Step>,
    /// When to escalate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) escalate: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alert {
    /// 0 (system down) to 3 (informational).
    #[schemars(range(min = 0, max = 3))]
    pub(crate) severity: u8,
    /// Response time.
    pub(crate) respond_within: Span,
    /// Condition of the alert, in words.
    pub(crate) trigger: String,
    /// Condition of the alert, as PromQL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expr: Option<String>,
    /// Effect on users.
    pub(crate) impact: String,
}

/// A parameter of a runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Param {
    /// Default value; without one the parameter is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) default: Option<Value>,
    /// Purpose of the parameter.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) help: String,
}

/// Steps of a report under one title.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Section {
    /// Stable name; the prefix of its findings' ids.
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) steps: Vec<Step>,
}

impl Runbook {
    pub(crate) fn title(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }

    /// Every step with its part of the runbook.
    pub(crate) fn all_steps(&self) -> impl Iterator<Item = (Part, &Step)> {
        let sections = self.sections.iter().flat_map(|s| s.steps.iter().map(|t| (Part::Look, t)));
        let diagnose = self.diagnose.iter().map(|t| (Part::Look, t));
        let steps = self.steps.iter().map(|t| (Part::Act, t));
        let verify = self.verify.iter().map(|t| (Part::Verify, t));
        sections.chain(diagnose).chain(steps).chain(verify)
    }
}

/// The part of a runbook that a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// `sections` or `diagnose`.
    Look,
    /// `steps` or `resolve`.
    Act,
    /// `verify`.
    Verify,
}
