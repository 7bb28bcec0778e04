//! Checks and actions on services, and what they share: the instances of a service and their readiness.

pub(crate) mod autoscale_decision;
pub(crate) mod containers;
pub(crate) mod endpoints;
pub(crate) mod heartbeats;
pub(crate) mod instances;
pub(crate) mod last_change;
pub(crate) mod latency;
pub(crate) mod left_stopped;
pub(crate) mod managed;
pub(crate) mod ready;
pub(crate) mod replicas;
pub(crate) mod restart;
pub(crate) mod scale;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod usage;
pub(crate) mod worker_recommendation;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ToolContext, ToolError};
use crate::base::shell;
use crate::clients::platform;
use crate::clients::platform::{Change, Instance, Platform};
use crate::model::{Finding, Status};

pub(crate) use heartbeats::Heartbeats;
pub(crate) use left_stopped::{Stopping, report_stopped};
pub(crate) use ready::{Readiness, Sign, with_timeout};

/// An instance at the start of a run. A resumed run compares it to see which instances were already restarted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstanceSnapshot {
    pub(crate) name: String,
    pub(crate) service: String,
    /// Whether it was running or restarting.
    pub(crate) running: bool,
    /// Start time, by the platform's clock.
    #[schemars(with = "Option<String>")]
    pub(crate) started_at: Option<DateTime<Utc>>,
}

/// The service that scaling is about unless a step names another.
fn worker_service() -> String {
    "worker".to_owned()
}

pub(crate) fn may_act(ctx: &ToolContext) -> Result<(), ToolError> {
    ctx.refuse_in_task("change services")
}

pub(crate) fn snapshot_of<'a>(
    before: Option<&'a [InstanceSnapshot]>,
    instance: &Instance,
) -> Option<&'a InstanceSnapshot> {
    before?.iter().find(|s| s.name == instance.name)
}

/// The instances of a service. Refuses a service that exists in several projects.
pub(crate) async fn service_instances(ctx: &ToolContext, service: &str) -> Result<Vec<Instance>, ToolError> {
    let instances = ctx.clients.platform()?.instances(Some(service)).await?;
    let mut projects: Vec<&str> = instances.iter().map(|i| i.project.as_deref().unwrap_or("none")).collect();
    projects.sort_unstable();
    projects.dedup();
    if projects.len() < 2 {
        return Ok(instances);
    }
    Err(ToolError::Refused {
        message: format!("service {service} exists in several projects: {}", projects.join(", ")),
        hint: Some("set docker.project in ordctl.yaml".to_owned()),
    })
}

/// Like [`service_instances`]; refuses a service without instances.
pub(crate) async fn require_instances(ctx: &ToolContext, service: &str) -> Result<Vec<Instance>, ToolError> {
    let instances = service_instances(ctx, service).await?;
    if instances.is_empty() {
        let platform = ctx.clients.platform()?;
        return Err(ToolError::Refused {
            message: format!("service {service} has no container"),
            hint: Some(platform.commands().list(Some(service))),
        });
    }
    Ok(instances)
}

/// Stopped instances that were killed after their grace period.
pub(crate) async fn killed(
    ctx: &ToolContext,
    service: &str,
    stopped: &[String],
) -> Result<Vec<String>, ToolError> {
    let all = ctx.clients.platform()?.instances(Some(service)).await?;
    // 137: SIGKILL.
    let killed = all.into_iter().filter(|i| i.exit_code == 137 && stopped.contains(&i.name));
    Ok(killed.map(|i| i.name).collect())
}

pub(crate) fn killed_finding(names: &[String]) -> Option<Finding> {
    let summary = format!("Killed after the stop grace period: {}", names.join(", "));
    let finding = Finding::new("killed", platform::SYSTEM, Status::Warn, summary);
    (!names.is_empty()).then(|| finding.hint("set stop_grace_period: 1m in the compose file"))
}

/// The service of a runbook when none is given.
fn default_service<'a>(ctx: &'a ToolContext, runbook: &str, default: &'a str) -> &'a str {
    let configured = ctx.settings.params.get(runbook).and_then(|p| p.get("service"));
    configured.and_then(serde_json::Value::as_str).unwrap_or(default)
}

/// The flags with which `ordctl scale` acts on this service with this readiness sign.
pub(crate) fn scale_flags(ctx: &ToolContext, service: &str, sign: Sign) -> String {
    let mut text = String::new();
    if default_service(ctx, "operate/scale", "worker") != service {
        text += &format!(" -p service={}", shell::word(service));
    }
    if sign != Sign::Heartbeat {
        text += &format!(" -p ready={}", sign.word());
    }
    text
}

/// The command that restarts a service, if there is one.
pub(crate) fn restart_command(ctx: &ToolContext, service: &str) -> Option<String> {
    let all = [("api", "api"), ("scheduler", "scheduler"), ("workers", "worker"), ("redis", "redis")];
    let restarts = |(what, default): &(&str, &str)| {
        default_service(ctx, &format!("operate/restart-{what}"), default) == service
    };
    all.iter().find(|entry| restarts(entry)).map(|(what, _)| format!("ordctl restart {what}"))
}

/// The exact API calls of the changes.
pub(crate) fn calls(platform: &dyn Platform, changes: &[Change]) -> Vec<String> {
    changes.iter().flat_map(|change| platform.calls(change)).collect()
}

/// Refuses calls that are not in the plan that was consented to.
pub(crate) fn check_consent(ctx: &ToolContext, calls: &[String]) -> Result<(), ToolError> {
    let Some(planned) = ctx.consented_calls() else { return Ok(()) };
    match first_unplanned(planned, calls) {
        None => Ok(()),
        Some(call) => Err(ToolError::Refused {
            message: format!("the plan has changed since it was confirmed: {call}"),
            hint: Some("run the command again to confirm the new plan".to_owned()),
        }),
    }
}

/// The first call that was not planned. Ignores the version of a service, which every change increments.
fn first_unplanned<'a>(planned: &[String], calls: &'a [String]) -> Option<&'a String> {
    let without_version = |call: &str| match call.split_once("?version=") {
        Some((path, rest)) => format!("{path} {}", rest.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => call.to_owned(),
    };
    calls.iter().find(|call| !planned.iter().any(|p| without_version(p) == without_version(call)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unplanned_calls_are_found() {
        let texts = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let planned = texts(&[
            "POST /containers/a/stop",
            "POST /services/i/update?version=7 (shop_a: Replicas from 1 to 2)",
        ]);
        let is_unplanned = |call: &str| first_unplanned(&planned, &texts(&[call])).is_some();
        assert!(first_unplanned(&planned, &planned).is_none() && first_unplanned(&planned, &[]).is_none());
        assert!(
            !is_unplanned("POST /services/i/update?version=19 (shop_a: Replicas from 1 to 2)"),
            "only the version differs"
        );
        assert!(is_unplanned("POST /services/i/update?version=7 (shop_a: Replicas from 1 to 3)"));
        assert!(is_unplanned("POST /services/j/update?version=7 (shop_a: Replicas from 1 to 2)"));
        assert!(is_unplanned("POST /containers/b/stop"));
    }
}
