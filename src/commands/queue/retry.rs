//! `queue retry`: queues dead letters again.

use std::collections::BTreeMap;

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::filter::{self, Filter};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::{count, counted};
use crate::commands::Context;
use crate::commands::act::{ActFlags, act};
use crate::commands::ids::IdPrefix;
use crate::commands::task_session::{TaskSession, store_error, task_error};
use crate::model::table::{Kind, Row};
use crate::model::{Column, Consented, DeadLetterTask, PlannedStep, Retried, Table};
use crate::render::{Format, stdio};
use crate::runbook::{Change, Haste};

/// The maximum that one command retries.
const MAX_RETRIES: i64 = 10_000;

#[derive(Debug, Args)]
pub(crate) struct Retry {
    /// Retry these: their ids or the start of their ids, as `queue failed` lists them
    #[arg(value_name = "OCCURRENCE", required_unless_present_any = ["task", "error", "since", "until", "all"])]
    #[arg(conflicts_with_all = ["task", "error", "since", "until", "all"])]
    occurrences: Vec<IdPrefix>,
    #[command(flatten)]
    filter: Filter,
    /// Retry all dead letters
    #[arg(long, conflicts_with_all = ["task", "error", "since", "until"])]
    all: bool,
    #[command(flatten)]
    act: ActFlags,
}

/// The dead letters to retry, and how the plan shows them.
struct Selection {
    ids: Vec<Uuid>,
    title: String,
    steps: Vec<PlannedStep>,
    /// Those of tasks that are not active.
    refused: Vec<String>,
    /// The note if there are none.
    none: String,
}

impl Retry {
    pub(crate) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let is_named = !self.occurrences.is_empty();
        let Selection { ids, title, steps, refused, none } =
            if is_named { self.named(session).await? } else { self.filtered(session).await? };
        if ids.is_empty() && refused.is_empty() {
            stdio::note(&none);
            return Ok(exit::OK);
        }
        if ids.is_empty() {
            return report(context, &[], refused, is_named);
        }
        let change = Change { name: "queue retry", title, steps, haste: Haste::Patient };
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let retried = session.tasks.retry(&ids, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(retried)
        };
        match act(context, &session.tasks.executor, change, &self.act, apply).await? {
            Some(retried) => report(context, &retried, refused, is_named),
            None => Ok(exit::OK),
        }
    }

    /// The dead letters whose ids were given.
    async fn named(&self, session: &TaskSession) -> Result<Selection, CliError> {
        let mut ids = Vec::new();
        for prefix in &self.occurrences {
            ids.push(session.dead_letter_id(prefix).await?);
        }
        ids.sort_unstable();
        ids.dedup();
        let step = |id: &Uuid| {
            let (id, title) = (id.to_string(), format!("Retry dead letter {id}"));
            PlannedStep::change(
                &id,
                title,
                "queue.retry",
                vec![format!("query engine/api/dead_letter_retry ({id})")],
            )
        };
        let title = format!("Retry {}", counted(ids.len() as f64, "dead letter"));
        let steps = ids.iter().map(step).collect();
        Ok(Selection { title, steps, refused: Vec::new(), ids, none: String::new() })
    }

    /// The dead letters that match the filter, oldest first.
    async fn filtered(&self, session: &TaskSession) -> Result<Selection, CliError> {
        let filter = self.filter.resolve(session).await?;
        let store = &session.tasks.store;
        let tasks = store.dead_letter_tasks(&filter).await.map_err(store_error)?;
        let active: Vec<&DeadLetterTask> = tasks.iter().filter(|t| is_active(t)).collect();
        let refused = tasks.iter().filter(|t| !is_active(t)).map(passed_over).collect();
        let total = active.iter().map(|t| t.dead_letters).sum::<i64>();
        let ids = store.dead_letter_ids(&filter, total.min(MAX_RETRIES)).await.map_err(store_error)?;
        let oldest = if total > MAX_RETRIES {
            format!("the oldest {} of ", count(MAX_RETRIES as f64))
        } else {
            String::new()
        };
        let filters = filter::text(&filter, session).map_or_else(String::new, |text| format!(": {text}"));
        let title = format!(
            "Retry {oldest}{} of {}{filters}",
            counted(total as f64, "dead letter"),
            counted(active.len() as f64, "task")
        );
        let none = if tasks.is_empty() { filter::none(&filter, session).await? } else { String::new() };
        Ok(Selection { ids, title, steps: tasks.iter().map(planned).collect(), refused, none })
    }
}

fn is_active(task: &DeadLetterTask) -> bool {
    task.status == "active"
}

fn passed_over(task: &DeadLetterTask) -> String {
    format!("{} of task '{}' ({}): the task is {}", task.dead_letters, task.title, task.id, task.status)
}

fn planned(task: &DeadLetterTask) -> PlannedStep {
    let title =
        format!("Retry {} of task '{}'", counted(task.dead_letters as f64, "dead letter"), task.title);
    let step = PlannedStep::change(
        &task.id.to_string(),
        title,
        "queue.retry",
        vec!["query engine/api/dead_letter_retry".into()],
    );
    PlannedStep { left_out: (!is_active(task)).then(|| format!("the task is {}", task.status)), ..step }
}

/// Prints the new occurrences. Refused ones go to standard error, or are the error if nothing was retried.
fn report(
    context: &Context,
    retried: &[Retried],
    mut refused: Vec<String>,
    is_named: bool,
) -> Result<u8, CliError> {
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
    let is_counted = context.flags.output == Format::Text && !is_named;
    context.print(&if is_counted { by_task(&done) } else { each(&done) })?;
    if refused.is_empty() {
        return Ok(exit::OK);
    }
    let refused = refused.iter().map(|line| format!("  {line}"));
    stdio::notes(std::iter::once("refused:".to_owned()).chain(refused));
    Ok(exit::WARNING)
}

fn each(retried: &[&Retried]) -> Table {
    let columns = vec![
        Column::new("OCCURRENCE", "occurrence", Kind::Id),
        Column::new("TASK", "task", Kind::Text),
        Column::new("DEAD LETTER", "dead_letter", Kind::Id),
    ];
    let row = |r: &&Retried| {
        Row::new(json!({ "occurrence": r.occurrence, "task": r.task, "dead_letter": r.letter }))
    };
    Table {
        name: "retried",
        columns,
        rows: retried.iter().map(row).collect(),
        none: "no dead letters".into(),
    }
}

/// How many of each task were retried: thousands of new ids help nobody.
fn by_task(retried: &[&Retried]) -> Table {
    let mut counts = BTreeMap::<&str, u64>::new();
    for r in retried {
        *counts.entry(r.task.as_deref().unwrap_or_default()).or_default() += 1;
    }
    let rows = counts.iter().map(|(task, n)| Row::new(json!({ "task": task, "retried": n }))).collect();
    let columns =
        vec![Column::new("RETRIED", "retried", Kind::Count), Column::new("TASK", "task", Kind::Text)];
    Table { name: "retried", columns, rows, none: "no dead letters".into() }
}
