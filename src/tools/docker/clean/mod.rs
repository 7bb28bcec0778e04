//! `docker.clean`: removes unused Docker objects one by one, by id.
//!
//! It removes only objects of the confirmed plan that are still unused when their turn comes. It never calls the
//! engine's prune endpoints, which remove whatever they find. Volumes hold data: unused ones are reported with their
//! size and never removed.

mod report;
mod unused;

use std::time::Instant;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::units;
use crate::base::units::Span;
use crate::clients::ClientError;
use crate::clients::platform::docker;
use crate::clients::platform::docker::{Docker, Unused};
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::tools::services::may_act;
use crate::tools::{Output, Tool, ToolContext, ToolError};

use report::Cleaned;

pub(crate) struct DockerClean;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Keep objects that were created or stopped within this time, and images that no run recorded as untagged
    /// before.
    #[serde(default = "day")]
    pub(crate) older_than: Span,
    /// Limit to objects with this label, `KEY` or `KEY=VALUE` [default: all].
    #[serde(default)]
    pub(crate) label: String,
}

fn day() -> Span {
    Span::seconds(24 * 3600)
}

/// Objects used after this time are kept.
fn cutoff(params: &Params, ctx: &ToolContext) -> DateTime<Utc> {
    ctx.clock.now() - params.older_than.duration()
}

fn label(params: &Params) -> Option<&str> {
    Some(params.label.as_str()).filter(|l| !l.is_empty())
}

/// A call of the plan, with the object that it removes.
fn call(docker: &Docker, object: &Unused) -> String {
    let size = object.bytes.map_or_else(String::new, |n| format!(", {}", units::bytes(n as f64)));
    format!("{} ({} {}{size})", docker.removal_call(object), object.kind.name(), object.name)
}

impl Tool for DockerClean {
    type Params = Params;
    type Result = Cleaned;

    const NAME: &'static str = "docker.clean";
    const HELP: &'static str = "Remove unused containers, untagged images and networks; never a volume";
    const SOURCE: &'static str = docker::SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let docker = ctx.clients.docker()?;
        let (objects, _) = unused::unused(params, cutoff(params, ctx), ctx, false).await?;
        let record = ctx.store()?.store_dangling_images_statement()?;
        let calls = objects.iter().map(|object| call(docker, object)).chain([record]).collect();
        Ok(match report::described(&objects) {
            None => {
                StepPlan::new("Remove unused Docker objects: none now; record the untagged images", calls)
            }
            Some(what) => StepPlan::new(format!("Remove {what}"), calls).deleting(what),
        })
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Cleaned>, ToolError> {
        may_act(ctx)?;
        let consented = ctx.consent()?;
        let begin = Instant::now();
        let docker = ctx.clients.docker()?;
        // Measured before the removal, and before the selection: it may take minutes, in which objects may be used
        // again.
        let disk_space =
            tokio::time::timeout(ctx.limit / 2, docker.reclaimable_space()).await.unwrap_or_else(|_| {
                Err(ClientError::unreachable(Self::SOURCE, "disk usage not measured in time"))
            });
        let cutoff = cutoff(&params, ctx);
        let (mut objects, dangling) = unused::unused(&params, cutoff, ctx, true).await?;
        let mut cleaned = Cleaned::default();
        if let Some(calls) = ctx.consented_calls() {
            let all = objects.len();
            objects.retain(|object| calls.iter().any(|c| c.starts_with(&docker.removal_call(object))));
            cleaned.unplanned = all - objects.len();
        }
        let mut findings = Vec::new();
        let total = objects.len() as u64;
        for (done, object) in objects.iter().enumerate() {
            ctx.progress(done as u64, Some(total), format!("{} {}", object.kind.name(), object.name));
            findings.extend(cleaned.count(
                object,
                docker.remove(object, cutoff, consented).await,
                disk_space.as_ref().ok(),
            )?);
        }
        cleaned.reclaimed.seconds = begin.elapsed().as_secs_f64();
        let summary = cleaned.summary();
        findings.insert(0, Finding::new("", Self::SOURCE, Status::Ok, summary).details(json!(cleaned)));
        findings.extend(dangling);
        findings.extend(report::kept(disk_space, &params.label));
        Ok(Output::new(findings, cleaned))
    }
}
