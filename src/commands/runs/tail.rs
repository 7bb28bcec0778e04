//! `runs tail`: finished runs in the order of their ends.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;
use uuid::Uuid;

use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::{exit, short_time};
use crate::commands::Context;
use crate::commands::task_session::{TaskSession, store_error, task_error};
use crate::engine::tasks::{PageRequest, RunFilter};
use crate::model::table::short_id;
use crate::model::{ListedRun, Run, RunStatus};
use crate::render::{self, Format, stdio};
use crate::store::runs::RunListFilter;

const POLL_INTERVAL: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// Only runs of this task: its id, the start of its id, or its title
    #[arg(long)]
    task: Option<String>,
    /// Continue until interrupted
    #[arg(short, long)]
    follow: bool,
    /// Number of runs to start with
    #[arg(short = 'n', long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(0..=1000))]
    lines: i64,
}

/// A finished run and its line.
struct Ended {
    id: Uuid,
    finished_at: String,
    line: String,
}

impl Tail {
    pub(super) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let task = session.find_id(self.task.as_deref()).await?;
        let (mut printed, mut lines) = (BTreeSet::new(), self.lines);
        loop {
            context.deadline.renew();
            let mut ended = ended(context, session, task, lines.max(100)).await?;
            ended.sort_by(|a, b| a.finished_at.cmp(&b.finished_at));
            let is_first = printed.is_empty() && lines == self.lines;
            let shown = usize::try_from(self.lines).unwrap_or_default();
            let skip = if is_first { ended.len().saturating_sub(shown) } else { 0 };
            for (index, run) in ended.into_iter().enumerate() {
                if printed.insert(run.id) && index >= skip {
                    stdio::data(&run.line)?;
                }
            }
            if !self.follow {
                return Ok(exit::OK);
            }
            lines = 1000;
            tokio::select! {
                () = tokio::time::sleep(POLL_INTERVAL) => {}
                _ = tokio::signal::ctrl_c() => return Ok(exit::INTERRUPTED),
            }
        }
    }
}

/// The finished ones of the latest runs.
async fn ended(
    context: &Context,
    session: &TaskSession,
    task: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Ended>, CliError> {
    if context.flags.output == Format::Json {
        let filter = RunFilter { task, ..RunFilter::default() };
        let page = session.tasks.runs(&filter, &PageRequest::offset(limit, 0), &session.actor).await;
        let runs = page.map_err(task_error)?.items;
        return runs.iter().filter_map(|run| object(run).transpose()).collect();
    }
    let filter = RunListFilter { task, ..RunListFilter::default() };
    let (runs, _) = session.tasks.store.list_runs(&filter, limit).await.map_err(store_error)?;
    // One length, so that the columns of a listing are aligned.
    let length = runs.iter().map(|run| run.neighbors.unique_prefix(run.id)).max().unwrap_or_default();
    Ok(runs.iter().filter_map(|run| text(context, run, length)).collect())
}

/// One JSON object.
fn object(run: &Run) -> Result<Option<Ended>, CliError> {
    let Some(finished_at) = run.finished_at.clone() else { return Ok(None) };
    let line = render::json_line(run).map_err(|e| CliError::failed("cannot render the run").because(e))?;
    Ok(Some(Ended { id: run.id, finished_at, line }))
}

/// One line of text, cut at the width of a terminal.
fn text(context: &Context, run: &ListedRun, id_length: usize) -> Option<Ended> {
    let finished_at = run.finished_at.clone()?;
    let zone = context.settings().time_zone;
    let at = finished_at.parse::<DateTime<Utc>>().ok()?;
    let (id, status) = (run.id.to_string(), RunStatus::of(run.success));
    let (at, id) = match context.flags.wide {
        true => (short_time::local_time(at, zone), id.as_str()),
        false => (short_time::short_time(at, Utc::now(), zone), short_id(&id, id_length)),
    };
    let attempt = if run.attempt > 1 { format!("  attempt {}", run.attempt) } else { String::new() };
    let fit = |text: &str| render::ascii_fit(&clean(text).replace('\t', " ")).into_owned();
    let head = format!("{at}  {status:<7}  {id}");
    let line = match (stdio::width().filter(|_| !context.flags.wide), run.error.as_deref()) {
        // The error matters more than a long title.
        (Some(width), Some(error)) => {
            let title = render::cut(&fit(&run.title), width / 3);
            render::cut(&fit(&format!("{head}  {title}  {error}")), width)
        }
        (Some(width), None) => render::cut(&fit(&format!("{head}  {}{attempt}", run.title)), width),
        (None, error) => {
            let error = error.map_or_else(String::new, |error| format!("  {error}"));
            fit(&format!("{head}  {}{attempt}{error}", run.title))
        }
    };
    Some(Ended { id: run.id, finished_at, line: line + "\n" })
}
