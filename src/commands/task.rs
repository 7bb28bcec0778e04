//! `task`: making, seeing and steering tasks. It speaks to the database, not to a server: it works
//! when no server does.

use std::io::Read;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Context;
use super::act::{ActFlags, act};
use super::tasks::{Desk, fault};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::yaml;
use crate::engine::tasks::Place;
use crate::model::{Consented, Listing, Task};
use crate::render::{self, Format, stdio};
use crate::runbook::Change;

/// Making, seeing and steering tasks.
#[derive(Debug, Subcommand)]
pub(crate) enum TaskCommand {
    /// Make a task
    #[command(
        after_help = "Examples:\n  ordctl task create --title 'Nightly report' --kind cron --expr '0 3 * * *' --pipeline report.yaml --yes\n  ordctl task create --file task.yaml --dry-run"
    )]
    Create(Box<Create>),
    /// Which tasks are there?
    #[command(after_help = "Examples:\n  ordctl task list\n  ordctl task list --status paused -o json")]
    List(List),
    /// One task, with its latest run
    #[command(after_help = "Examples:\n  ordctl task show 'Nightly report'")]
    Show(Named),
    /// Run a task now
    #[command(after_help = "Examples:\n  ordctl task run 'Nightly report' --wait --yes")]
    Run(Run),
    /// Start nothing of it until it is resumed
    #[command(after_help = "Examples:\n  ordctl task pause 'Nightly report' --reason 'data migration' --yes")]
    Pause(Steer),
    /// Follow its schedule again
    #[command(after_help = "Examples:\n  ordctl task resume 'Nightly report' --yes")]
    Resume(Steer),
    /// End it for good and drop its pending work
    #[command(after_help = "Examples:\n  ordctl task cancel 'Nightly report' --yes")]
    Cancel(Steer),
}

/// A new task.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// A whole task document, as POST /tasks takes it, in YAML or JSON; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["title", "kind", "expr", "pipeline"])]
    file: Option<PathBuf>,
    /// What a person calls it
    #[arg(long)]
    title: Option<String>,
    /// What it is for; default: the title
    #[arg(long)]
    description: Option<String>,
    /// cron, rrule, once, event or condition
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// When: five cron fields, an RRULE, an instant, a topic, or what must turn true
    #[arg(long, value_name = "EXPR")]
    expr: Option<String>,
    /// The zone of its wall-clock times; default: that of the configuration
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Its steps, or its whole payload, in YAML or JSON; - is standard input
    #[arg(long, value_name = "FILE")]
    pipeline: Option<PathBuf>,
    /// 1 to 9, 1 first
    #[arg(long)]
    priority: Option<u8>,
    /// How often a failed run is tried again
    #[arg(long, value_name = "N")]
    max_retries: Option<u8>,
    /// exponential_jitter, linear or fixed
    #[arg(long, value_name = "STRATEGY")]
    backoff: Option<String>,
    /// Runs with the same key run one at a time
    #[arg(long, value_name = "KEY")]
    concurrency_key: Option<String>,
    /// Occurrences with the same key within the window are dropped
    #[arg(long, value_name = "KEY")]
    dedupe_key: Option<String>,
    /// That window, in seconds
    #[arg(long, value_name = "SECONDS")]
    dedupe_window: Option<u32>,
    /// What becomes of missed occurrences: skip, once or all
    #[arg(long, value_name = "POLICY")]
    catch_up: Option<String>,
    #[command(flatten)]
    act: ActFlags,
}

/// Which tasks.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only active, paused or canceled ones
    #[arg(long, value_parser = ["active", "paused", "canceled"])]
    status: Option<String>,
    /// Only of this kind
    #[arg(long, value_parser = ["cron", "rrule", "once", "event", "condition"])]
    kind: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

/// One task.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Its id, the beginning of it, or its title
    task: String,
}

/// A run now.
#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    named: Named,
    /// Wait for its end; exit 2 when it fails
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    act: ActFlags,
}

/// Changes the status of one task.
#[derive(Debug, Args)]
pub(crate) struct Steer {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    act: ActFlags,
}

impl TaskCommand {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let desk = Desk::open(context)?;
        match self {
            Self::Create(create) => return create.execute(context, &desk).await,
            Self::List(list) => return list.execute(context, &desk).await,
            Self::Show(named) => return show(context, &desk, &named.task).await,
            Self::Run(run) => return run.execute(context, &desk).await,
            Self::Pause(steer) => steer.set(context, &desk, "task pause", "paused").await?,
            Self::Resume(steer) => steer.set(context, &desk, "task resume", "active").await?,
            Self::Cancel(steer) => steer.set(context, &desk, "task cancel", "canceled").await?,
        }
        Ok(exit::OK)
    }
}

impl Steer {
    async fn set(
        &self,
        context: &Context,
        desk: &Desk,
        name: &'static str,
        status: &str,
    ) -> Result<(), CliError> {
        let task = desk.find(&self.named.task).await?;
        let (title, id) = (&task.title, task.id);
        let what = match status {
            "paused" => format!("Pause task '{title}' ({id}): none of its work starts"),
            "active" => format!("Resume task '{title}' ({id}): its schedule applies again"),
            _ => format!("Cancel task '{title}' ({id}) for good and delete its pending work"),
        };
        let call = format!("query engine/api/task_status (id = {id}, status = {status})");
        let apply = async |consented: &Consented| {
            let actor = desk.actor.clone().with_consent(consented);
            let changed = desk.tasks.set(id, status, &actor).await.map_err(fault)?;
            desk.tell().await;
            Ok(changed)
        };
        let change = Change::single(name, what, vec![call]);
        if let Some(changed) = act(context, &desk.tasks.world, change, &self.act, apply).await? {
            let now = if changed { "is now" } else { "was already" };
            stdio::note(&format!("task '{title}' {now} {status}\n"));
        }
        Ok(())
    }
}

