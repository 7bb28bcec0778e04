//! Checks a pipeline without running it, so that its author sees problems before the first run.
//!
//! [`read`] parses a task's payload into steps, and [`check`] finds their issues. Each issue has a path, so that
//! an editor or a 422 response can point at it.

mod fit;
mod read;
pub(crate) mod schema;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::secret_use::misplaced;
use super::template::{self, Template, TemplateError};
use crate::base::expression::Expression;
use crate::base::suggest;
use crate::model::{Effect, Step};
use crate::tools::{AnyTool, Queries, Registry};

pub(crate) use read::read;

/// More steps than this are no pipeline but a program.
pub(crate) const MAX_STEPS: usize = 200;
/// The longest time-out of a step, in seconds.
pub(crate) const MAX_TIMEOUT_SECONDS: f64 = 86_400.0;
/// The most retries of a step, in place.
pub(crate) const MAX_RETRIES: u32 = 10;

/// A part of a path: a key or an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum LocPart {
    Key(String),
    /// From 0.
    Index(usize),
}

impl std::fmt::Display for LocPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Index(place) => write!(f, "{place}"),
        }
    }
}

impl From<&str> for LocPart {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for LocPart {
    fn from(place: usize) -> Self {
        Self::Index(place)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PipelineIssue {
    /// Where: a path below what was checked.
    pub(crate) loc: Vec<LocPart>,
    pub(crate) message: String,
    /// The text that it is about, as written.
    pub(crate) text: String,
    /// Offset into this text, in characters.
    pub(crate) offset: usize,
}

impl PipelineIssue {
    fn new(loc: impl IntoIterator<Item = LocPart>, text: &str, message: impl Into<String>) -> Self {
        Self { loc: loc.into_iter().collect(), message: message.into(), text: text.to_owned(), offset: 0 }
    }

    /// The same issue with a longer path.
    #[must_use]
    pub(crate) fn under(mut self, outside: &[LocPart]) -> Self {
        self.loc.splice(0..0, outside.iter().cloned());
        self
    }
}

/// Later issues are not reported until these are fixed.
pub(crate) const MAX_ISSUES: usize = 50;

/// All issues of the steps of a pipeline. `params` are its parameters, if known. Places are paths below the list: `[0, "with", "url"]`.
pub(crate) fn check(
    steps: &[Step],
    registry: &Registry,
    queries: &Queries,
    params: Option<&[&str]>,
) -> Vec<PipelineIssue> {
    if steps.len() > MAX_STEPS {
        let message = format!("{} steps; the maximum is {MAX_STEPS}", steps.len());
        return vec![PipelineIssue::new([], "", message)];
    }
    let mut checker = Checker::new(registry, queries, params);
    let mut issues = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let found = checker.step(step).into_iter().chain(duplicate_name(step, &steps[..place], registry));
        issues.extend(found.map(|issue| issue.under(&[place.into()])));
        if issues.len() >= MAX_ISSUES {
            break;
        }
    }
    issues.truncate(MAX_ISSUES);
    issues
}

/// Issues of names that must be unique.
fn duplicate_name(step: &Step, earlier: &[Step], registry: &Registry) -> Option<PipelineIssue> {
    if let Some(id) = &step.id
        && earlier.iter().any(|s| s.id.as_ref() == Some(id))
    {
        return Some(PipelineIssue::new(["id".into()], id, format!("duplicate id '{id}'")));
    }
    let sends = |s: &Step| {
        let tool = registry.get(&s.uses).filter(|t| t.name() == "http.request");
        let effect = tool.map(|t| t.effect(&Value::Object(s.with.clone())));
        effect.is_some_and(|e| e.ok() != Some(Effect::Look))
    };
    // The step's name is part of its Idempotency-Key: the second request would count as the first's
    // repetition.
    let same = sends(step) && earlier.iter().any(|s| s.name() == step.name() && sends(s));
    let message =
        || format!("another request in this pipeline is named '{}'; give this one an id", step.name());
    same.then(|| PipelineIssue::new(["uses".into()], &step.uses, message()))
}

/// Checks steps in the order in which they see each other's results.
pub(crate) struct Checker<'a> {
    registry: &'a Registry,
    queries: &'a Queries,
    params: Option<BTreeSet<String>>,
    saved: BTreeSet<String>,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(registry: &'a Registry, queries: &'a Queries, params: Option<&[&str]>) -> Self {
        let params = params.map(|p| p.iter().map(|n| (*n).to_owned()).collect());
        Self { registry, queries, params, saved: BTreeSet::new() }
    }

    /// All issues of the next step. Places are paths below the step.
    pub(crate) fn step(&mut self, step: &Step) -> Vec<PipelineIssue> {
        let mut issues = Vec::new();
        self.condition(step, &mut issues);
        let with = Value::Object(step.with.clone());
        texts(&with, &mut vec!["with".into()], &mut |loc, text| self.text(loc, text, &mut issues));
        bounds(step, &mut issues);
        match self.registry.get(&step.uses) {
            Some(tool) => {
                parameters(step, tool.as_ref(), &mut issues);
                let secrets = misplaced(&step.with, tool.as_ref()).into_iter();
                issues.extend(secrets.map(|s| PipelineIssue::new(s.loc, &s.text, s.message)));
                for issue in tool.review(&step.with, self.queries) {
                    let written = step.with.get(issue.key).and_then(Value::as_str).unwrap_or(issue.key);
                    issues.push(PipelineIssue::new(
                        ["with".into(), issue.key.into()],
                        written,
                        issue.message,
                    ));
                }
            }
            None => {
                let hint = suggest::hint(&step.uses, &self.registry.names());
                let message = format!("unknown tool '{}'; {hint}", step.uses);
                issues.push(PipelineIssue::new(["uses".into()], &step.uses, message));
            }
        }
        self.saved.extend(step.save_as.clone());
        issues
    }

