//! `postgres.analyze`: updates the planner's statistics of one table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units::{Span, count, counted};
use crate::clients::postgres;
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::store::statements;
use crate::store::tables::MaintenanceCommand;
use crate::tools::postgres::maintenance_session::{MaintenanceSession, Target};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Analyze;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) table: String,
    #[serde(default = "public")]
    pub(crate) schema: String,
    /// Give up when the table lock is not available within this time.
    #[serde(default = "lock_timeout")]
    pub(crate) lock_timeout: Span,
}

fn public() -> String {
    "public".to_owned()
}

fn lock_timeout() -> Span {
    Span::seconds(5)
}

#[derive(Debug, Serialize)]
pub(crate) struct Analyzed {
    /// The planner's row estimate before; null before the first ANALYZE.
    pub(crate) rows_before: Option<u64>,
    pub(crate) rows_after: Option<u64>,
}

async fn row_estimate(params: &Params, ctx: &ToolContext) -> Result<Option<u64>, ToolError> {
    match ctx.store()?.row_estimate(&params.schema, &params.table).await? {
        Some(estimate) => Ok(estimate.rows),
        None => Err(no_such_table(params)),
    }
}

pub(super) fn no_such_table(params: &Params) -> ToolError {
    ToolError::Refused {
        message: format!("table {}.{} does not exist", params.schema, params.table),
        hint: Some("ordctl migrate --check".to_owned()),
    }
}

impl Tool for Analyze {
    type Params = Params;
    type Result = Analyzed;

    const NAME: &'static str = "postgres.analyze";
    const HELP: &'static str = "Analyze one table to update the planner's statistics";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let text = match row_estimate(params, ctx).await? {
            Some(rows) => format!("Analyze {}: about {}", params.table, counted(rows as f64, "row")),
            None => format!("Analyze {}: no statistics yet", params.table),
        };
        let limits = statements::session_limits(params.lock_timeout.duration(), ctx.limit);
        Ok(StepPlan::new(text, vec![limits, statements::analyze(&params.schema, &params.table)]))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Analyzed>, ToolError> {
        let before = row_estimate(&params, ctx).await?;
        let mut session = MaintenanceSession::open(ctx, params.lock_timeout, ctx.consent()?).await?;
        let command = MaintenanceCommand::Analyze;
        let target = Target { command, schema: &params.schema, table: &params.table };
        session.run(&statements::analyze(&params.schema, &params.table), &target).await?;
        let after = row_estimate(&params, ctx).await?;
        let was = match before {
            Some(rows) if Some(rows) == after => String::new(),
            Some(rows) => format!(" (before: {})", count(rows as f64)),
            None => " (the first statistics)".to_owned(),
        };
        let rows = after.map_or_else(|| "unknown".to_owned(), |n| counted(n as f64, "row"));
        let summary = format!("{}: analyzed, about {rows}{was}", params.table);
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary)
            .details(json!({ "rows_before": before, "rows_after": after }));
        Ok(Output::new(vec![finding], Analyzed { rows_before: before, rows_after: after }))
    }
}
