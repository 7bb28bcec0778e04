//! `history`: what ordctl changed, from the journals of this host and of the database.

mod show;

use std::ops::RangeInclusive;

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::Context;
use super::ids::IdPrefix;
use super::limit::keep_first;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::layout::Layout;
use crate::base::moment::Moment;
use crate::base::units;
use crate::clients::ClientError;
use crate::clients::postgres::SYSTEM;
use crate::model::table::{Kind, Row, View};
use crate::model::{Column, Operation, Table};
use crate::render::{Format, stdio};
use crate::runbook::{self, HistoryFilter};
use crate::store::{Store, StoreError};

/// List what ordctl changed, or show one run with its steps
///
/// Reads the journals of this host and, for runs on other hosts and by tasks, those in the database.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct History {
    /// Id of a run, or the start of its id: show its steps
    #[arg(conflicts_with_all = ["since", "limit"])]
    id: Option<IdPrefix>,
    /// Only runs that began at this time or later, or this long ago
    #[arg(long, value_name = "WHEN")]
    since: Option<Moment>,
    /// Maximum number of runs
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

const EXAMPLES: &str = "\
Examples:
  ordctl history
  ordctl history --since 7d --limit 50 -o wide
  ordctl history 019ac1fc
  ordctl history 019ac1fc -o json    with the exact statements and calls";

/// How many runs with the start of an id are named.
const CANDIDATES: usize = 20;

/// Runs, and why those in the database are missing.
struct Found {
    operations: Vec<Operation>,
    failure: Option<StoreError>,
}

impl History {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let found = match &self.id {
            Some(prefix) => show::execute(context, prefix).await?,
            None => self.list(context).await?,
        };
        let Some(failure) = found.failure else { return Ok(exit::OK) };
        let text = "warning: cannot read the journal in the database, so runs on other hosts are missing";
        let hint = context.qualified_hint("ordctl doctor");
        stdio::notes([format!("{text}: {failure}"), format!("hint: {hint}")]);
        Ok(exit::UNKNOWN)
    }

    async fn list(&self, context: &Context) -> Result<Found, CliError> {
        let limit = usize::try_from(self.limit).unwrap_or_default();
        let mut found = read(context, Uuid::nil()..=Uuid::max(), self.since, limit + 1).await?;
        let has_more = keep_first(&mut found.operations, self.limit);
        let is_text = context.flags.output == Format::Text;
        // Without the database's records nobody knows whether there are none.
        if !(is_text && found.operations.is_empty() && found.failure.is_some()) {
            context.print(&table(&found.operations))?;
        }
        if has_more {
            stdio::note("older runs exist; raise --limit, or narrow with --since");
        }
        if let Some(resume) = found.operations.iter().find_map(|o| o.resume.as_deref()) {
            stdio::note(&format!("hint: {}", context.qualified_hint(resume)));
        }
        Ok(found)
    }
}

/// Runs with ids in a range, newest first, from both journals.
async fn read(
    context: &Context,
    ids: RangeInclusive<Uuid>,
    since: Option<Moment>,
    limit: usize,
) -> Result<Found, CliError> {
    let executor = context.executor(None)?;
    let target = runbook::target(&executor);
    let since = since.map(|since| since.instant(executor.ctx.clock.now(), executor.ctx.settings.time_zone));
    let directory = Layout::new(executor.ctx.settings.data_dir()).journals();
    let filter = HistoryFilter { target: &target, since, ids: ids.clone(), limit };
    let mut operations = runbook::past_runs(&directory, &filter)
        .map_err(|e| CliError::unknown("cannot read the journals of this host").because(e))?;
    let recorded = match executor.ctx.clients.postgres() {
        Ok(postgres) => {
            let wait = context.deadline.limit();
            let store = Store::new(postgres.clone(), context.queries.clone(), wait);
            // The runs of this host are listed even if the database does not answer.
            context.deadline.lift();
            let recorded = tokio::time::timeout(wait, store.operations(&ids, since, limit)).await;
            recorded.unwrap_or_else(|_| {
                let limit = units::duration(wait.as_secs_f64());
                Err(ClientError::unreachable(SYSTEM, format!("no answer within {limit}")).into())
            })
        }
        Err(_) => Ok(Vec::new()),
    };
    let (recorded, failure) = match recorded {
        Ok(recorded) => (recorded, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    for other in recorded {
        match operations.iter_mut().find(|own| own.id == other.id) {
            Some(own) => add_calls(own, &other),
            None => operations.push(other),
        }
    }
    operations.sort_by_key(|o| std::cmp::Reverse((o.started_at, o.id)));
    Ok(Found { operations, failure })
}

/// The file tells how a run ended even if the database did not answer then; the exact calls are in the database only.
fn add_calls(own: &mut Operation, recorded: &Operation) {
    for step in &mut own.steps {
        if let Some(same) = recorded.steps.iter().find(|s| s.id == step.id) {
            step.calls.clone_from(&same.calls);
            step.uses.clone_from(&same.uses);
        }
    }
}

fn table(operations: &[Operation]) -> Table {
    let columns = vec![
        Column::new("ID", "id", Kind::Id),
        Column::new("AGE", "started_at", Kind::Age).only(View::Short),
        Column::new("STARTED", "started_at", Kind::Time).only(View::Wide),
        Column::new("COMMAND", "command", Kind::Plain),
        Column::new("BY", "person", Kind::Text).only(View::Short),
        Column::new("BY", "user", Kind::Text).only(View::Wide),
        Column::new("HOST", "host", Kind::Plain).only(View::Wide),
        Column::new("OUTCOME", "outcome", Kind::Plain),
        Column::new("TOOK", "duration_seconds", Kind::Duration),
        Column::new("RESULT", "summary", Kind::Text).only(View::Short),
        Column::new("CHANGED", "changed", Kind::Text).only(View::Wide),
        Column::new("ERROR", "error", Kind::Text).only(View::Wide),
        Column::new("REASON", "reason", Kind::Text).only(View::Wide),
    ];
    let rows = operations.iter().map(row).collect();
    Table { name: "history", columns, rows, none: "no run has changed anything here".into() }
}

fn row(operation: &Operation) -> Row {
    let error = operation.error();
    Row::new(json!({
        "id": operation.id,
        "name": operation.name,
        "command": operation.command(),
        "user": operation.user,
        "person": operation.person(),
        "host": operation.host,
        "reason": operation.reason,
        "started_at": operation.started_at,
        "finished_at": operation.finished_at,
        "duration_seconds": operation.seconds(),
        "outcome": operation.outcome,
        "summary": operation.summary(),
        "changed": operation.changed(),
        "error": error,
        "resume": operation.resume,
    }))
}
