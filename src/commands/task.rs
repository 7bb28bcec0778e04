//! `task`: create, show and control tasks. Works on the database, without a server.

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Context;
use super::act::{ActFlags, act};
use super::task_session::{TaskSession, keyword, task_error};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units;
use crate::base::yaml;
use crate::engine::tasks::{PageRequest, TaskError, TaskFilter};
use crate::model::{Backoff, CatchUp, Consented, Listing, ScheduleKind, Task, TaskStatus};
use crate::render::{self, Format, stdio};
use crate::runbook::Change;

/// Create, show and control tasks
#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Create a task
    #[command(
        after_help = "Examples:\n  ordctl task create --title 'Nightly report' --kind cron --expr '0 3 * * *' --pipeline report.yaml --yes\n  ordctl task create --file task.yaml --dry-run",
        mut_arg("confirm", |arg| arg.hide_short_help(true))
    )]
    Create(Box<Create>),
    /// List tasks
    #[command(after_help = "Examples:\n  ordctl task list\n  ordctl task list --status paused -o json")]
    List(List),
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
    /// Cancel a task permanently and remove its pending work
    #[command(
        after_help = "Examples:\n  ordctl task cancel 'Nightly report' --dry-run\n  ordctl task cancel 'Nightly report' --yes"
    )]
    Cancel(StatusChange),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Read the task document from this file; - is stdin
    ///
    /// YAML or JSON, in the form of the body of POST /tasks.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["title", "kind", "expr", "pipeline"])]
    file: Option<PathBuf>,
    /// Title of the task
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Purpose of the task [default: the title]
    #[arg(long, value_name = "TEXT", hide_short_help = true)]
    description: Option<String>,
    /// Trigger: cron, rrule, once, event or condition
    #[arg(long, value_name = "KIND", value_parser = keyword::<ScheduleKind>(ScheduleKind::NAMES), hide_possible_values = true)]
    kind: Option<ScheduleKind>,
    /// Cron fields, RRULE, instant, topic or condition
    #[arg(long, value_name = "EXPR")]
    expr: Option<String>,
    /// Time zone of the schedule [default: as configured]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Read the steps from this YAML file; - is stdin
    ///
    /// YAML or JSON: a list of steps, or the complete payload.
    #[arg(long, value_name = "FILE")]
    pipeline: Option<PathBuf>,
    /// Priority from 1 to 9; 1 runs first
    #[arg(long, value_name = "N")]
    priority: Option<u8>,
    /// Number of retries after a failed run
    #[arg(long, value_name = "N")]
    max_retries: Option<u8>,
    /// How the delay before a retry grows
    #[arg(long, hide_short_help = true, value_name = "STRATEGY", value_parser = keyword::<Backoff>(Backoff::NAMES))]
    backoff: Option<Backoff>,
    /// Run at most one task with this key at a time
    #[arg(long, value_name = "KEY")]
    concurrency_key: Option<String>,
    /// Drop occurrences with the same key within the window
    #[arg(long, value_name = "KEY", hide_short_help = true)]
    dedupe_key: Option<String>,
    /// Length of the window in seconds
    #[arg(long, value_name = "SECONDS", hide_short_help = true)]
    dedupe_window: Option<u32>,
    /// Which missed occurrences run after an outage
    #[arg(long, hide_short_help = true, value_name = "POLICY", value_parser = keyword::<CatchUp>(CatchUp::NAMES))]
    catch_up: Option<CatchUp>,
    #[command(flatten)]
    act: ActFlags,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only tasks with this status
    #[arg(long, value_parser = keyword::<TaskStatus>(TaskStatus::NAMES))]
    status: Option<TaskStatus>,
    /// Only tasks of this kind
    #[arg(long, value_parser = keyword::<ScheduleKind>(ScheduleKind::NAMES))]
    kind: Option<ScheduleKind>,
    /// Maximum number of tasks
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Id of the task, the start of its id, or its title
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
            stdio::note(&format!("task '{title}' {now} {status}\n"));
        }
        Ok(())
    }
}

