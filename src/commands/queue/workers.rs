//! `queue workers`: who works.

use serde_json::json;

use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::commands::Context;
use crate::commands::task_session::{TaskSession, task_error};
use crate::model::table::{Kind, Row, View};
use crate::model::{Column, Table, Worker};

pub(crate) async fn execute(context: &Context, session: &TaskSession) -> Result<u8, CliError> {
    let workers = session.tasks.workers().await.map_err(task_error)?;
    let columns = vec![
        Column::new("WORKER", "worker", Kind::Text),
        Column::new("KIND", "kind", Kind::Plain),
        Column::new("HOST", "host", Kind::Plain).only(View::Wide),
        Column::new("PID", "pid", Kind::Plain).only(View::Wide),
        Column::new("LANES", "lanes", Kind::Count),
        Column::new("RUNNING", "running", Kind::Count),
        Column::new("PROCESSED", "processed", Kind::Count),
        Column::new("SEEN", "last_seen", Kind::Age).only(View::Short),
        Column::new("LAST SEEN", "last_seen", Kind::Time).only(View::Wide),
        Column::new("LEASE", "lease", Kind::Plain),
    ];
    let rows = workers.iter().map(row).collect();
    context.print(&Table { name: "workers", columns, rows, none: "no workers".into() })?;
    Ok(exit::OK)
}

fn row(worker: &Worker) -> Row {
    Row::new(json!({
        "worker": worker.worker,
        "kind": worker.kind,
        "host": worker.host,
        "pid": worker.pid,
        "lanes": worker.lanes,
        "running": worker.running,
        "processed": worker.processed,
        "last_seen": worker.last_seen,
        "lease": worker.lease,
    }))
}
