//! `queue`, `hold` and `resume`: the engine's work on all nodes.

mod failed;
mod filter;
mod retry;
mod status;
mod workers;

use clap::{Args, Subcommand};

use super::Context;
use super::act::{ActFlags, act};
use super::task_session::{TaskSession, store_error};
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::engine::notifier::Channel;
use crate::model::{Consented, acting_user};
use crate::render::stdio;
use crate::runbook::{Change, Haste};

/// Inspect the engine's queue
#[derive(Debug, Subcommand)]
pub(crate) enum Queue {
    /// Show due, running and blocked work
    #[command(after_help = "Examples:\n  ordctl queue status\n  ordctl queue status -o json")]
    Status,
    /// List nodes with their lanes, and Ordinaut workers
    #[command(after_help = "Examples:\n  ordctl queue workers\n  ordctl queue workers -o json")]
    Workers,
    /// List dead letters by task and error; exit 1 if there are any
    #[command(
        after_help = "Examples:\n  ordctl queue failed\n  ordctl queue failed --since 1h --error timeout\n  ordctl queue failed --task 'Nightly report' --each"
    )]
    Failed(failed::Failed),
    /// Queue dead letters again
    #[command(
        after_help = "Examples:\n  ordctl queue retry 01a1fcad --yes\n  ordctl queue retry --task 'Nightly report' --dry-run\n  ordctl queue retry --error timeout --since yesterday --until today --yes\n  ordctl queue retry --all --yes"
    )]
    Retry(retry::Retry),
}

/// Put the engine on hold: no node starts work
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  ordctl hold --dry-run\n  ordctl hold --reason 'database maintenance' --yes\n  ordctl resume --yes"
)]
pub(crate) struct Hold {
    #[command(flatten)]
    act: ActFlags,
}

/// End the hold: work starts again
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ordctl resume --dry-run\n  ordctl resume --yes")]
pub(crate) struct Resume {
    #[command(flatten)]
    act: ActFlags,
}

impl Queue {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let session = TaskSession::open(context)?;
        match self {
            Self::Status => status::execute(context, &session).await,
            Self::Workers => workers::execute(context, &session).await,
            Self::Failed(failed) => failed.execute(context, &session).await,
            Self::Retry(retry) => retry.execute(context, &session).await,
        }
    }
}

impl Hold {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let title = "Put the engine on hold: running work finishes, no new work starts";
        let call = format!(
            "query engine/hold (by = {}, because = {})",
            acting_user(),
            self.act.reason.as_deref().unwrap_or("no reason given")
        );
        set_hold(context, ("hold", title, call), &self.act, true).await
    }
}

impl Resume {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let call = "query engine/resume".to_owned();
        set_hold(context, ("resume", "End the hold: work starts again", call), &self.act, false).await
    }
}

async fn set_hold(
    context: &Context,
    (name, title, call): (&'static str, &str, String),
    flags: &ActFlags,
    hold: bool,
) -> Result<u8, CliError> {
    let session = TaskSession::open(context)?;
    let db = &session.tasks.store;
    if flags.dry_run {
        // Fails when the database is unreachable or not migrated.
        db.hold_state().await.map_err(store_error)?;
    }
    let change = Change { haste: Haste::Urgent, ..Change::single(name, title.to_owned(), vec![call]) };
    // Nothing comes before the one statement: in an emergency every round trip counts.
    let apply = async |consented: &Consented| {
        let before = if hold { db.hold(consented).await } else { db.resume(consented).await };
        let before = before.map_err(store_error)?;
        session.tasks.notifier.notify(Channel::Hold);
        session.notify_nodes().await;
        Ok(before)
    };
    let Some(before) = act(context, &session.tasks.executor, change, flags, apply).await? else {
        return Ok(exit::OK);
    };
    let on_hold = before.describe(&session.tasks.executor.ctx.local_now());
    stdio::note(&match (hold, before.is_held) {
        (true, false) => {
            "engine on hold: running work finishes, no new work starts until `ordctl resume`\n".into()
        }
        (true, true) => format!("the engine was already {}\n", clean(&on_hold)),
        (false, true) => "resumed: work starts again\n".to_owned(),
        (false, false) => "the engine was not on hold\n".to_owned(),
    });
    Ok(exit::OK)
}
