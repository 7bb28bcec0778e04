//! `service.stop`: stops the containers of a service concurrently, each with its own grace period.

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units;
use crate::clients::platform;
use crate::clients::platform::{Change, Instance};
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::tools::services;
use crate::tools::services::{Readiness, Stopping, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct ServiceStop;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) service: String,
    /// Accept a service that does not exist.
    #[serde(default)]
    pub(crate) optional: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct Stopped {
    pub(crate) stopped: Vec<String>,
}

async fn running(params: &Params, ctx: &ToolContext) -> Result<Vec<Instance>, ToolError> {
    let all = match params.optional {
        true => services::service_instances(ctx, &params.service).await?,
        false => services::require_instances(ctx, &params.service).await?,
    };
    Ok(all.into_iter().filter(|i| !matches!(i.state.as_str(), "exited" | "created" | "dead")).collect())
}

impl Tool for ServiceStop {
    type Params = Params;
    type Result = Stopped;

    const NAME: &'static str = "service.stop";
    const HELP: &'static str = "Stop a service's containers, each with its own grace period";
    const SOURCE: &'static str = platform::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let platform = ctx.clients.platform()?;
        let service = &params.service;
        if let Some(managed) = managed::changeable_service(ctx, service, params.optional).await? {
            let text = format!("Stop {service}: {}", units::counted(managed.wanted.into(), "container"));
            let changes = platform.plan_resize(service, 0).await?;
            return Ok(StepPlan::new(text, services::calls(platform, &changes)));
        }
        let names: Vec<String> = running(params, ctx).await?.into_iter().map(|i| i.name).collect();
        let text = match names.is_empty() {
            true => format!("Stop {service}: already stopped"),
            false => format!("Stop {service}: {}", units::names(&names)),
        };
        let calls = names.into_iter().flat_map(|name| platform.calls(&Change::Stop(name))).collect();
        Ok(StepPlan::new(text, calls))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Stopped>, ToolError> {
        services::may_act(ctx)?;
        if managed::changeable_service(ctx, &params.service, params.optional).await?.is_some() {
            return stop_managed(&params, ctx).await;
        }
        let platform = ctx.clients.platform()?;
        let stopped: Vec<String> = running(&params, ctx).await?.into_iter().map(|i| i.name).collect();
        let changes: Vec<Change> = stopped.iter().cloned().map(Change::Stop).collect();
        let stopping = Stopping::default();
        let consented = ctx.consent()?;
        let work = async {
            let results = join_all(changes.iter().map(|c| stopping.apply(platform, c, consented))).await;
            results.into_iter().collect::<Result<(), _>>().map_err(ToolError::from)
        };
        services::report_stopped(ctx, &params.service, &stopping, work).await?;
        let killed = services::killed(ctx, &params.service, &stopped).await?;
        let mut findings = vec![finding(&params, &stopped)];
        findings.extend(services::killed_finding(&killed));
        Ok(Output::new(findings, Stopped { stopped }))
    }
}

fn finding(params: &Params, stopped: &[String]) -> Finding {
    let summary = match stopped {
        [] => format!("{}: already stopped", params.service),
        stopped => format!("stopped {}", stopped.join(", ")),
    };
    Finding::new("", ServiceStop::SOURCE, Status::Ok, summary)
}

async fn stop_managed(params: &Params, ctx: &ToolContext) -> Result<Output<Stopped>, ToolError> {
    let changes = ctx.clients.platform()?.plan_resize(&params.service, 0).await?;
    let ready = Readiness::default();
    let work = managed::apply_changes(ctx, &params.service, &changes, &ready);
    let stopped = services::report_stopped(ctx, &params.service, &Stopping::default(), work).await?.removed;
    Ok(Output::new(vec![finding(params, &stopped)], Stopped { stopped }))
}
