//! `check.replicas`: the containers of a service by their state, against the heartbeats they send and those
//! that ran before.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::sanitize::ident;
use crate::clients::platform;
use crate::clients::platform::Instance;
use crate::clients::postgres;
use crate::model::{Finding, Status, Threshold, Worse};
use crate::tools::services;
use crate::tools::services::{Beats, InstanceSnapshot, Sign, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Replicas;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The service.
    pub(crate) service: String,
    /// What each of them must give: with `heartbeat`, one in the last two minutes.
    #[serde(default)]
    pub(crate) sign: Sign,
    /// What `check.roster` noted before: as many must run again, and what did not run then need not now.
    #[serde(default)]
    pub(crate) before: Option<Vec<InstanceSnapshot>>,
    /// Whether it is well when the system has no such service, or none of it ran before.
    #[serde(default)]
    pub(crate) optional: bool,
}

/// The service, for later steps.
#[derive(Debug, Serialize)]
pub(crate) struct Count {
    /// Containers that run.
    pub(crate) running: usize,
    /// Containers by state.
    pub(crate) states: BTreeMap<String, usize>,
    /// Those that run and send no heartbeat.
    pub(crate) silent: Vec<String>,
}

impl Tool for Replicas {
    type Params = Params;
    type Result = Count;

    const NAME: &'static str = "check.replicas";
    const HELP: &'static str = "a service's containers by state, against their heartbeats";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Count>, ToolError> {
        let all = services::members(ctx, &params.service).await?;
        let mut states = BTreeMap::<String, usize>::new();
        all.iter().for_each(|i| *states.entry(i.state.clone()).or_default() += 1);
        let running = all.iter().filter(|i| i.is_running()).count();
        let mut count = Count { running, states, silent: Vec::new() };
        let mut unknown = None;
        // Without heartbeats the containers are known all the same.
        let mut beating = params.sign == Sign::Heartbeat;
        if beating {
            match services::in_time(Beats::ask(ctx)).await {
                Ok(beats) => count.silent.extend(beats.silent(&all).iter().map(|i| i.name.clone())),
                Err(error) => {
                    unknown = Some(unheard(&params.service, &error));
                    beating = false;
                }
            }
        }
        let least = least(ctx, &params);
        let finding = finding(&params, &count, &all, least, beating);
        let hint = hint(ctx, &params, &count, &all, least)?;
        let findings = std::iter::once(finding.hint(hint)).chain(unknown).collect();
        Ok(Output::new(findings, count))
    }
}

/// The heartbeats cannot be told.
fn unheard(service: &str, error: &ToolError) -> Finding {
    let status = if error.is_not_configured() { Status::Skipped } else { Status::Unknown };
    let id = format!("{}.heartbeats", ident(service));
    let finding = Finding::new(
        &id,
        postgres::SYSTEM,
        status,
        format!("{service}: its heartbeats are not known: {error}"),
    );
    finding.hint(error.hint().unwrap_or_else(|| "ordctl doctor".to_owned()))
}

/// The next command.
fn hint(
    ctx: &ToolContext,
    params: &Params,
    count: &Count,
    all: &[Instance],
    least: u32,
) -> Result<String, ToolError> {
    let (platform, service) = (ctx.clients.platform()?, params.service.as_str());
    if let Some(name) = count.silent.first() {
        return Ok(platform.commands().logs(name));
    }
    if all.iter().all(Instance::is_running) && !all.is_empty() && params.sign == Sign::Heartbeat {
        return Ok(format!("ordctl scale up {least}{}", services::same(ctx, service, params.sign)));
    }
    let restart = services::restarting(ctx, service).filter(|_| !all.is_empty());
    Ok(restart.unwrap_or_else(|| platform.commands().list(Some(service))))
}

/// How many must run.
fn least(ctx: &ToolContext, params: &Params) -> u32 {
    let min = ctx.settings.services.get(&params.service).cloned().unwrap_or_default().min();
    let before = params.before.as_deref().map(|before| managed::ran(before, &params.service));
    match before {
        Some(0) if params.optional => 0,
        Some(ran) => min.max(ran),
        None => min,
    }
}

/// Whether this one stands still, and is not meant to as far as it is known.
fn stands_still(params: &Params, instance: &Instance) -> bool {
    let idle = services::noted(params.before.as_deref(), instance).is_some_and(|n| !n.running);
    !(instance.is_running() || idle && instance.state != "restarting")
}

fn finding(params: &Params, count: &Count, all: &[Instance], least: u32, beating: bool) -> Finding {
    let states: Vec<String> = count.states.iter().map(|(state, n)| format!("{n} {state}")).collect();
    let mut summary = match states.is_empty() {
        true => format!("{}: no container", params.service),
        false => format!("{}: {}", params.service, states.join(", ")),
    };
    if beating && count.running > 0 {
        summary += &match count.silent.as_slice() {
            [] => ", all that run send heartbeats".to_owned(),
            silent => format!(", no heartbeat from {}", silent.join(", ")),
        };
    }
    let still: Vec<String> = all.iter().filter(|i| stands_still(params, i)).map(Instance::describe).collect();
    if !still.is_empty() {
        summary += &format!("; not running: {}", still.join(", "));
    }
    if count.running < least as usize && params.before.is_some() {
        summary += &format!("; {least} must run");
    }
    let crit = least.checked_sub(1).map(f64::from);
    let threshold = Threshold { warn: None, crit, worse: Worse::Lower };
    #[expect(clippy::cast_precision_loss, reason = "nobody runs 2^52 containers")]
    let value = count.running as f64;
    let well = count.silent.is_empty() && still.is_empty();
    let status = if well { Status::Ok } else { Status::Warn };
    Finding::measured(
        &ident(&params.service),
        platform::SYSTEM,
        summary,
        value,
        Some("containers"),
        threshold,
    )
    .at_least(status)
    .details(json!({ "containers": all, "min": least }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crew(states: &[&str]) -> Vec<Instance> {
        let one = |(place, state): (usize, &&str)| Instance {
            name: format!("api-{}", place + 1),
            state: (*state).to_owned(),
            ..Instance::default()
        };
        states.iter().enumerate().map(one).collect()
    }

    fn status(states: &[&str], before: Option<&[bool]>) -> Status {
        let all = crew(states);
        let noted = |(i, running): (&Instance, &bool)| InstanceSnapshot {
            name: i.name.clone(),
            service: "api".to_owned(),
            running: *running,
            started_at: None,
        };
        let before = before.map(|ran| all.iter().zip(ran).map(noted).collect::<Vec<_>>());
        let ran = before.as_deref().map_or(1, |before| managed::ran(before, "api"));
        let params = Params { service: "api".into(), sign: Sign::Running, before, optional: false };
        let running = all.iter().filter(|i| i.is_running()).count();
        let count = Count { running, states: BTreeMap::new(), silent: Vec::new() };
        finding(&params, &count, &all, ran, false).status
    }

    #[test]
    fn what_stands_still_is_said_and_fewer_than_before_is_critical() {
        for (states, before, wanted) in [
            (&["running", "running"][..], None, Status::Ok),
            (&["running", "exited"], None, Status::Warn),
            (&["running", "restarting"], None, Status::Warn),
            (&["exited"], None, Status::Crit),
            (&["running", "exited"], Some(&[true, true][..]), Status::Crit),
            (&["running", "exited"], Some(&[true, false]), Status::Ok),
            (&["running", "restarting"], Some(&[true, false]), Status::Warn),
            (&["running", "running"], Some(&[true, false]), Status::Ok),
        ] {
            assert_eq!(status(states, before), wanted, "{states:?} {before:?}");
        }
    }
}
