//! `check.queue`: queue depth, the oldest due item and expired leases.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::units::{Span, count, duration};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Threshold};
use crate::store::queue::QueueDepth;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Queue;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warn at or above this many due items.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical at or above this many due items.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
    /// Warn at or above this age of the oldest due item.
    #[serde(default)]
    pub(crate) age_warn: Option<Span>,
    /// Critical at or above this age of the oldest due item.
    #[serde(default)]
    pub(crate) age_crit: Option<Span>,
    /// Warn at or above this many expired leases.
    #[serde(default)]
    pub(crate) expired_warn: Option<f64>,
}

impl Tool for Queue {
    type Params = Params;
    type Result = QueueDepth;

    const NAME: &'static str = "check.queue";
    const HELP: &'static str = "Check queue depth, the age of the oldest due item, and expired leases";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<QueueDepth>, ToolError> {
        let depth = ctx.store()?.queue_depth().await?;
        Ok(Output::new(findings(&depth, &params), depth))
    }
}

fn findings(depth: &QueueDepth, params: &Params) -> Vec<Finding> {
    // Which tasks have the work, and whether a worker runs.
    const HINT: &str = "ordctl queue status";
    let items = |id, summary, n: u64, threshold| {
        Finding::measured(id, SYSTEM, summary, n as f64, Some("items"), threshold)
    };
    let number = |n: u64| count(n as f64);
    let mut context: Vec<String> =
        depth.due_by_priority.iter().map(|(p, n)| format!("{} of priority {p}", number(*n))).collect();
    if depth.parked > 0 {
        context.push(format!("{} more parked by a concurrency key or a paused task", number(depth.parked)));
    }
    let context = if context.is_empty() { String::new() } else { format!(", {}", context.join(", ")) };
    let due = format!("Due: {}{context}", number(depth.due));
    let oldest = match depth.oldest_due_seconds {
        Some(age) => format!("Oldest due item: {}", duration(age)),
        None => "Oldest due item: none".to_owned(),
    };
    let age_limit =
        Threshold::above(params.age_warn.map(Span::as_secs_f64), params.age_crit.map(Span::as_secs_f64));
    let age = depth.oldest_due_seconds.unwrap_or(0.0);
    let running = format!("Running: {}", number(depth.leased));
    let later = format!("Due later: {}", number(depth.future));
    let expired = format!("Expired leases: {}", number(depth.expired));
    let expired_limit = Threshold::above(params.expired_warn, None);
    vec![
        items("due", due, depth.due, Threshold::above(params.warn, params.crit))
            .hint(HINT)
            .details(json!(depth.due_by_priority)),
        Finding::measured("oldest", SYSTEM, oldest, age, Some("s"), age_limit).hint(HINT),
        items("leased", running, depth.leased, Threshold::NONE),
        items("future", later, depth.future, Threshold::NONE),
        items("expired", expired, depth.expired, expired_limit).hint("ordctl queue workers"),
    ]
}
