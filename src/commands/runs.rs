//! `runs`: list, show, follow and cancel runs.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Context;
use super::act::{ActFlags, act};
use super::task_session::{TaskSession, task_error};
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::engine::tasks::{PageRequest, RunFilter};
use crate::model::{Consented, Listing, Run};
use crate::render::{self, Format, stdio};
use crate::runbook::Change;

const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// List, show and cancel runs
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List recent runs, including running ones
    #[command(
        after_help = "Examples:\n  ordctl runs list\n  ordctl runs list --task 'Nightly report' --failed"
    )]
    List(List),
    /// Show a run with its error and output
    #[command(
        after_help = "Examples:\n  ordctl runs show 01a1fcad-0580-8ae2-9142-7066751f7a30\n  ordctl runs show 01a1fcad-0580-8ae2-9142-7066751f7a30 -o json"
    )]
    Show(RunId),
    /// Print the latest finished runs
    #[command(after_help = "Examples:\n  ordctl runs tail\n  ordctl runs tail --follow")]
    Tail(Tail),
    /// Cancel a run in progress
    #[command(
        after_help = "Examples:\n  ordctl runs cancel 01a1fcad-0580-8ae2-9142-7066751f7a30 --dry-run\n  ordctl runs cancel 01a1fcad-0580-8ae2-9142-7066751f7a30 --yes"
    )]
    Cancel(Cancel),
}

#[derive(Debug, Args)]
pub(crate) struct Cancel {
    #[command(flatten)]
    run: RunId,
    #[command(flatten)]
    act: ActFlags,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only runs of this task: its id, the start of its id, or its title
    #[arg(long)]
    task: Option<String>,
    /// Only failed runs
    #[arg(long)]
    failed: bool,
    /// Maximum number of runs
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

#[derive(Debug, Args)]
pub(crate) struct RunId {
    /// Id of the run
    #[arg(value_parser = uuid)]
    id: Uuid,
}

/// Parses an id without the parser's own message.
pub(crate) fn uuid(text: &str) -> Result<Uuid, String> {
    text.parse().map_err(|_| "not a UUID".to_owned())
}

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

impl RunsCommand {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let session = TaskSession::open(context)?;
        match self {
            Self::List(list) => list.execute(context, &session).await,
            Self::Show(shown) => {
                let run = session.tasks.run(shown.id, &session.actor).await.map_err(task_error)?;
                let format =
                    if context.flags.output == Format::Text { Format::Yaml } else { context.flags.output };
                stdio::data(&render::value(&run, format)?)?;
                Ok(exit::OK)
            }
            Self::Tail(tail) => tail.execute(context, &session).await,
            Self::Cancel(cancel) => cancel.execute(context, &session).await,
        }
    }
}

impl Cancel {
    async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let id = self.run.id;
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            session.tasks.cancel_run(id, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(())
        };
        let call = format!("query engine/api/run_cancel (id = {id})");
        let change = Change::single("runs cancel", format!("Cancel run {id}"), vec![call]);
        if act(context, &session.tasks.executor, change, &self.act, apply).await?.is_some() {
            stdio::note("cancellation requested\n");
        }
        Ok(exit::OK)
    }
}

async fn task_id(session: &TaskSession, task: &Option<String>) -> Result<Option<Uuid>, CliError> {
    match task {
        Some(name) => Ok(Some(session.find(name).await?.id)),
        None => Ok(None),
    }
}

fn verdict(run: &Run) -> &'static str {
    match run.success {
        None => "running",
        Some(true) => "ok",
        Some(false) => "failed",
    }
}

impl List {
    async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let task = task_id(session, &self.task).await?;
        let filter = RunFilter { task, success: self.failed.then_some(false), ..RunFilter::default() };
        let page = session
            .tasks
            .runs(&filter, &PageRequest::offset(self.limit, 0), &session.actor)
            .await
            .map_err(task_error)?;
        let row = |r: &Run| -> Vec<Value> {
            vec![
                json!(r.id),
                json!(r.task_id),
                json!(verdict(r)),
                json!(r.attempt),
                json!(r.started_at),
                json!(r.finished_at),
                json!(r.error),
            ]
        };
        let columns = vec!["id", "task", "verdict", "attempt", "started_at", "finished_at", "error"];
        let listing = Listing { name: "runs", columns, rows: page.items.iter().map(row).collect() };
        stdio::data(&render::listing(&listing, context.flags.output)?)?;
        Ok(exit::OK)
    }
}

impl Tail {
    async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let filter = RunFilter { task: task_id(session, &self.task).await?, ..RunFilter::default() };
        let (mut printed, mut lines) = (BTreeSet::new(), self.lines);
        loop {
            context.deadline.renew();
            let page = session
                .tasks
                .runs(&filter, &PageRequest::offset(lines.max(100), 0), &session.actor)
                .await
                .map_err(task_error)?;
            let mut ended: Vec<Run> = page.items.into_iter().filter(|r| r.finished_at.is_some()).collect();
            ended.sort_by(|a, b| a.finished_at.cmp(&b.finished_at));
            let first = printed.is_empty() && lines == self.lines;
            let skip = if first {
                ended.len().saturating_sub(usize::try_from(self.lines).unwrap_or_default())
            } else {
                0
            };
            for (index, run) in ended.into_iter().enumerate() {
                if printed.insert(run.id) && index >= skip {
                    stdio::data(&line(&run, context.flags.output)?)?;
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

/// One line of text, or one JSON object.
fn line(run: &Run, format: Format) -> Result<String, CliError> {
    if format == Format::Json {
        return render::json_line(run).map_err(|e| CliError::failed("cannot render the run").because(e));
    }
    let at = run.finished_at.as_deref().unwrap_or("-");
    let error = run.error.as_deref().map_or_else(String::new, |e| format!("  {}", clean(e)));
    Ok(format!(
        "{at}  {:<7} {}  task {}  attempt {}{error}\n",
        verdict(run),
        run.id,
        run.task_id,
        run.attempt
    ))
}
