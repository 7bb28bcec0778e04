//! `service.scale`: scales a service to a number of running containers. New containers are copies of an existing one
//! and must be ready; containers with the highest numbers are stopped first, with their own grace period.

mod apply;
mod target;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units;
use crate::clients::platform;
use crate::clients::platform::{Change, ManagedService};
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::tools::services;
use crate::tools::services::{Readiness, Sign, Stopping, managed};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct ServiceScale;

/// Exactly one of `to`, `by` and `emergency`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    pub(crate) service: String,
    /// The new total.
    #[serde(default)]
    pub(crate) to: Option<u32>,
    /// The change of the number; may be negative.
    #[serde(default)]
    pub(crate) by: Option<i32>,
    /// Scale to the service's `max`, or 8.
    #[serde(default)]
    pub(crate) emergency: bool,
    /// Refuse a change in the other direction.
    #[serde(default)]
    pub(crate) direction: AllowedDirection,
    /// When a new container is ready.
    #[serde(default)]
    pub(crate) ready: Readiness,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AllowedDirection {
    #[default]
    Any,
    /// Never down.
    Up,
    /// Never up.
    Down,
}

#[derive(Debug, Serialize)]
pub(crate) struct Scaled {
    pub(crate) service: String,
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// Created or started.
    pub(crate) added: Vec<String>,
    /// Stopped and removed.
    pub(crate) removed: Vec<String>,
}

struct Plan {
    from: u32,
    to: u32,
    changes: Vec<Change>,
    /// None if ordctl starts and stops each container itself.
    managed: Option<ManagedService>,
}

async fn plan(params: &Params, ctx: &ToolContext) -> Result<Plan, ToolError> {
    let managed = managed::changeable_service(ctx, &params.service, false).await?;
    let from = match &managed {
        Some(managed) => managed.wanted,
        None => {
            let instances = services::require_instances(ctx, &params.service).await?;
            u32::try_from(instances.iter().filter(|i| i.is_running()).count()).unwrap_or(u32::MAX)
        }
    };
    let limits = ctx.settings.services.get(&params.service).cloned().unwrap_or_default();
    let flags = services::scale_flags(ctx, &params.service, params.ready.sign);
    let to = target::target(params, from, &limits, &flags)?;
    if to > from {
        params.ready.check_configured(ctx, &params.service)?;
    }
    let changes = ctx.clients.platform()?.plan_resize(&params.service, to).await?;
    Ok(Plan { from, to, changes, managed })
}

impl Tool for ServiceScale {
    type Params = Params;
    type Result = Scaled;

    const NAME: &'static str = "service.scale";
    const HELP: &'static str = "Scale a service to a number of running containers";
    const SOURCE: &'static str = platform::SYSTEM;

    fn effect(&self, params: &Params) -> Effect {
        if params.emergency { Effect::Grave } else { Effect::Change }
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let plan = plan(params, ctx).await?;
        if plan.to > plan.from && !plan.changes.is_empty() {
            params.ready.check_heartbeats(ctx, &params.service).await?;
        }
        let (service, Plan { from, to, .. }) = (&params.service, &plan);
        let text = match plan.changes.is_empty() {
            true => format!("Scale {service}: {to} running, no change"),
            false if to > from => format!("Scale {service} from {from} to {to}: {}", additions(&plan)),
            false => format!("Scale {service} from {from} to {to}: stop and remove {}", from - to),
        };
        Ok(StepPlan::new(text, services::calls(ctx.clients.platform()?, &plan.changes)))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Scaled>, ToolError> {
        services::may_act(ctx)?;
        let plan = plan(&params, ctx).await?;
        let (from, to) = (plan.from, plan.to);
        services::check_consent(ctx, &services::calls(ctx.clients.platform()?, &plan.changes))?;
        let service = params.service.clone();
        let mut scaled = Scaled { service, from, to, added: Vec::new(), removed: Vec::new() };
        let mut killed = Vec::new();
        if !plan.changes.is_empty() {
            services::last_change::record_locally(ctx, &params.service, from, to)?;
        }
        let stopping = Stopping::default();
        let work = apply::apply(&params, ctx, &plan, &mut scaled, &mut killed, &stopping);
        services::report_stopped(ctx, &params.service, &stopping, work).await?;
        let mut findings = vec![Finding::new("", Self::SOURCE, Status::Ok, summary(&scaled))];
        findings.extend(services::killed_finding(&killed));
        let drains = params.ready.sign == Sign::Heartbeat && to < from;
        findings.extend(plan.managed.filter(|_| drains).and_then(|m| managed::short_grace_period(ctx, &m)));
        Ok(Output::new(findings, scaled))
    }
}

/// The stopped containers that are started again, and the number of new ones.
fn additions(plan: &Plan) -> String {
    let started = |change: &Change| if let Change::Start(name) = change { Some(name.clone()) } else { None };
    let is_new = |name: &String| plan.changes.iter().any(|c| matches!(c, Change::Add(a) if a.name == *name));
    let again: Vec<String> = plan.changes.iter().filter_map(started).filter(|name| !is_new(name)).collect();
    let new = (plan.to - plan.from).saturating_sub(u32::try_from(again.len()).unwrap_or(u32::MAX));
    match (again.is_empty(), new) {
        (true, new) => format!("add {new}"),
        (false, 0) => format!("start {}", units::names(&again)),
        (false, new) => format!("start {}, add {new}", units::names(&again)),
    }
}

fn summary(scaled: &Scaled) -> String {
    let Scaled { service, from, to, added, removed } = scaled;
    match (added.as_slice(), removed.as_slice()) {
        ([], []) => format!("{service}: {to} running, no change"),
        (added, []) => {
            format!("{service}: scaled from {from} to {to}; added and ready: {}", added.join(", "))
        }
        (_, removed) => format!("{service}: scaled from {from} to {to}; removed: {}", removed.join(", ")),
    }
}
