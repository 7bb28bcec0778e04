//! What the commands of tasks, runs and the queue share: the database, who acts, finding a task by
//! what a person calls it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Context;
use crate::base::cli_error::CliError;
use crate::clients::ClientError;
use crate::engine::notice::{Notices, node_name};
use crate::engine::tasks::{Actor, TaskError, Tasks};
use crate::model::Task;
use crate::store::{Binds, Store, StoreError};

/// How long one statement may take.
const STATEMENT: Duration = Duration::from_secs(30);

/// The database, and who stands before it.
pub(crate) struct Desk {
    /// Tasks and runs.
    pub(crate) tasks: Tasks,
    /// The user at the terminal.
    pub(crate) actor: Actor,
}

impl Desk {
    /// Connects to nothing yet.
    pub(crate) fn open(context: &Context) -> Result<Self, CliError> {
        let world = context.world(None)?;
        let postgres = world.ctx.clients.postgres().map_err(ClientError::fault)?.clone();
        let store = Store::new(postgres, context.queries.clone(), STATEMENT);
        let actor = Actor::system(json!({ "through": "ordctl" }));
        Ok(Self { tasks: Tasks { store, world, notices: Notices::new(&node_name()) }, actor })
    }

    /// Tells the nodes of what was changed. They would see it by themselves a moment later.
    pub(crate) async fn tell(&self) {
        let sent = self.tasks.notices.send_pending(self.tasks.store.postgres());
        drop(tokio::time::timeout(Duration::from_secs(1), sent).await);
    }

    /// The task of an id, the beginning of one, or a title.
    pub(crate) async fn find(&self, name: &str) -> Result<Task, CliError> {
        #[derive(Deserialize)]
        struct Found {
            id: Uuid,
            title: String,
            status: String,
        }
        let binds = Binds::from([("name".to_owned(), name.to_owned())]);
        let found: Vec<Found> =
            self.tasks.store.rows_with("engine/api/task_find", &binds).await.map_err(store)?;
        match found.as_slice() {
            [one] => self.tasks.get(one.id, &self.actor).await.map_err(fault),
            [] => Err(CliError::usage(format!("there is no task '{name}'")).hint("ordctl task list")),
            several => {
                let lines: Vec<String> =
                    several.iter().map(|f| format!("{} {} ({})", f.id, f.title, f.status)).collect();
                Err(CliError::usage(format!("'{name}' may be any of:\n  {}", lines.join("\n  ")))
                    .hint("use an id"))
            }
        }
    }

    /// Where a task's schedule stands.
    pub(crate) async fn schedule(&self, task: Uuid) -> Result<Value, CliError> {
        let binds = Binds::from([("task".to_owned(), task.to_string())]);
        let rows: Vec<Value> =
            self.tasks.store.rows_with("engine/api/schedule", &binds).await.map_err(store)?;
        Ok(rows.into_iter().next().unwrap_or(Value::Null))
    }
}

/// As a fault of the terminal.
pub(crate) fn fault(error: TaskError) -> CliError {
    match error {
        TaskError::Invalid(faults) => {
            let line = |f: &crate::engine::tasks::input::InputIssue| {
                let place: Vec<String> = f.loc.iter().skip(1).map(ToString::to_string).collect();
                format!("{}: {}", place.join("."), f.msg)
            };
            let lines: Vec<String> = faults.iter().map(line).collect();
            CliError::usage(format!("the task cannot be used:\n  {}", lines.join("\n  ")))
        }
        TaskError::Store(e) => store(e),
        TaskError::NotFound(_) => CliError::usage(error.to_string()).hint("ordctl task list"),
        TaskError::Conflict(_) | TaskError::Refused(_) | TaskError::Forbidden(_) => {
            CliError::refused(error.to_string())
        }
        TaskError::Broken(_) | TaskError::Busy(_) => CliError::failed(error.to_string()),
    }
}

/// As a fault of the terminal.
pub(crate) fn store(error: StoreError) -> CliError {
    match error {
        e if e.is_not_migrated() => {
            CliError::refused("this database has not the tables of this release").hint("ordctl migrate")
        }
        StoreError::Client(e) => e.fault(),
        other => CliError::failed(other.to_string()),
    }
}
