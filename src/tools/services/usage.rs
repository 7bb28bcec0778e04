//! `check.usage`: what each container of the system uses.

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

/// How long one container's figures may take: one that hangs must not hide the others.
const PATIENCE: Duration = Duration::from_secs(6);
/// Containers measured at a time. The engine takes a second or two for each, so all go together.
const AT_ONCE: usize = 64;

pub(crate) struct Usage;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// From this share of the memory that a container may have (%) on: a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// From this share on: critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

/// One container.
#[derive(Debug, Serialize)]
pub(crate) struct Used {
    pub(crate) container: String,
    /// The compose service it belongs to.
    pub(crate) service: Option<String>,
    /// What it uses.
    #[serde(flatten)]
    pub(crate) stats: ResourceUsage,
}

impl Tool for Usage {
    type Params = Params;
    type Result = Vec<Used>;

    const NAME: &'static str = "check.usage";
    const HELP: &'static str = "processor, memory, network and disk use of each container";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<Used>>, ToolError> {
        let platform = ctx.clients.platform()?;
        let mut running = platform.list().await?;
        running.retain(|i| i.running && platform.is_selected(i));
        let looks = running.into_iter().map(|brief| async move {
            let stats = tokio::time::timeout(PATIENCE, platform.usage(&brief)).await;
            (brief, stats)
        });
        let looked: Vec<_> = stream::iter(looks).buffered(AT_ONCE).collect().await;
        let (mut findings, mut all) = (Vec::new(), Vec::new());
        for (brief, stats) in looked {
            match stats {
                Ok(Ok(Some(stats))) => {
                    findings.push(finding(&brief, &stats, &params, platform.commands()));
                    all.push(Used { container: brief.name, service: brief.service, stats });
                }
                // It has ended meanwhile.
                Ok(Ok(None)) => {}
                Ok(Err(e)) => findings.push(unseen(&brief, &e)),
                Err(_) => {
                    let late = format!("no figures within {}", units::duration(PATIENCE.as_secs_f64()));
                    findings.push(unseen(&brief, &ClientError::unreachable(platform::SYSTEM, late)));
                }
            }
        }
        if findings.is_empty() {
            let summary = format!("no container of this system runs at {}", platform.address());
            let finding = Finding::new("none", Self::SOURCE, Status::Unknown, summary);
            findings.push(finding.hint(platform.commands().list(None)));
        }
        Ok(Output::new(findings, all))
    }
}

fn unseen(brief: &InstanceRef, error: &ClientError) -> Finding {
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
    let cpu =
        stats.cpu_percent.map_or_else(|| "processor not known".to_owned(), |p| format!("processor {p:.1} %"));
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
    finding.hint(commands.usage(&brief.name)).details(json!(stats))
}
