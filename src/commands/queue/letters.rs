//! `queue failed` and `queue retry`: what has failed for good.

use std::sync::Arc;

use clap::Args;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::commands::Context;
use crate::commands::tasks::{Desk, fault};
use crate::model::prompt::Answer;
use crate::model::{DeadLetter, Effect, LetterTask, Listing, Plan, PlannedStep, Prompt, Retried};
use crate::render::{self, Progress, TerminalPrompt, stdio};
use crate::runbook::target;

/// How many dead letters one command retries.
const MOST: i64 = 10_000;

/// Which dead letters.
#[derive(Debug, Args)]
pub(crate) struct Failed {
    /// Only of this task: its id, the beginning of it, or its title
    #[arg(long, value_name = "NAME")]
    task: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

/// Which dead letters.
#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// These, as `queue failed` names them
    #[arg(value_name = "OCCURRENCE", required_unless_present_any = ["task", "all"], conflicts_with_all = ["task", "all"])]
    occurrences: Vec<Uuid>,
    /// All of this task: its id, the beginning of it, or its title
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    task: Option<String>,
    /// All there are
    #[arg(long)]
    all: bool,
    /// Consent to what --task and --all take
    #[arg(short, long)]
    yes: bool,
}

async fn named(desk: &Desk, task: &Option<String>) -> Result<Option<Uuid>, CliError> {
    match task {
        Some(name) => Ok(Some(desk.find(name).await?.id)),
        None => Ok(None),
    }
}

impl Failed {
    pub(crate) async fn execute(&self, context: &Context, desk: &Desk) -> Result<u8, CliError> {
        let task = named(desk, &self.task).await?;
        let mut letters = desk.tasks.dead_letters(task, self.limit + 1).await.map_err(fault)?;
        let fits = usize::try_from(self.limit).unwrap_or_default();
        let more = letters.len() > fits;
        letters.truncate(fits);
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
        let listing = Listing { name: "failed", columns, rows: letters.iter().map(row).collect() };
        stdio::data(&render::listing(&listing, context.flags.output)?)?;
        if more {
            stdio::note("there are more; --limit shows them\n");
        }
        Ok(if letters.is_empty() { exit::OK } else { exit::WARNING })
    }
}

impl Retry {
    pub(crate) async fn execute(&self, context: &Context, desk: &Desk) -> Result<u8, CliError> {
        let mut refused = Vec::new();
        let letters = if self.occurrences.is_empty() {
            let task = named(desk, &self.task).await?;
            let tasks = desk.tasks.letter_tasks(task).await.map_err(fault)?;
            refused.extend(tasks.iter().filter(|t| !active(t)).map(passed_over));
            let count = tasks.iter().filter(|t| active(t)).map(|t| t.letters).sum::<i64>().min(MOST);
            if count > 0 {
                self.consent(desk, &tasks, count)?;
            }
            desk.tasks.letter_ids(task, count).await.map_err(fault)?
        } else {
            let mut given = self.occurrences.clone();
            given.sort_unstable();
            given.dedup();
            given
        };
        let retried = desk.tasks.retry(&letters, &desk.actor).await.map_err(fault)?;
        desk.tell().await;
        report(context, &retried, refused)
    }

    fn consent(&self, desk: &Desk, tasks: &[LetterTask], count: i64) -> Result<(), CliError> {
        if self.yes {
            return Ok(());
        }
        let target = target(&desk.tasks.world);
        let question = format!("Retry {count} dead letters in {}?", target.environment);
        let steps = tasks.iter().map(planned).collect();
        let plan = Plan { name: "queue retry".into(), title: "Retry dead letters".into(), target, steps };
        let prompt = TerminalPrompt::new(Arc::new(Progress::new(false)));
        prompt.show(&plan);
        match prompt.confirm(&question) {
            Answer::Yes => Ok(()),
            Answer::No => Err(CliError::refused("not confirmed; nothing was changed")),
            Answer::Nobody => Err(CliError::refused(format!(
                "this retries {count} dead letters and there is nobody to ask; nothing was changed"
            ))
            .hint("see them with `ordctl queue failed`, then consent with --yes")),
        }
    }
}

fn active(task: &LetterTask) -> bool {
    task.status == "active"
}

fn passed_over(task: &LetterTask) -> String {
    format!("{} of task '{}' ({}): the task is {}", task.letters, task.title, task.id, task.status)
}

fn planned(task: &LetterTask) -> PlannedStep {
    PlannedStep {
        id: task.id.to_string(),
        title: format!("{} of task '{}'", task.letters, task.title),
        uses: "queue.retry".into(),
        effect: Effect::Change,
        calls: vec![task.id.to_string()],
        left_out: (!active(task)).then(|| format!("the task is {}", task.status)),
        depends: None,
        found: Vec::new(),
    }
}

/// The fresh occurrences as data; what was refused as notes, or as the error when that is all.
fn report(context: &Context, retried: &[Retried], mut refused: Vec<String>) -> Result<u8, CliError> {
    for r in retried.iter().filter(|r| r.occurrence.is_none()) {
        let of = r.task.as_ref().map_or_else(String::new, |t| format!(" of task '{t}'"));
        refused.push(format!(
            "{}{of}: {}",
            r.letter,
            r.refused.as_deref().unwrap_or("it was retried already")
        ));
    }
    let done: Vec<&Retried> = retried.iter().filter(|r| r.occurrence.is_some()).collect();
    if done.is_empty() && !refused.is_empty() {
        return Err(CliError::refused(format!("nothing was retried\n  {}", refused.join("\n  ")))
            .hint("ordctl queue failed"));
    }
    if done.is_empty() {
        stdio::note("there are no dead letters\n");
        return Ok(exit::OK);
    }
    let row = |r: &&Retried| -> Vec<Value> { vec![json!(r.occurrence), json!(r.task), json!(r.letter)] };
    let columns = vec!["occurrence", "task", "dead_letter"];
    let listing = Listing { name: "retried", columns, rows: done.iter().map(row).collect() };
    stdio::data(&render::listing(&listing, context.flags.output)?)?;
    if refused.is_empty() {
        return Ok(exit::OK);
    }
    stdio::note(&format!("refused:\n  {}\n", refused.join("\n  ")));
    Ok(exit::WARNING)
}
