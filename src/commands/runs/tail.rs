//! `runs tail`: finished runs in the order of their ends.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use uuid::Uuid;

use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::{exit, short_time};
use crate::commands::Context;
use crate::commands::signals::stop_on_signals;
use crate::commands::task_session::{TaskSession, store_error};
use crate::model::table::short_id;
use crate::model::{EndedRun, RunStatus};
use crate::render::{self, Format, stdio};
use crate::store::runs::EndsFilter;

const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// Rows of one statement while runs are followed.
const PAGE: i64 = 1000;
/// A run is committed a moment after its end, and the clocks of nodes differ: so long before the latest end, runs may
/// still appear.
const LATE: TimeDelta = TimeDelta::seconds(5);
/// The latest runs are mostly young, and the index finds young ones fast.
const RECENT: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// Only runs of this task: its id, the start of its id, or its title
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    task: Option<String>,
    /// Continue until interrupted
    #[arg(short, long)]
    follow: bool,
    /// Number of runs to start with
    #[arg(short = 'n', long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(0..=1000))]
    lines: i64,
}

impl Tail {
    pub(super) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let format = context.flags.output;
        if !matches!(format, Format::Text | Format::Json | Format::Yaml) {
            let name = format!("{format:?}").to_lowercase();
            return Err(CliError::usage(format!("-o {name}: runs tail prints one run after the other"))
                .hint("use text, wide, json or yaml"));
        }
        let task = session.find_id(self.task.as_deref()).await?;
        let mut ends = Ends { session, task, with_output: false, known: BTreeSet::new() };
        if self.follow {
            ends.start().await?;
        }
        ends.with_output = format != Format::Text;
        let latest = ends.latest(self.lines).await?;
        print(context, &latest)?;
        if !self.follow {
            return Ok(exit::OK);
        }
        ends.note(&latest);
        drop(latest);
        // Listened to all the time: a signal during a read must not be lost.
        let mut stop = stop_on_signals()?;
        tokio::select! {
            result = follow(context, &mut ends) => result,
            Ok(_) = stop.wait_for(|stop| *stop) => Ok(exit::INTERRUPTED),
        }
    }
}

/// Prints the runs that end from now on.
async fn follow(context: &Context, ends: &mut Ends<'_>) -> Result<u8, CliError> {
    loop {
        tokio::time::sleep(POLL_INTERVAL).await;
        context.deadline.renew();
        ends.each_page(|runs| print(context, runs)).await?;
    }
}

/// The end and the id of a run.
type Position = (DateTime<Utc>, Uuid);

fn position(run: &EndedRun) -> Position {
    (run.finished_at.parse().unwrap_or_default(), run.id)
}

/// Reads finished runs. Its state is bounded: it knows only the runs that ended within [`LATE`] of the latest one.
struct Ends<'a> {
    session: &'a TaskSession,
    task: Option<Uuid>,
    with_output: bool,
    known: BTreeSet<Position>,
}

impl Ends<'_> {
    /// The last runs, in the order of their ends.
    async fn latest(&self, count: i64) -> Result<Vec<EndedRun>, CliError> {
        let recent = Some((Utc::now() - RECENT, Uuid::nil()));
        let (mut runs, mut is_complete) = self.read(recent, true, count).await?;
        if is_complete && i64::try_from(runs.len()).is_ok_and(|n| n < count) {
            (runs, is_complete) = self.read(None, true, count).await?;
        }
        if !is_complete {
            stdio::note("older runs are left out: their output or errors are too large");
        }
        runs.reverse();
        Ok(runs)
    }

    /// Notes the runs that have ended, so that following shows none of them.
    async fn start(&mut self) -> Result<(), CliError> {
        let latest = self.latest(1).await?;
        self.note(&latest);
        self.each_page(|_| Ok(())).await
    }

    /// Passes the runs that are not known yet, in the order of their ends.
    async fn each_page(
        &mut self,
        mut take: impl FnMut(&[EndedRun]) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let mut after = self.first_to_read();
        loop {
            let (mut runs, is_complete) = self.read(after, false, PAGE).await?;
            let is_last_page = is_complete && i64::try_from(runs.len()).is_ok_and(|n| n < PAGE);
            after = runs.last().map(position).or(after);
            runs.retain(|run| self.known.insert(position(run)));
            take(&runs)?;
            if is_last_page {
                break;
            }
        }
        if let Some(first) = self.first_to_read() {
            self.known = self.known.split_off(&first);
        }
        Ok(())
    }

    fn note(&mut self, runs: &[EndedRun]) {
        self.known.extend(runs.iter().map(position));
    }

    /// Where following begins to read. A node whose clock is ahead must not hide the runs of the others.
    fn first_to_read(&self) -> Option<Position> {
        let (last, _) = self.known.last()?;
        Some(((*last).min(Utc::now()) - LATE, Uuid::nil()))
    }

    async fn read(
        &self,
        after: Option<Position>,
        is_last: bool,
        limit: i64,
    ) -> Result<(Vec<EndedRun>, bool), CliError> {
        let filter = EndsFilter { task: self.task, after, is_last, limit, with_output: self.with_output };
        self.session.tasks.store.run_ends(&filter).await.map_err(store_error)
    }
}

fn print(context: &Context, runs: &[EndedRun]) -> Result<(), CliError> {
    // One length, so that the columns of a listing are aligned.
    let length = runs.iter().map(|run| run.neighbors.unique_prefix(run.id)).max().unwrap_or_default();
    for run in runs {
        let shown = match context.flags.output {
            Format::Json => render::json_line(&run.clone().into_run())
                .map_err(|e| CliError::failed("cannot render the run").because(e))?,
            Format::Yaml => format!("---\n{}", render::value(&run.clone().into_run(), Format::Yaml)?),
            _ => text(context, run, length),
        };
        stdio::data(&shown)?;
    }
    Ok(())
}

/// One line of text, cut at the width of a terminal.
fn text(context: &Context, run: &EndedRun, id_length: usize) -> String {
    let zone = context.settings().time_zone;
    let (at, _) = position(run);
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
    line + "\n"
}
