//! Task documents: the schema first, then what a schema cannot say (tools, templates, schedules, owners).

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::Actor;
use super::input::{self, InputIssue};
use crate::engine::condition::{self, Condition, ParseError};
use crate::engine::schedule::Schedule;
use crate::model::{Backoff, CatchUp, ScheduleKind, Task, TaskInput, TaskUpdate};
use crate::pipeline::{Executor, check};

const TIME_ZONE: &str = "Europe/Chisinau";
/// Longest topic of an `event` task.
const TOPIC_MAX: usize = 100;

/// A document that can be stored.
#[derive(Debug)]
pub(crate) struct ValidTask {
    /// As the statement takes them.
    pub(crate) fields: Map<String, Value>,
    /// The instant of a `once` schedule that is new. The database compares it with its own clock.
    pub(crate) once: Option<DateTime<Utc>>,
}

/// Checks the document of a new task and adds the defaults.
pub(crate) fn create(
    document: &Value,
    executor: &Executor,
    now: DateTime<Utc>,
    actor: &Actor,
) -> Result<ValidTask, Vec<InputIssue>> {
    let issues = input::validate::<TaskInput>("body", document);
    let defaults = json!({
        "created_by": actor.agent, "timezone": TIME_ZONE, "priority": 5, "dedupe_key": null,
        "dedupe_window_seconds": 0, "max_retries": 3, "backoff_strategy": Backoff::ExponentialJitter,
        "concurrency_key": null, "catch_up": CatchUp::Once,
    });
    let defaults = object(&defaults);
    let merged = merge(&defaults, document);
    let once = check(issues, document, &merged, executor, now, actor, true)?;
    let input: TaskInput = input::deserialize(document)?;
    Ok(ValidTask { fields: merge(&defaults, &json!(input)), once })
}

/// Checks changes to a task.
pub(crate) fn update(
    document: &Value,
    task: &Task,
    executor: &Executor,
    now: DateTime<Utc>,
    actor: &Actor,
) -> Result<ValidTask, Vec<InputIssue>> {
    let issues = input::validate::<TaskUpdate>("body", document);
    let is_timed = ["schedule_kind", "schedule_expr", "timezone"].iter().any(|k| document.get(k).is_some());
    let merged = merge(&object(&json!(task)), document);
    let created = task.created_at.parse().unwrap_or(now);
    let once = check(issues, document, &merged, executor, created, actor, is_timed)?;
    let input: TaskUpdate = input::deserialize(document)?;
    let mut fields = object(&json!(input));
    for key in ["dedupe_key", "concurrency_key"] {
        if document.get(key).is_some_and(Value::is_null) {
            fields.insert(key.to_owned(), Value::Null);
        }
    }
    Ok(ValidTask { fields, once })
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// `base` with the values of a document that are not null.
fn merge(base: &Map<String, Value>, document: &Value) -> Map<String, Value> {
    let mut all = base.clone();
    all.extend(object(document).into_iter().filter(|(_, value)| !value.is_null()));
    all
}

/// Adds what the schema cannot say to its `issues`. Returns the instant of a `once` schedule.
fn check(
    mut issues: Vec<InputIssue>,
    document: &Value,
    merged: &Map<String, Value>,
    executor: &Executor,
    created: DateTime<Utc>,
    actor: &Actor,
    is_timed: bool,
) -> Result<Option<DateTime<Utc>>, Vec<InputIssue>> {
    if !document.is_object() {
        return Err(issues);
    }
    if !issues.iter().any(|i| i.is_under("payload"))
        && let Some(payload) = merged.get("payload")
    {
        issues.extend(pipeline(payload, executor));
    }
    // Only agents that see every task can create one for another agent.
    let creator = document.get("created_by").and_then(Value::as_str).and_then(|t| t.parse().ok());
    if creator.is_some_and(|id: uuid::Uuid| actor.owner.is_some_and(|own| own != id)) {
        let msg = "only an admin can create tasks for another agent";
        issues.push(InputIssue::unusable("created_by", msg, &document["created_by"]));
    }
    let timing = if is_timed { schedule(merged, executor, created) } else { Ok(None) };
    let once = timing.unwrap_or_else(|(key, msg)| {
        // The parser names the problem; the schema's pattern or list only says that there is one.
        issues.retain(|i| !(i.is_under(key) && ["string_pattern_mismatch", "enum"].contains(&i.kind)));
        if !issues.iter().any(|i| i.is_under(key)) {
            issues.push(InputIssue::unusable(key, msg, merged.get(key).unwrap_or(&Value::Null)));
        }
        None
    });
    if issues.is_empty() { Ok(once) } else { Err(issues) }
}

fn pipeline(payload: &Value, executor: &Executor) -> Vec<InputIssue> {
    let issues = match check::read(payload) {
        Err(issues) => issues,
        Ok((params, steps)) => {
            let params: Vec<&str> = params.keys().map(String::as_str).collect();
            let issues = check::check(&steps, &executor.registry, &executor.ctx.library, Some(&params));
            issues.into_iter().map(|issue| issue.under(&["pipeline".into()])).collect()
        }
    };
    let issue = |issue: check::PipelineIssue| InputIssue {
        kind: "value_error",
        loc: ["body".into(), "payload".into()].into_iter().chain(issue.loc).collect(),
        msg: issue.message,
        input: json!(issue.text),
    };
    issues.into_iter().map(issue).collect()
}

/// Checks that the schedule can be followed. Returns the instant of a `once` schedule.
fn schedule(
    fields: &Map<String, Value>,
    executor: &Executor,
    created: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, (&'static str, String)> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let (Some(zone), Some(kind), Some(expr)) =
        (text("timezone"), text("schedule_kind"), text("schedule_expr"))
    else {
        return Ok(None);
    };
    let zone: chrono_tz::Tz =
        zone.parse().map_err(|_| ("timezone", format!("unknown time zone '{zone}'")))?;
    let Ok(kind) = kind.parse::<ScheduleKind>() else { return Ok(None) };
    let wrong = |msg: String| ("schedule_expr", msg);
    match kind {
        ScheduleKind::Event if expr.chars().count() > TOPIC_MAX => {
            return Err(wrong(format!("a topic has at most {TOPIC_MAX} characters")));
        }
        ScheduleKind::Event => return Ok(None),
        ScheduleKind::Condition => {
            let condition = expr.parse::<Condition>().map_err(|e: ParseError| wrong(e.to_string()))?;
            return condition::validate(&condition, executor).map(|()| None).map_err(wrong);
        }
        ScheduleKind::Cron | ScheduleKind::Rrule | ScheduleKind::Once => {}
    }
    let schedule = Schedule::parse(kind, expr, zone, created).map_err(|e| wrong(e.to_string()))?;
    let once = (kind == ScheduleKind::Once).then(|| schedule.after(DateTime::<Utc>::MIN_UTC)).transpose();
    Ok(once.map_err(|e| wrong(e.to_string()))?.flatten())
}
