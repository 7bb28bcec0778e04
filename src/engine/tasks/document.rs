//! A task's document: what its maker may say, and whether it can be followed.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::Actor;
use super::input::{InputIssue, Reader, dictionary};
use crate::engine::condition::{self, Condition, ParseError};
use crate::engine::schedule::{Kind, Schedule};
use crate::model::Task;
use crate::pipeline::{World, check};

const TIME_ZONE: &str = "Europe/Chisinau";
const KINDS: [&str; 5] = ["cron", "rrule", "once", "event", "condition"];
/// A new `once` may lie so far in the past.
const GRACE: TimeDelta = TimeDelta::seconds(60);

/// A document that can be stored.
#[derive(Debug)]
pub(crate) struct Sound {
    /// The fields, as the statement takes them.
    pub(crate) fields: Map<String, Value>,
    /// Where the cursor has to stand so that a `once` of just now still runs.
    pub(crate) cursor: Option<DateTime<Utc>>,
}

pub(crate) fn create(
    document: &Value,
    world: &World,
    now: DateTime<Utc>,
    actor: &Actor,
) -> Result<Sound, Vec<InputIssue>> {
    let map = dictionary(document)?;
    let defaults = json!({
        "created_by": actor.agent, "schedule_expr": null, "timezone": TIME_ZONE, "priority": 5, "dedupe_key": null,
        "dedupe_window_seconds": 0, "max_retries": 3, "backoff_strategy": "exponential_jitter",
        "concurrency_key": null, "catch_up": "once",
    });
    let mut reader = Reader::new("body", map);
    let given = fields(&mut reader, actor);
    reader.needs(&["title", "description", "schedule_kind", "payload"]);
    let mut fields = defaults.as_object().cloned().unwrap_or_default();
    fields.extend(given);
    finish(reader, fields, world, now, now, true)
}

/// Reads changes to a task.
pub(crate) fn update(
    document: &Value,
    task: &Task,
    world: &World,
    now: DateTime<Utc>,
    actor: &Actor,
) -> Result<Sound, Vec<InputIssue>> {
    let map = dictionary(document)?;
    let mut reader = Reader::new("body", map);
    let given = fields(&mut reader, actor);
    let timed = ["schedule_kind", "schedule_expr", "timezone"].iter().any(|k| map.contains_key(*k));
    let mut all = json!(task).as_object().cloned().unwrap_or_default();
    all.extend(given.clone());
    let created = task.created_at.parse().unwrap_or(now);
    let checked = finish(reader, all, world, created, now, timed)?;
    // A key that may be empty is emptied by null.
    let mut changed = given;
    for key in ["schedule_expr", "dedupe_key", "concurrency_key"] {
        if map.get(key).is_some_and(Value::is_null) {
            changed.insert(key.to_owned(), Value::Null);
        }
    }
    Ok(Sound { fields: changed, cursor: checked.cursor.filter(|_| timed) })
}

/// Everything that a document may hold, as far as it is there and right.
fn fields(reader: &mut Reader<'_>, actor: &Actor) -> Map<String, Value> {
    let mut all = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.insert(key.to_owned(), value);
        }
    };
    put("title", reader.text("title", 1, 200).map(Value::from));
    put("description", reader.text("description", 1, 2000).map(Value::from));
    put("created_by", creator(reader, actor).map(|id| json!(id)));
    put("schedule_kind", reader.choice("schedule_kind", &KINDS).map(Value::from));
    put("schedule_expr", reader.text("schedule_expr", 1, 20_000).map(Value::from));
    put("timezone", reader.text("timezone", 1, 100).map(Value::from));
    put("payload", reader.get("payload").cloned());
    put("priority", reader.int("priority", 1, 9).map(Value::from));
    put("dedupe_key", reader.text("dedupe_key", 1, 100).map(Value::from));
    put("dedupe_window_seconds", reader.int("dedupe_window_seconds", 0, 31_536_000).map(Value::from));
    put("max_retries", reader.int("max_retries", 0, 10).map(Value::from));
    let strategies = ["exponential_jitter", "linear", "fixed"];
    put("backoff_strategy", reader.choice("backoff_strategy", &strategies).map(Value::from));
    put("concurrency_key", reader.text("concurrency_key", 1, 100).map(Value::from));
    put("catch_up", reader.choice("catch_up", &["skip", "once", "all"]).map(Value::from));
    all
}