impl Create {
    async fn execute(&self, context: &Context, desk: &Desk) -> Result<u8, CliError> {
        let document = self.document(context)?;
        let title = document["title"].as_str().unwrap_or("(without a title)").to_owned();
        let apply = async |consented: &Consented| {
            let actor = desk.actor.clone().with_consent(consented);
            let task = desk.tasks.create(&document, &actor).await.map_err(fault)?;
            desk.tell().await;
            Ok(task)
        };
        let change = Change::single(
            "task create",
            format!("Create task '{title}'"),
            vec!["query engine/api/task_create".into()],
        );
        if let Some(task) = act(context, &desk.tasks.world, change, &self.act, apply).await? {
            match context.flags.output {
                Format::Text => stdio::data(&format!("{}\n", task.id))?,
                other => stdio::data(&render::value(&task, other)?)?,
            }
        }
        Ok(exit::OK)
    }

    /// The document that the flags or the file give.
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
        put("schedule_kind", text(&self.kind));
        put("schedule_expr", text(&self.expr));
        let zone = self.timezone.clone().unwrap_or_else(|| context.settings().time_zone.name().to_owned());
        put("timezone", Some(zone.into()));
        put("priority", self.priority.map(Value::from));
        put("max_retries", self.max_retries.map(Value::from));
        put("backoff_strategy", text(&self.backoff));
        put("concurrency_key", text(&self.concurrency_key));
        put("dedupe_key", text(&self.dedupe_key));
        put("dedupe_window_seconds", self.dedupe_window.map(Value::from));
        put("catch_up", text(&self.catch_up));
        if let Some(path) = &self.pipeline {
            let payload = read(path)?;
            put("payload", Some(if payload.is_array() { json!({ "pipeline": payload }) } else { payload }));
        }
        Ok(Value::Object(all))
    }
}

/// A document in YAML, of which JSON is a part.
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
    async fn execute(&self, context: &Context, desk: &Desk) -> Result<u8, CliError> {
        let filter =
            [self.status.as_deref().unwrap_or_default(), "", self.kind.as_deref().unwrap_or_default()];
        let page =
            desk.tasks.list(filter, &Place::offset(self.limit, 0), &desk.actor).await.map_err(fault)?;
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
            stdio::note(&format!("{} of {}; --limit shows more\n", page.items.len(), page.total));
        }
        Ok(exit::OK)
    }
}

async fn show(context: &Context, desk: &Desk, name: &str) -> Result<u8, CliError> {
    let task = desk.find(name).await?;
    let latest = desk.tasks.latest(task.id, &desk.actor).await.map_err(fault)?;
    let schedule = desk.schedule(task.id).await?;
    let all = json!({ "task": task, "schedule": schedule, "latest_run": latest });
    // Nested as it is, it reads best as YAML.
    let format = if context.flags.output == Format::Text { Format::Yaml } else { context.flags.output };
    stdio::data(&render::value(&all, format)?)?;
    Ok(exit::OK)
}

impl Run {
    async fn execute(&self, context: &Context, desk: &Desk) -> Result<u8, CliError> {
        let task = desk.find(&self.named.task).await?;
        let apply = async |consented: &Consented| {
            let actor = desk.actor.clone().with_consent(consented);
            let queued = desk.tasks.run_now(task.id, &actor).await.map_err(fault)?;
            desk.tell().await;
            Ok(queued)
        };
        let title = format!("Run task '{}' ({}) now", task.title, task.id);
        let change = Change::single(
            "task run",
            title,
            vec![format!("query engine/api/task_run_now (id = {})", task.id)],
        );
        let Some(queued) = act(context, &desk.tasks.world, change, &self.act, apply).await? else {
            return Ok(exit::OK);
        };
        if queued.due_work_id.is_none() {
            stdio::note("dropped: an occurrence with its dedupe key was queued just now\n");
            return Ok(exit::WARNING);
        }
        stdio::data(&format!("{}\n", queued.occurrence))?;
        if self.wait { wait(desk, queued.occurrence).await } else { Ok(exit::OK) }
    }
}

/// Waits for the final run of an occurrence.
async fn wait(desk: &Desk, occurrence: Uuid) -> Result<u8, CliError> {
    let mut waited = false;
    loop {
        match desk.tasks.run(occurrence, &desk.actor).await {
            Ok(run) if run.finished_at.is_some() => {
                let seconds = |t: &Option<String>| {
                    t.as_deref().and_then(|t| t.parse::<chrono::DateTime<chrono::Utc>>().ok())
                };
                let took = seconds(&run.finished_at)
                    .zip(seconds(&run.started_at))
                    .map(|(f, s)| (f - s).as_seconds_f64());
                let took =
                    took.map_or_else(String::new, |t| format!(" after {}", crate::base::units::duration(t)));
                if run.success == Some(true) {
                    stdio::note(&format!("done{took}\n"));
                    return Ok(exit::OK);
                }
                return Err(CliError::failed(format!("failed{took}: {}", run.error.unwrap_or_default())));
            }
            Ok(_) | Err(crate::engine::tasks::TaskError::NotFound(_)) => {}
            Err(e) => return Err(fault(e)),
        }
        if !waited {
            waited = true;
            stdio::note("waiting for its end; Ctrl-C leaves it running\n");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(100)) => {}
            _ = tokio::signal::ctrl_c() => return Err(CliError::interrupted("it goes on by itself")),
        }
    }
}
