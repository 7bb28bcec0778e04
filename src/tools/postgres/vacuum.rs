//! `postgres.vacuum`: vacuums and analyzes one table.

use std::cmp::Ordering;
use std::time::Instant;

use serde::Serialize;
use serde_json::json;

use crate::base::units;
use crate::clients::postgres;
use crate::model::{Effect, Finding, Reclaimed, Status, StepPlan};
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

impl Vacuumed {
    fn text(&self) -> String {
        let removed = self.dead_before.saturating_sub(self.dead_after);
        let kept = match self.dead_after {
            0 => String::new(),
            n => format!(", {} still visible to a transaction", units::counted(n as f64, "dead row")),
        };
        let size = size_change(self.bytes_before, self.bytes_after);
        format!(
            "removed {}{kept}, {size}, in {}",
            units::counted(removed as f64, "dead row"),
            units::duration(self.reclaimed.seconds)
        )
    }
}

/// How a size changed, and what it is now.
pub(super) fn size_change(before: u64, after: u64) -> String {
    let (change, now) = (units::bytes(before.abs_diff(after) as f64), units::bytes(after as f64));
    match before.cmp(&after) {
        Ordering::Equal => format!("size unchanged ({now})"),
        Ordering::Greater => format!("{change} smaller ({now})"),
        Ordering::Less => format!("{change} larger ({now})"),
    }
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

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let bloat = table_bloat(params, ctx).await?;
        let (dead, size) = (units::counted(bloat.dead as f64, "dead row"), units::bytes(bloat.bytes as f64));
        let text = format!("Vacuum and analyze {}: {dead}, {size}", params.table);
        let statement = statements::vacuum(&params.schema, &params.table);
        Ok(StepPlan::new(text, vec![limits(params.lock_timeout, ctx), statement]))
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
        let summary = format!("{}: {}", params.table, vacuumed.text());
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary).details(json!(vacuumed));
        Ok(Output::new(vec![finding], vacuumed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_says_what_was_removed_and_how_the_size_changed() {
        let vacuumed = |dead_after, bytes_after| Vacuumed {
            dead_before: 37_720,
            dead_after,
            bytes_before: 39 << 20,
            bytes_after,
            reclaimed: Reclaimed { rows: 0, bytes: 0, seconds: 2.0 },
        };
        assert_eq!(
            vacuumed(0, 39 << 20).text(),
            "removed 37,720 dead rows, size unchanged (39.0 MiB), in 2 s"
        );
        assert_eq!(
            vacuumed(1, 38 << 20).text(),
            "removed 37,719 dead rows, 1 dead row still visible to a transaction, 1.0 MiB smaller (38.0 MiB), in 2 s"
        );
        assert_eq!(size_change(1024, 2048), "1.0 KiB larger (2.0 KiB)");
    }
}
