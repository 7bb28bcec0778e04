//! `runs cancel`: cancels a run in progress, or those of a task.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use uuid::Uuid;

use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::{count, counted};
use crate::commands::Context;
use crate::commands::act::{ActFlags, act};
use crate::commands::ids::IdPrefix;
use crate::commands::limit::keep_first;
use crate::commands::task_session::{TaskSession, store_error, task_error};
use crate::model::Consented;
use crate::render::stdio;
use crate::runbook::Change;

/// The maximum that one command cancels.
const MAX_RUNS: i64 = 1_000;

#[derive(Debug, Args)]
pub(crate) struct Cancel {
    /// Id of the run, or the start of its id
    #[arg(required_unless_present = "task")]
    id: Option<IdPrefix>,
    /// All runs in progress of this task: its id, the start of its id, or its title
    #[arg(long, value_name = "NAME", conflicts_with = "id", value_parser = NonEmptyStringValueParser::new())]
    task: Option<String>,
    #[command(flatten)]
    act: ActFlags,
}

impl Cancel {
    pub(super) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        match (&self.task, &self.id) {
            (Some(task), _) => self.of_task(context, session, task).await,
            (None, Some(id)) => self.one(context, session, session.run_id(id).await?).await,
            (None, None) => Err(CliError::usage("no run").hint("ordctl runs list --status running")),
        }
    }

    async fn one(&self, context: &Context, session: &TaskSession, id: Uuid) -> Result<u8, CliError> {
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            session.tasks.cancel_run(id, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(())
        };
        let call = format!("query engine/api/run_cancel (id = {id})");
        let change = Change::single("runs cancel", format!("Cancel run {id}"), vec![call]);
        if act(context, &session.tasks.executor, change, &self.act, apply).await?.is_some() {
            stdio::note("cancellation requested\n");
        }
        Ok(exit::OK)
    }

    /// Only the runs of the plan: one that starts while a person reads it is not canceled.
    async fn of_task(&self, context: &Context, session: &TaskSession, name: &str) -> Result<u8, CliError> {
        let task = session.find(name).await?;
        let mut ids = session.tasks.store.running_ids(task.id, MAX_RUNS + 1).await.map_err(store_error)?;
        let longest = if keep_first(&mut ids, MAX_RUNS) { "the longest " } else { "" };
        if ids.is_empty() {
            stdio::note("no run of this task is in progress");
            return Ok(exit::OK);
        }
        let runs = counted(ids.len() as f64, "run");
        let title = format!("Cancel {longest}{runs} in progress of task '{}'", task.title);
        let calls = ids.iter().map(|id| format!("query engine/api/runs_cancel (id = {id})")).collect();
        let change = Change::single("runs cancel", title, calls);
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let asked = session.tasks.cancel_runs(&ids, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(asked)
        };
        if let Some(asked) = act(context, &session.tasks.executor, change, &self.act, apply).await? {
            let over = match ids.len() - asked {
                0 => String::new(),
                n => format!("; {} already over", count(n as f64)),
            };
            stdio::note(&format!("cancellation of {} requested{over}\n", counted(asked as f64, "run")));
        }
        Ok(exit::OK)
    }
}
