//! `task snooze`: postpones the work of a task.

use clap::Args;

use super::Context;
use super::act::{ActFlags, act};
use super::task_session::{TaskSession, task_error};
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::{Span, counted};
use crate::model::Consented;
use crate::render::stdio;
use crate::runbook::Change;

/// As in the API.
const MAX_SECONDS: u64 = 604_800;

#[derive(Debug, Args)]
pub(crate) struct Snooze {
    /// Id of the task, the start of its id, or its title
    task: String,
    /// Postpone by this long, from 1s to 7d
    #[arg(long = "for", value_name = "DURATION", value_parser = delay)]
    delay: Span,
    #[command(flatten)]
    act: ActFlags,
}

/// Whole seconds.
fn delay(text: &str) -> Result<Span, String> {
    let span = text.parse::<Span>()?;
    match span.duration() {
        time if time.subsec_nanos() == 0 && (1..=MAX_SECONDS).contains(&time.as_secs()) => Ok(span),
        _ => Err("must be 1s to 7d, in whole seconds".to_owned()),
    }
}

impl Snooze {
    pub(super) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let task = session.find(&self.task).await?;
        let (title, id) = (&task.title, task.id);
        let seconds = i64::try_from(self.delay.duration().as_secs()).unwrap_or_default();
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let snoozed = session.tasks.snooze(id, seconds, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(snoozed)
        };
        let what = format!(
            "Snooze task '{title}' ({id}): its queued work and its schedule start {} later",
            self.delay
        );
        let call = format!("query engine/api/task_snooze (id = {id}, seconds = {seconds})");
        let change = Change::single("task snooze", what, vec![call]);
        let Some(snoozed) = act(context, &session.tasks.executor, change, &self.act, apply).await? else {
            return Ok(exit::OK);
        };
        let title = clean(title);
        let moved = counted(snoozed.moved as f64, "queued occurrence");
        match (snoozed.moved, snoozed.postponed) {
            (0, false) => {
                stdio::note(&format!("task '{title}' has no queued work and no schedule to postpone"));
                return Ok(exit::WARNING);
            }
            (0, true) => stdio::note(&format!("task '{title}' is snoozed for {}", self.delay)),
            _ => stdio::note(&format!("task '{title}' is snoozed for {}, {moved} postponed", self.delay)),
        }
        Ok(exit::OK)
    }
}
