//! `runs`: what ran, what runs.

use std::collections::BTreeSet;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Context;
use super::act::{ActFlags, act};
use super::tasks::{Desk, fault};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::engine::tasks::Place;
use crate::model::{Consented, Listing, Run};
use crate::render::{self, Format, stdio};
use crate::runbook::Change;

/// How often it looks for what is new.
const LOOK: Duration = Duration::from_millis(500);

/// What ran, what runs.
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// The latest runs, those that are going on among them
    #[command(
        after_help = "Examples:\n  ordctl runs list\n  ordctl runs list --task 'Nightly report' --failed"
    )]
    List(List),
    /// One run, with its error and output
    #[command(after_help = "Examples:\n  ordctl runs show 01a1fcad-0580-8ae2-9142-7066751f7a30")]
    Show(Shown),
    /// Runs as they end
    #[command(after_help = "Examples:\n  ordctl runs tail --follow")]
    Tail(Tail),
    /// Cancel a run in progress
    #[command(after_help = "Examples:\n  ordctl runs cancel 01a1fcad-0580-8ae2-9142-7066751f7a30 --yes")]
    Cancel(Cancel),
}

#[derive(Debug, Args)]
pub(crate) struct Cancel {
    #[command(flatten)]
    run: Shown,
    #[command(flatten)]
    act: ActFlags,
}

/// Which runs.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only of this task: its id, the beginning of it, or its title
    #[arg(long)]
    task: Option<String>,
    /// Only what failed
    #[arg(long)]
    failed: bool,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

/// One run.
#[derive(Debug, Args)]
pub(crate) struct Shown {
    /// Its id
    id: Uuid,
}

/// Runs as they end.
#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// Only of this task: its id, the beginning of it, or its title
    #[arg(long)]
    task: Option<String>,
    /// Go on until interrupted
    #[arg(short, long)]
    follow: bool,
    /// Begin with so many
    #[arg(short = 'n', long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(0..=1000))]
    lines: i64,
}

impl RunsCommand {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let desk = Desk::open(context)?;
        match self {
            Self::List(list) => list.execute(context, &desk).await,
            Self::Show(shown) => {
                let run = desk.tasks.run(shown.id, &desk.actor).await.map_err(fault)?;
                let format =
                    if context.flags.output == Format::Text { Format::Yaml } else { context.flags.output };
                stdio::data(&render::value(&run, format)?)?;
                Ok(exit::OK)
            }
            Self::Tail(tail) => tail.execute(context, &desk).await,
            Self::Cancel(cancel) => cancel.execute(context, &desk).await,
        }
    }
}

impl Cancel {
    async fn execute(&self, context: &Context, desk: &Desk) -> Result<u8, CliError> {
        let id = self.run.id;
        let apply = async |consented: &Consented| {
            let actor = desk.actor.clone().with_consent(consented);
            desk.tasks.cancel_run(id, &actor).await.map_err(fault)?;
            desk.tell().await;
            Ok(())
        };
        let call = format!("query engine/api/run_cancel (id = {id})");
        let change = Change::single("runs cancel", format!("Cancel run {id}"), vec![call]);
        if act(context, &desk.tasks.world, change, &self.act, apply).await?.is_some() {
            stdio::note("cancellation requested\n");
        }
        Ok(exit::OK)
    }
}

async fn filter(desk: &Desk, task: &Option<String>) -> Result<String, CliError> {
    match task {
        Some(name) => Ok(desk.find(name).await?.id.to_string()),
        None => Ok(String::new()),
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
    async fn execute(&self, context: &Context, desk: &Desk) -> Result<u8, CliError> {
        let task = filter(desk, &self.task).await?;
        let success = if self.failed { "false" } else { "" };
        let page = desk
            .tasks
            .runs([&task, success, "", ""], &Place::offset(self.limit, 0), &desk.actor)
            .await
            .map_err(fault)?;
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
    async fn execute(&self, context: &Context, desk: &Desk) -> Result<u8, CliError> {
        let task = filter(desk, &self.task).await?;
        let (mut seen, mut lines) = (BTreeSet::new(), self.lines);
        loop {
            let page = desk
                .tasks
                .runs([&task, "", "", ""], &Place::offset(lines.max(100), 0), &desk.actor)
                .await
                .map_err(fault)?;
            let mut ended: Vec<Run> = page.items.into_iter().filter(|r| r.finished_at.is_some()).collect();
            ended.sort_by(|a, b| a.finished_at.cmp(&b.finished_at));
            let first = seen.is_empty() && lines == self.lines;
            let skip = if first {
                ended.len().saturating_sub(usize::try_from(self.lines).unwrap_or_default())
            } else {
                0
            };
            for (place, run) in ended.into_iter().enumerate() {
                if seen.insert(run.id) && place >= skip {
                    stdio::data(&line(&run, context.flags.output)?)?;
                }
            }
            if !self.follow {
                return Ok(exit::OK);
            }
            lines = 1000;
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                _ = tokio::signal::ctrl_c() => return Ok(exit::INTERRUPTED),
            }
        }
    }
}

/// One line; as JSON one object.
fn line(run: &Run, format: Format) -> Result<String, CliError> {
    if format == Format::Json {
        return Ok(format!("{}\n", json!(run)));
    }
    let at = run.finished_at.as_deref().unwrap_or("-");
    let error = run.error.as_deref().map_or_else(String::new, |e| format!("  {e}"));
    Ok(format!(
        "{at}  {:<7} {}  task {}  attempt {}{error}\n",
        verdict(run),
        run.id,
        run.task_id,
        run.attempt
    ))
}
