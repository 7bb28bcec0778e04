//! `db`: sessions of the database: who blocks whom, who is connected, and ending one.

mod connections;
mod kill;
mod locks;

use clap::Subcommand;

use super::Context;
use crate::base::cli_error::CliError;

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
        let (executor, store) = context.database()?;
        match self {
            Self::Locks(locks) => locks.execute(context, &store).await,
            Self::Connections(connections) => connections.execute(context, &store).await,
            Self::Kill(kill) => kill.execute(context, &executor, &store).await,
        }
    }
}
