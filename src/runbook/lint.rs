//! Checks a runbook without running it, and gives the JSON Schema for editors.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Entry, Library};
use crate::base::cli_error::CliError;
use crate::model::runbook::Part;
use crate::model::{Effect, Runbook, Step};
use crate::pipeline::check::{self, Checker};
use crate::pipeline::{Registry, present_name};
use crate::store::Library as Queries;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// `file:line:column`, as far as known.
    pub(crate) place: String,
    pub(crate) message: String,
}

/// Loads a runbook; one with problems is an error before any step runs.
pub(crate) fn load_valid(
    library: &Library,
    registry: &Registry,
    queries: &Queries,
    name: &str,
) -> Result<Runbook, CliError> {
    let entry = library.find(name)?;
    let runbook = entry.parse()?;
    match lint(&entry, registry, queries).first() {
        None => Ok(runbook),
        Some(first) => Err(CliError::usage(format!("{}: {}", first.place, first.message))
            .hint(format!("ordctl runbook lint {}", shell_words::quote(name)))),
    }
}

/// All problems of a runbook.
pub(crate) fn lint(entry: &Entry, registry: &Registry, queries: &Queries) -> Vec<Problem> {
    let runbook = match entry.parse() {
        Ok(runbook) => runbook,
        Err(fault) => return vec![from_fault(&entry.place(), &fault)],
    };
    let mut lint = Lint { entry, registry, problems: Vec::new(), from: 0, next: 0 };
    lint.shape(&runbook);
    lint.names(&runbook);
    let params: Vec<&str> = runbook.params.keys().map(String::as_str).collect();
    let mut checker = Checker::new(registry, queries, Some(&params));
    for (part, step) in runbook.all_steps() {
        lint.step(part, step, checker.step(step));
    }
    lint.problems
}

/// Warnings about former names of tools, which still work.
pub(crate) fn warnings(runbook: &Runbook) -> Vec<String> {
    let mut warnings: Vec<String> = runbook
        .all_steps()
        .filter_map(|(_, step)| {
            let present = present_name(&step.uses)?;
            Some(format!("{}: the tool {} is now named {present}", runbook.name, step.uses))
        })
        .collect();
    warnings.dedup();
    warnings
}

fn from_fault(place: &str, fault: &CliError) -> Problem {
    let hint = fault.hint.as_ref().map_or_else(String::new, |h| format!(" ({h})"));
    match fault.message.split_once(": ") {
        Some((at, message)) => Problem { place: at.to_owned(), message: format!("{message}{hint}") },
        None => Problem { place: place.to_owned(), message: format!("{fault}{hint}") },
    }
}

struct Lint<'a> {
    entry: &'a Entry,
    registry: &'a Registry,
    problems: Vec<Problem>,
    /// Offset in the file where the current step begins, as far as the order of steps tells.
    from: usize,
    /// Offset where the next step begins.
    next: usize,
}

impl Lint<'_> {
    /// Adds a problem at `text` in the file, `from` characters into it.
    fn problem(&mut self, text: &str, from: usize, message: String) {
        let place = self.entry.place();
        let line = text.lines().next().unwrap_or(text);
        let file = &self.entry.text;
        let later = file[self.from..].find(line).map(|at| at + self.from);
        let found = later.or_else(|| file.find(line)).filter(|_| !line.is_empty());
        let place = match found {
            Some(at) => {
                let before = &self.entry.text[..at];
                let row = before.matches('\n').count() + 1;
                let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1 + from;
                format!("{place}:{row}:{column}")
            }
            None => place,
        };
        self.problems.push(Problem { place, message });
    }

    fn shape(&mut self, runbook: &Runbook) {
        let looks = !runbook.sections.is_empty();
        let acts = !(runbook.diagnose.is_empty() && runbook.steps.is_empty());
        if looks == acts {
            let message = "a runbook has either `sections` (a report) or `diagnose` and `steps` (an action)";
            self.problem("name:", 0, message.to_owned());
        }
    }

    fn names(&mut self, runbook: &Runbook) {
        let mut ids = BTreeMap::<String, u32>::new();
        for section in &runbook.sections {
            *ids.entry(section.id.clone()).or_default() += 1;
            for step in &section.steps {
                *ids.entry(format!("{}.{}", section.id, step.name())).or_default() += 1;
            }
        }
        for step in runbook.diagnose.iter().chain(&runbook.steps).chain(&runbook.verify) {
            *ids.entry(step.name().to_owned()).or_default() += 1;
        }
        for (id, _) in ids.into_iter().filter(|(_, n)| *n > 1) {
            let last = id.rsplit('.').next().unwrap_or(&id).to_owned();
            self.problem(&last, 0, format!("duplicate id '{id}'; give each step its own id"));
        }
    }

    fn step(&mut self, part: Part, step: &Step, faults: Vec<check::PipelineIssue>) {
        self.from = self.next;
        if let Some(at) = self.entry.text[self.from..].find(&step.uses) {
            self.next = self.from + at + step.uses.len();
        }
        for fault in faults {
            self.problem(&fault.text, fault.offset, fault.message);
        }
        let tool = self.registry.get(&step.uses);
        let effect = tool.map(|t| t.effect(&Value::Object(step.with.clone())));
        let acts = effect.is_some_and(|e| e.is_ok_and(|e| e != Effect::Look));
        if part != Part::Act && acts {
            self.problem(
                &step.uses,
                0,
                format!("{} changes something, so it must be under `steps`", step.uses),
            );
        }
    }
}

/// The JSON Schema of a runbook file, with the `with` of each tool.
pub(crate) fn schema(registry: &Registry) -> Value {
    let mut schema = serde_json::to_value(schemars::schema_for!(Runbook)).unwrap_or_default();
    let tools: Vec<Value> = registry
        .all()
        .map(|tool| {
            json!({
                "if": { "properties": { "uses": { "const": tool.name() } } },
                "then": { "properties": { "with": check::schema::parameters(tool.as_ref()) } },
            })
        })
        .collect();
    if let Some(step) = schema.pointer_mut("/$defs/Step").and_then(Value::as_object_mut) {
        step.insert("allOf".into(), Value::Array(tools));
        if let Some(uses) = step.get_mut("properties").and_then(|p| p.get_mut("uses")) {
            uses["enum"] = json!(registry.names());
        }
    }
    schema
}
