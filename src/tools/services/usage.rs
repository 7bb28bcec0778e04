//! `check.usage`: CPU, memory, network and disk usage of each container.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::units;
use crate::clients::ClientError;
use crate::clients::platform;
use crate::clients::platform::{HintCommands, InstanceRef, ResourceUsage};
use crate::model::{Finding, Status, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Time limit for one container, so that one that hangs does not hide the others.
const USAGE_TIMEOUT: Duration = Duration::from_secs(6);
/// The engine takes one or two seconds per container.
const MAX_CONCURRENT: usize = 64;

pub(crate) struct Usage;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warning threshold: memory usage in % of the limit.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical threshold.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ContainerUsage {
    pub(crate) container: String,
    pub(crate) service: Option<String>,
    #[serde(flatten)]
    pub(crate) stats: ResourceUsage,
}

impl Tool for Usage {
    type Params = Params;
    type Result = Vec<ContainerUsage>;

    const NAME: &'static str = "check.usage";
    const HELP: &'static str = "Report CPU, memory, network and disk usage of each container";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<ContainerUsage>>, ToolError> {
        let platform = ctx.clients.platform()?;
        let mut running = platform.list().await?;
        running.retain(|i| i.running && platform.is_selected(i));
        let queries = running.into_iter().map(|brief| async move {
            let stats = tokio::time::timeout(USAGE_TIMEOUT, platform.usage(&brief)).await;
            (brief, stats)
        });
        let results: Vec<_> = stream::iter(queries).buffered(MAX_CONCURRENT).collect().await;
        let (mut findings, mut all) = (Vec::new(), Vec::new());
        for (brief, stats) in results {
            match stats {
                Ok(Ok(Some(stats))) => {
                    findings.push(finding(&brief, &stats, &params, platform.commands()));
                    all.push(ContainerUsage { container: brief.name, service: brief.service, stats });
                }
                // It has ended since.
                Ok(Ok(None)) => {}
                Ok(Err(e)) => findings.push(unknown_usage(&brief, &e)),
                Err(_) => {
                    let late = format!("no answer within {}", units::duration(USAGE_TIMEOUT.as_secs_f64()));
                    findings.push(unknown_usage(&brief, &ClientError::unreachable(platform::SYSTEM, late)));
                }
            }
        }
        findings.splice(0..0, total(&all));
        if findings.is_empty() {
            let summary = format!("no running container at {}", platform.address());
            let finding = Finding::new("none", Self::SOURCE, Status::Unknown, summary);
            findings.push(finding.hint(platform.commands().list(None)));
        }
        Ok(Output::new(findings, all))
    }
}

/// The usage of all containers together; none where that is the usage of one.
fn total(all: &[ContainerUsage]) -> Option<Finding> {
    let cpu: f64 = all.iter().filter_map(|c| c.stats.cpu_percent).sum();
    let memory: f64 = all.iter().map(|c| c.stats.memory as f64).sum();
    let number = units::counted(all.len() as f64, "container");
    let summary = format!("Total: {number}, CPU {cpu:.1} %, memory {}", units::bytes(memory));
    (all.len() > 1).then(|| Finding::new("total", platform::SYSTEM, Status::Ok, summary))
}

fn unknown_usage(brief: &InstanceRef, error: &ClientError) -> Finding {
    let summary = format!("{}: {error}", brief.name);
    Finding::new(&ident(&brief.name), platform::SYSTEM, Status::Unknown, summary)
}

fn finding(
    brief: &InstanceRef,
    stats: &ResourceUsage,
    params: &Params,
    commands: &dyn HintCommands,
) -> Finding {
    let bytes = |n: u64| units::bytes(n as f64);
    let cpu = stats.cpu_percent.map_or_else(|| "CPU unknown".to_owned(), |p| format!("CPU {p:.1} %"));
    let of = stats.memory_limit.map_or_else(String::new, |limit| format!(" of {}", bytes(limit)));
    let summary = format!(
        "{}: {cpu}, memory {}{of}, received {}, sent {}, read {}, written {}",
        brief.name,
        bytes(stats.memory),
        bytes(stats.received),
        bytes(stats.sent),
        bytes(stats.read),
        bytes(stats.written)
    );
    let id = ident(&brief.name);
    let finding = match stats.memory_percent() {
        Some(share) => {
            let threshold = Threshold::above(params.warn, params.crit);
            Finding::measured(&id, platform::SYSTEM, summary, share, Some("%"), threshold)
        }
        None => Finding::new(&id, platform::SYSTEM, Status::Ok, summary),
    };
    let percent = |p: Option<f64>| p.map_or_else(|| "-".to_owned(), |p| format!("{p:.1} %"));
    let cells = [
        ("container", brief.name.clone()),
        ("cpu", percent(stats.cpu_percent)),
        ("memory", bytes(stats.memory)),
        ("of limit", percent(stats.memory_percent())),
        ("received", bytes(stats.received)),
        ("sent", bytes(stats.sent)),
        ("read", bytes(stats.read)),
        ("written", bytes(stats.written)),
    ];
    finding.hint(commands.usage(&brief.name)).details(json!(stats)).cells(cells)
}
