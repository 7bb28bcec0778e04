//! What an acting runbook is about to do, and to which system.

use serde::{Deserialize, Serialize};

use super::Effect;

/// The system a report or a plan is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) environment: String,
    /// The host that ordctl runs on.
    pub(crate) host: String,
    /// The database as `user@host:port/name`, without secrets; `embedded` for our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// The Docker engine's address and compose project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) docker: Option<String>,
}

/// What would be done, step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) target: Target,
    pub(crate) steps: Vec<PlannedStep>,
}

impl Plan {
    /// The gravest effect of the steps that would run.
    pub(crate) fn effect(&self) -> Effect {
        let live = self.steps.iter().filter(|s| s.left_out.is_none());
        live.map(|s| s.effect).max().unwrap_or(Effect::Look)
    }
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedStep {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) uses: String,
    /// What it does to the world.
    pub(crate) effect: Effect,
    /// The exact statements or calls.
    pub(crate) calls: Vec<String>,
    /// Why it is left out, when it is: chosen off, done before, or its condition is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<String>,
    /// What cannot be known before: a condition, or calls that rest on an earlier step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) depends: Option<String>,
    /// What a check that others rest on has found, when the plan has asked it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) found: Vec<String>,
}

impl PlannedStep {
    /// A step that changes something by these calls.
    pub(crate) fn change(id: &str, title: impl Into<String>, uses: &str, calls: Vec<String>) -> Self {
        Self {
            id: id.to_owned(),
            title: title.into(),
            uses: uses.to_owned(),
            effect: Effect::Change,
            calls,
            left_out: None,
            depends: None,
            found: Vec::new(),
        }
    }
}
