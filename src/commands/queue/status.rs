//! `queue status`: what waits, what runs, what is stuck.

use serde::Deserialize;

use crate::base::cli_error::CliError;
use crate::base::units;
use crate::commands::Context;
use crate::commands::tasks::{Desk, store};
use crate::engine::state;
use crate::model::{Finding, Kind, Report, ReportSection, Status};
use crate::render::{self, stdio};
use crate::runbook::target;

#[derive(Debug, Deserialize)]
struct Standing {
    due: Vec<i64>,
    oldest_seconds: Option<f64>,
    running: i64,
    waiting_for_key: i64,
    of_paused_tasks: i64,
    alone: i64,
    later: i64,
    retrying: i64,
    dead_letters: i64,
    workers: i64,
    nodes: i64,
    broken_schedules: i64,
}

pub(crate) async fn execute(context: &Context, desk: &Desk) -> Result<u8, CliError> {
    let begin = std::time::Instant::now();
    let standing: Standing = desk.tasks.store.one("engine/api/queue_status").await.map_err(store)?;
    let state = state::standing(&desk.tasks.store).await.map_err(store)?;
    let sections = vec![
        ReportSection::new("engine", "Engine", engine(&standing, &state)),
        ReportSection::new("queue", "Queue", queue(&standing)),
    ];
    let world = &desk.tasks.world;
    let at = world.ctx.clock.now().with_timezone(&world.ctx.settings.time_zone).fixed_offset();
    let mut report = Report::new("queue status", "Queue", Kind::Look, target(world), at, sections);
    report.duration_seconds = begin.elapsed().as_secs_f64();
    stdio::data(&render::report(&context.qualified(report.clone()), context.flags.output, context.style())?)?;
    Ok(report.exit_code())
}

fn found(id: &str, status: Status, summary: String) -> Finding {
    Finding::new(id, "postgresql", status, summary)
}

fn counted(finding: Finding, n: i64) -> Finding {
    Finding { value: Some(n as f64), ..finding }
}

fn engine(standing: &Standing, state: &state::Standing) -> Vec<Finding> {
    let held = if state.held {
        let by = state.held_by.as_deref().unwrap_or("?");
        let because = state.held_because.as_deref().unwrap_or("?");
        found("held", Status::Warn, format!("held by {by}: {because}")).hint("ordctl resume")
    } else {
        found("held", Status::Ok, "work may start".into())
    };
    let waiting = standing.due.iter().sum::<i64>() > 0;
    let workers = match (standing.workers, waiting) {
        (0, true) => found("workers", Status::Crit, "work is due and no worker is registered".into())
            .hint("ordctl serve --role worker"),
        (0, false) => found("workers", Status::Warn, "no worker is registered".into()).hint("ordctl serve"),
        (n, _) => found("workers", Status::Ok, format!("{n} lanes of {} nodes", standing.nodes)),
    };
    let broken = match standing.broken_schedules {
        0 => found("schedules", Status::Ok, "every schedule can be followed".into()),
        n => found("schedules", Status::Warn, format!("{n} schedules cannot be followed"))
            .hint("ordctl task list, then ordctl task show"),
    };
    vec![held, workers, broken]
}

fn queue(standing: &Standing) -> Vec<Finding> {
    let due: i64 = standing.due.iter().sum();
    let each = (1..).zip(&standing.due).filter(|(_, n)| **n > 0).map(|(p, n)| format!("priority {p}: {n}"));
    let each = each.collect::<Vec<_>>().join(", ");
    let age = standing.oldest_seconds.unwrap_or_default();
    let late = if due > 0 && age > 60.0 { Status::Warn } else { Status::Ok };
    let text = match due {
        0 => "nothing is due".to_owned(),
        n => format!("{n} due, the oldest for {} ({each})", units::duration(age)),
    };
    let count = |id: &str, n: i64, what: &str| counted(found(id, Status::Ok, format!("{n} {what}")), n);
    let letters = match standing.dead_letters {
        0 => count("dead_letters", 0, "dead letters"),
        n => {
            let text = format!("{n} dead letters: their attempts are used up");
            counted(found("dead_letters", Status::Warn, text), n).hint("ordctl queue failed")
        }
    };
    vec![
        counted(found("due", late, text), due),
        count("running", standing.running, "running"),
        count("retrying", standing.retrying, "wait for another attempt"),
        count("later", standing.later, "due later"),
        count("waiting_for_key", standing.waiting_for_key, "wait for their concurrency key"),
        count("of_paused_tasks", standing.of_paused_tasks, "of paused tasks"),
        count("alone", standing.alone, "were running when their worker died, and run one at a time"),
        letters,
    ]
}
