//! `postgres.analyze`: refreshes the planner's statistics of one table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units::Span;
use crate::clients::postgres;
use crate::clients::postgres::explain;
use crate::model::{Effect, Finding, Status};
use crate::store::{Binds, statements};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Analyze;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The table.
    pub(crate) table: String,
    #[serde(default = "public")]
    pub(crate) schema: String,
    /// How long to wait for the table's lock before giving up.
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
    /// Rows that the planner believed in before; null when it knew none.
    pub(crate) rows_before: Option<f64>,
    /// Rows that it believes in now.
    pub(crate) rows_after: Option<f64>,
}

#[derive(Deserialize)]
struct Estimate {
    rows: Option<f64>,
}

async fn estimate(params: &Params, ctx: &ToolContext) -> Result<Option<f64>, ToolError> {
    let binds = Binds::from([
        ("schema".to_owned(), params.schema.clone()),
        ("table".to_owned(), params.table.clone()),
    ]);
    let rows: Vec<Estimate> = ctx.store()?.rows_with("table_estimate", &binds).await?;
    match rows.into_iter().next() {
        Some(row) => Ok(row.rows),
        None => Err(ToolError::Refused {
            message: format!("there is no table {}.{}", params.schema, params.table),
            hint: Some("ordctl migrate --check".to_owned()),
        }),
    }
}

impl Tool for Analyze {
    type Params = Params;
    type Result = Analyzed;

    const NAME: &'static str = "postgres.analyze";
    const HELP: &'static str = "refreshes the planner's statistics of one table";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        estimate(params, ctx).await?;
        Ok(vec![
            statements::session_limits(params.lock_timeout.duration(), ctx.limit),
            statements::analyze(&params.schema, &params.table),
        ])
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Analyzed>, ToolError> {
        let before = estimate(&params, ctx).await?;
        let postgres = ctx.clients.postgres()?;
        let session = postgres.session().await?;
        let limits = statements::session_limits(params.lock_timeout.duration(), ctx.limit);
        let analyze = statements::analyze(&params.schema, &params.table);
        let call = async {
            session.batch_execute(&limits).await?;
            session.batch_execute(&analyze).await
        };
        postgres.cancelling(session.cancel_token(), call).await.map_err(|e| explain(&e))?;
        let after = estimate(&params, ctx).await?;
        let rows = |n: Option<f64>| n.map_or_else(|| "unknown".to_owned(), crate::base::units::count);
        let summary = format!("{}: {} rows, was {}", params.table, rows(after), rows(before));
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary)
            .details(json!({ "rows_before": before, "rows_after": after }));
        Ok(Output::new(vec![finding], Analyzed { rows_before: before, rows_after: after }))
    }
}