/// Only who sees everybody's tasks may make one in another's name.
fn creator(reader: &mut Reader<'_>, actor: &Actor) -> Option<uuid::Uuid> {
    let id = reader.uuid("created_by")?;
    if actor.owner.is_some_and(|own| own != id) {
        reader.fault("created_by", "value_error", "only an admin makes tasks in another's name");
        return None;
    }
    Some(id)
}

fn finish(
    mut reader: Reader<'_>,
    fields: Map<String, Value>,
    world: &World,
    created: DateTime<Utc>,
    now: DateTime<Utc>,
    timed: bool,
) -> Result<Sound, Vec<InputIssue>> {
    if let Some(payload) = fields.get("payload") {
        pipeline(&mut reader, payload, world);
    }
    let mut cursor = None;
    match (timed, schedule(&fields, world, created, now)) {
        (true, Err((key, msg))) => reader.fault(key, "value_error", msg),
        (true, Ok(at)) => cursor = at,
        (false, _) => {}
    }
    let faults = reader.finish();
    if faults.is_empty() { Ok(Sound { fields, cursor }) } else { Err(faults) }
}

fn pipeline(reader: &mut Reader<'_>, payload: &Value, world: &World) {
    let faults = match check::read(payload) {
        Err(faults) => faults,
        Ok((params, steps)) => {
            let known: Vec<&str> = params.keys().map(String::as_str).collect();
            let found = check::check(&steps, &world.registry, &world.ctx.library, Some(&known));
            found.into_iter().map(|f| f.under(&["pipeline".into()])).collect()
        }
    };
    for fault in faults {
        let loc = std::iter::once("payload".into()).chain(fault.loc).collect();
        reader.fault_at(loc, "value_error", fault.message, json!(fault.text));
    }
}

/// Whether the schedule can be followed; for a `once` of just now where its cursor has to stand.
fn schedule(
    fields: &Map<String, Value>,
    world: &World,
    created: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, (&'static str, String)> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default();
    let (kind, expr) = (text("schedule_kind"), text("schedule_expr"));
    let zone: chrono_tz::Tz = text("timezone")
        .parse()
        .map_err(|_| ("timezone", format!("there is no time zone '{}'", text("timezone"))))?;
    match kind {
        "" => return Ok(None),
        _ if expr.is_empty() => return Err(("schedule_expr", format!("a task of kind {kind} needs one"))),
        "event" if expr.chars().count() > 100 => {
            return Err(("schedule_expr", "a topic has at most 100 characters".to_owned()));
        }
        "event" => return Ok(None),
        "condition" => {
            let read = expr.parse::<Condition>().map_err(|e: ParseError| e.to_string());
            let sound = read.and_then(|condition| condition::review(&condition, world));
            return sound.map(|()| None).map_err(|e| ("schedule_expr", e));
        }
        _ => {}
    }
    let kind: Kind =
        kind.parse().map_err(|e: crate::engine::schedule::ScheduleError| ("schedule_kind", e.to_string()))?;
    let schedule =
        Schedule::parse(kind, expr, zone, created).map_err(|e| ("schedule_expr", e.to_string()))?;
    if kind != Kind::Once {
        return Ok(None);
    }
    match schedule.after(now - GRACE) {
        Ok(Some(at)) if at <= now => Ok(Some(at - TimeDelta::microseconds(1))),
        Ok(Some(_)) => Ok(None),
        _ => Err(("schedule_expr", "it lies more than a minute in the past".to_owned())),
    }
}
