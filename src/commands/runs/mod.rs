//! `runs`: list, show, follow and cancel runs.

mod cancel;
mod list;
mod show;
mod tail;

use clap::{Args, Subcommand};

use super::Context;
use super::ids::IdPrefix;
use super::task_session::TaskSession;
use crate::base::cli_error::CliError;

/// List, show and cancel runs
#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List recent runs, including running ones
    #[command(
        after_help = "Examples:\n  ordctl runs list\n  ordctl runs list --status failed --since 1h\n  ordctl runs list --task 'Nightly report' -o wide"
    )]
    List(list::List),
    /// Show a run with its error and output
    #[command(
        after_help = "Examples:\n  ordctl runs show 01a1fcad\n  ordctl runs show 01a1fcad-0580-8ae2-9142-7066751f7a30 -o json"
    )]
    Show(RunId),
    /// Print the latest finished runs
    #[command(after_help = "Examples:\n  ordctl runs tail\n  ordctl runs tail --follow")]
    Tail(tail::Tail),
    /// Cancel a run in progress, or all of a task
    #[command(
        after_help = "Examples:\n  ordctl runs cancel 01a1fcad --dry-run\n  ordctl runs cancel 01a1fcad-0580-8ae2-9142-7066751f7a30 --yes\n  ordctl runs cancel --task 'Nightly report' --dry-run"
    )]
    Cancel(cancel::Cancel),
}

#[derive(Debug, Args)]
pub(crate) struct RunId {
    /// Id of the run, or the start of its id
    id: IdPrefix,
}

impl RunsCommand {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let session = TaskSession::open(context)?;
        match self {
            Self::List(list) => list.execute(context, &session).await,
            Self::Show(shown) => show::execute(context, &session, &shown.id).await,
            Self::Tail(tail) => tail.execute(context, &session).await,
            Self::Cancel(cancel) => cancel.execute(context, &session).await,
        }
    }
}
