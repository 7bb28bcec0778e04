//! `task list`: tasks with their next occurrence, one a line.

use clap::Args;
use serde_json::json;

use super::Context;
use super::limit::keep_first;
use super::task_session::{TaskSession, keyword, store_error};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::engine::tasks::TaskFilter;
use crate::model::table::{Kind, Row, View};
use crate::model::{Column, ScheduleKind, Table, TaskStatus};
use crate::render::stdio;
use crate::store::tasks::ListedTask;

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only tasks with this status
    #[arg(long, value_parser = keyword::<TaskStatus>(TaskStatus::NAMES))]
    status: Option<TaskStatus>,
    /// Only tasks of this kind
    #[arg(long, value_parser = keyword::<ScheduleKind>(ScheduleKind::NAMES))]
    kind: Option<ScheduleKind>,
    /// Maximum number of tasks
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
}

impl List {
    pub(super) async fn execute(&self, context: &Context, session: &TaskSession) -> Result<u8, CliError> {
        let filter = TaskFilter { status: self.status, schedule_kind: self.kind, created_by: None };
        let store = &session.tasks.store;
        let mut tasks = store.list_tasks(&filter, self.limit + 1).await.map_err(store_error)?;
        let has_more = keep_first(&mut tasks, self.limit);
        context.print(&table(&tasks))?;
        if has_more {
            let total = store.count_tasks(&filter, None).await.map_err(store_error)?;
            stdio::note(&format!("{} of {total} tasks; show more with --limit", tasks.len()));
        }
        Ok(exit::OK)
    }
}

fn table(tasks: &[ListedTask]) -> Table {
    let columns = vec![
        Column::new("ID", "id", Kind::Id),
        Column::new("TITLE", "title", Kind::Text),
        Column::new("STATUS", "status", Kind::Plain),
        Column::new("KIND", "kind", Kind::Plain),
        Column::new("SCHEDULE", "expr", Kind::Text),
        Column::new("TIME ZONE", "timezone", Kind::Plain).only(View::Wide),
        Column::new("PRIORITY", "priority", Kind::Count).only(View::Wide),
        Column::new("NEXT", "next_at", Kind::Age).only(View::Short),
        Column::new("NEXT", "next_at", Kind::Time).only(View::Wide),
        Column::new("SCHEDULE ERROR", "error", Kind::Text).optional(),
    ];
    let row = |t: &ListedTask| {
        let object = json!({
            "id": t.id,
            "title": t.title,
            "status": t.status,
            "kind": t.kind,
            "expr": t.expr,
            "timezone": t.timezone,
            "priority": t.priority,
            "next_at": t.next_at,
            "error": t.error,
        });
        Row::new(object).unique_by(t.neighbors.unique_prefix(t.id))
    };
    Table { name: "tasks", columns, rows: tasks.iter().map(row).collect(), none: "no tasks".into() }
}