impl Create {
    async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let document = self.document(context)?;
        let title = document["title"].as_str().unwrap_or("(without a title)").to_owned();
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let task = session.tasks.create(&document, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(task)
        };
        let change = Change::single(
            "task create",
            format!("Create task '{title}'"),
            vec!["query engine/api/task_create".into()],
        );
        if let Some(task) = act(context, &session.tasks.executor, change, &self.act, apply).await? {
            match context.flags.output {
                Format::Text => stdio::data(&format!("{}\n", task.id))?,
                other => stdio::data(&render::value(&task, other)?)?,
            }
        }
        Ok(exit::OK)
    }

    /// The document from the file or the flags.
    fn document(&self, context: &Context) -> Result<Value, CliError> {
        if let Some(path) = &self.file {
            return read(path);
        }
        let mut all = Map::new();
        let mut put = |key: &str, value: Option<Value>| {
            if let Some(value) = value {
                all.insert(key.to_owned(), value);
            }
        };
        let text = |value: &Option<String>| value.clone().map(Value::from);
        put("title", text(&self.title));
        put("description", text(&self.description).or_else(|| text(&self.title)));
        put("schedule_kind", self.kind.map(|kind| json!(kind)));
        put("schedule_expr", text(&self.expr));
        let zone = self.timezone.clone().unwrap_or_else(|| context.settings().time_zone.name().to_owned());
        put("timezone", Some(zone.into()));
        put("priority", self.priority.map(Value::from));
        put("max_retries", self.max_retries.map(Value::from));
        put("backoff_strategy", self.backoff.map(|b| json!(b)));
        put("concurrency_key", text(&self.concurrency_key));
        put("dedupe_key", text(&self.dedupe_key));
        put("dedupe_window_seconds", self.dedupe_window.map(Value::from));
        put("catch_up", self.catch_up.map(|c| json!(c)));
        if let Some(path) = &self.pipeline {
            let payload = read(path)?;
            put("payload", Some(if payload.is_array() { json!({ "pipeline": payload }) } else { payload }));
        }
        Ok(Value::Object(all))
    }
}

/// Reads YAML, which includes JSON.
fn read(path: &PathBuf) -> Result<Value, CliError> {
    let name = path.display().to_string();
    let text = if name == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|e| CliError::usage(format!("cannot read {name}")).because(e))?;
    yaml::parse(&text, &name)
}

impl List {
    async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let filter = TaskFilter { status: self.status, schedule_kind: self.kind, created_by: None };
        let page = session
            .tasks
            .list(&filter, &PageRequest::offset(self.limit, 0), &session.actor)
            .await
            .map_err(task_error)?;
        let row = |t: &Task| {
            vec![
                json!(t.id),
                json!(t.title),
                json!(t.status),
                json!(t.schedule_kind),
                json!(t.schedule_expr),
                json!(t.timezone),
                json!(t.priority),
            ]
        };
        let columns = vec!["id", "title", "status", "kind", "expr", "timezone", "priority"];
        let listing = Listing { name: "tasks", columns, rows: page.items.iter().map(row).collect() };
        stdio::data(&render::listing(&listing, context.flags.output)?)?;
        if page.has_more {
            stdio::note(&format!("{} of {} tasks; show more with --limit\n", page.items.len(), page.total));
        }
        Ok(exit::OK)
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
        if self.wait { wait(session, queued.occurrence).await } else { Ok(exit::OK) }
    }
}

/// Waits for the final run of an occurrence.
async fn wait(session: &TaskSession, occurrence: Uuid) -> Result<u8, CliError> {
    let mut waited = false;
    loop {
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
            _ = tokio::signal::ctrl_c() => return Err(CliError::interrupted("stopped waiting; the run continues")),
        }
    }
}
