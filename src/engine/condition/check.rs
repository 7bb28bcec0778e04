//! A condition as a step: whether it can be asked, and what it says.

use chrono::Utc;
use serde_json::{Map, Value, json};

use super::parse::{Check, Condition, Source};
use crate::base::suggest;
use crate::model::{Effect, Status, Step};
use crate::pipeline::{Executor, State, TemplateContext, prepare, run_concurrent};
use crate::store::{Binds, StoreError};

/// How long an evaluation may take, in seconds; less than its claim lasts.
const LIMIT: f64 = 30.0;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// None: neither true nor false.
    pub(crate) truth: Option<bool>,
    /// The number, or the runbook's verdict.
    pub(crate) value: Option<Value>,
    pub(crate) error: Option<String>,
}

impl Seen {
    pub(crate) fn unknown(why: impl Into<String>) -> Self {
        // PostgreSQL stores no such character.
        Self { error: Some(why.into().replace('\0', "")), ..Self::default() }
    }

    fn known(truth: bool, value: Value) -> Self {
        Self { truth: Some(truth), value: Some(value), error: None }
    }
}

fn step(check: &Check) -> Step {
    let (uses, key, name) = match check {
        Check::Number { source: Source::Sql, name, .. } => ("check.query", "query", name),
        Check::Number { source: Source::PromQl, name, .. } => ("check.promql", "query", name),
        Check::Runbook { name, .. } => ("runbook.run", "runbook", name),
    };
    Step {
        id: Some("condition".to_owned()),
        uses: uses.to_owned(),
        with: Map::from_iter([(key.to_owned(), json!(name))]),
        timeout_seconds: Some(LIMIT),
        ..Step::default()
    }
}

/// What keeps a condition from ever being evaluated, in words.
pub(crate) fn review(condition: &Condition, executor: &Executor) -> Result<(), String> {
    let step = step(&condition.check);
    let found = match &condition.check {
        Check::Number { source: Source::Sql, name, .. } => executor.ctx.library.sql(name),
        Check::Number { source: Source::PromQl, name, .. } => executor.ctx.library.promql(name),
        Check::Runbook { name, .. } => {
            let allowed: Vec<&str> =
                executor.ctx.settings.engine.runbooks.iter().map(String::as_str).collect();
            if !allowed.contains(&name.as_str()) {
                let hint = suggest::nearest(name, allowed).map_or_else(
                    || "name it in engine.runbooks".to_owned(),
                    |near| format!("did you mean '{near}'?"),
                );
                return Err(format!("the runbook '{name}' is not allowed to tasks; {hint}"));
            }
            return looks(executor, &step);
        }
    };
    match found.and_then(|query| query.order(&Binds::new()).map(drop)) {
        Err(e @ StoreError::NoSuchQuery { .. }) => {
            let hint = if let StoreError::NoSuchQuery { hint, .. } = &e { hint.as_str() } else { "" };
            Err(format!("{e}; {hint}"))
        }
        Err(e) => Err(e.to_string()),
        Ok(()) => looks(executor, &step),
    }
}

/// A condition is asked again and again: it must not change anything.
fn looks(executor: &Executor, step: &Step) -> Result<(), String> {
    match prepare(executor, step, &TemplateContext::new(Utc::now(), Map::new()).value()) {
        Ok(Some(ready)) if ready.effect == Effect::Look => Ok(()),
        Ok(_) => {
            Err("a condition takes a runbook that only looks; this one does more, or cannot be read"
                .to_owned())
        }
        Err(e) => Err(e.to_string()),
    }
}

pub(crate) async fn look(executor: &Executor, condition: &Condition) -> Seen {
    let step = step(&condition.check);
    if let Err(why) = looks(executor, &step) {
        return Seen::unknown(why);
    }
    let mut scope = TemplateContext::new(executor.ctx.clock.now(), Map::new());
    let outcome = run_concurrent(executor, &[&step], &mut scope).await.pop();
    let Some(outcome) = outcome else { return Seen::unknown("it was not asked") };
    match (outcome.state, outcome.result) {
        (State::Done, Some(result)) => judge(&condition.check, &result),
        _ => {
            let said = outcome.findings.into_iter().next().map(|f| f.summary);
            Seen::unknown(outcome.error.or(said).unwrap_or_default())
        }
    }
}

/// What the tool's result means.
fn judge(check: &Check, result: &Value) -> Seen {
    match check {
        Check::Number { op, than, .. } => match result.pointer("/0/value").and_then(Value::as_f64) {
            Some(value) => Seen::known(op.holds(value, *than), number(value)),
            None => Seen::unknown("no number came"),
        },
        Check::Runbook { is, .. } => match result.get("status").and_then(Value::as_str) {
            // Who could not be asked has not said no.
            Some(said @ ("unknown" | "skipped")) if *is != Status::Unknown || said == "skipped" => {
                Seen::unknown(format!("the runbook's verdict is {said}"))
            }
            Some(said) => Seen::known(said == is.name(), json!(said)),
            None => Seen::unknown("the runbook gave no verdict"),
        },
    }
}

/// A whole number is shown as one.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(text: &str, result: &Value) -> Option<bool> {
        judge(&text.parse::<Condition>().unwrap().check, result).truth
    }

    #[test]
    fn the_first_number_counts_and_none_is_neither_true_nor_false() {
        for (result, wanted) in [
            (json!([{ "value": 3.0 }, { "value": 1.0 }]), Some(true)),
            (json!([{ "value": 2 }, { "value": 9 }]), Some(false)),
            (json!([{ "value": null }]), None),
            (json!([{ "label": "x" }]), None),
            (json!([]), None),
        ] {
            assert_eq!(truth("query: a > 2", &result), wanted, "{result}");
        }
    }

    #[test]
    fn a_runbook_that_could_not_be_asked_has_not_said_no() {
        for (said, crit, unknown) in [
            ("crit", Some(true), Some(false)),
            ("ok", Some(false), Some(false)),
            ("unknown", None, Some(true)),
            ("skipped", None, None),
        ] {
            let result = json!({ "status": said });
            assert_eq!(truth("runbook: a is crit", &result), crit, "{said}");
            assert_eq!(truth("runbook: a is unknown", &result), unknown, "{said}");
        }
    }
}