    fn condition(&self, step: &Step, issues: &mut Vec<PipelineIssue>) {
        let Some(condition) = &step.condition else { return };
        match Expression::compile(condition) {
            Ok(e) => self.reads(&["if".into()], |root| e.reads(root), issues),
            Err(e) => {
                let issue = PipelineIssue::new(["if".into()], condition, format!("if: {e}"));
                issues.push(PipelineIssue { offset: e.offset, ..issue });
            }
        }
    }

    fn text(&self, loc: &[LocPart], text: &str, issues: &mut Vec<PipelineIssue>) {
        if issues.len() >= MAX_ISSUES {
            return;
        }
        match Template::parse(text) {
            Ok(template) => self.reads(loc, |root| template.reads(root), issues),
            Err(e) => {
                let offset = if let TemplateError::Open { offset, .. } = &e { *offset } else { 0 };
                let issue = PipelineIssue::new(loc.iter().cloned(), text, format!("with: {e}"));
                issues.push(PipelineIssue { offset, ..issue });
            }
        }
    }

    /// Reports names that are read and not defined.
    fn reads(
        &self,
        loc: &[LocPart],
        read: impl Fn(&str) -> BTreeSet<String>,
        issues: &mut Vec<PipelineIssue>,
    ) {
        let mut missing = |root: &str, known: &BTreeSet<String>, what: &dyn Fn(&str) -> String| {
            let left = MAX_ISSUES.saturating_sub(issues.len());
            for name in read(root).iter().filter(|n| *n != "*" && !known.contains(*n)).take(left) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let message = format!("{}; {}", what(name), suggest::hint(name, &known));
                issues.push(PipelineIssue::new(loc.iter().cloned(), &format!("{root}.{name}"), message));
            }
        };
        missing("steps", &self.saved, &|name| format!("no earlier step saves 'steps.{name}'"));
        if let Some(params) = &self.params {
            missing("params", params, &|name| format!("there is no parameter '{name}'"));
        }
    }
}

/// Calls `see` for every string inside a value, with its path.
pub(super) fn texts(value: &Value, loc: &mut Vec<LocPart>, see: &mut dyn FnMut(&[LocPart], &str)) {
    let mut inside = |part: LocPart, inner: &Value| {
        loc.push(part);
        texts(inner, loc, see);
        loc.pop();
    };
    match value {
        Value::String(text) => see(loc, text),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, v)| inside(i.into(), v)),
        Value::Object(map) => map.iter().for_each(|(k, v)| inside(k.as_str().into(), v)),
        _ => {}
    }
}

fn bounds(step: &Step, issues: &mut Vec<PipelineIssue>) {
    if let Some(seconds) = step.timeout_seconds
        && !(seconds > 0.0 && seconds <= MAX_TIMEOUT_SECONDS)
    {
        let message =
            format!("timeout_seconds is {seconds}; it must be above 0 and at most {MAX_TIMEOUT_SECONDS}");
        issues.push(PipelineIssue::new(["timeout_seconds".into()], "timeout_seconds", message));
    }
    if let Some(retries) = step.max_retries.filter(|n| *n > MAX_RETRIES) {
        let message = format!("max_retries is {retries}; the maximum is {MAX_RETRIES}");
        issues.push(PipelineIssue::new(["max_retries".into()], "max_retries", message));
    }
}

/// Checks keys against the tool's schema, and values without templates against its types.
fn parameters(step: &Step, tool: &dyn AnyTool, issues: &mut Vec<PipelineIssue>) {
    let schema = tool.schema().to_value();
    let empty = serde_json::Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let known: Vec<&str> = properties.keys().map(String::as_str).collect();
    let before = issues.len();
    for (key, value) in &step.with {
        let loc = [LocPart::from("with"), key.as_str().into()];
        match properties.get(key) {
            None => {
                let message = format!("{} takes no '{key}'; {}", step.uses, suggest::hint(key, &known));
                issues.push(PipelineIssue::new(loc, key, message));
            }
            Some(property) => {
                if let Some(mismatch) = fit::mismatch(property, &schema, value) {
                    let message = format!("{}: {key}: {}", step.uses, mismatch.message);
                    issues.push(PipelineIssue::new(mismatch.loc, key, message).under(&loc));
                }
            }
        }
    }
    for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let key = key.as_str().unwrap_or_default();
        if !step.with.contains_key(key) {
            let loc = ["with".into(), key.into()];
            issues.push(PipelineIssue::new(loc, &step.uses, format!("{} needs '{key}'", step.uses)));
        }
    }
    if issues.len() == before
        && let Some(with) = fit::probe(&step.with, properties)
        && let Err(e) = tool.effect(&with)
    {
        let message = e.to_string();
        let parts = message.strip_prefix(&format!("{}: ", step.uses)).and_then(|m| m.split_once(": "));
        let key = parts.map(|(key, _)| key).filter(|k| step.with.contains_key(*k));
        let loc = [LocPart::from("with")].into_iter().chain(key.map(LocPart::from));
        issues.push(PipelineIssue::new(loc, key.unwrap_or(&step.uses), message.clone()));
    }
}

/// Whether a value is known only in the run.
fn is_open(value: &Value) -> bool {
    template::has_template(value)
}

#[cfg(test)]
mod tests;
