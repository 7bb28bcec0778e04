//! `postgres.analyze_all`: refreshes the statistics of every table that the role may analyze, also of the
//! catalog: of the planner, and of autovacuum, which after a reset knows of no row.

use std::time::Instant;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::base::units::Span;
use crate::clients::postgres;
use crate::model::{Effect, Finding, Status};
use crate::store::statements;
use crate::tools::ident::ident;
use crate::tools::postgres::maintenance_session::{Maintenance, Progress, limits};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct AnalyzeAll;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// How long to wait for a table's lock before leaving that table out.
    #[serde(default = "lock_timeout")]
    pub(crate) lock_timeout: Span,
}

fn lock_timeout() -> Span {
    Span::seconds(5)
}

#[derive(Debug, Serialize)]
pub(crate) struct Analyzed {
    /// Tables that were analyzed.
    pub(crate) tables: usize,
    /// Tables that could not be.
    pub(crate) failed: usize,
    /// How long it took.
    pub(crate) seconds: f64,
}

#[derive(Deserialize)]
struct Table {
    schema: String,
    table: String,
}

async fn tables(ctx: &ToolContext) -> Result<Vec<Table>, ToolError> {
    Ok(ctx.store()?.rows("tables_to_analyze").await?)
}

impl Tool for AnalyzeAll {
    type Params = Params;
    type Result = Analyzed;

    const NAME: &'static str = "postgres.analyze_all";
    const HELP: &'static str = "refreshes the statistics of every table of the database";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let all = tables(ctx).await?;
        let calls = all.iter().map(|t| statements::analyze(&t.schema, &t.table));
        Ok(std::iter::once(limits(params.lock_timeout, ctx)).chain(calls).collect())
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Analyzed>, ToolError> {
        let begin = Instant::now();
        let all = tables(ctx).await?;
        let mut session = Maintenance::open(ctx, params.lock_timeout).await?;
        let mut findings = Vec::new();
        for (done, Table { schema, table }) in all.iter().enumerate() {
            ctx.progress(done as u64, Some(all.len() as u64), format!("tables: {schema}.{table}"));
            let progress = Progress { query: "analyze_progress", schema, table };
            match session.run(&statements::analyze(schema, table), &progress).await {
                Ok(()) => {}
                // One that is locked, or was dropped meanwhile, hides no other.
                Err(e) if !e.may_pass() => {
                    let summary = format!("{schema}.{table}: not analyzed now: {e}");
                    let id = ident(&format!("{schema}.{table}"));
                    let finding = Finding::new(&id, Self::SOURCE, Status::Warn, summary);
                    findings.push(finding.hint("ordctl maintain weekly --only analyze"));
                }
                Err(e) => return Err(e),
            }
        }
        let (failed, seconds) = (findings.len(), begin.elapsed().as_secs_f64());
        let analyzed = Analyzed { tables: all.len() - failed, failed, seconds };
        let summary = format!("{} tables analyzed in {}", analyzed.tables, units::duration(seconds));
        findings.insert(0, Finding::new("", Self::SOURCE, Status::Ok, summary).details(json!(analyzed)));
        Ok(Output::new(findings, analyzed))
    }
}
