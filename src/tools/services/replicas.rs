//! `check.replicas`: checks a service's containers by state, heartbeat, and against an earlier snapshot.

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
use crate::tools::services::{Heartbeats, InstanceSnapshot, Sign, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Replicas;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) service: String,
    /// With `heartbeat`, each container must have sent one in the last two minutes.
    #[serde(default)]
    pub(crate) sign: Sign,
    /// The result of `check.instances` before the change: the containers that ran then must run again.
    #[serde(default)]
    pub(crate) before: Option<Vec<InstanceSnapshot>>,
    /// Accept a service that does not exist, or that did not run before.
    #[serde(default)]
    pub(crate) optional: bool,
}

/// The result for later steps.
#[derive(Debug, Serialize)]
pub(crate) struct Count {
    pub(crate) running: usize,
    pub(crate) states: BTreeMap<String, usize>,
    /// Running containers without a heartbeat.
    pub(crate) silent: Vec<String>,
}

impl Tool for Replicas {
    type Params = Params;
    type Result = Count;

    const NAME: &'static str = "check.replicas";
    const HELP: &'static str = "Check a service's containers by state and heartbeat";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Count>, ToolError> {
        let all = services::service_instances(ctx, &params.service).await?;
        let mut states = BTreeMap::<String, usize>::new();
        all.iter().for_each(|i| *states.entry(i.state.clone()).or_default() += 1);
        let running = all.iter().filter(|i| i.is_running()).count();
        let mut count = Count { running, states, silent: Vec::new() };
        let mut unknown = None;
        // The containers are reported even if the heartbeats are unknown.
        let mut with_heartbeats = params.sign == Sign::Heartbeat;
        if with_heartbeats {
            match services::with_timeout("PostgreSQL", Heartbeats::read(ctx)).await {
                Ok(heartbeats) => count.silent.extend(heartbeats.silent(&all).iter().map(|i| i.name.clone())),
                Err(error) => {
                    unknown = Some(unknown_heartbeats(&params.service, &error));
                    with_heartbeats = false;
                }
            }
        }
        let min = min_running(ctx, &params);
        let finding = finding(&params, &count, &all, min, with_heartbeats);
        let hint = hint(ctx, &params, &count, &all, min)?;
        let findings = std::iter::once(finding.hint(hint)).chain(unknown).collect();
        Ok(Output::new(findings, count))
    }
}

fn unknown_heartbeats(service: &str, error: &ToolError) -> Finding {
    let status = if error.is_not_configured() { Status::Skipped } else { Status::Unknown };
    let id = format!("{}.heartbeats", ident(service));
    let finding =
        Finding::new(&id, postgres::SYSTEM, status, format!("{service}: heartbeats unknown: {error}"));
    finding.hint(error.hint().unwrap_or_else(|| "ordctl doctor".to_owned()))
}

fn hint(
    ctx: &ToolContext,
    params: &Params,
    count: &Count,
    all: &[Instance],
    min: u32,
) -> Result<String, ToolError> {
    let (platform, service) = (ctx.clients.platform()?, params.service.as_str());
    if let Some(name) = count.silent.first() {
        return Ok(platform.commands().logs(name));
    }
    if all.iter().all(Instance::is_running) && !all.is_empty() && params.sign == Sign::Heartbeat {
        return Ok(format!("ordctl scale up {min}{}", services::scale_flags(ctx, service, params.sign)));
    }
    let restart = services::restart_command(ctx, service).filter(|_| !all.is_empty());
    // Beside healthy workers only the stopped ones are started.
    let names: Vec<&str> = all.iter().filter(|i| is_stopped(params, i)).map(|i| i.name.as_str()).collect();
    if let Some(command) = restart.as_ref().filter(|command| *command == "ordctl restart workers")
        && names.len() < all.len()
    {
        return Ok(format!("{command} {}", names.join(" ")));
    }
    Ok(restart.unwrap_or_else(|| platform.commands().list(Some(service))))
}

/// The required number of running containers.
fn min_running(ctx: &ToolContext, params: &Params) -> u32 {
    let min = ctx.settings.services.get(&params.service).cloned().unwrap_or_default().min();
    let before = params.before.as_deref().map(|before| managed::running_before(before, &params.service));
    match before {
        Some(0) if params.optional => 0,
        Some(running) => min.max(running),
        None => min,
    }
}

/// Whether it should run and does not.
fn is_stopped(params: &Params, instance: &Instance) -> bool {
    let was_stopped = services::snapshot_of(params.before.as_deref(), instance).is_some_and(|s| !s.running);
    !(instance.is_running() || was_stopped && instance.state != "restarting")
}

fn finding(params: &Params, count: &Count, all: &[Instance], min: u32, with_heartbeats: bool) -> Finding {
    let states: Vec<String> = count.states.iter().map(|(state, n)| format!("{n} {state}")).collect();
    let mut summary = match states.is_empty() {
        true => format!("{}: no container", params.service),
        false => format!("{}: {}", params.service, states.join(", ")),
    };
    if with_heartbeats && count.running > 0 {
        summary += &match count.silent.as_slice() {
            [] => ", all with heartbeats".to_owned(),
            silent => format!(", no heartbeat from {}", silent.join(", ")),
        };
    }
    let stopped: Vec<String> = all.iter().filter(|i| is_stopped(params, i)).map(Instance::describe).collect();
    if !stopped.is_empty() {
        summary += &format!("; not running: {}", stopped.join(", "));
    }
    if count.running < min as usize && params.before.is_some() {
        summary += &format!("; at least {min} must run");
    }
    let crit = min.checked_sub(1).map(f64::from);
    let threshold = Threshold { warn: None, crit, worse: Worse::Lower };
    #[expect(clippy::cast_precision_loss, reason = "nobody runs 2^52 containers")]
    let value = count.running as f64;
    let is_ok = count.silent.is_empty() && stopped.is_empty();
    let status = if is_ok { Status::Ok } else { Status::Warn };
    Finding::measured(
        &ident(&params.service),
        platform::SYSTEM,
        summary,
        value,
        Some("containers"),
        threshold,
    )
    .at_least(status)
    .details(json!({ "containers": all, "min": min }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instances(states: &[&str]) -> Vec<Instance> {
        let one = |(place, state): (usize, &&str)| Instance {
            name: format!("api-{}", place + 1),
            state: (*state).to_owned(),
            ..Instance::default()
        };
        states.iter().enumerate().map(one).collect()
    }

    fn status(states: &[&str], before: Option<&[bool]>) -> Status {
        let all = instances(states);
        let snapshot = |(i, running): (&Instance, &bool)| InstanceSnapshot {
            name: i.name.clone(),
            service: "api".to_owned(),
            running: *running,
            started_at: None,
        };
        let before = before.map(|ran| all.iter().zip(ran).map(snapshot).collect::<Vec<_>>());
        let ran = before.as_deref().map_or(1, |before| managed::running_before(before, "api"));
        let params = Params { service: "api".into(), sign: Sign::Running, before, optional: false };
        let running = all.iter().filter(|i| i.is_running()).count();
        let count = Count { running, states: BTreeMap::new(), silent: Vec::new() };
        finding(&params, &count, &all, ran, false).status
    }

    #[test]
    fn stopped_containers_warn_and_fewer_than_before_is_critical() {
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
