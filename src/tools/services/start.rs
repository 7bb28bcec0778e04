//! `service.start`: starts the containers of a service and waits until they are ready.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clients::platform;
use crate::clients::platform::{Change, Instance, ManagedService, ServiceChange, ServiceUpdate};
use crate::model::{Effect, Finding, Status};
use crate::tools::services;
use crate::tools::services::{InstanceSnapshot, Readiness, Stopping, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct ServiceStart;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The service.
    pub(crate) service: String,
    /// When each is ready.
    #[serde(default)]
    pub(crate) ready: Readiness,
    /// What `check.roster` noted before: only what ran then is started.
    #[serde(default)]
    pub(crate) before: Option<Vec<InstanceSnapshot>>,
    /// Whether it is well when the system has no such service.
    #[serde(default)]
    pub(crate) optional: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Started {
    /// These.
    pub(crate) started: Vec<String>,
}

/// Who is to run when it is done.
async fn wanted(params: &Params, ctx: &ToolContext) -> Result<Vec<Instance>, ToolError> {
    let all = match params.optional {
        true => services::members(ctx, &params.service).await?,
        false => services::some_members(ctx, &params.service).await?,
    };
    let ran = |i: &Instance| match &params.before {
        Some(before) => services::noted(Some(before), i).is_some_and(|n| n.running),
        None => true,
    };
    let wanted: Vec<Instance> = all.into_iter().filter(ran).collect();
    if !wanted.is_empty() {
        params.ready.check(ctx, &params.service)?;
    }
    Ok(wanted)
}

impl Tool for ServiceStart {
    type Params = Params;
    type Result = Started;

    const NAME: &'static str = "service.start";
    const HELP: &'static str = "starts a service's containers and waits until they are ready";
    const SOURCE: &'static str = platform::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let platform = ctx.clients.platform()?;
        if let Some(whole) = managed::whole(ctx, &params.service, params.optional).await? {
            let mut changes = platform.plan_resize(&params.service, number(params, &whole)).await?;
            if changes.is_empty() && params.before.is_some() {
                // A step before this one stops them: then it is as many from none.
                changes = from_none(platform.plan_resize(&params.service, 0).await?);
            }
            return Ok(services::calls(platform, &changes));
        }
        // What runs now may be stopped by a step before this one: with a list it is named in any case.
        let idle = |i: &Instance| params.before.is_some() || !i.is_running();
        let to_do = wanted(params, ctx).await?.into_iter().filter(idle);
        Ok(to_do.flat_map(|i| platform.calls(&Change::Start(i.name))).collect())
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Started>, ToolError> {
        services::may_act(ctx)?;
        if let Some(whole) = managed::whole(ctx, &params.service, params.optional).await? {
            return start_whole(&params, ctx, &whole).await;
        }
        let wanted = wanted(&params, ctx).await?;
        let work = start(&params, ctx, &wanted);
        let started = services::telling(ctx, &params.service, &Stopping::default(), work).await?;
        let summary = match (wanted.is_empty(), started.is_empty()) {
            (true, _) => format!("{}: nothing to start", params.service),
            (_, true) => format!("{}: runs already, ready", params.service),
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
    let mark = params.ready.mark(ctx).await?;
    let idle = wanted.iter().filter(|i| !i.is_running());
    let started: Vec<String> = idle.map(|i| i.name.clone()).collect();
    for name in &started {
        platform.apply(&Change::Start(name.clone()), ctx.consent()?).await?;
    }
    let names: Vec<String> = wanted.iter().map(|i| i.name.clone()).collect();
    params.ready.wait(ctx, &params.service, &names, &mark, true).await?;
    Ok(started)
}

/// How many of a service that changes as a whole are to run.
fn number(params: &Params, whole: &ManagedService) -> u32 {
    match &params.before {
        Some(before) => managed::ran(before, &params.service),
        None => whole.wanted.max(1),
    }
}

/// The change that undoes the one to none.
fn from_none(to_none: Vec<Change>) -> Vec<Change> {
    let back = |change: Change| match change {
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
    to_none.into_iter().map(back).collect()
}

async fn start_whole(
    params: &Params,
    ctx: &ToolContext,
    whole: &ManagedService,
) -> Result<Output<Started>, ToolError> {
    let to = number(params, whole);
    if to > 0 {
        params.ready.check(ctx, &params.service)?;
    }
    let changes = ctx.clients.platform()?.plan_resize(&params.service, to).await?;
    let work = managed::change(ctx, &params.service, &changes, &params.ready);
    let started = services::telling(ctx, &params.service, &Stopping::default(), work).await?.new;
    let summary = match started.is_empty() {
        true => format!("{}: nothing to start", params.service),
        false => format!("started {}, ready", started.join(", ")),
    };
    Ok(Output::new(vec![Finding::new("", ServiceStart::SOURCE, Status::Ok, summary)], Started { started }))
}
