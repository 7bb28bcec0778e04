//! `runs show`: one run, for people as text.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::base::clean::{clean, clean_lines};
use crate::base::cli_error::CliError;
use crate::base::{exit, short_time, units};
use crate::commands::Context;
use crate::commands::ids::IdPrefix;
use crate::commands::task_session::{TaskSession, task_error};
use crate::model::{Run, RunStatus, Task};
use crate::render::{self, Format, stdio};

pub(super) async fn execute(
    context: &Context,
    session: &TaskSession,
    prefix: &IdPrefix,
) -> Result<u8, CliError> {
    let id = session.run_id(prefix).await?;
    let run = session.tasks.run(id, &session.actor).await.map_err(task_error)?;
    let shown = if context.flags.output == Format::Text {
        let task = session.tasks.get(run.task_id, &session.actor).await.map_err(task_error)?;
        let text = text(&run, &task, context.settings().time_zone, Utc::now())?;
        render::ascii_fit(&text).into_owned()
    } else {
        render::value(&run, context.flags.output)?
    };
    stdio::data(&shown)?;
    Ok(exit::OK)
}

fn text(run: &Run, task: &Task, zone: Tz, now: DateTime<Utc>) -> Result<String, CliError> {
    let time = |at: &Option<String>| at.as_deref()?.parse::<DateTime<Utc>>().ok();
    let (started, finished) = (time(&run.started_at), time(&run.finished_at));
    let mut lines = vec![
        ("run", run.id.to_string()),
        ("task", format!("{} ({})", clean(&task.title), task.id)),
        (
            "status",
            format!("{}, attempt {} of {}", RunStatus::of(run.success), run.attempt, task.max_retries + 1),
        ),
    ];
    let local = |at| format!("{} ({} ago)", short_time::local_time(at, zone), short_time::age(at, now));
    lines.extend(started.map(|at| ("started", local(at))));
    lines.extend(finished.map(|at| ("finished", local(at))));
    let took = started.map(|at| (finished.unwrap_or(now) - at).as_seconds_f64());
    lines.extend(took.map(|seconds| ("duration", units::duration(seconds))));
    lines.extend(run.lease_owner.as_deref().map(|worker| ("worker", clean(worker).into_owned())));
    let mut out: String = lines.iter().map(|(name, value)| format!("{name:<10}{value}\n")).collect();
    // Blocks of several lines are indented, so that a line of a text from outside begins no other.
    let block = |name: &str, text: &str| {
        let lines: String = clean_lines(text).trim_end().lines().map(|line| format!("  {line}\n")).collect();
        format!("{name}\n{lines}")
    };
    out.extend(run.error.as_deref().map(|error| block("error", error)));
    if let Some(output) = &run.output {
        out.push_str(&block("output", &render::value(output, Format::Yaml)?));
    }
    Ok(out)
}
