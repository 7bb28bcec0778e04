//! The plan of an acting runbook: its target and its steps.

use serde::{Deserialize, Serialize};

use super::Effect;
use crate::base::discovery::Discovered;

/// The system a report or a plan is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) environment: String,
    /// The host that ordctl runs on.
    pub(crate) host: String,
    /// `user@host:port/name` without secrets, or `embedded`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) database: Option<String>,
    /// The Docker engine's address and compose project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) docker: Option<String>,
    /// What of it was discovered rather than configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) discovered: Option<Discovered>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) target: Target,
    pub(crate) steps: Vec<PlannedStep>,
}

impl Plan {
    /// The strongest effect of the steps that would run.
    pub(crate) fn effect(&self) -> Effect {
        self.live().map(|s| s.effect).max().unwrap_or(Effect::Look)
    }

    /// Whether it changes something that was discovered. Nobody wrote down that this is the system to act on, so the
    /// user names it.
    pub(crate) fn changes_discovered(&self) -> bool {
        let is_docker =
            |step: &PlannedStep| ["docker.", "service."].iter().any(|tool| step.uses.starts_with(tool));
        let mut changes = self.live().filter(|s| s.effect != Effect::Look);
        match self.target.discovered {
            None => false,
            Some(Discovered::System) => changes.next().is_some(),
            Some(Discovered::Docker) => changes.any(is_docker),
        }
    }

    /// The calls of all changes; None when some are unknown until an earlier step has run.
    pub(crate) fn calls(&self) -> Option<Vec<String>> {
        let changes = || self.live().filter(|s| s.effect != Effect::Look);
        let known = changes().all(|s| s.depends.is_none());
        known.then(|| changes().flat_map(|s| s.calls.iter().cloned()).collect())
    }

    /// The steps that would run.
    fn live(&self) -> impl Iterator<Item = &PlannedStep> {
        self.steps.iter().filter(|s| s.left_out.is_none())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedStep {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) uses: String,
    pub(crate) effect: Effect,
    /// The exact statements or calls.
    pub(crate) calls: Vec<String>,
    /// Why it does not run: skipped by a flag, done before, or its condition is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<String>,
    /// What is unknown until it runs: a condition, or calls that depend on an earlier step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) depends: Option<String>,
    /// Findings of a check that later steps depend on, when the plan has run it.
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
