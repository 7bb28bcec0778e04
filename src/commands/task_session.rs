//! Shared by the commands for tasks, runs, the queue and agents: the database, the acting user, and finding a task.

use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Context;
use crate::base::cli_error::CliError;
use crate::engine::notifier::{Notifier, node_name};
use crate::engine::tasks::input::InputIssue;
use crate::engine::tasks::{Actor, TaskError, Tasks};
use crate::model::{Task, UnknownKeyword};
use crate::store::StoreError;

/// The database and the acting user of one command.
pub(crate) struct TaskSession {
    pub(crate) tasks: Tasks,
    pub(crate) actor: Actor,
}

impl TaskSession {
    /// Connects at the first statement.
    pub(crate) fn open(context: &Context) -> Result<Self, CliError> {
        let (executor, store) = context.database()?;
        let actor = Actor::system(json!({ "through": "ordctl" }));
        Ok(Self { tasks: Tasks { store, executor, notifier: Notifier::new(&node_name()) }, actor })
    }

    /// Sends the notifications of a change. Without them nodes would see the change a moment later.
    pub(crate) async fn notify_nodes(&self) {
        let sent = self.tasks.notifier.flush(self.tasks.store.postgres());
        drop(tokio::time::timeout(Duration::from_secs(1), sent).await);
    }

    /// Finds a task by id, by the start of its id, or by title.
    pub(crate) async fn find(&self, name: &str) -> Result<Task, CliError> {
        let candidates = self.tasks.store.find_tasks(name).await.map_err(store_error)?;
        match candidates.as_slice() {
            [one] => self.tasks.get(one.id, &self.actor).await.map_err(task_error),
            [] => Err(CliError::usage(format!("no task matches '{name}'")).hint("ordctl task list")),
            several => {
                let lines: Vec<String> =
                    several.iter().map(|c| format!("{} {} ({})", c.id, c.title, c.status)).collect();
                Err(CliError::usage(format!("several tasks match '{name}':"))
                    .items(lines)
                    .hint("add characters of the id"))
            }
        }
    }

    /// The id of a task that a flag names.
    pub(crate) async fn find_id(&self, name: Option<&str>) -> Result<Option<Uuid>, CliError> {
        match name {
            Some(name) => Ok(Some(self.find(name).await?.id)),
            None => Ok(None),
        }
    }

    /// The scheduler's state of a task.
    pub(crate) async fn schedule(&self, task: Uuid) -> Result<Value, CliError> {
        let schedule = self.tasks.store.task_schedule(task).await.map_err(store_error)?;
        Ok(schedule.unwrap_or(Value::Null))
    }
}

/// Parses a flag as one of `names`.
pub(crate) fn keyword<T>(names: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: FromStr<Err = UnknownKeyword> + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names.iter().copied()).try_map(|text| text.parse())
}

pub(crate) fn task_error(error: TaskError) -> CliError {
    match error {
        TaskError::Invalid(issues) => {
            let line = |issue: &InputIssue| {
                let path: Vec<String> = issue.loc.iter().skip(1).map(ToString::to_string).collect();
                format!("{}: {}", path.join("."), issue.msg)
            };
            let lines: Vec<String> = issues.iter().map(line).collect();
            CliError::usage("invalid document:").items(lines)
        }
        TaskError::Store(e) => store_error(e),
        TaskError::NotFound(what) => CliError::usage(error.to_string()).hint(match what {
            "run" => "ordctl runs list",
            "agent" => "ordctl agent list",
            _ => "ordctl task list",
        }),
        TaskError::Conflict(_) | TaskError::Refused(_) | TaskError::Forbidden(_) => {
            CliError::refused(error.to_string())
        }
        TaskError::Internal(_) | TaskError::Busy(_) => CliError::failed(error.to_string()),
    }
}

pub(crate) fn store_error(error: StoreError) -> CliError {
    match error {
        e if e.is_not_migrated() => {
            CliError::refused("the database lacks tables of this release").hint("ordctl migrate")
        }
        StoreError::Client(e) => e.fault(),
        other => CliError::failed(other.to_string()),
    }
}
