//! `service.restart`: restarts the containers of a service one at a time, each ready before the next.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units;
use crate::clients::platform;
use crate::clients::platform::{Change, Instance, ManagedService};
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::tools::services;
use crate::tools::services::{InstanceSnapshot, Readiness, Sign, Stopping, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct ServiceRestart;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) service: String,
    /// When a container is ready.
    #[serde(default)]
    pub(crate) ready: Readiness,
    /// The result of `check.instances` before the change: containers started since are not restarted again.
    #[serde(default)]
    pub(crate) before: Option<Vec<InstanceSnapshot>>,
    /// Restart only these containers: names or numbers, separated by commas or spaces. Empty: all.
    #[serde(default, deserialize_with = "units::text_or_number")]
    pub(crate) only: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct Restarted {
    /// In this order.
    pub(crate) restarted: Vec<String>,
}

/// Whether the run that is being resumed has restarted it.
fn is_restarted(params: &Params, instance: &Instance) -> bool {
    let snapshot = services::snapshot_of(params.before.as_deref(), instance);
    instance.is_running() && snapshot.is_some_and(|s| s.started_at != instance.started_at)
}

/// The instances to restart: all, or those that `only` names.
async fn chosen(params: &Params, ctx: &ToolContext) -> Result<Vec<Instance>, ToolError> {
    let all = services::require_instances(ctx, &params.service).await?;
    let names: Vec<&str> = words(&params.only).collect();
    let is_named =
        |i: &Instance, name: &str| i.name == name || i.number.map(|n| n.to_string()).as_deref() == Some(name);
    match names.iter().find(|name| !all.iter().any(|i| is_named(i, name))) {
        Some(unknown) => Err(ToolError::Refused {
            message: format!("service {} has no container '{unknown}'", params.service),
            hint: Some(ctx.clients.platform()?.commands().list(Some(&params.service))),
        }),
        None if names.is_empty() => Ok(all),
        None => Ok(all.into_iter().filter(|i| names.iter().any(|name| is_named(i, name))).collect()),
    }
}

fn words(only: &str) -> impl Iterator<Item = &str> {
    only.split([',', ' ']).filter(|word| !word.is_empty())
}

/// A platform that replaces containers by itself replaces all of them.
fn check_choice(params: &Params, managed: &ManagedService) -> Result<(), ToolError> {
    match words(&params.only).next() {
        None => Ok(()),
        Some(_) => Err(ToolError::Refused {
            message: format!(
                "{}: the swarm restarts all containers of a service, not single ones",
                managed.name
            ),
            hint: services_hint(&params.service),
        }),
    }
}

fn services_hint(service: &str) -> Option<String> {
    (service == "worker").then(|| "ordctl restart workers --dry-run".to_owned())
}

/// The work that a restart interrupts, for the plan; empty where it is unknown.
async fn interrupted(params: &Params, ctx: &ToolContext, due: &[&Instance]) -> String {
    if params.ready.sign != Sign::Heartbeat {
        return String::new();
    }
    let Ok(store) = ctx.store() else { return String::new() };
    let Ok(workers) = services::with_timeout("PostgreSQL", async { Ok(store.node_workers().await?) }).await
    else {
        return String::new();
    };
    let runs = services::heartbeats::running_on(&workers, due);
    match runs {
        0 => ", no run in progress".to_owned(),
        1 => ", with 1 run in progress, which drains or starts again elsewhere".to_owned(),
        n => format!(", with {n} runs in progress, which drain or start again elsewhere"),
    }
}

/// Two calls, so that heartbeats after the stop are those of the new process.
fn changes(instance: &Instance) -> Vec<Change> {
    let stop = Change::Stop(instance.name.clone());
    let start = Change::Start(instance.name.clone());
    if matches!(instance.state.as_str(), "exited" | "created" | "dead") {
        vec![start]
    } else {
        vec![stop, start]
    }
}

impl Tool for ServiceRestart {
    type Params = Params;
    type Result = Restarted;

    const NAME: &'static str = "service.restart";
    const HELP: &'static str = "Restart a service's containers one at a time, each ready before the next";
    const SOURCE: &'static str = platform::SYSTEM;

