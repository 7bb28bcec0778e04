//! `service.restart`: restarts the containers of a service, one at a time; each is ready before the
//! next is touched.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::services::{self, Noted, Readiness, Sign, whole};
use super::super::{Output, Tool, ToolContext, ToolError};
use crate::clients::docker;
use crate::clients::platform::{Change, Instance, Platform, Whole};
use crate::model::{Effect, Finding, Status};

/// See the module.
pub struct ServiceRestart;

/// What it is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// The service.
    pub service: String,
    /// When each is ready.
    #[serde(default)]
    pub ready: Readiness,
    /// What `check.roster` noted before: what was started since is not restarted again.
    #[serde(default)]
    pub before: Option<Vec<Noted>>,
}

/// What was done.
#[derive(Debug, Serialize)]
pub struct Restarted {
    /// These, in this order.
    pub restarted: Vec<String>,
}

/// Whether it was restarted already, by the run that is being resumed.
fn done(params: &Params, instance: &Instance) -> bool {
    let noted = services::noted(params.before.as_deref(), instance);
    instance.runs() && noted.is_some_and(|n| n.started_at != instance.started_at)
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

#[async_trait]
impl Tool for ServiceRestart {
    type Params = Params;
    type Result = Restarted;

    const NAME: &'static str = "service.restart";
    const HELP: &'static str = "restarts a service's containers one at a time, each ready before the next";
    const SOURCE: &'static str = docker::SYSTEM;

    fn effect(&self, params: &Params) -> Effect {
        // Everything stands still while a database is away.
        if params.ready.sign == Sign::Query { Effect::Grave } else { Effect::Change }
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        params.ready.check(ctx, &params.service)?;
        let platform = ctx.clients.platform()?;
        if whole::changeable(ctx, &params.service, false).await?.is_some() {
            return Ok(services::calls(platform, &anew(params, ctx).await?));
        }
        let all = services::some_members(ctx, &params.service).await?;
        let to_do = all.iter().filter(|i| !done(params, i));
        Ok(to_do.flat_map(|i| services::calls(platform, &changes(i))).collect())
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Restarted>, ToolError> {
        services::may_act(ctx)?;
        params.ready.check(ctx, &params.service)?;
        if let Some(whole) = whole::changeable(ctx, &params.service, false).await? {
            return roll(&params, ctx, &whole).await;
        }
        let platform = ctx.clients.platform()?;
        let all = services::some_members(ctx, &params.service).await?;
        let (mut restarted, mut killed) = (Vec::new(), Vec::new());
        for (place, instance) in all.iter().enumerate() {
            ctx.progress(place as u64, Some(all.len() as u64), instance.name.clone());
            if let Err(error) = one(&params, ctx, platform, instance, &mut killed).await {
                let error = told(&error, instance, &restarted, &all[place + 1..]);
                return Err(services::with_what_is_down(error, ctx, &params.service).await);
            }
            restarted.push(instance.name.clone());
        }
        let how = if restarted.len() > 1 { ", one at a time, each ready before the next" } else { ", ready" };
        let summary = format!("restarted {}{how}", restarted.join(", "));
        let mut findings = vec![Finding::new("", Self::SOURCE, Status::Ok, summary)];
        findings.extend(services::say_killed(&killed));
        Ok(Output::new(findings, Restarted { restarted }))
    }
}

/// What makes every instance anew, unless the run that is being resumed has done it.
async fn anew(params: &Params, ctx: &ToolContext) -> Result<Vec<Change>, ToolError> {
    let all = services::some_members(ctx, &params.service).await?;
    match whole::renewed(params.before.as_deref(), &params.service, &all) {
        true => Ok(Vec::new()),
        false => Ok(ctx.clients.platform()?.roll(&params.service).await?),
    }
}

/// The platform replaces one after the other; all new ones are ready in the end.
async fn roll(params: &Params, ctx: &ToolContext, whole: &Whole) -> Result<Output<Restarted>, ToolError> {
    let changes = anew(params, ctx).await?;
    let replaced = match whole::change(ctx, &params.service, &changes, &params.ready).await {
        Ok(difference) => difference.new,
        Err(error) => return Err(services::with_what_is_down(error, ctx, &params.service).await),
    };
    let summary = match replaced.is_empty() {
        true => format!("{}: all were made anew already", params.service),
        false => format!("made anew, one at a time, and ready: {}", replaced.join(", ")),
    };
    let mut findings = vec![Finding::new("", ServiceRestart::SOURCE, Status::Ok, summary)];
    let drains = params.ready.sign == Sign::Heartbeat;
    findings.extend(Some(whole).filter(|_| drains).and_then(|whole| whole::short_grace(ctx, whole)));
    Ok(Output::new(findings, Restarted { restarted: replaced }))
}

async fn one(
    params: &Params,
    ctx: &ToolContext,
    platform: &dyn Platform,
    instance: &Instance,
    killed: &mut Vec<String>,
) -> Result<(), ToolError> {
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
            if instance.runs() {
                killed.extend(services::killed(ctx, &params.service, &names).await.unwrap_or_default());
            }
        }
        platform.apply(&change).await?;
    }
    params.ready.wait(ctx, &params.service, &names, &mark?, true).await
}

/// A failure, with what was done before it and what was not done any more.
fn told(error: &ToolError, at: &Instance, before: &[String], after: &[Instance]) -> ToolError {
    let mut message = format!("{}: {error}", at.name);
    if !before.is_empty() {
        message += &format!("; restarted before it: {}", before.join(", "));
    }
    if !after.is_empty() {
        let names: Vec<&str> = after.iter().map(|i| i.name.as_str()).collect();
        message += &format!("; not restarted: {}", names.join(", "));
    }
    ToolError::Failed { message, hint: error.hint() }
}
