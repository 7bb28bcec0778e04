//! Parts of the JSON Schema of task documents that no type expresses.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::ScheduleKind;

/// The name of an IANA time zone.
pub(crate) struct TimeZone;

impl JsonSchema for TimeZone {
    fn schema_name() -> Cow<'static, str> {
        "TimeZone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

/// A step of a pipeline. The pipeline's checker validates it; `/openapi.json` lists the tools and their parameters.
pub(crate) struct TaskStep;

impl JsonSchema for TaskStep {
    fn schema_name() -> Cow<'static, str> {
        "TaskStep".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

/// An expression has a rule with a frequency, or dates; the parser checks the rest.
const RRULE: &str = "[Ff][Rr][Ee][Qq]=([Ss][Ee][Cc][Oo][Nn][Dd]|[Mm][Ii][Nn][Uu][Tt][Ee]|[Hh][Oo][Uu][Rr]|[Dd][Aa][Ii]|[Ww][Ee][Ee][Kk]|[Mm][Oo][Nn][Tt][Hh]|[Yy][Ee][Aa][Rr])[Ll][Yy]|[Rr][Dd][Aa][Tt][Ee]";

/// Adds one `if`/`then` per schedule kind: the form of `schedule_expr`.
pub(crate) fn schedule_expr_by_kind(schema: &mut Schema) {
    let form = |kind: ScheduleKind| match kind {
        // Five fields, or more with blanks inside lists; the parser checks the values.
        ScheduleKind::Cron => json!({ "pattern": r"^\s*\S+(\s+\S+){4}\s*$" }),
        ScheduleKind::Rrule => json!({ "pattern": RRULE }),
        ScheduleKind::Once => json!({ "pattern": r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}" }),
        ScheduleKind::Event => json!({ "maxLength": 100 }),
        ScheduleKind::Condition => json!({ "pattern": r"^\s*\S+" }),
    };
    let conditions: Vec<Value> = ScheduleKind::NAMES
        .iter()
        .filter_map(|name| {
            let then = form(name.parse().ok()?);
            Some(json!({
                "if": { "properties": { "schedule_kind": { "const": name } }, "required": ["schedule_kind"] },
                "then": { "properties": { "schedule_expr": then } },
            }))
        })
        .collect();
    schema.insert("allOf".into(), conditions.into());
}
