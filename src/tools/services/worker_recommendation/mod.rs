//! `check.scaling`: recommends a number of workers, with reasons.

pub(crate) mod advice;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::shell;
use crate::base::units::counted;
use crate::clients::host;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold};
use crate::store::workers::total_utilization;
use crate::tools::queue::utilization::HOUR;
use crate::tools::services;
use crate::tools::{Output, Tool, ToolContext, ToolError};

use advice::{Action, Advice, Limits, Load, advise};

pub(crate) struct WorkerRecommendation;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The service whose `min` and `max` apply.
    #[serde(default = "super::worker_service")]
    pub(crate) service: String,
    /// Thresholds.
    #[serde(default)]
    pub(crate) limits: Limits,
}

impl Tool for WorkerRecommendation {
    type Params = Params;
    type Result = Advice;

    const NAME: &'static str = "check.scaling";
    const HELP: &'static str = "Recommend a number of workers, with reasons";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Advice>, ToolError> {
        let store = ctx.store()?;
        let queue = store.queue_depth().await?;
        let within = std::time::Duration::from_secs(120);
        let active = store.workers().await?.iter().filter(|w| w.is_active(within)).count();
        let workers = store.worker_utilization(HOUR.duration()).await?.unwrap_or_default();
        let load = Load {
            due: queue.due as f64,
            workers: u32::try_from(active).unwrap_or(u32::MAX),
            oldest: None,
            utilization: total_utilization(&workers),
            period: HOUR.as_secs_f64(),
            cpu: None,
            memory: host::memory().ok().map(|m| m.used_percent()),
            min: ctx.settings.services.get(&params.service).map_or(1, |s| s.min()),
        };
        let mut advice = advise(&load, &params.limits);
        let max = ctx.settings.services.get(&params.service).and_then(|s| s.max);
        if let (Action::Up, Some(max)) = (advice.action, max) {
            // Never recommend more than the maximum.
            advice.workers = advice.workers.min(max.max(load.workers));
        }
        let finding =
            finding(&advice, &load, &params.service).hint(hint(&advice, &load, &params.service, ctx));
        Ok(Output::new(vec![finding.details(json!({ "load": load, "advice": advice }))], advice))
    }
}

fn finding(advice: &Advice, load: &Load, service: &str) -> Finding {
    let wanted = counted(advice.workers.into(), "worker");
    let (status, what) = match advice.action {
        Action::Start => (Status::Crit, format!("start {wanted}")),
        Action::Up if advice.workers == load.workers => {
            (Status::Warn, format!("more than {wanted} needed, but services.{service}.max is reached"))
        }
        Action::Up => (Status::Warn, format!("scale up from {} to {wanted}", load.workers)),
        Action::Down => (Status::Ok, format!("scale down from {} to {wanted}", load.workers)),
        Action::Look => {
            (Status::Warn, "keep the number of workers, work waits although workers are idle".to_owned())
        }
        Action::Keep => (Status::Ok, format!("keep {}", counted(load.workers.into(), "worker"))),
    };
    let summary = format!("{what}: {}", advice.reasons.join("; "));
    Finding::measured("", SYSTEM, summary, f64::from(advice.workers), Some("workers"), Threshold::NONE)
        .at_least(status)
}

/// The hint never reverses the direction of the recommendation: a missing heartbeat is no reason to remove a
/// container.
fn hint(advice: &Advice, load: &Load, service: &str, ctx: &ToolContext) -> String {
    let docker = ctx.settings.docker_configured();
    let of = |name: &str| match service {
        "worker" => String::new(),
        other => format!(" -p {name}={}", shell::word(other)),
    };
    match advice.action {
        Action::Look => "ordctl queue status".to_owned(),
        Action::Up if advice.workers == load.workers => "ordctl config show --origin".to_owned(),
        Action::Up if docker => format!("ordctl scale up {}{}", advice.workers, of("service")),
        Action::Down if docker => format!("ordctl scale down {}{}", advice.workers, of("service")),
        // The report that is being read is no next step.
        Action::Start if docker && ctx.runbook.as_deref() == Some("operate/scale-status") => {
            services::restart_command(ctx, service)
                .unwrap_or_else(|| format!("ordctl scale up {}{}", advice.workers, of("service")))
        }
        Action::Start | Action::Keep if docker => format!("ordctl scale status{}", of("worker")),
        Action::Start | Action::Up => "ordctl serve --role worker".to_owned(),
        Action::Down | Action::Keep => "ordctl queue workers".to_owned(),
    }
}
