//! `history ID`: one run with its steps.

use serde_json::{Value, json};

use super::{CANDIDATES, Found, read};
use crate::base::clean::{clean, clean_lines};
use crate::base::cli_error::CliError;
use crate::base::{short_time, units};
use crate::commands::Context;
use crate::commands::ids::IdPrefix;
use crate::model::operation::OperationStep;
use crate::model::table::{Kind, Row};
use crate::model::{Column, Operation, Table};
use crate::render::{self, Format, stdio};
use crate::store::runs::Candidate;

pub(super) async fn execute(context: &Context, prefix: &IdPrefix) -> Result<Found, CliError> {
    let (low, high) = prefix.range();
    let found = read(context, low..=high, None, CANDIDATES).await?;
    let candidates: Vec<Candidate> = found.operations.iter().map(candidate).collect();
    let id = match prefix.only("run", "ordctl history", &candidates, context.settings().time_zone) {
        Ok(id) => id,
        // It may be a run on another host.
        Err(error) => match (candidates.as_slice(), found.failure) {
            ([], Some(failure)) => {
                let what = "the run is not on this host, and the journal in the database cannot be read";
                return Err(CliError::unknown(what).because(failure).hint("ordctl doctor"));
            }
            _ => return Err(error),
        },
    };
    if let Some(operation) = found.operations.iter().find(|o| o.id == id) {
        let shown = match context.flags.output {
            Format::Text => render::ascii_fit(&text(context, operation)?).into_owned(),
            format => render::value(operation, format)?,
        };
        stdio::data(&shown)?;
    }
    Ok(found)
}

fn candidate(operation: &Operation) -> Candidate {
    let status = operation.outcome.name().to_owned();
    Candidate { id: operation.id, title: operation.command(), status, at: Some(operation.started_at) }
}

fn text(context: &Context, operation: &Operation) -> Result<String, CliError> {
    let style = context.table_style();
    let time =
        |at| format!("{} ({} ago)", short_time::local_time(at, style.zone), short_time::age(at, style.now));
    let mut lines = vec![
        ("run", operation.id.to_string()),
        ("command", operation.command()),
        ("outcome", operation.outcome.name().to_owned()),
        ("by", format!("{} on {}", clean(&operation.user), clean(&operation.host))),
    ];
    lines.extend(operation.reason.as_deref().map(|reason| ("reason", clean(reason).into_owned())));
    lines.push(("started", time(operation.started_at)));
    lines.extend(operation.finished_at.map(|at| ("finished", time(at))));
    lines.extend(operation.seconds().map(|seconds| ("duration", units::duration(seconds))));
    let params: Vec<String> = operation.params.iter().map(|(key, value)| param(key, value)).collect();
    if !params.is_empty() {
        lines.push(("params", clean(&params.join(" ")).into_owned()));
    }
    lines.push((
        "changed",
        Some(clean(&operation.changed()).into_owned())
            .filter(|t| !t.is_empty())
            .unwrap_or_else(|| "-".to_owned()),
    ));
    lines.extend(operation.resume.as_deref().map(|command| ("resume", context.qualified_hint(command))));
    let mut out: String = lines.iter().map(|(name, value)| format!("{name:<10}{value}\n")).collect();
    if !operation.steps.is_empty() {
        out.push('\n');
        out.push_str(&render::table(&steps(operation), Format::Text, style)?);
    }
    // Blocks of several lines are indented, so that a line of a text from outside begins no other.
    for step in operation.steps.iter().filter(|s| s.error.is_some()) {
        let error = step.error.as_deref().unwrap_or_default();
        let lines = clean_lines(error);
        out.push_str(&format!("\nerror in {}\n", clean(&step.id)));
        lines.trim_end().lines().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
    Ok(out)
}

fn param(key: &str, value: &Value) -> String {
    value.as_str().map_or_else(|| format!("{key}={value}"), |text| format!("{key}={text}"))
}

fn steps(operation: &Operation) -> Table {
    let columns = vec![
        Column::new("STEP", "id", Kind::Plain),
        Column::new("OUTCOME", "outcome", Kind::Plain),
        Column::new("DURATION", "duration_seconds", Kind::Duration),
        Column::new("RESULT", "result", Kind::Text),
    ];
    let row = |step: &OperationStep| {
        let result = step.error.clone().unwrap_or_else(|| step.summary());
        let result = Some(result).filter(|text| !text.is_empty());
        Row::new(json!({
            "id": step.id,
            "outcome": step.outcome.name(),
            "duration_seconds": step.seconds(),
            "result": result,
        }))
    };
    Table { name: "steps", columns, rows: operation.steps.iter().map(row).collect(), none: "".into() }
}
