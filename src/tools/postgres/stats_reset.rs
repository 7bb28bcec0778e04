//! `postgres.stats_reset`: stores the statistics counters as samples, resets them, and analyzes every table.
//!
//! A reset also erases the live and dead row counts that autovacuum depends on. The same step therefore
//! analyzes every table, and `--resume` repeats all of it when it was interrupted in between. Where the role
//! may not do both, nothing is reset.

use std::time::Duration;

use postgres_protocol::escape::escape_identifier;
use serde::Serialize;

use crate::clients::postgres;
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::store::server::StatisticsPrivileges;
use crate::tools::postgres::analyze_all::{AnalyzeAll, Analyzed, Params};
use crate::tools::postgres::psql;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct StatsReset;

#[derive(Debug, Serialize)]
pub(crate) struct Reset {
    pub(crate) reset: bool,
    /// The tables analyzed afterwards; null when nothing was reset.
    pub(crate) analyzed: Option<Analyzed>,
}

/// Why the role may not reset, and a hint.
async fn missing_privilege(ctx: &ToolContext) -> Result<Option<(String, String)>, ToolError> {
    let StatisticsPrivileges { role, may_reset, may_analyze } = ctx.store()?.statistics_privileges().await?;
    if !may_reset {
        let grant = "GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_reset() TO";
        let hint = psql(&format!("{grant} {}", escape_identifier(&role)));
        return Ok(Some((format!("{role} may not reset the statistics"), hint)));
    }
    if !may_analyze {
        let why = format!("{role} may not analyze every table afterwards, as autovacuum needs");
        return Ok(Some((why, "set database.url to connect as the owner of the database".to_owned())));
    }
    Ok(None)
}

impl Tool for StatsReset {
    type Params = Params;
    type Result = Reset;

    const NAME: &'static str = "postgres.stats_reset";
    const HELP: &'static str = "Reset statistics after storing the counters, then analyze every table";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        if let Some((why, _)) = missing_privilege(ctx).await? {
            return Ok(StepPlan::new(format!("Keep the statistics: {why}"), Vec::new()));
        }
        let analyze = AnalyzeAll.plan(params, ctx).await?;
        let mut calls = ctx.store()?.reset_statements()?;
        calls.extend(analyze.calls);
        let then = analyze.text.replacen("Analyze", "analyze", 1);
        Ok(StepPlan::new(format!("Store the statistics counters, reset them and {then}"), calls))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Reset>, ToolError> {
        let refuse = |why: &str, hint: String| {
            let summary = format!("Statistics: not reset, {why}");
            let finding = Finding::new("", Self::SOURCE, Status::Warn, summary).hint(hint);
            Ok(Output::new(vec![finding], Reset { reset: false, analyzed: None }))
        };
        if let Some((why, hint)) = missing_privilege(ctx).await? {
            return refuse(&why, hint);
        }
        let store = ctx.store()?;
        let store_counters = async {
            // Even when a recent sample exists: the counts since then would be lost.
            store.store_sample(Duration::ZERO).await?;
            store.store_counters().await
        };
        match store_counters.await {
            Err(e) if e.is_not_migrated() => {
                return refuse("the database is not migrated", "ordctl migrate".to_owned());
            }
            other => other?,
        }
        store.reset_statistics(ctx.consent()?).await?;
        let Output { mut findings, result } = AnalyzeAll.run(params, ctx).await?;
        if let Some(first) = findings.first_mut() {
            first.summary = format!(
                "Statistics: reset, counters stored in ordctl.sample; {}",
                first.summary.replacen("Analyzed", "analyzed", 1)
            );
        }
        Ok(Output::new(findings, Reset { reset: true, analyzed: Some(result) }))
    }
}
