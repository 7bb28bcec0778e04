//! `db`: sessions of the database: who blocks whom, who is connected, and ending one.

mod connections;
mod kill;
mod locks;

use clap::Subcommand;

use super::Context;
use crate::base::cli_error::CliError;
use crate::clients::ClientError;
use crate::clients::postgres::SYSTEM;
use crate::pipeline::Executor;
use crate::store::Store;

/// Show locks and connections of the database, and end a session
#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Show which sessions block others; exit 1 if any does
    #[command(
        after_help = "Examples:\n  ordctl db locks\n  ordctl db locks -o wide\n  ordctl db locks -o json"
    )]
    Locks(locks::Locks),
    /// Count connections by user, application and state
    #[command(after_help = "Examples:\n  ordctl db connections\n  ordctl db connections -o json")]
    Connections(connections::Connections),
    Kill(kill::Kill),
}

impl Db {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let session = DbAccess::open(context)?;
        match self {
            Self::Locks(locks) => locks.execute(context, &session).await,
            Self::Connections(connections) => connections.execute(context, &session).await,
            Self::Kill(kill) => kill.execute(context, &session).await,
        }
    }
}

/// The server of one command.
struct DbAccess {
    executor: Executor,
    store: Store,
}

impl DbAccess {
    /// Connects at the first statement.
    fn open(context: &Context) -> Result<Self, CliError> {
        context.deadline.waits_for(SYSTEM);
        let executor = context.executor(None)?;
        let postgres = executor.ctx.clients.postgres().map_err(ClientError::fault)?.clone();
        let store = Store::new(postgres, context.queries.clone(), context.deadline.limit());
        Ok(Self { executor, store })
    }
}
