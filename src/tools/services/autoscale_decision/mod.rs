//! `check.autoscale`: decides whether to change the number of a service's containers now, with reasons.
//! `service.scale` makes the change. Unknown values prevent scaling down.

mod decide;
mod observe;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::clients::platform;
use crate::model::{Finding, Status, Threshold};
use crate::tools::services::Sign;
use crate::tools::{Output, Tool, ToolContext, ToolError};

use decide::{Decision, Direction, Observation, decide};

pub(crate) struct AutoscaleDecision;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The service; its `min`, `max` and `auto` under `services` in ordctl.yaml are the policy.
    #[serde(default = "super::worker_service")]
    pub(crate) service: String,
    /// How to tell that a container works; `heartbeat`: one in the last two minutes.
    #[serde(default)]
    pub(crate) sign: Sign,
}

/// The decision, for later steps.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    /// Whether to change the number.
    pub(crate) change: bool,
    /// The new number; null if the current number is unknown.
    pub(crate) to: Option<u32>,
    /// `up` or `down`; `any` if nothing changes.
    pub(crate) direction: &'static str,
}

impl Tool for AutoscaleDecision {
    type Params = Params;
    type Result = Outcome;

    const NAME: &'static str = "check.autoscale";
    const HELP: &'static str = "Decide whether to change the number of a service's containers";
    const SOURCE: &'static str = "ordctl";

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Outcome>, ToolError> {
        let service = params.service.as_str();
        let settings = ctx.settings.services.get(service).cloned().unwrap_or_default();
        let auto = settings.auto.clone().unwrap_or_default();
        if let Some((key, why)) = auto.contradiction() {
            return Err(ToolError::Params(format!("services.{service}.auto.{key}: {why}")));
        }
        let observation = observe::observe(ctx, &params, &settings, &auto);
        // Its first question goes to the platform.
        let observation = match ctx.while_answering(platform::SYSTEM, observation).await {
            Ok(observation) => observation,
            Err(error) => return Ok(no_decision(service, &error)),
        };
        let decision = decide(&observation, &auto);
        let finding = finding(service, &decision, &observation)
            .hint(hint(&observation, &decision))
            .details(json!({ "decision": decision, "observation": observation, "policy": auto }));
        let direction = match decision.direction {
            Direction::Up => "up",
            Direction::Down => "down",
            Direction::Stay => "any",
        };
        let change = decision.direction != Direction::Stay;
        Ok(Output::new(vec![finding], Outcome { change, to: Some(decision.to), direction }))
    }
}

fn no_decision(service: &str, error: &ToolError) -> Output<Outcome> {
    let summary = format!("{service}: no decision: {error}");
    let details = json!({ "decision": { "direction": Direction::Stay, "reasons": [error.to_string()] }, "observation": Value::Null });
    let finding = Finding::new("", AutoscaleDecision::SOURCE, Status::Unknown, summary)
        .hint(error.hint().unwrap_or_else(|| "ordctl doctor".to_owned()))
        .details(details);
    Output::new(vec![finding], Outcome { change: false, to: None, direction: "any" })
}

fn finding(service: &str, decision: &Decision, observation: &Observation) -> Finding {
    let Decision { from, to, .. } = decision;
    let what = match decision.direction {
        Direction::Up => format!("up from {from} to {to}"),
        Direction::Down => format!("down from {from} to {to}"),
        Direction::Stay => format!("stay at {from}"),
    };
    let limits = format!("minimum {}, maximum {}", observation.min, observation.max);
    let reasons = if decision.reasons.is_empty() { limits } else { decision.reasons.join("; ") };
    let summary = format!("{service}: {what}: {reasons}");
    Finding::measured(
        "",
        AutoscaleDecision::SOURCE,
        summary,
        f64::from(*to),
        Some("containers"),
        Threshold::NONE,
    )
    .at_least(decision.status)
}

fn hint(observation: &Observation, decision: &Decision) -> String {
    match decision.direction {
        Direction::Stay if observation.unknown.is_empty() => "ordctl queue status".to_owned(),
        _ => "ordctl doctor".to_owned(),
    }
}
