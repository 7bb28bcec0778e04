//! Checking a pipeline without running it: what is found here is said where the pipeline was
//! written, not at three in the morning.
//!
//! [`read`] turns a task's payload into steps, [`check`] finds what is wrong with them. Each fault
//! has the path of its place, so that an editor, or the 422 of an API, can point at it.

mod fit;
mod read;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::template::{self, Template, TemplateError};
use crate::base::expression::Expression;
use crate::base::suggest;
use crate::model::{Effect, Step};
use crate::tools::{AnyTool, Queries, Registry};

pub(crate) use read::read;

/// More steps than this are no pipeline but a program.
pub(crate) const MOST_STEPS: usize = 200;
/// The longest time-out of a step, in seconds.
pub(crate) const LONGEST: f64 = 86_400.0;
/// The most retries of a step, in place.
pub(crate) const MOST_RETRIES: u32 = 10;

/// A part of a path: a key or a place in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum LocPart {
    /// The key of a mapping.
    Key(String),
    /// The place in a list, from 0.
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

/// Something wrong with a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PipelineIssue {
    /// Where: a path below what was checked.
    pub(crate) loc: Vec<LocPart>,
    pub(crate) message: String,
    /// The words that it is about, as they were written.
    pub(crate) text: String,
    /// How far into these words, in characters.
    pub(crate) offset: usize,
}

impl PipelineIssue {
    fn new(loc: impl IntoIterator<Item = LocPart>, text: &str, message: impl Into<String>) -> Self {
        Self { loc: loc.into_iter().collect(), message: message.into(), text: text.to_owned(), offset: 0 }
    }

    /// The same fault, seen from further outside.
    #[must_use]
    pub(crate) fn under(mut self, outside: &[LocPart]) -> Self {
        self.loc.splice(0..0, outside.iter().cloned());
        self
    }
}

/// So many faults are told; who mends these finds the others next time.
pub(crate) const MOST_FAULTS: usize = 50;

/// Everything wrong with the steps of a pipeline; `params` are the parameters that it has, if that is
/// known. Places are paths below the list: `[0, "with", "url"]`.
pub(crate) fn check(
    steps: &[Step],
    registry: &Registry,
    queries: &Queries,
    params: Option<&[&str]>,
) -> Vec<PipelineIssue> {
    if steps.len() > MOST_STEPS {
        let message = format!("{} steps; at most {MOST_STEPS} can be", steps.len());
        return vec![PipelineIssue::new([], "", message)];
    }
    let mut checker = Checker::new(registry, queries, params);
    let mut faults = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        let found = checker.step(step).into_iter().chain(twice(step, &steps[..place], registry));
        faults.extend(found.map(|fault| fault.under(&[place.into()])));
        if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    faults.truncate(MOST_FAULTS);
    faults
}

/// Names that must be a step's own.
fn twice(step: &Step, earlier: &[Step], registry: &Registry) -> Option<PipelineIssue> {
    if let Some(id) = &step.id
        && earlier.iter().any(|s| s.id.as_ref() == Some(id))
    {
        return Some(PipelineIssue::new(["id".into()], id, format!("the id '{id}' stands twice")));
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
        || format!("another request of this pipeline is named '{}', too; give it an id", step.name());
    same.then(|| PipelineIssue::new(["uses".into()], &step.uses, message()))
}

/// Checks steps one after the other, in the order in which they can see each other's results.
pub(crate) struct Checker<'a> {
    registry: &'a Registry,
    queries: &'a Queries,
    params: Option<BTreeSet<String>>,
    saved: BTreeSet<String>,
}

impl<'a> Checker<'a> {
    /// A checker that has seen no step.
    pub(crate) fn new(registry: &'a Registry, queries: &'a Queries, params: Option<&[&str]>) -> Self {
        let params = params.map(|p| p.iter().map(|n| (*n).to_owned()).collect());
        Self { registry, queries, params, saved: BTreeSet::new() }
    }

    /// Everything wrong with the next step; places are paths below the step.
    pub(crate) fn step(&mut self, step: &Step) -> Vec<PipelineIssue> {
        let mut faults = Vec::new();
        self.condition(step, &mut faults);
        let with = Value::Object(step.with.clone());
        texts(&with, &mut vec!["with".into()], &mut |loc, text| self.text(loc, text, &mut faults));
        bounds(step, &mut faults);
        match self.registry.get(&step.uses) {
            Some(tool) => {
                parameters(step, tool.as_ref(), &mut faults);
                for doubt in tool.review(&step.with, self.queries) {
                    let written = step.with.get(doubt.key).and_then(Value::as_str).unwrap_or(doubt.key);
                    faults.push(PipelineIssue::new(
                        ["with".into(), doubt.key.into()],
                        written,
                        doubt.message,
                    ));
                }
            }
            None => {
                let hint = suggest::hint(&step.uses, &self.registry.names());
                let message = format!("unknown tool '{}'; {hint}", step.uses);
                faults.push(PipelineIssue::new(["uses".into()], &step.uses, message));
            }
        }
        self.saved.extend(step.save_as.clone());
        faults
    }

