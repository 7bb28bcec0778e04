//! `check.containers`: checks that every service has enough healthy containers.

mod judge;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::Span;
use crate::clients::platform;
use crate::clients::platform::{InstanceDetails, InstanceRef, Platform};
use crate::model::{Finding, Status};
use crate::tools::{Output, Tool, ToolContext, ToolError};

use judge::{Rules, ServiceContainers};

pub(crate) struct Containers;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Services to check [default: all configured services, or all containers of the compose project].
    #[serde(default)]
    pub(crate) only: Vec<String>,
    /// A restarted container with a shorter uptime may be in a restart loop.
    #[serde(default = "settle")]
    pub(crate) settle: Span,
    /// Number of restarts from which it is in a restart loop (critical); fewer are a warning.
    #[serde(default = "loop_at")]
    pub(crate) loop_at: i64,
}

fn settle() -> Span {
    Span::seconds(600)
}

const fn loop_at() -> i64 {
    3
}

/// One service, for later steps.
#[derive(Debug, Serialize)]
pub(crate) struct ServiceState {
    pub(crate) service: String,
    pub(crate) status: Status,
    pub(crate) running: usize,
    pub(crate) min: u32,
    /// Running and stopped containers.
    pub(crate) containers: Vec<InstanceDetails>,
}

impl Tool for Containers {
    type Params = Params;
    type Result = Vec<ServiceState>;

    const NAME: &'static str = "check.containers";
    const HELP: &'static str = "Check that every service has enough healthy containers";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Self::Result>, ToolError> {
        let platform = ctx.clients.platform()?;
        let all = platform.list().await?;
        let groups = groups(all, &params.only, ctx, platform);
        let rules = Rules {
            now: ctx.clock.now(),
            settle: params.settle.duration(),
            loop_at: params.loop_at,
            commands: platform.commands(),
        };
        let wanted: Vec<InstanceRef> = groups.iter().flat_map(|g| g.1.clone()).collect();
        let mut inspected = platform.inspect(wanted).await?;
        let has_services = !ctx.settings.services.is_empty();
        let mut findings = Vec::new();
        let mut states = Vec::new();
        for (group, members) in groups {
            let own = |c: &InstanceDetails| members.iter().any(|m| m.id == c.id);
            let (containers, rest) = inspected.into_iter().partition(own);
            inspected = rest;
            let finding = judge::judge(&group, &containers, &rules);
            // Beside configured services, others are reported only when they are broken.
            if has_services && !group.configured && finding.status == Status::Ok {
                continue;
            }
            states.push(ServiceState {
                service: group.service,
                status: finding.status,
                running: containers.iter().filter(|c| judge::is_running(c)).count(),
                min: group.min,
                containers,
            });
            findings.push(finding);
        }
        if findings.is_empty() {
            let summary = format!("{} has no containers of this system", platform.address());
            let finding = Finding::new("none", Self::SOURCE, Status::Unknown, summary);
            findings.push(finding.hint(platform.commands().list(None)));
        }
        Ok(Output::new(findings, states))
    }
}

/// The services to look at, each with its containers. A container belongs to one service.
fn groups(
    all: Vec<InstanceRef>,
    only: &[String],
    ctx: &ToolContext,
    platform: &dyn Platform,
) -> Vec<(ServiceContainers, Vec<InstanceRef>)> {
    let configured = &ctx.settings.services;
    let wanted = |service: &str| only.is_empty() || only.iter().any(|o| o == service);
    if configured.is_empty() && only.is_empty() {
        return found(all, platform.project());
    }
    let mut left = all;
    // A member of no configured service can still be what is broken.
    let unconfigured = only.is_empty() && platform.project().is_some();
    let extra = only.iter().filter(|o| !configured.contains_key(*o));
    let names = configured.keys().chain(extra).filter(|s| wanted(s));
    let mut groups: Vec<_> = names
        .map(|service| {
            let settings = configured.get(service);
            let (members, rest) = std::mem::take(&mut left)
                .into_iter()
                .partition(|i: &InstanceRef| platform.is_member(i, service));
            left = rest;
            let min = settings.map_or(1, |s| s.min());
            let discovered = ctx.settings.discovered.is_some();
            (ServiceContainers { service: service.clone(), min, configured: true, discovered }, members)
        })
        .collect();
    if unconfigured {
        groups.extend(found(left, platform.project()));
    }
    groups
}

/// Without configured services, each compose service of the project and each other container is a service
/// with an unknown minimum.
fn found(all: Vec<InstanceRef>, project: Option<&str>) -> Vec<(ServiceContainers, Vec<InstanceRef>)> {
    let mut groups: Vec<(ServiceContainers, Vec<InstanceRef>)> = Vec::new();
    let of_project = |b: &InstanceRef| match project {
        Some(project) => b.project.as_deref() == Some(project),
        None => true,
    };
    for brief in all.into_iter().filter(|b| !b.one_off && of_project(b)) {
        let service = brief.service.clone().unwrap_or_else(|| brief.name.clone());
        match groups.iter_mut().find(|(g, _)| g.service == service) {
            Some((_, members)) => members.push(brief),
            None => {
                let group = ServiceContainers { service, min: 0, configured: false, discovered: false };
                groups.push((group, vec![brief]));
            }
        }
    }
    groups
}
