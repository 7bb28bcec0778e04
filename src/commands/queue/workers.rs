//! `queue workers`: who works.

use serde_json::{Value, json};

use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::commands::Context;
use crate::commands::task_session::{TaskSession, task_error};
use crate::model::{Listing, Worker};
use crate::render::{self, stdio};

pub(crate) async fn execute(context: &Context, session: &TaskSession) -> Result<u8, CliError> {
    let workers = session.tasks.workers().await.map_err(task_error)?;
    let row = |w: &Worker| -> Vec<Value> {
        vec![
            json!(w.worker),
            json!(w.kind),
            json!(w.host),
            json!(w.pid),
            json!(w.lanes),
            json!(w.running),
            json!(w.processed),
            json!(w.last_seen),
            json!(w.lease),
        ]
    };
    let columns =
        vec!["worker", "kind", "host", "pid", "lanes", "running", "processed", "last_seen", "lease"];
    let listing = Listing { name: "workers", columns, rows: workers.iter().map(row).collect() };
    stdio::data(&render::listing(&listing, context.flags.output)?)?;
    Ok(exit::OK)
}
