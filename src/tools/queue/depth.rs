//! `check.queue`: how much work waits, for how long, and whose leases have expired.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units::{Span, count, duration};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Queue;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Due items from which on it is a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Due items from which on it is critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// Age of the oldest due item from which on it is a warning.
    #[serde(default)]
    pub(crate) age_warn: Option<Span>,
    /// Age of the oldest due item from which on it is critical.
    #[serde(default)]
    pub(crate) age_crit: Option<Span>,
    /// Expired leases from which on it is a warning.
    #[serde(default)]
    pub(crate) expired_warn: Option<f64>,
}

/// The queue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Depth {
    /// Items whose time has come and that a worker could take.
    pub(crate) due: f64,
    /// Items whose time has come and that wait for their key, or for their paused task.
    pub(crate) parked: f64,
    /// Items that somebody works on.
    pub(crate) leased: f64,
    /// Items whose time is yet to come.
    pub(crate) future: f64,
    /// Items whose worker let its lease run out; they are due again.
    pub(crate) expired: f64,
    /// Age of the oldest due item; null without any.
    pub(crate) oldest_due_seconds: Option<f64>,
    /// Due items by priority, 1 first.
    pub(crate) due_by_priority: BTreeMap<String, f64>,
}

impl Tool for Queue {
    type Params = Params;
    type Result = Depth;

    const NAME: &'static str = "check.queue";
    const HELP: &'static str = "due, leased and future work, the oldest due item, expired leases";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Depth>, ToolError> {
        let depth: Depth = ctx.store()?.one("queue_depth").await?;
        Ok(Output::new(findings(&depth, &params), depth))
    }
}

fn findings(depth: &Depth, params: &Params) -> Vec<Finding> {
    let by_priority: Vec<String> =
        depth.due_by_priority.iter().map(|(p, n)| format!("{} of priority {p}", count(*n))).collect();
    let of = if by_priority.is_empty() { String::new() } else { format!(" ({})", by_priority.join(", ")) };
    let parked = match depth.parked {
        none if none < 1.0 => String::new(),
        some => format!(", {} more wait for their key or their paused task", count(some)),
    };
    let due = format!("{} due now{of}{parked}", count(depth.due));
    let items = Some("items");
    let age = depth.oldest_due_seconds.unwrap_or(0.0);
    let age_limit =
        Threshold::above(params.age_warn.map(Span::as_secs_f64), params.age_crit.map(Span::as_secs_f64));
    let oldest = match depth.oldest_due_seconds {
        Some(age) => format!("oldest due item has waited {}", duration(age)),
        None => "no due item waits".to_owned(),
    };
    let expired = format!("expired leases: {}", count(depth.expired));
    vec![
        Finding::measured("due", SYSTEM, due, depth.due, items, Threshold::above(params.warn, params.crit))
            .hint("ordctl health morning --only workers")
            .details(json!(depth.due_by_priority)),
        Finding::measured("oldest", SYSTEM, oldest, age, Some("s"), age_limit)
            .hint("ordctl health morning --only workers"),
        Finding::measured(
            "leased",
            SYSTEM,
            format!("{} being worked on", count(depth.leased)),
            depth.leased,
            items,
            Threshold::NONE,
        ),
        Finding::measured(
            "future",
            SYSTEM,
            format!("{} yet to come", count(depth.future)),
            depth.future,
            items,
            Threshold::NONE,
        ),
        Finding::measured(
            "expired",
            SYSTEM,
            expired,
            depth.expired,
            items,
            Threshold::above(params.expired_warn, None),
        )
        .hint("ordctl health morning --only workers"),
    ]
}
