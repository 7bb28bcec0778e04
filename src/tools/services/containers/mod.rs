//! `check.containers`: whether every service runs, as often as it should, and is well.

mod judge;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::Span;
use crate::clients::platform;
use crate::clients::platform::{InstanceDetails, InstanceRef, Platform};
use crate::model::{Finding, Status};
use crate::tools::{Output, Tool, ToolContext, ToolError};

use judge::{Group, Rules};

pub(crate) struct Containers;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Only these services; default: all of `services` in ordctl.yaml, and without any there all
    /// containers of the compose project.
    #[serde(default)]
    pub(crate) only: Vec<String>,
    /// A container that was restarted and has run for less than this may be in a loop.
    #[serde(default = "settle")]
    pub(crate) settle: Span,
    /// So many restarts within that time are a loop: critical. Fewer are a warning.
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
    /// The service.
    pub(crate) service: String,
    /// Its verdict.
    pub(crate) status: Status,
    /// Containers that run.
    pub(crate) running: usize,
    /// Containers that must run.
    pub(crate) min: u32,
    /// All of its containers, also those that have stopped.
    pub(crate) containers: Vec<InstanceDetails>,
}

impl Tool for Containers {
    type Params = Params;
    type Result = Vec<ServiceState>;

    const NAME: &'static str = "check.containers";
    const HELP: &'static str = "whether every service's containers run and are well";
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
        let mut findings = Vec::new();
        let mut states = Vec::new();
        for (group, members) in groups {
            let own = |c: &InstanceDetails| members.iter().any(|m| m.id == c.id);
            let (containers, rest) = inspected.into_iter().partition(own);
            inspected = rest;
            let finding = judge::judge(&group, &containers, &rules);
            states.push(ServiceState {
                service: group.service,
                status: finding.status,
                running: containers.iter().filter(|c| judge::runs(c)).count(),
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
) -> Vec<(Group, Vec<InstanceRef>)> {
    let configured = &ctx.settings.services;
    let wanted = |service: &str| only.is_empty() || only.iter().any(|o| o == service);
    if configured.is_empty() && only.is_empty() {
        return found(all, platform.project());
    }
    let mut left = all;
    let extra = only.iter().filter(|o| !configured.contains_key(*o));
    let names = configured.keys().chain(extra).filter(|s| wanted(s));
    names
        .map(|service| {
            let settings = configured.get(service);
            let (members, rest) = std::mem::take(&mut left)
                .into_iter()
                .partition(|i: &InstanceRef| platform.is_member(i, service));
            left = rest;
            let min = settings.map_or(1, |s| s.min());
            (Group { service: service.clone(), min, configured: true }, members)
        })
        .collect()
}

/// Without configured services, each compose service of the project and each other container
/// is one; how many of it there should be is not known.
fn found(all: Vec<InstanceRef>, project: Option<&str>) -> Vec<(Group, Vec<InstanceRef>)> {
    let mut groups: Vec<(Group, Vec<InstanceRef>)> = Vec::new();
    let of_project = |b: &InstanceRef| match project {
        Some(project) => b.project.as_deref() == Some(project),
        None => true,
    };
    for brief in all.into_iter().filter(|b| !b.one_off && of_project(b)) {
        let service = brief.service.clone().unwrap_or_else(|| brief.name.clone());
        match groups.iter_mut().find(|(g, _)| g.service == service) {
            Some((_, members)) => members.push(brief),
            None => groups.push((Group { service, min: 0, configured: false }, vec![brief])),
        }
    }
    groups
}