    fn effect(&self, params: &Params) -> Effect {
        // The whole system stops while the database restarts.
        if params.ready.sign == Sign::Query { Effect::Grave } else { Effect::Change }
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        params.ready.check_configured(ctx, &params.service)?;
        let platform = ctx.clients.platform()?;
        let service = &params.service;
        let (text, changes_to_make) = match managed::changeable_service(ctx, service, false).await? {
            Some(managed) => {
                check_choice(params, &managed)?;
                let text = format!(
                    "Recreate {} of {service} one at a time",
                    units::counted(managed.wanted.into(), "container")
                );
                (text, rollout(params, ctx).await?)
            }
            None => {
                let all = chosen(params, ctx).await?;
                let due: Vec<&Instance> = all.iter().filter(|i| !is_restarted(params, i)).collect();
                let text = described(service, &due) + &interrupted(params, ctx, &due).await;
                (text, due.into_iter().flat_map(changes).collect::<Vec<_>>())
            }
        };
        if changes_to_make.is_empty() {
            return Ok(StepPlan::new(format!("Restart {service}: already restarted"), Vec::new()));
        }
        params.ready.check_heartbeats(ctx, service).await?;
        Ok(StepPlan::new(text, services::calls(platform, &changes_to_make)))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Restarted>, ToolError> {
        services::may_act(ctx)?;
        params.ready.check_configured(ctx, &params.service)?;
        if let Some(managed) = managed::changeable_service(ctx, &params.service, false).await? {
            check_choice(&params, &managed)?;
            return restart_managed(&params, ctx, &managed).await;
        }
        let all = chosen(&params, ctx).await?;
        let stopping = Stopping::of_restart();
        let work = restart_each(&params, ctx, &all, &stopping);
        let outcome = services::report_stopped(ctx, &params.service, &stopping, work).await?;
        let mut findings = vec![Finding::new("", Self::SOURCE, Status::Ok, outcome.summary(&params.service))];
        findings.extend(services::killed_finding(&outcome.killed));
        Ok(Output::new(findings, Restarted { restarted: outcome.restarted }))
    }
}

/// What the plan does, for a person.
fn described(service: &str, due: &[&Instance]) -> String {
    let names: Vec<&str> = due.iter().map(|i| i.name.as_str()).collect();
    match due {
        [one] if one.is_running() => format!("Restart {service}: {}", one.name),
        [one] => format!("Start {service}: {}", one.describe()),
        _ => format!("Restart {service} one at a time: {}", units::names(&names)),
    }
}

#[derive(Default)]
struct RestartOutcome {
    restarted: Vec<String>,
    /// Restarted by the run that is being resumed.
    earlier: Vec<String>,
    /// Killed after their grace period.
    killed: Vec<String>,
}

impl RestartOutcome {
    fn summary(&self, service: &str) -> String {
        let Self { restarted, earlier, .. } = self;
        let how = if restarted.len() > 1 { ", one at a time, all ready" } else { ", ready" };
        let now = format!("restarted {}{how}", restarted.join(", "));
        match (restarted.as_slice(), earlier.as_slice()) {
            (_, []) => now,
            ([], earlier) => {
                format!("{service}: already restarted and ready: {}", earlier.join(", "))
            }
            (_, earlier) => format!("{now}; already restarted and ready: {}", earlier.join(", ")),
        }
    }
}

async fn restart_each(
    params: &Params,
    ctx: &ToolContext,
    all: &[Instance],
    stopping: &Stopping,
) -> Result<RestartOutcome, ToolError> {
    let mut outcome = RestartOutcome::default();
    for (place, instance) in all.iter().enumerate() {
        ctx.progress(place as u64, Some(all.len() as u64), instance.name.clone());
        let was_restarted = is_restarted(params, instance);
        if let Err(error) = restart_one(params, ctx, instance, stopping, &mut outcome.killed).await {
            return Err(with_progress(&error, instance, &outcome, &all[place + 1..]));
        }
        let list = if was_restarted { &mut outcome.earlier } else { &mut outcome.restarted };
        list.push(instance.name.clone());
    }
    Ok(outcome)
}

/// The changes that recreate every instance, unless the run that is being resumed has made them.
async fn rollout(params: &Params, ctx: &ToolContext) -> Result<Vec<Change>, ToolError> {
    let all = services::require_instances(ctx, &params.service).await?;
    match managed::all_recreated(params.before.as_deref(), &params.service, &all) {
        true => Ok(Vec::new()),
        false => Ok(ctx.clients.platform()?.plan_rollout(&params.service).await?),
    }
}

/// The platform replaces the instances one at a time.
async fn restart_managed(
    params: &Params,
    ctx: &ToolContext,
    managed: &ManagedService,
) -> Result<Output<Restarted>, ToolError> {
    let changes = rollout(params, ctx).await?;
    let work = managed::apply_changes(ctx, &params.service, &changes, &params.ready);
    let recreated = services::report_stopped(ctx, &params.service, &Stopping::default(), work).await?.added;
    let summary = match recreated.is_empty() {
        true => format!("{}: all already recreated", params.service),
        false => format!("recreated one at a time, all ready: {}", recreated.join(", ")),
    };
    let mut findings = vec![Finding::new("", ServiceRestart::SOURCE, Status::Ok, summary)];
    let drains = params.ready.sign == Sign::Heartbeat;
    findings.extend(Some(managed).filter(|_| drains).and_then(|m| managed::short_grace_period(ctx, m)));
    Ok(Output::new(findings, Restarted { restarted: recreated }))
}

async fn restart_one(
    params: &Params,
    ctx: &ToolContext,
    instance: &Instance,
    stopping: &Stopping,
    killed: &mut Vec<String>,
) -> Result<(), ToolError> {
    let platform = ctx.clients.platform()?;
    let names = [instance.name.clone()];
    // Read before the stop: without them, the readiness of the new process would be unknown.
    let known = params.ready.heartbeats(ctx).await?;
    if is_restarted(params, instance) {
        return params.ready.wait(ctx, &params.service, &names, &known, true).await;
    }
    let mut earlier = Ok(known);
    for change in changes(instance) {
        if let Change::Start(_) = change {
            // The old process has ended: later heartbeats are those of the new one. An error here does not prevent
            // the start.
            earlier = params.ready.heartbeats(ctx).await;
            if instance.is_running() {
                killed.extend(services::killed(ctx, &params.service, &names).await.unwrap_or_default());
            }
        }
        stopping.apply(platform, &change, ctx.consent()?).await?;
    }
    params.ready.wait(ctx, &params.service, &names, &earlier?, true).await
}

/// Adds the containers that were restarted before the failure, and those that were not.
fn with_progress(
    error: &ToolError,
    at: &Instance,
    outcome: &RestartOutcome,
    after: &[Instance],
) -> ToolError {
    let mut message = format!("{}: {error}", at.name);
    let before: Vec<&str> = outcome.earlier.iter().chain(&outcome.restarted).map(String::as_str).collect();
    if !before.is_empty() {
        message += &format!("; already restarted: {}", before.join(", "));
    }
    if !after.is_empty() {
        let names: Vec<&str> = after.iter().map(|i| i.name.as_str()).collect();
        message += &format!("; not restarted: {}", names.join(", "));
    }
    ToolError::Failed { message, hint: error.hint() }
}
