//! `check.replicas`: the containers of a service by their state, against the heartbeats they send.

use std::collections::BTreeMap;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::super::ident::ident;
use super::super::services::{self, Beats, Sign};
use super::super::{Output, Tool, ToolContext, ToolError};
use crate::clients::docker;
use crate::clients::platform::Instance;
use crate::model::{Finding, Status, Threshold, Worse};

/// See the module.
pub struct Replicas;

/// What it is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The service.
    pub service: String,
    /// What each of them must give: with `heartbeat`, one in the last two minutes.
    #[serde(default)]
    pub sign: Sign,
}

/// The service, for later steps.
#[derive(Debug, Serialize)]
pub struct Count {
    /// Containers that run.
    pub running: usize,
    /// Containers by state.
    pub states: BTreeMap<String, usize>,
    /// Those that run and send no heartbeat.
    pub silent: Vec<String>,
}

#[async_trait]
impl Tool for Replicas {
    type Params = Params;
    type Result = Count;

    const NAME: &'static str = "check.replicas";
    const HELP: &'static str = "a service's containers by state, against their heartbeats";
    const SOURCE: &'static str = docker::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Count>, ToolError> {
        let all = services::members(ctx, &params.service).await?;
        let mut silent: Vec<String> = Vec::new();
        if params.sign == Sign::Heartbeat {
            let beats = Beats::ask(ctx).await?;
            silent.extend(beats.silent(&all).iter().map(|i| i.name.clone()));
        }
        let mut states = BTreeMap::<String, usize>::new();
        all.iter().for_each(|i| *states.entry(i.state.clone()).or_default() += 1);
        let count = Count { running: all.iter().filter(|i| i.runs()).count(), states, silent };
        let hint = match count.silent.first() {
            Some(name) => ctx.clients.platform()?.last_words(name),
            None => format!("ordctl scale up {}", least(ctx, &params.service)),
        };
        let finding = finding(&params, &count, &all, least(ctx, &params.service)).hint(hint);
        Ok(Output::new(vec![finding], count))
    }
}

/// How many must run.
fn least(ctx: &ToolContext, service: &str) -> u32 {
    ctx.settings.services.get(service).cloned().unwrap_or_default().min()
}

fn finding(params: &Params, count: &Count, all: &[Instance], min: u32) -> Finding {
    let states: Vec<String> = count.states.iter().map(|(state, n)| format!("{n} {state}")).collect();
    let mut summary = match states.is_empty() {
        true => format!("{}: no container", params.service),
        false => format!("{}: {}", params.service, states.join(", ")),
    };
    if params.sign == Sign::Heartbeat && count.running > 0 {
        summary += &match count.silent.as_slice() {
            [] => ", all that run send heartbeats".to_owned(),
            silent => format!(", no heartbeat from {}", silent.join(", ")),
        };
    }
    let crit = min.checked_sub(1).map(f64::from);
    let threshold = Threshold { warn: None, crit, worse: Worse::Lower };
    #[expect(clippy::cast_precision_loss, reason = "nobody runs 2^52 containers")]
    let value = count.running as f64;
    let status = if count.silent.is_empty() { Status::Ok } else { Status::Warn };
    Finding::measured(&ident(&params.service), docker::SYSTEM, summary, value, Some("containers"), threshold)
        .at_least(status)
        .details(json!({ "containers": all, "min": min }))
}
