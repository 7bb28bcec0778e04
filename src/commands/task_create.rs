//! `task create`: store a new task from flags or a document.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};

use super::Context;
use super::act::{ActFlags, act};
use super::task_session::{TaskSession, keyword, task_error};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::{plain_file, yaml};
use crate::model::{Backoff, CatchUp, Consented, ScheduleKind};
use crate::render::{self, Format, stdio};
use crate::runbook::Change;

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
    /// Time zone of the schedule [default: time_zone of the configuration]
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

impl Create {
    pub(crate) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
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
fn read(path: &Path) -> Result<Value, CliError> {
    let name = path.display().to_string();
    let text =
        if name == "-" { plain_file::input_text(std::io::stdin()) } else { plain_file::read_argument(path) };
    let text = text.map_err(|e| CliError::usage(format!("cannot read {name}")).because(e))?;
    yaml::parse(&text, &name)
}
