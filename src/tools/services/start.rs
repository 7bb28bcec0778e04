//! `service.start`: starts the containers of a service and waits until they are ready.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units;
use crate::clients::platform;
use crate::clients::platform::{Change, Instance, ManagedService, ServiceChange, ServiceUpdate};
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::tools::services;
use crate::tools::services::{InstanceSnapshot, Readiness, Stopping, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct ServiceStart;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) service: String,
    /// When a container is ready.
    #[serde(default)]
    pub(crate) ready: Readiness,
    /// The result of `check.instances` before the change: only containers that ran then are started.
    #[serde(default)]
    pub(crate) before: Option<Vec<InstanceSnapshot>>,
    /// Accept a service that does not exist.
    #[serde(default)]
    pub(crate) optional: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Started {
    pub(crate) started: Vec<String>,
}

/// The containers that must run afterwards.
async fn wanted(params: &Params, ctx: &ToolContext) -> Result<Vec<Instance>, ToolError> {
    let all = match params.optional {
        true => services::service_instances(ctx, &params.service).await?,
        false => services::require_instances(ctx, &params.service).await?,
    };
    let ran = |i: &Instance| match &params.before {
        Some(before) => services::snapshot_of(Some(before), i).is_some_and(|s| s.running),
        None => true,
    };
    let wanted: Vec<Instance> = all.into_iter().filter(ran).collect();
    if !wanted.is_empty() {
        params.ready.check_configured(ctx, &params.service)?;
    }
    Ok(wanted)
}

fn planned(params: &Params, text: String, calls: Vec<String>) -> StepPlan {
    match calls.is_empty() {
        true => StepPlan::new(format!("Start {}: nothing to start", params.service), calls),
        false => StepPlan::new(text, calls),
    }
}

impl Tool for ServiceStart {
    type Params = Params;
    type Result = Started;

    const NAME: &'static str = "service.start";
    const HELP: &'static str = "Start a service's containers and wait until they are ready";
    const SOURCE: &'static str = platform::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let platform = ctx.clients.platform()?;
        if let Some(managed) = managed::managed_service(ctx, &params.service, params.optional).await? {
            let mut changes = platform.plan_resize(&params.service, target(params, &managed)).await?;
            if changes.is_empty() && params.before.is_some() {
                // An earlier step of the plan stops them, so the plan starts from 0.
                changes = reverse(platform.plan_resize(&params.service, 0).await?);
            }
            let number = units::counted(target(params, &managed).into(), "container");
            let text = format!("Start {}: {number}", params.service);
            return Ok(planned(params, text, services::calls(platform, &changes)));
        }
        // With a snapshot, an earlier step of the plan may stop them: the plan lists them all.
        let needs_start = |i: &Instance| params.before.is_some() || !i.is_running();
        let to_start: Vec<Instance> = wanted(params, ctx).await?.into_iter().filter(needs_start).collect();
        let names: Vec<String> = to_start.into_iter().map(|i| i.name).collect();
        let text = format!("Start {}: {}", params.service, units::names(&names));
        let calls = names.into_iter().flat_map(|name| platform.calls(&Change::Start(name))).collect();
        Ok(planned(params, text, calls))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Started>, ToolError> {
        services::may_act(ctx)?;
        if let Some(managed) = managed::managed_service(ctx, &params.service, params.optional).await? {
            return start_managed(&params, ctx, &managed).await;
        }
        let wanted = wanted(&params, ctx).await?;
        let work = start(&params, ctx, &wanted);
        let started = services::report_stopped(ctx, &params.service, &Stopping::default(), work).await?;
        let summary = match (wanted.is_empty(), started.is_empty()) {
            (true, _) => format!("{}: nothing to start", params.service),
            (_, true) => format!("{}: already running and ready", params.service),
            _ => format!("started {}, ready", started.join(", ")),
        };
        Ok(Output::new(vec![Finding::new("", Self::SOURCE, Status::Ok, summary)], Started { started }))
    }
}

async fn start(params: &Params, ctx: &ToolContext, wanted: &[Instance]) -> Result<Vec<String>, ToolError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let platform = ctx.clients.platform()?;
    let earlier = params.ready.heartbeats(ctx).await?;
    let stopped = wanted.iter().filter(|i| !i.is_running());
    let started: Vec<String> = stopped.map(|i| i.name.clone()).collect();
    for name in &started {
        platform.apply(&Change::Start(name.clone()), ctx.consent()?).await?;
    }
    let names: Vec<String> = wanted.iter().map(|i| i.name.clone()).collect();
    params.ready.wait(ctx, &params.service, &names, &earlier, true).await?;
    Ok(started)
}

/// The number of instances of a managed service to run.
fn target(params: &Params, managed: &ManagedService) -> u32 {
    match &params.before {
        Some(before) => managed::running_before(before, &params.service),
        None => managed.wanted.max(1),
    }
}

/// Reverses changes to 0 instances.
fn reverse(to_zero: Vec<Change>) -> Vec<Change> {
    let reverse_one = |change: Change| match change {
        Change::Service(ServiceChange { to: ServiceUpdate::Replicas { from, to }, id, service, version }) => {
            Change::Service(ServiceChange {
                to: ServiceUpdate::Replicas { from: to, to: from },
                id,
                service,
                version,
            })
        }
        other => other,
    };
    to_zero.into_iter().map(reverse_one).collect()
}

async fn start_managed(
    params: &Params,
    ctx: &ToolContext,
    managed: &ManagedService,
) -> Result<Output<Started>, ToolError> {
    let to = target(params, managed);
    if to > 0 {
        params.ready.check_configured(ctx, &params.service)?;
    }
    let changes = ctx.clients.platform()?.plan_resize(&params.service, to).await?;
    let work = managed::apply_changes(ctx, &params.service, &changes, &params.ready);
    let started = services::report_stopped(ctx, &params.service, &Stopping::default(), work).await?.added;
    let summary = match started.is_empty() {
        true => format!("{}: nothing to start", params.service),
        false => format!("started {}, ready", started.join(", ")),
    };
    Ok(Output::new(vec![Finding::new("", ServiceStart::SOURCE, Status::Ok, summary)], Started { started }))
}
