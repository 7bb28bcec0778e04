//! Which dead letters `queue failed` lists and `queue retry` queues again.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use crate::base::cli_error::CliError;
use crate::base::units::counted;
use crate::commands::period::{Interval, Period};
use crate::commands::task_session::{TaskSession, store_error};
use crate::store::dead_letters::DeadLetterFilter;

/// Counting stops here: the number only shows that dead letters exist.
const COUNTED: i64 = 1_000;

/// An empty text is refused: of an unset variable in a script it would select every dead letter.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Only of this task: its id, start of its id, or title
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    task: Option<String>,
    /// Only with this text in their error
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    error: Option<String>,
    #[command(flatten)]
    failed: Period,
}

impl Filter {
    pub(super) async fn resolve(&self, session: &TaskSession) -> Result<DeadLetterFilter, CliError> {
        let ctx = &session.tasks.executor.ctx;
        let Interval { since, until } = self.failed.interval(ctx.clock.now(), ctx.settings.time_zone)?;
        let task = session.find_id(self.task.as_deref()).await?;
        Ok(DeadLetterFilter { task, error: self.error.clone(), since, until })
    }
}

/// `failed from 2026-11-28 00:00, error contains 'timeout'`: the filters that a plan does not show in its steps.
pub(super) fn text(filter: &DeadLetterFilter, session: &TaskSession) -> Option<String> {
    let zone = session.tasks.executor.ctx.settings.time_zone;
    let interval = Interval { since: filter.since, until: filter.until };
    let failed = interval.text(zone).map(|text| format!("failed {text}"));
    let error = filter.error.as_ref().map(|error| format!("error contains '{error}'"));
    let parts: Vec<String> = failed.into_iter().chain(error).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Says why no dead letter was found: a filter that matches none must not look like a queue without failures.
pub(super) async fn none(filter: &DeadLetterFilter, session: &TaskSession) -> Result<String, CliError> {
    let is_all =
        filter.task.is_none() && filter.error.is_none() && filter.since.is_none() && filter.until.is_none();
    let total = match is_all {
        true => 0,
        false => session.tasks.store.dead_letter_total(COUNTED + 1).await.map_err(store_error)?,
    };
    Ok(match total {
        0 => "no dead letters".to_owned(),
        1 => "the only dead letter does not match".to_owned(),
        2..=COUNTED => format!("none of the {} match", counted(total as f64, "dead letter")),
        _ => format!("none of more than {} match", counted(COUNTED as f64, "dead letter")),
    })
}
