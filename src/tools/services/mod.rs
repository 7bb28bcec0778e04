//! What the tools that stop, start, restart and scale services have in common: whom they mean, and
//! when one of them is ready again.

pub(crate) mod autoscale;
pub(crate) mod containers;
pub(crate) mod endpoints;
pub(crate) mod heartbeats;
pub(crate) mod last_change;
pub(crate) mod latency;
pub(crate) mod left_stopped;
pub(crate) mod managed;
pub(crate) mod ready;
pub(crate) mod replicas;
pub(crate) mod restart;
pub(crate) mod scale;
pub(crate) mod scaling;
pub(crate) mod snapshot;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod usage;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ToolContext, ToolError};
use crate::clients::platform;
use crate::clients::platform::{Change, Instance, Platform};
use crate::model::{Finding, Status};

pub(crate) use heartbeats::Beats;
pub(crate) use left_stopped::{Stopping, telling};
pub(crate) use ready::{Readiness, Sign, in_time};

/// An instance as it was when a run began. A run that is resumed knows by it what it has done
/// already: whatever was started since.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstanceSnapshot {
    pub(crate) name: String,
    /// Its service.
    pub(crate) service: String,
    /// Whether it ran, or was on its way up again.
    pub(crate) running: bool,
    /// When it was started, by the platform's clock.
    #[schemars(with = "Option<String>")]
    pub(crate) started_at: Option<DateTime<Utc>>,
}

/// Whether services may be changed from here.
pub(crate) fn may_act(ctx: &ToolContext) -> Result<(), ToolError> {
    ctx.not_by_a_task("change services")
}

/// What a list of earlier instances says of one.
pub(crate) fn noted<'a>(
    before: Option<&'a [InstanceSnapshot]>,
    instance: &Instance,
) -> Option<&'a InstanceSnapshot> {
    before?.iter().find(|n| n.name == instance.name)
}

/// The instances of a service, which must be of one project: what another has of the same name is
/// none of ours.
pub(crate) async fn members(ctx: &ToolContext, service: &str) -> Result<Vec<Instance>, ToolError> {
    let found = ctx.clients.platform()?.instances(Some(service)).await?;
    let mut projects: Vec<&str> = found.iter().map(|i| i.project.as_deref().unwrap_or("none")).collect();
    projects.sort_unstable();
    projects.dedup();
    if projects.len() < 2 {
        return Ok(found);
    }
    Err(ToolError::Refused {
        message: format!("{service} is in several projects: {}", projects.join(", ")),
        hint: Some("set docker.project in ordctl.yaml".to_owned()),
    })
}

/// As [`members`], at least one.
pub(crate) async fn some_members(ctx: &ToolContext, service: &str) -> Result<Vec<Instance>, ToolError> {
    let found = members(ctx, service).await?;
    if found.is_empty() {
        let platform = ctx.clients.platform()?;
        return Err(ToolError::Refused {
            message: format!("there is no container of the service {service}"),
            hint: Some(platform.commands().list(Some(service))),
        });
    }
    Ok(found)
}

/// Which of some instances did not end in their time, after they were stopped.
pub(crate) async fn killed(
    ctx: &ToolContext,
    service: &str,
    of: &[String],
) -> Result<Vec<String>, ToolError> {
    let all = ctx.clients.platform()?.instances(Some(service)).await?;
    // 137: SIGKILL.
    let hard = all.into_iter().filter(|i| i.exit_code == 137 && of.contains(&i.name));
    Ok(hard.map(|i| i.name).collect())
}

/// What to say of them: workers lose the work that they had, and others take it over.
pub(crate) fn say_killed(names: &[String]) -> Option<Finding> {
    let summary = format!("killed, since it did not end in its time: {}", names.join(", "));
    let finding = Finding::new("killed", platform::SYSTEM, Status::Warn, summary);
    (!names.is_empty()).then(|| finding.hint("give it more time: stop_grace_period in the compose file"))
}

/// The service that a runbook's parameter means where none is given.
fn meant<'a>(ctx: &'a ToolContext, runbook: &str, default: &'a str) -> &'a str {
    let configured = ctx.settings.params.get(runbook).and_then(|p| p.get("service"));
    configured.and_then(serde_json::Value::as_str).unwrap_or(default)
}

/// What has to stand behind `ordctl scale up 3` so that it means this service, by this sign.
pub(crate) fn same(ctx: &ToolContext, service: &str, sign: Sign) -> String {
    let mut text = String::new();
    if meant(ctx, "operate/scale", "worker") != service {
        text += &format!(" -p service={service}");
    }
    if sign != Sign::Heartbeat {
        text += &format!(" -p ready={}", sign.word());
    }
    text
}

/// The command that restarts a service, where there is one for it.
pub(crate) fn restarting(ctx: &ToolContext, service: &str) -> Option<String> {
    let all = [("api", "api"), ("scheduler", "scheduler"), ("workers", "worker"), ("redis", "redis")];
    let of =
        |(what, default): &(&str, &str)| meant(ctx, &format!("operate/restart-{what}"), default) == service;
    all.iter().find(|one| of(one)).map(|(what, _)| format!("ordctl restart {what}"))
}

/// The exact calls of some changes.
pub(crate) fn calls(platform: &dyn Platform, changes: &[Change]) -> Vec<String> {
    changes.iter().flat_map(|change| platform.calls(change)).collect()
}

/// Whether these calls are among those that were consented to, where somebody was asked.
pub(crate) fn consented(ctx: &ToolContext, calls: &[String]) -> Result<(), ToolError> {
    let Some(given) = ctx.consented_calls() else { return Ok(()) };
    match beyond(given, calls) {
        None => Ok(()),
        Some(call) => Err(ToolError::Refused {
            message: format!("what is to be done has changed since it was consented to: {call}"),
            hint: Some("run it again: it asks anew".to_owned()),
        }),
    }
}

/// The first call that is none of those. A service's version goes on with every change of it.
fn beyond<'a>(given: &[String], calls: &'a [String]) -> Option<&'a String> {
    let bare = |call: &str| match call.split_once("?version=") {
        Some((path, rest)) => format!("{path} {}", rest.trim_start_matches(|c: char| c.is_ascii_digit())),
        None => call.to_owned(),
    };
    calls.iter().find(|call| !given.iter().any(|g| bare(g) == bare(call)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_has_consented_to_is_found() {
        let texts = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        let given = texts(&[
            "POST /containers/a/stop",
            "POST /services/i/update?version=7 (shop_a: Replicas from 1 to 2)",
        ]);
        let of = |call: &str| beyond(&given, &texts(&[call])).is_some();
        assert!(beyond(&given, &given).is_none() && beyond(&given, &[]).is_none());
        assert!(
            !of("POST /services/i/update?version=19 (shop_a: Replicas from 1 to 2)"),
            "only the version went on"
        );
        assert!(of("POST /services/i/update?version=7 (shop_a: Replicas from 1 to 3)"));
        assert!(of("POST /services/j/update?version=7 (shop_a: Replicas from 1 to 2)"));
        assert!(of("POST /containers/b/stop"));
    }
}
