//! `queue`, `hold` and `resume`: the engine's work as a whole.

mod letters;
mod status;
mod workers;

use clap::{Args, Subcommand};

use super::Context;
use super::tasks::{Desk, store};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::engine::notice::Subject;
use crate::render::stdio;

/// The engine's queue.
#[derive(Debug, Subcommand)]
pub(crate) enum Queue {
    /// What waits, what runs, what is stuck
    #[command(after_help = "Examples:\n  ordctl queue status\n  ordctl queue status -o json")]
    Status,
    /// Who works: nodes with their lanes, and upstream's workers
    #[command(after_help = "Examples:\n  ordctl queue workers\n  ordctl queue workers -o json")]
    Workers,
    /// What has failed for good and was not retried; exit 1 when there is any
    #[command(
        after_help = "Examples:\n  ordctl queue failed\n  ordctl queue failed --task 'Nightly report' -o json"
    )]
    Failed(letters::Failed),
    /// Queue again what has failed for good
    #[command(
        after_help = "Examples:\n  ordctl queue retry 01a1fcad-0580-8ae2-9142-7066751f7a30\n  ordctl queue retry --task 'Nightly report'\n  ordctl queue retry --all --yes"
    )]
    Retry(letters::Retry),
}

/// Keep every node from starting work
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ordctl hold --because 'database maintenance'\n  ordctl resume")]
pub(crate) struct Hold {
    /// Why, for those who find it held
    #[arg(long, value_name = "TEXT", default_value = "no reason given")]
    because: String,
}

/// Let work start again
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ordctl resume")]
pub(crate) struct Resume {}

impl Queue {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let desk = Desk::open(context)?;
        match self {
            Self::Status => status::execute(context, &desk).await,
            Self::Workers => workers::execute(context, &desk).await,
            Self::Failed(failed) => failed.execute(context, &desk).await,
            Self::Retry(retry) => retry.execute(context, &desk).await,
        }
    }
}

impl Hold {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let desk = Desk::open(context)?;
        let by = desk.actor.details["os_user"].as_str().unwrap_or("?").to_owned();
        desk.tasks.store.hold(&by, &self.because).await.map_err(store)?;
        desk.tasks.notices.tell(Subject::Hold);
        desk.tell().await;
        stdio::note("held: no node starts work; what runs goes on. `ordctl resume` lets it start again\n");
        Ok(exit::OK)
    }
}

impl Resume {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let desk = Desk::open(context)?;
        desk.tasks.store.resume().await.map_err(store)?;
        desk.tasks.notices.tell(Subject::Hold);
        desk.tell().await;
        stdio::note("work may start\n");
        Ok(exit::OK)
    }
}
