//! `check.docker_df`: disk usage of the Docker engine, and how much is reclaimable.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::units;
use crate::clients::platform::docker;
use crate::clients::platform::docker::{DiskUsage, Usage};
use crate::model::{Finding, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct DockerDf;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warning threshold: reclaimable bytes.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical threshold: reclaimable bytes.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

impl Tool for DockerDf {
    type Params = Params;
    type Result = DiskUsage;

    const NAME: &'static str = "check.docker_df";
    const HELP: &'static str = "Report the disk usage and the reclaimable space of Docker";
    const SOURCE: &'static str = docker::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<DiskUsage>, ToolError> {
        let docker = ctx.clients.docker()?;
        let usage = docker.disk_usage().await?;
        let hint = docker.cli().command("system df -v");
        Ok(Output::new(findings(&usage, &params, &hint), usage))
    }
}

#[expect(clippy::cast_precision_loss, reason = "bytes for a reader")]
fn findings(usage: &DiskUsage, params: &Params, hint: &str) -> Vec<Finding> {
    let kinds = [
        ("images", "Images", &usage.images),
        ("containers", "Containers", &usage.containers),
        ("volumes", "Volumes", &usage.volumes),
        ("build_cache", "Build cache", &usage.build_cache),
    ];
    let one = |(id, name, u): (&str, &str, &Usage)| {
        let (size, free) = (units::bytes(u.size as f64), units::bytes(u.reclaimable as f64));
        let summary = format!("{name}: {size}, {} total, {} in use, {free} reclaimable", u.count, u.active);
        Finding::measured(id, docker::SYSTEM, summary, u.size as f64, Some("bytes"), Threshold::NONE)
            .details(json!(u))
    };
    let mut findings: Vec<Finding> = kinds.into_iter().map(one).collect();
    let free = kinds.iter().map(|(_, _, u)| u.reclaimable).sum::<i64>() as f64;
    let threshold = Threshold::above(params.warn, params.crit);
    let summary = format!("Reclaimable disk space: {}", units::bytes(free));
    findings.push(
        Finding::measured("reclaimable", docker::SYSTEM, summary, free, Some("bytes"), threshold).hint(hint),
    );
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    #[test]
    fn only_reclaimable_space_is_judged() {
        let images = Usage { count: 3, active: 1, size: 4096, reclaimable: 1024 };
        let volumes = Usage { count: 1, active: 1, size: 1 << 40, reclaimable: 1024 };
        let usage = DiskUsage { images, volumes, ..DiskUsage::default() };
        let params = Params { warn: Some(2048.0), crit: None };
        let found = findings(&usage, &params, "docker system df -v");
        assert_eq!(found[0].summary, "Images: 4.0 KiB, 3 total, 1 in use, 1.0 KiB reclaimable");
        assert!(found[..4].iter().all(|f| f.status == Status::Ok));
        assert_eq!((found[4].value, found[4].status), (Some(2048.0), Status::Warn));
    }
}
