//! `service.restart`: restarts the containers of a service, one at a time; each is ready before the
//! next is touched.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clients::platform;
use crate::clients::platform::{Change, Instance, ManagedService};
use crate::model::{Effect, Finding, Status};
use crate::tools::services;
use crate::tools::services::{InstanceSnapshot, Readiness, Sign, Stopping, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct ServiceRestart;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The service.
    pub(crate) service: String,
    /// When each is ready.
    #[serde(default)]
    pub(crate) ready: Readiness,
    /// What `check.roster` noted before: what was started since is not restarted again.
    #[serde(default)]
    pub(crate) before: Option<Vec<InstanceSnapshot>>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Restarted {
    /// These, in this order.
    pub(crate) restarted: Vec<String>,
}

/// Whether it was restarted already, by the run that is being resumed.
fn done(params: &Params, instance: &Instance) -> bool {
    let noted = services::noted(params.before.as_deref(), instance);
    instance.is_running() && noted.is_some_and(|n| n.started_at != instance.started_at)
}

/// Stopping and starting are two calls: only a heartbeat between them and after is a new one's.
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
    const HELP: &'static str = "restarts a service's containers one at a time, each ready before the next";
    const SOURCE: &'static str = platform::SYSTEM;

    fn effect(&self, params: &Params) -> Effect {
        // Everything stands still while a database is away.
        if params.ready.sign == Sign::Query { Effect::Grave } else { Effect::Change }
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        params.ready.check(ctx, &params.service)?;
        let platform = ctx.clients.platform()?;
        let to_do: Vec<Change> = match managed::changeable(ctx, &params.service, false).await? {
            Some(_) => anew(params, ctx).await?,
            None => {
                let all = services::some_members(ctx, &params.service).await?;
                all.iter().filter(|i| !done(params, i)).flat_map(changes).collect()
            }
        };
        if !to_do.is_empty() {
            params.ready.markable(ctx, &params.service).await?;
        }
        Ok(services::calls(platform, &to_do))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Restarted>, ToolError> {
        services::may_act(ctx)?;
        params.ready.check(ctx, &params.service)?;
        if let Some(whole) = managed::changeable(ctx, &params.service, false).await? {
            return roll(&params, ctx, &whole).await;
        }
        let all = services::some_members(ctx, &params.service).await?;
        let stopping = Stopping::default();
        let work = each(&params, ctx, &all, &stopping);
        let became = services::telling(ctx, &params.service, &stopping, work).await?;
        let mut findings = vec![Finding::new("", Self::SOURCE, Status::Ok, became.summary(&params.service))];
        findings.extend(services::say_killed(&became.killed));
        Ok(Output::new(findings, Restarted { restarted: became.restarted }))
    }
}

/// What became of the instances.
#[derive(Default)]
struct Became {
    /// These were restarted.
    restarted: Vec<String>,
    /// These had been, by the run that is being resumed.
    earlier: Vec<String>,
    /// These did not end in their time.
    killed: Vec<String>,
}

impl Became {
    fn summary(&self, service: &str) -> String {
        let Self { restarted, earlier, .. } = self;
        let how = if restarted.len() > 1 { ", one at a time, each ready before the next" } else { ", ready" };
        let now = format!("restarted {}{how}", restarted.join(", "));
        match (restarted.as_slice(), earlier.as_slice()) {
            (_, []) => now,
            ([], earlier) => {
                format!("{service}: all were restarted before, and are ready: {}", earlier.join(", "))
            }
            (_, earlier) => format!("{now}; restarted before, and ready: {}", earlier.join(", ")),
        }
    }
}

/// One after the other.
async fn each(
    params: &Params,
    ctx: &ToolContext,
    all: &[Instance],
    stopping: &Stopping,
) -> Result<Became, ToolError> {
    let mut became = Became::default();
    for (place, instance) in all.iter().enumerate() {
        ctx.progress(place as u64, Some(all.len() as u64), instance.name.clone());
        let earlier = done(params, instance);
        if let Err(error) = one(params, ctx, instance, stopping, &mut became.killed).await {
            return Err(told(&error, instance, &became, &all[place + 1..]));
        }
        let list = if earlier { &mut became.earlier } else { &mut became.restarted };
        list.push(instance.name.clone());
    }
    Ok(became)
}

/// What makes every instance anew, unless the run that is being resumed has done it.
async fn anew(params: &Params, ctx: &ToolContext) -> Result<Vec<Change>, ToolError> {
    let all = services::some_members(ctx, &params.service).await?;
    match managed::renewed(params.before.as_deref(), &params.service, &all) {
        true => Ok(Vec::new()),
        false => Ok(ctx.clients.platform()?.plan_rollout(&params.service).await?),
    }
}

/// The platform replaces one after the other; all new ones are ready in the end.
async fn roll(
    params: &Params,
    ctx: &ToolContext,
    whole: &ManagedService,
) -> Result<Output<Restarted>, ToolError> {
    let changes = anew(params, ctx).await?;
    let work = managed::change(ctx, &params.service, &changes, &params.ready);
    let replaced = services::telling(ctx, &params.service, &Stopping::default(), work).await?.new;
    let summary = match replaced.is_empty() {
        true => format!("{}: all were made anew already", params.service),
        false => format!("made anew, one at a time, and ready: {}", replaced.join(", ")),
    };
    let mut findings = vec![Finding::new("", ServiceRestart::SOURCE, Status::Ok, summary)];
    let drains = params.ready.sign == Sign::Heartbeat;
    findings.extend(Some(whole).filter(|_| drains).and_then(|whole| managed::short_grace(ctx, whole)));
    Ok(Output::new(findings, Restarted { restarted: replaced }))
}

async fn one(
    params: &Params,
    ctx: &ToolContext,
    instance: &Instance,
    stopping: &Stopping,
    killed: &mut Vec<String>,
) -> Result<(), ToolError> {
    let platform = ctx.clients.platform()?;
    let names = [instance.name.clone()];
    // Whoever cannot tell whether the new one is ready must not stop the old one.
    let known = params.ready.mark(ctx).await?;
    if done(params, instance) {
        return params.ready.wait(ctx, &params.service, &names, &known, true).await;
    }
    let mut mark = Ok(known);
    for change in changes(instance) {
        if let Change::Start(_) = change {
            // The old one has ended: whatever beats from now on is new. It is started in any case.
            mark = params.ready.mark(ctx).await;
            if instance.is_running() {
                killed.extend(services::killed(ctx, &params.service, &names).await.unwrap_or_default());
            }
        }
        stopping.apply(platform, &change, ctx.consent()?).await?;
    }
    params.ready.wait(ctx, &params.service, &names, &mark?, true).await
}

/// A failure, with what was done before it and what was not done any more.
fn told(error: &ToolError, at: &Instance, became: &Became, after: &[Instance]) -> ToolError {
    let mut message = format!("{}: {error}", at.name);
    let before: Vec<&str> = became.earlier.iter().chain(&became.restarted).map(String::as_str).collect();
    if !before.is_empty() {
        message += &format!("; restarted before it: {}", before.join(", "));
    }
    if !after.is_empty() {
        let names: Vec<&str> = after.iter().map(|i| i.name.as_str()).collect();
        message += &format!("; not restarted: {}", names.join(", "));
    }
    ToolError::Failed { message, hint: error.hint() }
}
