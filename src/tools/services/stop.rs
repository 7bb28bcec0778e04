//! `service.stop`: stops the containers of a service, all at once. Each is told to end and has the
//! time that it asks for.

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clients::platform;
use crate::clients::platform::{Change, Instance};
use crate::model::{Effect, Finding, Status};
use crate::tools::services;
use crate::tools::services::{Readiness, Stopping, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct ServiceStop;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The service.
    pub(crate) service: String,
    /// Whether it is well when the system has no such service.
    #[serde(default)]
    pub(crate) optional: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Stopped {
    /// These.
    pub(crate) stopped: Vec<String>,
}

async fn running(params: &Params, ctx: &ToolContext) -> Result<Vec<Instance>, ToolError> {
    let all = match params.optional {
        true => services::members(ctx, &params.service).await?,
        false => services::some_members(ctx, &params.service).await?,
    };
    Ok(all.into_iter().filter(|i| !matches!(i.state.as_str(), "exited" | "created" | "dead")).collect())
}

impl Tool for ServiceStop {
    type Params = Params;
    type Result = Stopped;

    const NAME: &'static str = "service.stop";
    const HELP: &'static str = "stops a service's containers, each in the time that it asks for";
    const SOURCE: &'static str = platform::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let platform = ctx.clients.platform()?;
        if managed::changeable(ctx, &params.service, params.optional).await?.is_some() {
            return Ok(services::calls(platform, &platform.plan_resize(&params.service, 0).await?));
        }
        let to_do = running(params, ctx).await?;
        Ok(to_do.into_iter().flat_map(|i| platform.calls(&Change::Stop(i.name))).collect())
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Stopped>, ToolError> {
        services::may_act(ctx)?;
        if managed::changeable(ctx, &params.service, params.optional).await?.is_some() {
            return none_of(&params, ctx).await;
        }
        let platform = ctx.clients.platform()?;
        let stopped: Vec<String> = running(&params, ctx).await?.into_iter().map(|i| i.name).collect();
        let changes: Vec<Change> = stopped.iter().cloned().map(Change::Stop).collect();
        let stopping = Stopping::default();
        let consented = ctx.consent()?;
        let work = async {
            let ended = join_all(changes.iter().map(|c| stopping.apply(platform, c, consented))).await;
            ended.into_iter().collect::<Result<(), _>>().map_err(ToolError::from)
        };
        services::telling(ctx, &params.service, &stopping, work).await?;
        let hard = services::killed(ctx, &params.service, &stopped).await?;
        let mut findings = vec![told(&params, &stopped)];
        findings.extend(services::say_killed(&hard));
        Ok(Output::new(findings, Stopped { stopped }))
    }
}

fn told(params: &Params, stopped: &[String]) -> Finding {
    let summary = match stopped {
        [] => format!("{}: nothing ran", params.service),
        stopped => format!("stopped {}", stopped.join(", ")),
    };
    Finding::new("", ServiceStop::SOURCE, Status::Ok, summary)
}

/// A service that changes as a whole has no instance any more.
async fn none_of(params: &Params, ctx: &ToolContext) -> Result<Output<Stopped>, ToolError> {
    let changes = ctx.clients.platform()?.plan_resize(&params.service, 0).await?;
    let ready = Readiness::default();
    let work = managed::change(ctx, &params.service, &changes, &ready);
    let stopped = services::telling(ctx, &params.service, &Stopping::default(), work).await?.gone;
    Ok(Output::new(vec![told(params, &stopped)], Stopped { stopped }))
}
