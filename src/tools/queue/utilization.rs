//! `check.utilization`: the utilization of the workers over the last hour.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::sanitize::ident;
use crate::base::units::{Span, counted};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold};
use crate::store::workers::{WorkerUtilization, total_utilization};
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// The window of a utilization report.
pub(crate) const HOUR: Span = Span::seconds(3600);

pub(crate) struct Utilization;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warn at or above this utilization of all workers (%).
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical at or above this utilization.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Workers {
    /// The utilization of all workers together, from 0 to 1; null without an active worker.
    #[serde(rename = "busy_share")]
    pub(crate) utilization: Option<f64>,
    pub(crate) workers: Vec<WorkerUtilization>,
}

impl Tool for Utilization {
    type Params = Params;
    type Result = Workers;

    const NAME: &'static str = "check.utilization";
    const HELP: &'static str = "Check the utilization of each active worker over the last hour";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Workers>, ToolError> {
        let Some(workers) = ctx.store()?.worker_utilization(HOUR.duration()).await? else {
            let summary = "Worker utilization: unknown, the database is not migrated";
            let finding = Finding::new("", SYSTEM, Status::Skipped, summary).hint("ordctl migrate");
            return Ok(Output::new(vec![finding], Workers::default()));
        };
        let utilization = total_utilization(&workers);
        let all = match utilization {
            Some(ratio) => {
                let percent = 100.0 * ratio;
                let number = counted(workers.len() as f64, "worker");
                let summary = format!("Worker utilization: {percent:.1} % over the last hour, {number}");
                let threshold = Threshold::above(params.warn, params.crit);
                Finding::measured("all", SYSTEM, summary, percent, Some("%"), threshold)
                    .hint("ordctl capacity --only recommendation")
            }
            None => {
                let summary = "Worker utilization: no data, no worker is active";
                Finding::new("all", SYSTEM, Status::Skipped, summary)
            }
        };
        let findings = std::iter::once(all).chain(workers.iter().map(finding)).collect();
        Ok(Output::new(findings, Workers { utilization, workers }))
    }
}

fn finding(worker: &WorkerUtilization) -> Finding {
    let id = ident(&worker.worker);
    let runs = format!("{}, {}", counted(worker.runs as f64, "run"), counted(worker.slots as f64, "slot"));
    match worker.ratio() {
        Some(ratio) => {
            let summary = format!("{}: {:.1} % busy, {runs}", worker.worker, 100.0 * ratio);
            Finding::measured(&id, SYSTEM, summary, 100.0 * ratio, Some("%"), Threshold::NONE)
        }
        None => Finding::new(&id, SYSTEM, Status::Ok, format!("{}: just started, {runs}", worker.worker)),
    }
}
