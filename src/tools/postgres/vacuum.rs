//! `postgres.vacuum`: makes the room of dead rows usable again and refreshes the planner's statistics.

use std::time::Instant;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::clients::postgres;
use crate::model::{Effect, Finding, Reclaimed, Status};
use crate::store::{Binds, statements};
use crate::tools::postgres::analyze::Params;
use crate::tools::postgres::maintenance_session::{Maintenance, Progress, limits};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Vacuum;

#[derive(Debug, Serialize)]
pub(crate) struct Vacuumed {
    pub(crate) dead_before: i64,
    /// Dead rows after: those that somebody may still see.
    pub(crate) dead_after: i64,
    /// Bytes of the table with its indexes before.
    pub(crate) bytes_before: i64,
    /// Bytes after.
    pub(crate) bytes_after: i64,
    /// Bytes that it needs less.
    pub(crate) reclaimed: Reclaimed,
}

#[derive(Deserialize)]
struct Size {
    bytes: i64,
    dead: i64,
}

async fn size(params: &Params, ctx: &ToolContext) -> Result<Size, ToolError> {
    let binds = Binds::from([
        ("schema".to_owned(), params.schema.clone()),
        ("table".to_owned(), params.table.clone()),
    ]);
    let rows: Vec<Size> = ctx.store()?.rows_with("table_size", &binds).await?;
    rows.into_iter().next().ok_or_else(|| ToolError::Refused {
        message: format!("there is no table {}.{}", params.schema, params.table),
        hint: Some("ordctl migrate --check".to_owned()),
    })
}

impl Tool for Vacuum {
    type Params = Params;
    type Result = Vacuumed;

    const NAME: &'static str = "postgres.vacuum";
    const HELP: &'static str = "makes the room of a table's dead rows usable again, and analyzes it";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        size(params, ctx).await?;
        Ok(vec![limits(params.lock_timeout, ctx), statements::vacuum(&params.schema, &params.table)])
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vacuumed>, ToolError> {
        let begin = Instant::now();
        let before = size(&params, ctx).await?;
        let mut session = Maintenance::open(ctx, params.lock_timeout).await?;
        let progress = Progress { query: "vacuum_progress", schema: &params.schema, table: &params.table };
        session.run(&statements::vacuum(&params.schema, &params.table), &progress).await?;
        let after = size(&params, ctx).await?;
        // What it has grown by meanwhile is none of the vacuum's.
        let bytes = u64::try_from(before.bytes - after.bytes).unwrap_or(0);
        let reclaimed = Reclaimed { rows: 0, bytes, seconds: begin.elapsed().as_secs_f64() };
        let vacuumed = Vacuumed {
            dead_before: before.dead,
            dead_after: after.dead,
            bytes_before: before.bytes,
            bytes_after: after.bytes,
            reclaimed,
        };
        let summary = format!(
            "{}: {} dead rows, were {}; {}, was {}; {}",
            params.table,
            units::count(after.dead as f64),
            units::count(before.dead as f64),
            units::bytes(after.bytes as f64),
            units::bytes(before.bytes as f64),
            units::duration(reclaimed.seconds)
        );
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary).details(json!(vacuumed));
        Ok(Output::new(vec![finding], vacuumed))
    }
}
