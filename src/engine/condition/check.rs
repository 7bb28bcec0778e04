//! Evaluates a condition as a step, and validates that it can be evaluated.

use serde_json::{Map, Value, json};

use super::parse::{Check, Condition, Source};
use crate::base::suggest;
use crate::model::{Effect, Status, Step};
use crate::pipeline::{Executor, State, TemplateContext, run_concurrent};
use crate::store::{Binds, StoreError};

/// Timeout of an evaluation in seconds; shorter than its claim.
const TIMEOUT_SECONDS: f64 = 30.0;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Observation {
    /// None: unknown.
    pub(crate) truth: Option<bool>,
    /// The number or the runbook's verdict.
    pub(crate) value: Option<Value>,
    pub(crate) error: Option<String>,
}

impl Observation {
    pub(crate) fn unknown(reason: impl Into<String>) -> Self {
        // PostgreSQL cannot store NUL.
        Self { error: Some(reason.into().replace('\0', "")), ..Self::default() }
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
        timeout_seconds: Some(TIMEOUT_SECONDS),
        ..Step::default()
    }
}

/// Fails with the reason why a condition can never be evaluated.
pub(crate) fn validate(condition: &Condition, executor: &Executor) -> Result<(), String> {
    let step = step(&condition.check);
    let query = match &condition.check {
        Check::Number { source: Source::Sql, name, .. } => executor.ctx.library.sql(name),
        Check::Number { source: Source::PromQl, name, .. } => executor.ctx.library.promql(name),
        Check::Runbook { name, .. } => {
            let allowed: Vec<&str> =
                executor.ctx.settings.engine.runbooks.iter().map(String::as_str).collect();
            if !allowed.contains(&name.as_str()) {
                let hint = suggest::nearest(name, allowed).map_or_else(
                    || "add it to engine.runbooks".to_owned(),
                    |near| format!("did you mean '{near}'?"),
                );
                return Err(format!("runbook '{name}' is not allowed for tasks; {hint}"));
            }
            return ensure_read_only(executor, &step);
        }
    };
    match query.and_then(|query| query.order(&Binds::new()).map(drop)) {
        Err(e @ StoreError::NoSuchQuery { .. }) => {
            let hint = if let StoreError::NoSuchQuery { hint, .. } = &e { hint.as_str() } else { "" };
            Err(format!("{e}; {hint}"))
        }
        Err(e) => Err(e.to_string()),
        Ok(()) => ensure_read_only(executor, &step),
    }
}

/// A condition is evaluated repeatedly, so it must not change anything.
fn ensure_read_only(executor: &Executor, step: &Step) -> Result<(), String> {
    let tool = executor.registry.get(&step.uses);
    match tool.map(|tool| tool.effect(&Value::Object(step.with.clone()))) {
        Some(Ok(Effect::Look)) => Ok(()),
        Some(Err(e)) => Err(e.to_string()),
        _ => {
            Err("a condition needs a read-only runbook; this one changes something or is invalid".to_owned())
        }
    }
}

pub(crate) async fn evaluate(executor: &Executor, condition: &Condition) -> Observation {
    let step = step(&condition.check);
    if let Err(reason) = ensure_read_only(executor, &step) {
        return Observation::unknown(reason);
    }
    let mut scope = TemplateContext::new(executor.ctx.clock.now(), Map::new());
    let outcome = run_concurrent(executor, &[&step], &mut scope).await.pop();
    let Some(outcome) = outcome else { return Observation::unknown("the check did not run") };
    match (outcome.state, outcome.result) {
        (State::Done, Some(result)) => interpret(&condition.check, &result),
        _ => {
            let summary = outcome.findings.into_iter().next().map(|f| f.summary);
            Observation::unknown(outcome.error.or(summary).unwrap_or_default())
        }
    }
}

/// Reads the tool's result.
fn interpret(check: &Check, result: &Value) -> Observation {
    match check {
        Check::Number { op, than, .. } => match result.pointer("/0/value").and_then(Value::as_f64) {
            Some(value) => Observation::known(op.holds(value, *than), number(value)),
            None => Observation::unknown("the check returned no number"),
        },
        Check::Runbook { is, .. } => match result.get("status").and_then(Value::as_str) {
            // A runbook that could not check has not returned false.
            Some(verdict @ ("unknown" | "skipped")) if *is != Status::Unknown || verdict == "skipped" => {
                Observation::unknown(format!("the runbook's verdict is {verdict}"))
            }
            Some(verdict) => Observation::known(verdict == is.name(), json!(verdict)),
            None => Observation::unknown("the runbook returned no verdict"),
        },
    }
}

/// An integer value stays an integer in JSON.
fn number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { json!(value as i64) } else { json!(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn truth(text: &str, result: &Value) -> Option<bool> {
        interpret(&text.parse::<Condition>().unwrap().check, result).truth
    }

    #[test]
    fn the_first_row_decides_and_a_missing_number_is_unknown() {
        for (result, expected) in [
            (json!([{ "value": 3.0 }, { "value": 1.0 }]), Some(true)),
            (json!([{ "value": 2 }, { "value": 9 }]), Some(false)),
            (json!([{ "value": null }]), None),
            (json!([{ "label": "x" }]), None),
            (json!([]), None),
        ] {
            assert_eq!(truth("query: a > 2", &result), expected, "{result}");
        }
    }

    #[test]
    fn an_unknown_or_skipped_verdict_is_not_false() {
        for (verdict, crit, unknown) in [
            ("crit", Some(true), Some(false)),
            ("ok", Some(false), Some(false)),
            ("unknown", None, Some(true)),
            ("skipped", None, None),
        ] {
            let result = json!({ "status": verdict });
            assert_eq!(truth("runbook: a is crit", &result), crit, "{verdict}");
            assert_eq!(truth("runbook: a is unknown", &result), unknown, "{verdict}");
        }
    }
}