    fn condition(&self, step: &Step, faults: &mut Vec<PipelineIssue>) {
        let Some(condition) = &step.condition else { return };
        match Expression::compile(condition) {
            Ok(e) => self.reads(&["if".into()], |root| e.reads(root), faults),
            Err(e) => {
                let fault = PipelineIssue::new(["if".into()], condition, format!("if: {e}"));
                faults.push(PipelineIssue { offset: e.offset, ..fault });
            }
        }
    }

    fn text(&self, loc: &[LocPart], text: &str, faults: &mut Vec<PipelineIssue>) {
        if faults.len() >= MOST_FAULTS {
            return;
        }
        match Template::parse(text) {
            Ok(template) => self.reads(loc, |root| template.reads(root), faults),
            Err(e) => {
                let offset = if let TemplateError::Open { offset, .. } = &e { *offset } else { 0 };
                let fault = PipelineIssue::new(loc.iter().cloned(), text, format!("with: {e}"));
                faults.push(PipelineIssue { offset, ..fault });
            }
        }
    }

    /// What is read must be there.
    fn reads(
        &self,
        loc: &[LocPart],
        read: impl Fn(&str) -> BTreeSet<String>,
        faults: &mut Vec<PipelineIssue>,
    ) {
        let mut missing = |root: &str, known: &BTreeSet<String>, what: &dyn Fn(&str) -> String| {
            let left = MOST_FAULTS.saturating_sub(faults.len());
            for name in read(root).iter().filter(|n| *n != "*" && !known.contains(*n)).take(left) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                let message = format!("{}; {}", what(name), suggest::hint(name, &known));
                faults.push(PipelineIssue::new(loc.iter().cloned(), &format!("{root}.{name}"), message));
            }
        };
        missing("steps", &self.saved, &|name| format!("no earlier step saves 'steps.{name}'"));
        if let Some(params) = &self.params {
            missing("params", params, &|name| format!("there is no parameter '{name}'"));
        }
    }
}

/// Calls `see` for every text inside a value, with its path.
fn texts(value: &Value, loc: &mut Vec<LocPart>, see: &mut dyn FnMut(&[LocPart], &str)) {
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

fn bounds(step: &Step, faults: &mut Vec<PipelineIssue>) {
    if let Some(seconds) = step.timeout_seconds
        && !(seconds > 0.0 && seconds <= LONGEST)
    {
        let message = format!("timeout_seconds is {seconds}; it must be more than 0 and at most {LONGEST}");
        faults.push(PipelineIssue::new(["timeout_seconds".into()], "timeout_seconds", message));
    }
    if let Some(retries) = step.max_retries.filter(|n| *n > MOST_RETRIES) {
        let message = format!("max_retries is {retries}; it can be at most {MOST_RETRIES}");
        faults.push(PipelineIssue::new(["max_retries".into()], "max_retries", message));
    }
}

/// Keys must be the tool's; values without templates must fit it as they are.
fn parameters(step: &Step, tool: &dyn AnyTool, faults: &mut Vec<PipelineIssue>) {
    let schema = tool.schema().to_value();
    let empty = serde_json::Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let known: Vec<&str> = properties.keys().map(String::as_str).collect();
    let before = faults.len();
    for (key, value) in &step.with {
        let loc = [LocPart::from("with"), key.as_str().into()];
        match properties.get(key) {
            None => {
                let message = format!("{} takes no '{key}'; {}", step.uses, suggest::hint(key, &known));
                faults.push(PipelineIssue::new(loc, key, message));
            }
            Some(property) => {
                if let Some(mismatch) = fit::mismatch(property, &schema, value) {
                    let message = format!("{}: {key}: {}", step.uses, mismatch.message);
                    faults.push(PipelineIssue::new(mismatch.loc, key, message).under(&loc));
                }
            }
        }
    }
    for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        let key = key.as_str().unwrap_or_default();
        if !step.with.contains_key(key) {
            let loc = ["with".into(), key.into()];
            faults.push(PipelineIssue::new(loc, &step.uses, format!("{} needs '{key}'", step.uses)));
        }
    }
    if faults.len() == before
        && let Some(with) = fit::probe(&step.with, properties)
        && let Err(e) = tool.effect(&with)
    {
        let message = e.to_string();
        let said = message.strip_prefix(&format!("{}: ", step.uses)).and_then(|m| m.split_once(": "));
        let key = said.map(|(key, _)| key).filter(|k| step.with.contains_key(*k));
        let loc = [LocPart::from("with")].into_iter().chain(key.map(LocPart::from));
        faults.push(PipelineIssue::new(loc, key.unwrap_or(&step.uses), message.clone()));
    }
}

/// Whether only the run can tell what a text will be.
fn is_open(value: &Value) -> bool {
    template::has_template(value)
}

#[cfg(test)]
mod tests;
