//! `postgres.stats_reset`: begins the statistics of tables and indexes anew, after keeping what they
//! have counted.
//!
//! The reset also erases what autovacuum goes by, how many rows are live and dead: so the same step
//! analyzes every table (as `postgres.analyze_all` does), and is done only when both are. Cut off between
//! the two, it is repeated by `--resume` as a whole. Where the role may not do both, nothing is reset.

use serde::{Deserialize, Serialize};

use crate::clients::postgres;
use crate::model::{Effect, Finding, Status};
use crate::store::Binds;
use crate::tools::postgres::analyze_all::{AnalyzeAll, Analyzed, Params};
use crate::tools::postgres::samples;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Keeps every counter that a reset erases.
const COUNTERS: &str = "engine/samples/counters";
const RESET: &str = "engine/samples/reset";

pub(crate) struct StatsReset;

#[derive(Debug, Serialize)]
pub(crate) struct Reset {
    /// Whether the statistics were reset.
    pub(crate) reset: bool,
    /// What was analyzed afterwards; none where nothing was reset.
    pub(crate) analyzed: Option<Analyzed>,
}

#[derive(Deserialize)]
struct Rights {
    role: String,
    may_reset: bool,
    may_analyze: bool,
}

/// Why nothing may be reset, with the next thing to do.
async fn obstacle(ctx: &ToolContext) -> Result<Option<(String, String)>, ToolError> {
    let Rights { role, may_reset, may_analyze } = ctx.store()?.one("statistics_rights").await?;
    if !may_reset {
        let hint =
            format!("as superuser: GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_reset() TO \"{role}\"");
        return Ok(Some((format!("{role} may not reset the statistics"), hint)));
    }
    if !may_analyze {
        let why = format!("{role} could not analyze every table afterwards, and autovacuum would be blind");
        return Ok(Some((why, "run it as the owner of the database".to_owned())));
    }
    Ok(None)
}

impl Tool for StatsReset {
    type Params = Params;
    type Result = Reset;

    const NAME: &'static str = "postgres.stats_reset";
    const HELP: &'static str =
        "keeps what the statistics have counted, begins them anew, and analyzes every table";
    const SOURCE: &'static str = postgres::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        if let Some((why, _)) = obstacle(ctx).await? {
            return Ok(vec![format!("nothing: {why}")]);
        }
        let sample = ["engine/samples/store", "engine/samples/thin", COUNTERS, RESET];
        let text = |name: &&str| Ok(ctx.library.sql(name)?.one_line());
        let mut calls = sample.iter().map(text).collect::<Result<Vec<String>, ToolError>>()?;
        calls.extend(AnalyzeAll.plan(params, ctx).await?);
        Ok(calls)
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Reset>, ToolError> {
        let stay = |why: &str, hint: String| {
            let summary = format!("the statistics stay as they are: {why}");
            let finding = Finding::new("", Self::SOURCE, Status::Warn, summary).hint(hint);
            Ok(Output::new(vec![finding], Reset { reset: false, analyzed: None }))
        };
        if let Some((why, hint)) = obstacle(ctx).await? {
            return stay(&why, hint);
        }
        let store = ctx.store()?;
        let keep = async {
            // However young the last sample is: what was counted since would be lost.
            store.sample(0).await?;
            store.write(COUNTERS, &Binds::new()).await
        };
        match keep.await {
            Err(e) if samples::never_migrated(&e) => {
                return stay("there is no table to keep them in", "ordctl migrate".to_owned());
            }
            other => other?,
        }
        store.write(RESET, &Binds::new()).await?;
        let Output { mut findings, result } = AnalyzeAll.run(params, ctx).await?;
        if let Some(whole) = findings.first_mut() {
            whole.summary = format!(
                "what the statistics have counted is kept in ordctl.sample; they begin anew; {}",
                whole.summary
            );
        }
        Ok(Output::new(findings, Reset { reset: true, analyzed: Some(result) }))
    }
}
