//! The plan of an acting runbook: its target and its steps, each as a sentence and as exact calls.

use serde::{Deserialize, Serialize};

use super::Effect;
use crate::base::discovery::DiscoveryScope;
use crate::base::units;

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
    pub(crate) discovered: Option<DiscoveryScope>,
}

/// What a tool will do: a sentence for people and the exact calls for consent, journal and programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepPlan {
    /// In the imperative and with numbers, such as `Delete 37,720 runs older than 30 days`; empty for a step that only
    /// reads.
    pub(crate) text: String,
    /// The exact statements or calls; none when there is nothing to do.
    pub(crate) calls: Vec<String>,
    /// What it deletes, such as `37,720 runs`.
    pub(crate) deletes: Option<String>,
    /// There is nothing to do now; the calls are made because that may change until they run.
    pub(crate) idle: bool,
}

impl StepPlan {
    pub(crate) fn new(text: impl Into<String>, calls: Vec<String>) -> Self {
        Self { text: text.into(), calls, deletes: None, idle: false }
    }

    /// The same plan, which has nothing to do now.
    #[must_use]
    pub(crate) fn idle(self) -> Self {
        Self { idle: true, ..self }
    }

    /// The same plan, which deletes something.
    #[must_use]
    pub(crate) fn deleting(self, what: impl Into<String>) -> Self {
        Self { deletes: Some(what.into()), ..self }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) target: Target,
    pub(crate) steps: Vec<PlannedStep>,
    /// The titles of the checks after the last step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) verify: Vec<String>,
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
            Some(DiscoveryScope::System | DiscoveryScope::Ambiguous) => changes.next().is_some(),
            Some(DiscoveryScope::Docker) => changes.any(is_docker),
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

    /// At most three lines: how many steps change something, what is deleted, what is hard to undo or checked
    /// afterwards.
    pub(crate) fn summary(&self) -> Vec<String> {
        let mut lines = vec![self.numbers()];
        let grave = |known: bool| -> Vec<&str> {
            let grave = self.changes().filter(|s| s.effect == Effect::Grave);
            grave.filter(|s| s.depends.is_none() == known).map(|s| s.title.as_str()).collect()
        };
        let deleted: Vec<&str> = self.changes().filter_map(|s| s.deletes.as_deref()).collect();
        let verify: Vec<&str> = self.verify.iter().map(String::as_str).collect();
        for (what, names) in [
            ("hard to undo", grave(true)),
            ("may be hard to undo", grave(false)),
            ("deletes", deleted),
            ("checked afterwards", verify),
        ] {
            if !names.is_empty() {
                lines.push(format!("{what}: {}", units::names(&names)));
            }
        }
        lines.truncate(3);
        lines
    }

    /// How many steps change something, and what happens to the others.
    fn numbers(&self) -> String {
        let total = self.steps.len();
        let mut parts = match (self.changes().count(), total) {
            (0, _) => vec!["no step changes anything".to_owned()],
            (1, 1) => vec!["1 change".to_owned()],
            (changing, total) if changing == total => vec![format!("{total} changes")],
            (1, total) => vec![format!("1 of {total} steps changes something")],
            (changing, total) => vec![format!("{changing} of {total} steps change something")],
        };
        let number = |is: fn(&PlannedStep) -> bool| self.steps.iter().filter(|s| is(s)).count();
        for (n, what) in [
            (number(|s| s.blocked.is_some()), "cannot run"),
            (number(|s| s.left_out.is_some()), "skipped"),
            (number(PlannedStep::is_idle), "with nothing to do"),
        ] {
            if n > 0 {
                parts.push(format!("{n} {what}"));
            }
        }
        parts.join(", ")
    }

    /// The steps that would change something.
    fn changes(&self) -> impl Iterator<Item = &PlannedStep> {
        self.live().filter(|s| s.effect != Effect::Look && s.blocked.is_none() && !s.is_idle())
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedStep {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) uses: String,
    pub(crate) effect: Effect,
    /// What it does, from [`StepPlan::text`]; empty where the title says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
    /// The exact statements or calls.
    pub(crate) calls: Vec<String>,
    /// What it deletes, such as `37,720 runs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deletes: Option<String>,
    /// There is nothing to do now; the calls are made because that may change until they run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) idle: bool,
    /// Why it does not run: skipped by a flag, done before, or its condition is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<String>,
    /// Why it cannot run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) blocked: Option<String>,
    /// What is unknown until it runs: a condition, or calls that depend on an earlier step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) depends: Option<String>,
    /// Findings of a check that later steps depend on, when the plan has run it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) found: Vec<String>,
}

impl PlannedStep {
    /// A step that changes something by these calls. Its title says what it does.
    pub(crate) fn change(id: &str, title: impl Into<String>, uses: &str, calls: Vec<String>) -> Self {
        Self { effect: Effect::Change, calls, ..Self::new(id, title, uses) }
    }

    /// A step of which nothing else is known yet.
    pub(crate) fn new(id: &str, title: impl Into<String>, uses: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.into(),
            uses: uses.to_owned(),
            effect: Effect::Look,
            text: String::new(),
            calls: Vec::new(),
            deletes: None,
            idle: false,
            left_out: None,
            blocked: None,
            depends: None,
            found: Vec::new(),
        }
    }

    /// One line for a person: what it will do, or why it will not.
    pub(crate) fn line(&self) -> String {
        let title = &self.title;
        // Until an earlier step has run, an effect may be unknown.
        let grave = match (self.effect, &self.depends) {
            (Effect::Grave, None) => " (hard to undo)",
            (Effect::Grave, Some(_)) => " (may be hard to undo)",
            (Effect::Look | Effect::Change, _) => "",
        };
        if let Some(why) = &self.blocked {
            return format!("{title}: cannot run: {why}");
        }
        match (&self.left_out, &self.depends) {
            (Some(reason), _) => format!("{title}: {reason}"),
            (None, Some(depends)) => format!("{title}{grave}: {depends}"),
            (None, None) if !self.found.is_empty() => self.found_line(),
            (None, None) if !self.text.is_empty() => format!("{}{grave}", self.text),
            (None, None) if self.effect == Effect::Look => format!("{title}: only reads"),
            (None, None) if self.is_idle() => format!("{title}: nothing to do"),
            (None, None) => format!("{title}{grave}"),
        }
    }

    /// What the check found, without a subject that the title replaces.
    fn found_line(&self) -> String {
        match self.found.as_slice() {
            [one] => {
                format!("{}: {}", self.title, one.split_once(": ").map_or(one.as_str(), |(_, value)| value))
            }
            all => format!("{}: {}", self.title, all.join("; ")),
        }
    }

    /// Whether it would run and change nothing, although its tool can.
    fn is_idle(&self) -> bool {
        let runs = self.left_out.is_none() && self.blocked.is_none() && self.depends.is_none();
        runs && self.effect != Effect::Look && (self.idle || self.calls.is_empty())
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
