//! `postgres.analyze_all`: analyzes every table that the role may analyze, including the catalog. That
//! updates the statistics of the planner and the row counts of autovacuum, which a reset erases.

use std::time::Instant;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::units;
use crate::base::units::Span;
use crate::clients::postgres;
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::store::statements;
use crate::store::tables::{MaintenanceCommand, TableName};
use crate::tools::postgres::maintenance_session::{MaintenanceSession, Target, limits};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct AnalyzeAll;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Skip a table whose lock is not available within this time.
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
    pub(crate) failed: usize,
    pub(crate) seconds: f64,
}

impl Tool for AnalyzeAll {
    type Params = Params;
    type Result = Analyzed;

    const NAME: &'static str = "postgres.analyze_all";
    const HELP: &'static str = "Analyze every table of the database";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let tables = ctx.store()?.tables_to_analyze().await?;
        let text = format!("Analyze {}", units::counted(tables.len() as f64, "table"));
        let calls = tables.iter().map(|t| statements::analyze(&t.schema, &t.table));
        Ok(StepPlan::new(text, std::iter::once(limits(params.lock_timeout, ctx)).chain(calls).collect()))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Analyzed>, ToolError> {
        let begin = Instant::now();
        let tables = ctx.store()?.tables_to_analyze().await?;
        let mut session = MaintenanceSession::open(ctx, params.lock_timeout, ctx.consent()?).await?;
        let mut findings = Vec::new();
        for (done, TableName { schema, table }) in tables.iter().enumerate() {
            ctx.progress(done as u64, Some(tables.len() as u64), format!("tables: {schema}.{table}"));
            let target = Target { command: MaintenanceCommand::Analyze, schema, table };
            match session.run(&statements::analyze(schema, table), &target).await {
                Ok(()) => {}
                // A table that is locked or was dropped meanwhile does not stop the others.
                Err(e) if !e.may_pass() => {
                    let summary = format!("Table {schema}.{table}: not analyzed, {e}");
                    let id = ident(&format!("{schema}.{table}"));
                    let finding = Finding::new(&id, Self::SOURCE, Status::Warn, summary);
                    findings.push(finding.hint("ordctl maintain weekly --only analyze"));
                }
                Err(e) => return Err(e),
            }
        }
        let (failed, seconds) = (findings.len(), begin.elapsed().as_secs_f64());
        let analyzed = Analyzed { tables: tables.len() - failed, failed, seconds };
        let summary = format!("Analyzed tables: {} in {}", analyzed.tables, units::duration(seconds));
        findings.insert(0, Finding::new("", Self::SOURCE, Status::Ok, summary).details(json!(analyzed)));
        Ok(Output::new(findings, analyzed))
    }
}
