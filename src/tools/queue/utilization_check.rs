//! `check.utilisation`: which share of the last hour the workers were busy, each and all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::count;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold};
use crate::tools::ident::ident;
use crate::tools::queue::utilization;
use crate::tools::queue::utilization::Busy;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Utilisation;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// From this share of all workers (%) on: a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// From this share on: critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

/// The workers, for later steps.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Shares {
    /// The share of all of them, from 0 to 1; null when there is none.
    pub(crate) busy_share: Option<f64>,
    /// Each of them.
    pub(crate) workers: Vec<Busy>,
}

impl Tool for Utilisation {
    type Params = Params;
    type Result = Shares;

    const NAME: &'static str = "check.utilisation";
    const HELP: &'static str = "which share of the last hour each active worker was busy";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Shares>, ToolError> {
        let Some(workers) = utilization::workers(&ctx.store()?, utilization::HOUR).await? else {
            let summary = "how busy workers are is not known: that needs `ordctl migrate`";
            let finding = Finding::new("", SYSTEM, Status::Skipped, summary);
            return Ok(Output::new(vec![finding], Shares::default()));
        };
        let busy_share = utilization::share(&workers);
        let threshold = Threshold::above(params.warn, params.crit);
        let all = match busy_share {
            Some(share) => {
                let summary =
                    format!("busy in the last hour: {:.1} % of {} workers", 100.0 * share, workers.len());
                Finding::measured("all", SYSTEM, summary, 100.0 * share, Some("%"), threshold)
                    .hint("ordctl capacity --only recommendation")
            }
            None => Finding::new(
                "all",
                SYSTEM,
                Status::Skipped,
                "busy in the last hour: no data, no worker is active",
            ),
        };
        let findings = std::iter::once(all).chain(workers.iter().map(finding)).collect();
        Ok(Output::new(findings, Shares { busy_share, workers }))
    }
}

fn finding(worker: &Busy) -> Finding {
    let id = ident(&worker.worker);
    let runs = format!("{} runs, {} at once at most", count(worker.runs), count(worker.slots));
    match worker.share() {
        Some(share) => {
            let summary = format!("{}: {:.1} % busy, {runs}", worker.worker, 100.0 * share);
            Finding::measured(&id, SYSTEM, summary, 100.0 * share, Some("%"), Threshold::NONE)
        }
        None => Finding::new(&id, SYSTEM, Status::Ok, format!("{}: has just begun, {runs}", worker.worker)),
    }
}
