//! `runs list`: recent runs, one a line.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde_json::json;

use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::commands::Context;
use crate::commands::limit::keep_first;
use crate::commands::period::Period;
use crate::commands::task_session::{TaskSession, keyword, store_error};
use crate::model::run::cause_of;
use crate::model::table::{Kind, Row, View};
use crate::model::{Column, ListedRun, RunStatus, Table};
use crate::render::stdio;
use crate::store::runs::RunListFilter;

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only runs of this task: its id, the start of its id, or its title
    #[arg(long, value_parser = NonEmptyStringValueParser::new())]
    task: Option<String>,
    /// Only runs with this status: running, ok or failed
    #[arg(long, value_parser = keyword::<RunStatus>(RunStatus::NAMES), hide_possible_values = true)]
    status: Option<RunStatus>,
    /// Only failed runs; the same as --status failed
    #[arg(long, conflicts_with = "status")]
    failed: bool,
    #[command(flatten)]
    started: Period,
    /// Maximum number of runs
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

impl List {
    pub(super) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let started = self.started.interval(chrono::Utc::now(), context.settings().time_zone)?;
        let filter = RunListFilter {
            task: session.find_id(self.task.as_deref()).await?,
            status: if self.failed { Some(RunStatus::Failed) } else { self.status },
            since: started.since,
            until: started.until,
        };
        let listed = session.tasks.store.list_runs(&filter, self.limit + 1).await.map_err(store_error)?;
        let (mut runs, is_complete) = listed;
        let has_more = keep_first(&mut runs, self.limit) || !is_complete;
        let is_all = filter.task.is_none() && filter.status.is_none() && started.is_all();
        let none = if is_all { "no runs" } else { "no runs match" };
        context.print(&Table { none: none.into(), ..table(&runs) })?;
        if has_more {
            stdio::note("older runs exist; raise --limit, or narrow with --since, --status or --task");
        }
        Ok(exit::OK)
    }
}

fn table(runs: &[ListedRun]) -> Table {
    let columns = vec![
        Column::new("ID", "id", Kind::Id),
        Column::new("TASK", "title", Kind::Text),
        Column::new("STATUS", "verdict", Kind::Plain),
        Column::new("AGE", "started_at", Kind::Age).only(View::Short),
        Column::new("STARTED", "started_at", Kind::Time).only(View::Wide),
        Column::new("FINISHED", "finished_at", Kind::Time).only(View::Wide),
        Column::new("DURATION", "duration_seconds", Kind::Duration),
        Column::new("ATTEMPT", "attempt", Kind::Count).optional(),
        Column::new("WORKER", "worker", Kind::Plain).only(View::Wide),
        Column::new("ERROR", "error", Kind::Text).optional(),
    ];
    Table { name: "runs", columns, rows: runs.iter().map(row).collect(), none: "no runs".into() }
}

fn row(run: &ListedRun) -> Row {
    let object = json!({
        "id": run.id,
        "task": run.task_id,
        "title": run.title,
        "verdict": RunStatus::of(run.success),
        "attempt": run.attempt,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "duration_seconds": run.seconds,
        "worker": run.lease_owner,
        "error": run.error,
    });
    let cause = run.error.as_deref().map(|error| cause_of(error).to_owned());
    Row::new(object).unique_by(run.neighbors.unique_prefix(run.id)).shortened("error", cause)
}
