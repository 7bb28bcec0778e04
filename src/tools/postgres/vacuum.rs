//! `postgres.vacuum`: vacuums and analyzes one table.

use std::time::Instant;

use serde::Serialize;
use serde_json::json;

use crate::base::units;
use crate::clients::postgres;
use crate::model::{Effect, Finding, Reclaimed, Status};
use crate::store::statements;
use crate::store::tables::{MaintenanceCommand, TableBloat};
use crate::tools::postgres::analyze::{Params, no_such_table};
use crate::tools::postgres::maintenance_session::{MaintenanceSession, Target, limits};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Vacuum;

#[derive(Debug, Serialize)]
pub(crate) struct Vacuumed {
    pub(crate) dead_before: u64,
    /// Dead rows that are still visible to a transaction.
    pub(crate) dead_after: u64,
    /// Bytes with indexes and TOAST.
    pub(crate) bytes_before: u64,
    pub(crate) bytes_after: u64,
    pub(crate) reclaimed: Reclaimed,
}

async fn table_bloat(params: &Params, ctx: &ToolContext) -> Result<TableBloat, ToolError> {
    let bloat = ctx.store()?.table_bloat(&params.schema, &params.table).await?;
    bloat.ok_or_else(|| no_such_table(params))
}

impl Tool for Vacuum {
    type Params = Params;
    type Result = Vacuumed;

    const NAME: &'static str = "postgres.vacuum";
    const HELP: &'static str = "Vacuum and analyze one table";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        table_bloat(params, ctx).await?;
        Ok(vec![limits(params.lock_timeout, ctx), statements::vacuum(&params.schema, &params.table)])
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vacuumed>, ToolError> {
        let begin = Instant::now();
        let before = table_bloat(&params, ctx).await?;
        let mut session = MaintenanceSession::open(ctx, params.lock_timeout, ctx.consent()?).await?;
        let command = MaintenanceCommand::Vacuum;
        let target = Target { command, schema: &params.schema, table: &params.table };
        session.run(&statements::vacuum(&params.schema, &params.table), &target).await?;
        let after = table_bloat(&params, ctx).await?;
        // Growth by concurrent writes does not count against the vacuum.
        let bytes = before.bytes.saturating_sub(after.bytes);
        let reclaimed = Reclaimed { rows: 0, bytes, seconds: begin.elapsed().as_secs_f64() };
        let vacuumed = Vacuumed {
            dead_before: before.dead,
            dead_after: after.dead,
            bytes_before: before.bytes,
            bytes_after: after.bytes,
            reclaimed,
        };
        let summary = format!(
            "Table {}: {} dead rows, was {}; {}, was {}; {}",
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
