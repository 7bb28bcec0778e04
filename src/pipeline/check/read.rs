//! A task's payload as parameters and steps.

use serde_json::{Map, Value};

use super::{LocPart, PipelineIssue};
use crate::base::suggest;
use crate::model::Step;

const KEYS: [&str; 8] = ["id", "title", "uses", "with", "if", "save_as", "timeout_seconds", "max_retries"];

/// The parameters and the steps of a payload.
pub(crate) type Pipeline = (Map<String, Value>, Vec<Step>);

/// Reads `{"params": {…}, "pipeline": […]}` and ignores other keys. Places are
/// paths below the payload: `["pipeline", 0, "uses"]`.
pub(crate) fn read(payload: &Value) -> Result<Pipeline, Vec<PipelineIssue>> {
    let Some(payload) = payload.as_object() else {
        return Err(vec![wrong([], payload, "a mapping with the key 'pipeline'")]);
    };
    let mut issues = Vec::new();
    let params = match payload.get("params") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(params)) => params.clone(),
        Some(other) => {
            issues.push(wrong(["params".into()], other, "a mapping"));
            Map::new()
        }
    };
    let mut steps = Vec::new();
    match payload.get("pipeline") {
        Some(Value::Array(items)) => {
            for (place, item) in items.iter().enumerate() {
                match step(item) {
                    Ok(step) => steps.push(step),
                    Err(found) => {
                        let outside = ["pipeline".into(), place.into()];
                        issues.extend(found.into_iter().map(|issue| issue.under(&outside)));
                    }
                }
            }
        }
        Some(other) => issues.push(wrong(["pipeline".into()], other, "a list of steps")),
        None => issues.push(PipelineIssue::new(["pipeline".into()], "", "missing key 'pipeline'")),
    }
    if issues.is_empty() { Ok((params, steps)) } else { Err(issues) }
}

fn wrong(loc: impl IntoIterator<Item = LocPart>, value: &Value, wanted: &str) -> PipelineIssue {
    let shown: String = value.to_string().chars().take(40).collect();
    PipelineIssue::new(loc, &shown, format!("it must be {wanted}"))
}

fn step(item: &Value) -> Result<Step, Vec<PipelineIssue>> {
    let Some(map) = item.as_object() else { return Err(vec![wrong([], item, "a mapping")]) };
    let mut issues = Vec::new();
    for (key, value) in map {
        let loc = [LocPart::from(key.as_str())];
        let text = value.is_string() || (value.is_null() && key != "uses");
        let nothing = value.is_null();
        let (fits, wanted) = match key.as_str() {
            "id" | "title" | "uses" | "if" | "save_as" => (text, "a string"),
            "with" => (nothing || value.is_object(), "a mapping"),
            "timeout_seconds" => (nothing || value.is_number(), "a number"),
            "max_retries" => (nothing || count(value).is_some(), "an integer from 0"),
            _ => {
                let message = format!("a step has no '{key}'; {}", suggest::hint(key, &KEYS));
                issues.push(PipelineIssue::new(loc, key, message));
                continue;
            }
        };
        if !fits {
            issues.push(wrong(loc, value, wanted));
        }
    }
    if !map.contains_key("uses") {
        issues.push(PipelineIssue::new(["uses".into()], "", "missing key 'uses'"));
    }
    if !issues.is_empty() {
        return Err(issues);
    }
    let mut given = map.clone();
    given.retain(|_, value| !value.is_null());
    if let Some(count) = given.get("max_retries").and_then(count) {
        given.insert("max_retries".into(), count.into());
    }
    serde_json::from_value(Value::Object(given)).map_err(|e| vec![PipelineIssue::new([], "", e.to_string())])
}

/// JSON Schema counts 5.0 as an integer; serde does not.
fn count(value: &Value) -> Option<u32> {
    let number = value.as_f64().filter(|n| n.fract() == 0.0)?;
    (0.0..=f64::from(u32::MAX)).contains(&number).then_some(number as u32)
}
