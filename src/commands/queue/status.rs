//! `queue status`: due, running and blocked work.

use serde_json::json;

use crate::base::cli_error::CliError;
use crate::base::units::{self, counted};
use crate::commands::Context;
use crate::commands::task_session::{TaskSession, store_error};
use crate::model::{Finding, Kind, Report, ReportSection, Status};
use crate::render::{self, stdio};
use crate::runbook::target;
use crate::store::queue::{QueueDepth, QueueStatus, TaskWork};
use crate::tools::ToolContext;
use crate::tools::queue::engine::findings as engine_findings;

/// The default service of `restart workers`.
const WORKER: &str = "worker";
/// Tasks that the report lists.
const TASKS: u32 = 5;
/// Work that waits longer is late.
const LATE_SECONDS: f64 = 60.0;
/// Longer titles would not leave the figures of a task on one line.
const TITLE: usize = 24;

pub(crate) async fn execute(context: &Context, session: &TaskSession) -> Result<u8, CliError> {
    let begin = std::time::Instant::now();
    let status = session.tasks.store.queue_status().await.map_err(store_error)?;
    let hold = session.tasks.store.hold_state().await.map_err(store_error)?;
    let progress = session.tasks.store.engine_progress().await.map_err(store_error)?;
    let parts = engine_findings(&hold, &session.tasks.executor.ctx.local_now(), &progress);
    let depth = session.tasks.store.queue_depth().await.map_err(store_error)?;
    let start = if status.workers == 0 { start_command(&session.tasks.executor.ctx).await } else { "" };
    let mut sections = vec![
        ReportSection::new(
            "engine",
            "Engine",
            parts.into_iter().chain(engine(&status, &depth, start)).collect(),
        ),
        ReportSection::new("queue", "Queue", queue(&status, &depth)),
    ];
    let busiest = session.tasks.store.queue_by_task(TASKS).await.map_err(store_error)?;
    if !busiest.is_empty() {
        let findings = busiest.iter().map(by_task).collect();
        sections.push(ReportSection::new("tasks", "Tasks with the most work", findings));
    }
    let executor = &session.tasks.executor;
    let at = executor.ctx.clock.now().with_timezone(&executor.ctx.settings.time_zone).fixed_offset();
    let mut report = Report::new("queue status", "Queue", Kind::Look, target(executor), at, sections);
    report.duration_seconds = begin.elapsed().as_secs_f64();
    stdio::data(&render::report(&context.qualified(report.clone()), context.flags.output, context.style())?)?;
    Ok(report.exit_code())
}

fn found(id: &str, status: Status, summary: String) -> Finding {
    Finding::new(id, "postgresql", status, summary)
}

fn with_count(finding: Finding, n: u64) -> Finding {
    Finding { value: Some(n as f64), ..finding }
}

/// The command that starts workers: those of a platform are containers, running or not, that are restarted.
async fn start_command(ctx: &ToolContext) -> &'static str {
    let containers = match ctx.clients.platform() {
        Ok(platform) => platform.instances(Some(WORKER)).await.map(|found| found.len()),
        Err(error) => Err(error),
    };
    match containers {
        Ok(1..) => "ordctl restart workers",
        Err(_) if ctx.settings.docker_configured() => "ordctl restart workers",
        Ok(0) | Err(_) => "ordctl serve --role worker",
    }
}

/// `start`: the command that starts workers.
fn engine(status: &QueueStatus, depth: &QueueDepth, start: &str) -> Vec<Finding> {
    let workers = match (status.workers, depth.due > 0) {
        (0, true) => {
            found("workers", Status::Crit, "Workers: none registered, and work is due".into()).hint(start)
        }
        (0, false) => found("workers", Status::Warn, "Workers: none registered".into()).hint(start),
        (n, _) => {
            let (lanes, nodes) = (counted(n as f64, "lane"), counted(status.nodes as f64, "node"));
            found("workers", Status::Ok, format!("Workers: {lanes} on {nodes}"))
        }
    };
    let broken = match status.broken_schedules {
        0 => found("schedules", Status::Ok, "Schedules: all valid".into()),
        n => found("schedules", Status::Warn, format!("Schedules: {n} invalid")).hint("ordctl task list"),
    };
    vec![workers, broken]
}

fn queue(status: &QueueStatus, depth: &QueueDepth) -> Vec<Finding> {
    let number = |n: u64| units::count(n as f64);
    let due = depth.due;
    let each = depth.due_by_priority.iter().map(|(p, n)| format!("priority {p}: {}", number(*n)));
    let each = each.collect::<Vec<_>>().join(", ");
    let age = depth.oldest_due_seconds.unwrap_or_default();
    let late = if due > 0 && age > LATE_SECONDS { Status::Warn } else { Status::Ok };
    let text = match due {
        0 => "Due: 0".to_owned(),
        n => format!("Due: {}, oldest for {} ({each})", number(n), units::duration(age)),
    };
    let count =
        |id: &str, n: u64, what: &str| with_count(found(id, Status::Ok, format!("{what}: {}", number(n))), n);
    let dead_letters = match status.dead_letters {
        0 => count("dead_letters", 0, "Dead letters"),
        n => {
            let text = format!("Dead letters: {}, all attempts failed", number(n));
            with_count(found("dead_letters", Status::Warn, text), n).hint("ordctl queue failed")
        }
    };
    vec![
        with_count(found("due", late, text), due),
        count("running", depth.leased, "Running"),
        count("retrying", status.retrying, "Waiting for the next attempt"),
        count("later", status.later, "Due later"),
        count("waiting_for_key", status.waiting_for_key, "Waiting for a concurrency key"),
        count("of_paused_tasks", status.of_paused_tasks, "Waiting for a paused task"),
        count("alone", status.alone, "Isolated after a worker died"),
        dead_letters,
    ]
}

/// `Report: 1,204 due, oldest 12m; 4 running, longest 3m; usually 20 s`
fn by_task(work: &TaskWork) -> Finding {
    let number = |n: u64| units::count(n as f64);
    let time = |label: &str, seconds: Option<f64>| {
        seconds.map_or_else(String::new, |s| format!("{label} {}", units::duration(s)))
    };
    let due = format!("{} due{}", number(work.due), time(", oldest", work.oldest_due_seconds));
    let running = format!("{} running{}", number(work.running), time(", longest", work.longest_run_seconds));
    let usually = time("; usually", work.usual_seconds);
    let is_late = work.oldest_due_seconds.is_some_and(|age| age > LATE_SECONDS);
    let status = if is_late { Status::Warn } else { Status::Ok };
    let title = render::cut(&work.title, TITLE);
    let finding = found(&work.task_id.to_string(), status, format!("{title}: {due}; {running}{usually}"));
    with_count(finding, work.due).details(json!(work))
}
