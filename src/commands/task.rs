//! `task`: create, show and control tasks. Works on the database, without a server.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use serde_json::json;
use uuid::Uuid;

use super::Context;
use super::act::{ActFlags, act};
use super::signals::StopSignals;
use super::task_create::Create;
use super::task_list;
use super::task_session::{TaskSession, task_error};
use super::task_snooze::Snooze;
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units;
use crate::engine::tasks::TaskError;
use crate::model::{Consented, TaskStatus};
use crate::render::{self, Format, stdio};
use crate::runbook::Change;

/// Create, show and control tasks
#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Create a task
    #[command(
        after_help = "Examples:\n  ordctl task create --title Job --kind cron --expr @daily --pipeline job.yaml\n  ordctl task create --file task.yaml --dry-run",
        mut_arg("confirm", |arg| arg.hide_short_help(true))
    )]
    Create(Box<Create>),
    /// List tasks
    #[command(after_help = "Examples:\n  ordctl task list\n  ordctl task list --status paused -o json")]
    List(task_list::List),
    /// Show a task with its schedule and latest run
    #[command(
        after_help = "Examples:\n  ordctl task show 'Nightly report'\n  ordctl task show 01a1fcad -o json"
    )]
    Show(Named),
    /// Queue a task now
    #[command(
        after_help = "Examples:\n  ordctl task run 'Nightly report' --yes\n  ordctl task run 'Nightly report' --wait --yes"
    )]
    Run(Run),
    /// Pause a task until it is resumed
    #[command(
        after_help = "Examples:\n  ordctl task pause 'Nightly report' --dry-run\n  ordctl task pause 'Nightly report' --reason 'data migration' --yes"
    )]
    Pause(StatusChange),
    /// Resume a paused task
    #[command(
        after_help = "Examples:\n  ordctl task resume 'Nightly report' --dry-run\n  ordctl task resume 'Nightly report' --yes"
    )]
    Resume(StatusChange),
    /// Postpone the queued work and the schedule of a task
    #[command(
        after_help = "Examples:\n  ordctl task snooze 'Nightly report' --for 10m --dry-run\n  ordctl task snooze 'Nightly report' --for 2h --reason 'disk full' --yes"
    )]
    Snooze(Snooze),
    /// Cancel a task permanently and remove its pending work
    #[command(
        after_help = "Examples:\n  ordctl task cancel 'Nightly report' --dry-run\n  ordctl task cancel 'Nightly report' --yes"
    )]
    Cancel(StatusChange),
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Id of the task, the start of its id, or its title
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    task: String,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    named: Named,
    /// Wait until the run finishes; exit 2 when it fails
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    act: ActFlags,
}

#[derive(Debug, Args)]
pub(crate) struct StatusChange {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    act: ActFlags,
}

impl TaskCommand {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let session = TaskSession::open(context)?;
        match self {
            Self::Create(create) => return create.execute(context, &session).await,
            Self::List(list) => return list.execute(context, &session).await,
            Self::Show(named) => return show(context, &session, &named.task).await,
            Self::Run(run) => return run.execute(context, &session).await,
            Self::Snooze(snooze) => return snooze.execute(context, &session).await,
            Self::Pause(change) => {
                change.set_status(context, &session, "task pause", TaskStatus::Paused).await?
            }
            Self::Resume(change) => {
                change.set_status(context, &session, "task resume", TaskStatus::Active).await?
            }
            Self::Cancel(change) => {
                change.set_status(context, &session, "task cancel", TaskStatus::Canceled).await?
            }
        }
        Ok(exit::OK)
    }
}

impl StatusChange {
    async fn set_status(
        &self,
        context: &Context,
        session: &TaskSession,
        name: &'static str,
        status: TaskStatus,
    ) -> Result<(), CliError> {
        let task = session.find(&self.named.task).await?;
        let (title, id) = (&task.title, task.id);
        let what = match status {
            TaskStatus::Paused => format!("Pause task '{title}' ({id}): none of its work starts"),
            TaskStatus::Active => format!("Resume task '{title}' ({id}): its schedule applies again"),
            TaskStatus::Canceled => {
                format!("Cancel task '{title}' ({id}) permanently and delete its pending work")
            }
        };
        let call = format!("query engine/api/task_status (id = {id}, status = {status})");
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let changed = session.tasks.set_status(id, status, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(changed)
        };
        let change = Change::single(name, what, vec![call]);
        if let Some(changed) = act(context, &session.tasks.executor, change, &self.act, apply).await? {
            let now = if changed { "is now" } else { "was already" };
            stdio::note(&format!("task '{}' {now} {status}\n", clean(title)));
        }
        Ok(())
    }
}

async fn show(context: &Context, session: &TaskSession, name: &str) -> Result<u8, CliError> {
    let task = session.find(name).await?;
    let latest = session.tasks.latest(task.id, &session.actor).await.map_err(task_error)?;
    let schedule = session.schedule(task.id).await?;
    let all = json!({ "task": task, "schedule": schedule, "latest_run": latest });
    // Nested objects read best as YAML.
    let format = if context.flags.output == Format::Text { Format::Yaml } else { context.flags.output };
    stdio::data(&render::value(&all, format)?)?;
    Ok(exit::OK)
}

impl Run {
    async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let task = session.find(&self.named.task).await?;
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let queued = session.tasks.run_now(task.id, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(queued)
        };
        let title = format!("Run task '{}' ({}) now", task.title, task.id);
        let change = Change::single(
            "task run",
            title,
            vec![format!("query engine/api/task_run_now (id = {})", task.id)],
        );
        let Some(queued) = act(context, &session.tasks.executor, change, &self.act, apply).await? else {
            return Ok(exit::OK);
        };
        if queued.due_work_id.is_none() {
            stdio::note("dropped: an occurrence with the same dedupe key was queued within the window\n");
            return Ok(exit::WARNING);
        }
        stdio::data(&format!("{}\n", queued.occurrence))?;
        if self.wait { wait(context, session, queued.occurrence).await } else { Ok(exit::OK) }
    }
}

/// Waits for the final run of an occurrence.
async fn wait(context: &Context, session: &TaskSession, occurrence: Uuid) -> Result<u8, CliError> {
    let mut waited = false;
    let mut signals = StopSignals::listen()?;
    loop {
        context.deadline.renew();
        match session.tasks.run(occurrence, &session.actor).await {
            Ok(run) if run.finished_at.is_some() => {
                let seconds = |t: &Option<String>| {
                    t.as_deref().and_then(|t| t.parse::<chrono::DateTime<chrono::Utc>>().ok())
                };
                let took = seconds(&run.finished_at)
                    .zip(seconds(&run.started_at))
                    .map(|(f, s)| (f - s).as_seconds_f64());
                let took = took.map_or_else(String::new, |t| format!(" after {}", units::duration(t)));
                if run.success == Some(true) {
                    stdio::note(&format!("done{took}\n"));
                    return Ok(exit::OK);
                }
                return Err(CliError::failed(format!("failed{took}: {}", run.error.unwrap_or_default())));
            }
            Ok(_) | Err(TaskError::NotFound(_)) => {}
            Err(e) => return Err(task_error(e)),
        }
        if !waited {
            waited = true;
            stdio::note("waiting for the run to finish; Ctrl-C leaves it running\n");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
            () = signals.next() => return Err(CliError::interrupted("stopped waiting; the run continues")),
        }
    }
}
