//! Checking a runbook without running it, and the JSON Schema that editors check it with.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Entry;
use crate::base::fault::Fault;
use crate::base::suggest;
use crate::model::runbook::Part;
use crate::model::{Effect, Runbook, Step};
use crate::pipeline::expression::Expression;
use crate::pipeline::template;
use crate::pipeline::{AnyTool, Registry};
use crate::store::Library as Queries;

/// Something wrong with a runbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// `file:line:column`, as far as it is known.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

/// Everything wrong with a runbook; empty when it is sound.
pub fn lint(entry: &Entry, registry: &Registry, queries: &Queries) -> Vec<Problem> {
    let runbook = match entry.parse() {
        Ok(runbook) => runbook,
        Err(fault) => return vec![from_fault(&entry.place(), &fault)],
    };
    let mut lint = Lint { entry, registry, queries, problems: Vec::new(), from: 0, next: 0 };
    lint.shape(&runbook);
    lint.names(&runbook);
    let mut saved = BTreeSet::new();
    for (part, step) in runbook.all_steps() {
        lint.step(part, step, &runbook, &saved);
        saved.extend(step.save_as.clone());
    }
    lint.problems
}

fn from_fault(place: &str, fault: &Fault) -> Problem {
    let hint = fault.hint.as_ref().map_or_else(String::new, |h| format!(" ({h})"));
    match fault.message.split_once(": ") {
        Some((at, message)) => Problem { place: at.to_owned(), message: format!("{message}{hint}") },
        None => Problem { place: place.to_owned(), message: format!("{fault}{hint}") },
    }
}

struct Lint<'a> {
    entry: &'a Entry,
    registry: &'a Registry,
    queries: &'a Queries,
    problems: Vec<Problem>,
    /// Where in the file the step at hand begins, as far as its order tells.
    from: usize,
    /// Where the next one begins.
    next: usize,
}

impl Lint<'_> {
    /// Notes a problem where `text` stands in the file, counted from `from` characters into it.
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
            let message = "it has either `sections` (a report) or `diagnose` and `steps` (an action)";
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
            self.problem(&last, 0, format!("the id '{id}' stands twice; give the steps ids of their own"));
        }
    }

    fn step(&mut self, part: Part, step: &Step, runbook: &Runbook, saved: &BTreeSet<String>) {
        self.from = self.next;
        if let Some(at) = self.entry.text[self.from..].find(&step.uses) {
            self.next = self.from + at + step.uses.len();
        }
        let mut reads = BTreeSet::new();
        if let Some(condition) = &step.condition {
            match Expression::compile(condition) {
                Ok(e) => reads.extend(e.steps()),
                Err(e) => self.problem(condition, e.offset, format!("if: {e}")),
            }
        }
        let with = Value::Object(step.with.clone());
        if let Err((text, e)) = template::each(&with, &mut |t| reads.extend(t.steps())) {
            self.problem(&text, 0, format!("with: {e}"));
        }
        for name in reads.iter().filter(|n| *n != "*" && !saved.contains(*n)) {
            let known: Vec<&str> = saved.iter().map(String::as_str).collect();
            let message = format!("no earlier step saves 'steps.{name}'; {}", suggest::hint(name, &known));
            self.problem(&format!("steps.{name}"), 0, message);
        }
        self.parameters(step, runbook);
        let Some(tool) = self.registry.get(&step.uses).cloned() else {
            let hint = suggest::hint(&step.uses, &self.registry.names());
            self.problem(&step.uses, 0, format!("there is no tool '{}'; {hint}", step.uses));
            return;
        };
        self.with(step, tool.as_ref());
        let acts = tool.effect(&with).is_ok_and(|e| e != Effect::Look);
        if part != Part::Act && acts {
            self.problem(&step.uses, 0, format!("{} changes something; it belongs under `steps`", step.uses));
        }
        self.query(step);
    }

    /// `params.x` must be a parameter of the runbook.
    fn parameters(&mut self, step: &Step, runbook: &Runbook) {
        let texts = step.condition.iter().cloned().chain(step.with.values().map(Value::to_string));
        for text in texts.collect::<Vec<_>>() {
            for rest in text.split("params.").skip(1) {
                let word = |c: char| c.is_alphanumeric() || c == '_';
                let name: String = rest.chars().take_while(|c| word(*c)).collect();
                if !name.is_empty() && !runbook.params.contains_key(&name) {
                    let known: Vec<&str> = runbook.params.keys().map(String::as_str).collect();
                    let hint = suggest::hint(&name, &known);
                    self.problem(
                        &format!("params.{name}"),
                        0,
                        format!("there is no parameter '{name}'; {hint}"),
                    );
                }
            }
        }
    }

    /// Keys must be the tool's; values without templates must fit it as they are.
    fn with(&mut self, step: &Step, tool: &dyn AnyTool) {
        let schema = tool.schema();
        let known: Vec<&str> = schema
            .get("properties")
            .and_then(Value::as_object)
            .map(|p| p.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let mut sound = true;
        for key in step.with.keys().filter(|k| !known.contains(&k.as_str())) {
            sound = false;
            let hint = suggest::hint(key, &known);
            self.problem(key, 0, format!("{} takes no '{key}'; {hint}", step.uses));
        }
        for key in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            let key = key.as_str().unwrap_or_default();
            if !step.with.contains_key(key) {
                sound = false;
                self.problem(&step.uses, 0, format!("{} needs '{key}'", step.uses));
            }
        }
        let with = Value::Object(step.with.clone());
        if sound
            && !template::has_template(&with)
            && let Err(e) = tool.effect(&with)
        {
            self.problem(&step.uses, 0, e.to_string());
        }
    }

    fn query(&mut self, step: &Step) {
        let Some(name) = step.with.get("query").and_then(Value::as_str) else { return };
        let found = match step.uses.as_str() {
            "check.query" => self.queries.sql(name),
            "check.promql" => self.queries.promql(name),
            _ => return,
        };
        if let Err(e) = found
            && !name.contains("${")
        {
            self.problem(name, 0, e.to_string());
        }
    }
}

/// The JSON Schema of a runbook's file; `with` is described for each tool.
pub fn schema(registry: &Registry) -> Value {
    let mut schema = serde_json::to_value(schemars::schema_for!(Runbook)).unwrap_or_default();
    let tools: Vec<Value> = registry
        .all()
        .map(|tool| {
            json!({
                "if": { "properties": { "uses": { "const": tool.name() } } },
                "then": { "properties": { "with": templated(tool.schema().to_value()) } },
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

/// Any value may also be a template, which only the run can type.
fn templated(mut schema: Value) -> Value {
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("$defs");
        object.remove("title");
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut() {
            // References point into the tool's own schema, which is not carried along.
            let inner = if property.to_string().contains("$ref") { json!({}) } else { property.take() };
            *property = json!({ "anyOf": [inner, { "type": "string", "pattern": "\\$\\{" }] });
        }
    }
    schema
}
