//! `check.workers`: active workers, their throughput and expired leases.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::sanitize::sanitize;
use crate::base::units::{Span, count, duration};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold, Worse};
use crate::store::workers::WorkerActivity;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct CheckWorkers;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// A worker is active when its last heartbeat is at most this old.
    #[serde(default = "active_within")]
    pub(crate) active_within: Span,
    /// Warn at or below this many active workers.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical at or below this many active workers.
    #[serde(default = "none_left")]
    pub(crate) crit: Option<f64>,
}

fn active_within() -> Span {
    Span::seconds(120)
}

#[allow(clippy::unnecessary_wraps, reason = "the shape that serde's default needs")]
fn none_left() -> Option<f64> {
    Some(0.0)
}

#[derive(Debug, Serialize)]
pub(crate) struct Workers {
    pub(crate) active: usize,
    /// The share of the active workers that hold a lease, from 0 to 1.
    pub(crate) busy_share: f64,
    pub(crate) workers: Vec<WorkerActivity>,
}

impl Tool for CheckWorkers {
    type Params = Params;
    type Result = Workers;

    const NAME: &'static str = "check.workers";
    const HELP: &'static str = "Check active workers, their throughput and expired leases";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Workers>, ToolError> {
        let workers = ctx.store()?.workers().await?;
        let within = params.active_within.duration();
        let is_active = |w: &&WorkerActivity| w.is_active(within);
        let active = workers.iter().filter(is_active).count();
        let busy = workers.iter().filter(is_active).filter(|w| w.leases > 0).count();
        let busy_share = if active == 0 { 0.0 } else { busy as f64 / active as f64 };
        let summary = match active {
            0 => format!("Active workers: 0, no heartbeat within {}", params.active_within),
            n => format!("Active workers: {n}, {busy} busy"),
        };
        let hint = ctx.clients.platform().map_or_else(
            |_| "ordctl queue workers".to_owned(),
            |platform| platform.commands().list(Some("worker")),
        );
        let threshold = Threshold { warn: params.warn, crit: params.crit, worse: Worse::Lower };
        let total = Finding::measured("active", SYSTEM, summary, active as f64, Some("workers"), threshold);
        let each = workers.iter().map(|w| finding(w, within).hint(hint.as_str()));
        let findings = std::iter::once(total.hint(hint.as_str())).chain(each).collect();
        Ok(Output::new(findings, Workers { active, busy_share, workers }))
    }
}

fn finding(worker: &WorkerActivity, within: Duration) -> Finding {
    let heartbeat = match worker.seen_seconds_ago {
        Some(seconds) => format!("last heartbeat {} ago", duration(seconds)),
        None => "no heartbeat".to_owned(),
    };
    let mut summary = format!(
        "{}: {heartbeat}, {} processed, {:.1} per minute, {} leased",
        worker.worker,
        count(worker.processed as f64),
        worker.per_minute,
        count(worker.leases as f64)
    );
    if worker.expired_leases > 0 {
        summary.push_str(&format!(", expired leases: {}", count(worker.expired_leases as f64)));
    }
    let is_ok = worker.expired_leases == 0 && worker.is_active(within);
    let status = if is_ok { Status::Ok } else { Status::Warn };
    Finding {
        value: Some(worker.processed as f64),
        unit: Some("items".into()),
        ..Finding::new(&sanitize(&worker.worker, "_-", '_'), SYSTEM, status, summary)
    }
}
