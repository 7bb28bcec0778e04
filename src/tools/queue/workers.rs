//! `check.workers`: who works, how fast, and who let leases run out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::{Span, count, duration};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold, Worse};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Workers;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// A worker counts as active when it was seen this lately.
    #[serde(default = "active_within")]
    pub(crate) active_within: Span,
    /// So few active workers, or fewer, are a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// So few active workers, or fewer, are critical.
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

/// The workers.
#[derive(Debug, Serialize)]
pub(crate) struct Crew {
    /// How many are active.
    pub(crate) active: f64,
    /// The share of the active ones that hold a lease, from 0 to 1.
    pub(crate) busy_share: f64,
    /// Each of them.
    pub(crate) workers: Vec<Worker>,
}

/// One worker.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Worker {
    pub(crate) worker: String,
    /// Since its last heartbeat; null when it never sent one.
    pub(crate) seen_seconds_ago: Option<f64>,
    /// What it has done since it began.
    pub(crate) processed: f64,
    /// What it finished in the last hour, per minute.
    pub(crate) per_minute: f64,
    /// Leases it holds.
    pub(crate) held: f64,
    /// Leases it let run out.
    pub(crate) expired: f64,
}

impl Tool for Workers {
    type Params = Params;
    type Result = Crew;

    const NAME: &'static str = "check.workers";
    const HELP: &'static str = "active workers by heartbeat, their pace, and their expired leases";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Crew>, ToolError> {
        let workers: Vec<Worker> = ctx.store()?.rows("workers").await?;
        let within = params.active_within.as_secs_f64();
        let active: Vec<&Worker> =
            workers.iter().filter(|w| w.seen_seconds_ago.is_some_and(|s| s <= within)).collect();
        let number = active.len() as f64;
        let busy = active.iter().filter(|w| w.held > 0.0).count() as f64;
        let busy_share = if active.is_empty() { 0.0 } else { busy / number };
        let threshold = Threshold { warn: params.warn, crit: params.crit, worse: Worse::Lower };
        let summary = match active.len() {
            0 => format!("no worker was seen in the last {}", params.active_within),
            n => format!("{n} active, {busy:.0} of them busy"),
        };
        // Without a platform it is not known where the workers run.
        let hint = ctx.clients.platform().map_or_else(
            |_| "look at the workers' hosts: is the process there, and what does it log?".to_owned(),
            |platform| platform.commands().list(Some("worker")),
        );
        let total = Finding::measured("active", SYSTEM, summary, number, Some("workers"), threshold)
            .hint(hint.as_str());
        let each = workers.iter().map(|w| finding(w, within).hint(hint.as_str()));
        let findings = std::iter::once(total).chain(each).collect();
        Ok(Output::new(findings, Crew { active: number, busy_share, workers }))
    }
}

fn finding(worker: &Worker, within: f64) -> Finding {
    let seen = match worker.seen_seconds_ago {
        Some(s) => format!("seen {} ago", duration(s)),
        None => "never seen".to_owned(),
    };
    let pace = format!("{} processed, {:.1} per minute", count(worker.processed), worker.per_minute);
    let mut summary = format!("{}: {seen}, {pace}, holds {}", worker.worker, count(worker.held));
    let late = worker.seen_seconds_ago.is_none_or(|s| s > within);
    if worker.expired > 0.0 {
        summary.push_str(&format!(", expired leases: {}", count(worker.expired)));
    }
    let status = if worker.expired > 0.0 || late { Status::Warn } else { Status::Ok };
    Finding {
        value: Some(worker.processed),
        unit: Some("items".into()),
        ..Finding::new(&slug(&worker.worker), SYSTEM, status, summary)
    }
}

/// A worker's name as part of a finding's id.
fn slug(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect()
}
