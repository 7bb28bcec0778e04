//! Which dead letters `queue failed` lists and `queue retry` queues again.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::base::cli_error::CliError;
use crate::base::moment::Moment;
use crate::commands::task_session::TaskSession;
use crate::store::dead_letters::DeadLetterFilter;

/// An empty text is refused: of an unset variable in a script it would select every dead letter.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Only of this task: its id, the start of its id, or its title
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    task: Option<String>,
    /// Only with this text in their error
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    error: Option<String>,
    /// Only failed at this time or later, or this long ago
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,
}

impl Filter {
    pub(super) async fn resolve(&self, session: &TaskSession) -> Result<DeadLetterFilter, CliError> {
        let task = session.find_id(self.task.as_deref()).await?;
        let since = self.since.map(|since| since.instant(chrono::Utc::now()));
        Ok(DeadLetterFilter { task, error: self.error.clone(), since })
    }
}
