//! `check.autoscale`: whether the number of a service's containers is to change now, and why or why not.
//! It only decides; `service.scale` does it. What cannot be learned takes nothing away.

mod decide;
mod look;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::model::{Finding, Status, Threshold};
use crate::tools::services::Sign;
use crate::tools::{Output, Tool, ToolContext, ToolError};

use decide::{Decision, Seen, Way, decide};

pub(crate) struct Autoscale;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The service; its `min`, `max` and `auto` under `services` in ordctl.yaml are the policy.
    #[serde(default = "service")]
    pub(crate) service: String,
    /// What each container gives that works: with `heartbeat`, one in the last two minutes.
    #[serde(default)]
    pub(crate) sign: Sign,
}

fn service() -> String {
    "worker".to_owned()
}

/// The decision, for later steps.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// Whether the number is to change.
    pub(crate) change: bool,
    /// How many there are to be; null when it is not known how many there are.
    pub(crate) to: Option<u32>,
    /// `up` or `down`; `any` without a change.
    pub(crate) direction: &'static str,
}

impl Tool for Autoscale {
    type Params = Params;
    type Result = Outcome;

    const NAME: &'static str = "check.autoscale";
    const HELP: &'static str = "whether a service's number of containers is to change now, and why";
    const SOURCE: &'static str = "ordctl";

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Outcome>, ToolError> {
        let service = params.service.as_str();
        let settings = ctx.settings.services.get(service).cloned().unwrap_or_default();
        let auto = settings.auto.clone().unwrap_or_default();
        if let Some((key, why)) = auto.doubt() {
            return Err(ToolError::Params(format!("services.{service}.auto.{key}: {why}")));
        }
        let seen = match look::look(ctx, &params, &settings, &auto).await {
            Ok(seen) => seen,
            Err(why) => return Ok(blind(service, &why)),
        };
        let decision = decide(&seen, &auto);
        let finding = finding(service, &decision, &seen)
            .hint(hint(&seen, &decision))
            .details(json!({ "decision": decision, "seen": seen, "policy": auto }));
        let direction = match decision.way {
            Way::Up => "up",
            Way::Down => "down",
            Way::Stay => "any",
        };
        let change = decision.way != Way::Stay;
        Ok(Output::new(vec![finding], Outcome { change, to: Some(decision.to), direction }))
    }
}

/// Without its most needed answers it decides nothing.
fn blind(service: &str, why: &ToolError) -> Output<Outcome> {
    let summary = format!("{service}: as many as there are: {why}");
    let details =
        json!({ "decision": { "way": Way::Stay, "reasons": [why.to_string()] }, "seen": Value::Null });
    let finding = Finding::new("", Autoscale::SOURCE, Status::Unknown, summary)
        .hint(why.hint().unwrap_or_else(|| "ordctl doctor".to_owned()))
        .details(details);
    Output::new(vec![finding], Outcome { change: false, to: None, direction: "any" })
}

fn finding(service: &str, decision: &Decision, seen: &Seen) -> Finding {
    let Decision { from, to, .. } = decision;
    let what = match decision.way {
        Way::Up => format!("up from {from} to {to}"),
        Way::Down => format!("down from {from} to {to}"),
        Way::Stay => format!("stay at {from}"),
    };
    let limits = format!("{} to {} may run", seen.min, seen.max);
    let reasons = if decision.reasons.is_empty() { limits } else { decision.reasons.join("; ") };
    let summary = format!("{service}: {what}: {reasons}");
    Finding::measured("", Autoscale::SOURCE, summary, f64::from(*to), Some("containers"), Threshold::NONE)
        .at_least(decision.status)
}

fn hint(seen: &Seen, decision: &Decision) -> String {
    match decision.way {
        Way::Stay if seen.unknown.is_empty() => "ordctl queue status".to_owned(),
        _ => "ordctl doctor".to_owned(),
    }
}
