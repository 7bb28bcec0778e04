//! `queue failed` and `queue retry`: dead letters.

use clap::Args;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::commands::Context;
use crate::commands::act::{ActFlags, act};
use crate::commands::task_session::{TaskSession, task_error};
use crate::model::{Consented, DeadLetter, DeadLetterTask, Listing, PlannedStep, Retried};
use crate::render::{self, stdio};
use crate::runbook::{Change, Haste};

/// The maximum that one command retries.
const MAX_RETRIES: i64 = 10_000;

#[derive(Debug, Args)]
pub(crate) struct Failed {
    /// List only this task: its id, a prefix of the id, or its title
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// List at most this many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// Retry these dead letters, by the ids that `queue failed` lists
    #[arg(value_name = "OCCURRENCE", value_parser = crate::commands::runs::uuid, required_unless_present_any = ["task", "all"], conflicts_with_all = ["task", "all"])]
    occurrences: Vec<Uuid>,
    /// Retry all of this task: its id, a prefix of the id, or its title
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    task: Option<String>,
    /// Retry all dead letters
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    act: ActFlags,
}

async fn find_task(session: &TaskSession, task: &Option<String>) -> Result<Option<Uuid>, CliError> {
    match task {
        Some(name) => Ok(Some(session.find(name).await?.id)),
        None => Ok(None),
    }
}

impl Failed {
    pub(crate) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let task = find_task(session, &self.task).await?;
        let mut dead_letters = session.tasks.dead_letters(task, self.limit + 1).await.map_err(task_error)?;
        let fits = usize::try_from(self.limit).unwrap_or_default();
        let more = dead_letters.len() > fits;
        dead_letters.truncate(fits);
        let row = |l: &DeadLetter| -> Vec<Value> {
            vec![
                json!(l.occurrence),
                json!(l.title),
                json!(l.status),
                json!(l.scheduled_at),
                json!(l.attempts),
                json!(l.at),
                json!(l.error),
            ]
        };
        let columns =
            vec!["occurrence", "task", "task_status", "scheduled_at", "attempts", "failed_at", "error"];
        let listing = Listing { name: "failed", columns, rows: dead_letters.iter().map(row).collect() };
        stdio::data(&render::listing(&listing, context.flags.output)?)?;
        if more {
            stdio::note("more dead letters exist; raise --limit to list them\n");
        }
        Ok(if dead_letters.is_empty() { exit::OK } else { exit::WARNING })
    }
}

impl Retry {
    pub(crate) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let mut refused = Vec::new();
        let (ids, steps) = if self.occurrences.is_empty() {
            let task = find_task(session, &self.task).await?;
            let tasks = session.tasks.dead_letter_tasks(task).await.map_err(task_error)?;
            refused.extend(tasks.iter().filter(|t| !is_active(t)).map(passed_over));
            let count =
                tasks.iter().filter(|t| is_active(t)).map(|t| t.dead_letters).sum::<i64>().min(MAX_RETRIES);
            let ids = session.tasks.dead_letter_ids(task, count).await.map_err(task_error)?;
            (ids, tasks.iter().map(planned).collect())
        } else {
            let mut ids = self.occurrences.clone();
            ids.sort_unstable();
            ids.dedup();
            let step = |id: &Uuid| {
                let id = id.to_string();
                PlannedStep::change(
                    &id,
                    format!("Retry dead letter {id}"),
                    "queue.retry",
                    vec![format!("query engine/api/dead_letter_retry ({id})")],
                )
            };
            let steps = ids.iter().map(step).collect();
            (ids, steps)
        };
        if ids.is_empty() {
            return report(context, &[], refused);
        }
        let title = format!("Retry {} dead letters", ids.len());
        let change = Change { name: "queue retry", title, steps, haste: Haste::Patient };
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let retried = session.tasks.retry(&ids, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(retried)
        };
        match act(context, &session.tasks.executor, change, &self.act, apply).await? {
            Some(retried) => report(context, &retried, refused),
            None => Ok(exit::OK),
        }
    }
}

fn is_active(task: &DeadLetterTask) -> bool {
    task.status == "active"
}

fn passed_over(task: &DeadLetterTask) -> String {
    format!("{} of task '{}' ({}): the task is {}", task.dead_letters, task.title, task.id, task.status)
}

fn planned(task: &DeadLetterTask) -> PlannedStep {
    let title = format!("Retry {} dead letters of task '{}'", task.dead_letters, task.title);
    let step = PlannedStep::change(
        &task.id.to_string(),
        title,
        "queue.retry",
        vec!["query engine/api/dead_letter_retry".into()],
    );
    PlannedStep { left_out: (!is_active(task)).then(|| format!("the task is {}", task.status)), ..step }
}

/// Prints the new occurrences. Refused ones go to standard error, or are the error if nothing was retried.
fn report(context: &Context, retried: &[Retried], mut refused: Vec<String>) -> Result<u8, CliError> {
    for r in retried.iter().filter(|r| r.occurrence.is_none()) {
        let of = r.task.as_ref().map_or_else(String::new, |t| format!(" of task '{t}'"));
        refused.push(format!("{}{of}: {}", r.letter, r.refused.as_deref().unwrap_or("already retried")));
    }
    let done: Vec<&Retried> = retried.iter().filter(|r| r.occurrence.is_some()).collect();
    if done.is_empty() && !refused.is_empty() {
        return Err(CliError::refused("nothing was retried").items(refused).hint("ordctl queue failed"));
    }
    if done.is_empty() {
        stdio::note("no dead letters\n");
        return Ok(exit::OK);
    }
    let row = |r: &&Retried| -> Vec<Value> { vec![json!(r.occurrence), json!(r.task), json!(r.letter)] };
    let columns = vec!["occurrence", "task", "dead_letter"];
    let listing = Listing { name: "retried", columns, rows: done.iter().map(row).collect() };
    stdio::data(&render::listing(&listing, context.flags.output)?)?;
    if refused.is_empty() {
        return Ok(exit::OK);
    }
    let refused = refused.iter().map(|line| format!("  {line}"));
    stdio::notes(std::iter::once("refused:".to_owned()).chain(refused));
    Ok(exit::WARNING)
}
