//! `check.log_files`: the size of each container's log, and whether it is rotated.
//!
//! It never deletes or truncates a log: the engine keeps the file open, so the space would stay in use and the log
//! would be lost. Rotation is the engine's task; this check reports where it is not configured.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::sanitize::ident;
use crate::base::size::Size;
use crate::base::units;
use crate::clients::platform;
use crate::clients::platform::{InstanceDetails, LogSize};
use crate::model::{Finding, Status, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct LogFiles;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warning size of a log without rotation.
    #[serde(default = "warn")]
    #[schemars(with = "String")]
    pub(crate) warn: Size,
    /// Maximum number of containers listed, largest logs first.
    #[serde(default = "max_containers")]
    pub(crate) containers: usize,
}

fn warn() -> Size {
    Size::new(256 << 20)
}

const fn max_containers() -> usize {
    20
}

#[derive(Debug, Serialize)]
pub(crate) struct LogFile {
    pub(crate) container: String,
    /// Log driver.
    pub(crate) driver: String,
    /// Size with rotated files; null if the files are not readable from this host.
    pub(crate) bytes: Option<u64>,
    /// Whether rotation limits its size; null if the driver decides.
    pub(crate) bounded: Option<bool>,
}

impl LogFile {
    fn new(instance: InstanceDetails, LogSize { bytes, bounded }: LogSize) -> Self {
        Self { container: instance.name, driver: instance.log.driver, bytes, bounded }
    }
}

impl Tool for LogFiles {
    type Params = Params;
    type Result = Vec<LogFile>;

    const NAME: &'static str = "check.log_files";
    const HELP: &'static str = "Check the size and rotation of each container's log";
    const SOURCE: &'static str = platform::SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<LogFile>>, ToolError> {
        let platform = ctx.clients.platform()?;
        let mut selected = platform.list().await?;
        selected.retain(|i| platform.is_selected(i));
        let measured = platform.inspect(selected).await?.into_iter().map(|instance| {
            let size = platform.log_size(&instance);
            LogFile::new(instance, size)
        });
        let mut logs: Vec<LogFile> = measured.collect();
        logs.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.container.cmp(&b.container)));
        Ok(Output::new(findings(&logs, &params), logs))
    }
}

fn findings(logs: &[LogFile], params: &Params) -> Vec<Finding> {
    let sum = logs.iter().filter_map(|l| l.bytes).sum::<u64>() as f64;
    let unbounded = logs.iter().filter(|l| l.bounded == Some(false)).count();
    let summary = format!(
        "Container logs: {} in {}, {unbounded} without rotation",
        units::bytes(sum),
        units::counted(logs.len() as f64, "container")
    );
    let all = Finding::measured("all", platform::SYSTEM, summary, sum, Some("bytes"), Threshold::NONE);
    let listed = logs.iter().take(params.containers).map(|l| finding(l, params));
    std::iter::once(all).chain(listed).collect()
}

fn finding(log: &LogFile, params: &Params) -> Finding {
    let bounds = match log.bounded {
        Some(true) => "rotated",
        Some(false) => "no rotation",
        None => "rotation by the driver",
    };
    let size = log.bytes.map_or_else(|| "size unknown".to_owned(), |n| units::bytes(n as f64));
    let summary = format!("Log of {}: {size}, {bounds} ({} driver)", log.container, log.driver);
    let id = ident(&log.container);
    let finding = match log.bytes {
        Some(n) => {
            let warn = (log.bounded == Some(false)).then_some(params.warn.bytes() as f64);
            let threshold = Threshold::above(warn, None);
            Finding::measured(&id, platform::SYSTEM, summary, n as f64, Some("bytes"), threshold)
        }
        None => Finding::new(&id, platform::SYSTEM, Status::Ok, summary),
    };
    let hint =
        "set logging: { driver: json-file, options: { max-size: 50m, max-file: \"5\" } } in the compose file";
    finding.details(json!(log)).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_large_log_without_rotation_is_a_warning() {
        let params = Params { warn: Size::new(1000), containers: 9 };
        let log =
            |bytes, bounded| LogFile { container: "api".into(), driver: "json-file".into(), bytes, bounded };
        let status = |bytes, bounded| finding(&log(bytes, bounded), &params).status;
        assert_eq!(status(Some(1000), Some(false)), Status::Warn);
        assert_eq!(status(Some(999), Some(false)), Status::Ok);
        assert_eq!(status(Some(10_000), Some(true)), Status::Ok);
        assert_eq!((status(None, Some(false)), status(Some(10_000), None)), (Status::Ok, Status::Ok));
        let found = finding(&log(Some(2048), Some(false)), &params);
        assert_eq!(found.summary, "Log of api: 2.0 KiB, no rotation (json-file driver)");
        assert!(found.hint.is_some_and(|h| h.contains("max-size")));
    }
}
