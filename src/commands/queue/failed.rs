//! `queue failed`: dead letters, grouped by task and error or one by one.

use clap::Args;
use serde_json::json;
use uuid::Uuid;

use super::filter::{self, Filter};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::counted;
use crate::commands::Context;
use crate::commands::limit::keep_first;
use crate::commands::task_session::{TaskSession, store_error};
use crate::model::report::SCHEMA_VERSION;
use crate::model::run::cause_of;
use crate::model::table::{Kind, Row, View};
use crate::model::{Column, DeadLetter, DeadLetterGroup, Table};
use crate::render::{self, Format, stdio};

#[derive(Debug, Args)]
pub(crate) struct Failed {
    /// List each dead letter instead of groups of the same task and error
    #[arg(long)]
    each: bool,
    #[command(flatten)]
    filter: Filter,
    /// List at most this many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

/// The rows up to the limit, and whether more exist.
struct Listed {
    table: Table,
    has_more: bool,
}

impl Failed {
    pub(crate) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let filter = self.filter.resolve(session).await?;
        let store = &session.tasks.store;
        let each = async || {
            let found = store.dead_letters(&filter, self.limit + 1).await.map_err(store_error)?;
            Ok::<_, CliError>(self.listed(found, single))
        };
        let groups = async || {
            let found = store.dead_letter_groups(&filter, self.limit + 1).await.map_err(store_error)?;
            Ok::<_, CliError>(self.listed(found, grouped))
        };
        let is_data = matches!(context.flags.output, Format::Json | Format::Yaml);
        let listed = if self.each {
            each().await?
        } else if is_data {
            // Programs that read the single ones find both.
            let (groups, each) = (groups().await?, each().await?);
            let objects = |t: &Table| t.rows.iter().map(|row| row.object.clone()).collect::<Vec<_>>();
            let value = json!({ "schema_version": SCHEMA_VERSION, "groups": objects(&groups.table),
                "failed": objects(&each.table) });
            stdio::data(&render::value(&value, context.flags.output)?)?;
            return Ok(if each.table.rows.is_empty() { exit::OK } else { exit::WARNING });
        } else {
            groups().await?
        };
        if listed.table.rows.is_empty() {
            let none = filter::none(&filter, session).await?.into();
            context.print(&Table { none, ..listed.table })?;
            return Ok(exit::OK);
        }
        context.print(&listed.table)?;
        match (listed.has_more, self.each) {
            (true, true) => stdio::note("more dead letters exist; raise --limit to list them"),
            (true, false) => stdio::note("more groups exist; raise --limit to list them"),
            (false, false) => stdio::note(&summary(&listed.table)),
            (false, true) => {}
        }
        Ok(exit::WARNING)
    }

    fn listed<T>(&self, mut found: Vec<T>, table: impl Fn(&[T]) -> Table) -> Listed {
        let has_more = keep_first(&mut found, self.limit);
        Listed { table: table(&found), has_more }
    }
}

fn summary(groups: &Table) -> String {
    let count = |row: &Row| row.object["count"].as_f64().unwrap_or_default();
    let total = groups.rows.iter().map(count).sum::<f64>();
    let of = counted(groups.rows.len() as f64, "group");
    format!("{} in {of}; list single ones with --each", counted(total, "dead letter"))
}

fn grouped(groups: &[DeadLetterGroup]) -> Table {
    let columns = vec![
        Column::new("COUNT", "count", Kind::Count),
        Column::new("TASK", "task", Kind::Text),
        Column::new("TASK STATUS", "task_status", Kind::Plain).only(View::Wide),
        Column::new("FIRST", "first_at", Kind::Time).only(View::Wide),
        Column::new("LAST", "last_at", Kind::Time).only(View::Wide),
        Column::new("FIRST", "first_at", Kind::Age).only(View::Short),
        Column::new("LAST", "last_at", Kind::Age).only(View::Short),
        Column::new("EXAMPLE", "example", Kind::Id),
        Column::new("ERROR", "error", Kind::Text),
    ];
    let shown = short_errors(groups);
    let row = |(g, shown): (&DeadLetterGroup, Option<String>)| {
        let object = json!({
            "task": g.title,
            "task_id": g.task_id,
            "task_status": g.status,
            "count": g.count,
            "first_at": g.first_at,
            "last_at": g.last_at,
            "error": g.error,
            "example": g.example,
        });
        Row::new(object).unique_by(g.neighbors.unique_prefix(g.example)).shortened("error", shown)
    };
    let rows = groups.iter().zip(shown).map(row).collect();
    Table { name: "groups", columns, rows, none: "no dead letters".into() }
}

/// The errors without their steps and tools, which would fill a narrow column. None where two groups of a task would
/// look the same.
fn short_errors(groups: &[DeadLetterGroup]) -> Vec<Option<String>> {
    let cause = |g: &DeadLetterGroup| Some((g.task_id, cause_of(g.error.as_deref()?).to_owned()));
    let causes: Vec<_> = groups.iter().map(cause).collect();
    let is_unique = |cause: &(Uuid, String)| causes.iter().flatten().filter(|c| *c == cause).count() == 1;
    causes.iter().map(|cause| cause.clone().filter(is_unique).map(|(_, text)| text)).collect()
}

fn single(dead_letters: &[DeadLetter]) -> Table {
    let columns = vec![
        Column::new("OCCURRENCE", "occurrence", Kind::Id),
        Column::new("TASK", "task", Kind::Text),
        Column::new("TASK STATUS", "task_status", Kind::Plain).only(View::Wide),
        Column::new("SCHEDULED", "scheduled_at", Kind::Time).only(View::Wide),
        Column::new("ATTEMPTS", "attempts", Kind::Count).optional(),
        Column::new("FAILED", "failed_at", Kind::Age).only(View::Short),
        Column::new("FAILED", "failed_at", Kind::Time).only(View::Wide),
        Column::new("ERROR", "error", Kind::Text),
    ];
    let row = |l: &DeadLetter| {
        let object = json!({
            "occurrence": l.occurrence,
            "task": l.title,
            "task_id": l.task_id,
            "task_status": l.status,
            "scheduled_at": l.scheduled_at,
            "attempts": l.attempts,
            "failed_at": l.at,
            "error": l.error,
        });
        let cause = l.error.as_deref().map(|error| cause_of(error).to_owned());
        Row::new(object).unique_by(l.neighbors.unique_prefix(l.occurrence)).shortened("error", cause)
    };
    Table {
        name: "failed",
        columns,
        rows: dead_letters.iter().map(row).collect(),
        none: "no dead letters".into(),
    }
}
