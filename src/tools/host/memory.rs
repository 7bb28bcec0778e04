//! `check.memory`: memory use and load of the machine, and memory use of the container that ordctl runs in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::clients::host;
use crate::model::{Finding, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Memory;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warn at or above this percentage of used memory.
    #[serde(default = "warn")]
    pub(crate) warn: f64,
    /// Critical at or above this percentage of used memory.
    #[serde(default = "crit")]
    pub(crate) crit: f64,
    /// Warn at or above this load per processor, as the average of five minutes.
    #[serde(default = "load_warn")]
    pub(crate) load_warn: f64,
}

const fn warn() -> f64 {
    85.0
}

const fn crit() -> f64 {
    95.0
}

const fn load_warn() -> f64 {
    4.0
}

#[derive(Debug, Serialize)]
pub(crate) struct MemoryState {
    /// Memory that is not available, in percent.
    pub(crate) used_percent: f64,
    /// Memory in bytes.
    pub(crate) memory: host::Memory,
    /// Memory of the container in bytes; null without a limit.
    pub(crate) container: Option<host::Memory>,
    /// Null if the kernel does not report it.
    pub(crate) load: Option<host::Load>,
}

impl Tool for Memory {
    type Params = Params;
    type Result = MemoryState;

    const NAME: &'static str = "check.memory";
    const HELP: &'static str = "Report memory use and load of the machine";
    const SOURCE: &'static str = host::SYSTEM;

    async fn run(&self, params: Params, _: &ToolContext) -> Result<Output<MemoryState>, ToolError> {
        let memory = host::memory()?;
        let load = host::load().ok();
        let used_percent = memory.used_percent();
        let summary = format!("Memory: {}", use_of(&memory));
        let threshold = Threshold::above(Some(params.warn), Some(params.crit));
        let finding = Finding::measured("", Self::SOURCE, summary, used_percent, Some("%"), threshold)
            .hint("ps aux --sort=-rss | head")
            .details(json!({ "memory": memory, "load": load }));
        let busy = load.map(|load| load_finding(&load, params.load_warn));
        let container = host::limited_memory();
        let limited = container.map(|memory| {
            let summary = format!("Container memory: {}", use_of(&memory));
            let percent = memory.used_percent();
            Finding::measured("container", Self::SOURCE, summary, percent, Some("%"), threshold)
                .hint("ps aux --sort=-rss | head")
                .details(json!({ "memory": memory }))
        });
        let findings = [finding].into_iter().chain(busy).chain(limited).collect();
        Ok(Output::new(findings, MemoryState { used_percent, memory, container, load }))
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 processors")]
fn load_finding(load: &host::Load, warn_per_processor: f64) -> Finding {
    let processors = load.processors as f64;
    let summary = format!(
        "Load: {:.2} in the last minute, {:.2} in five, {}",
        load.one,
        load.five,
        units::counted(processors, "CPU")
    );
    let threshold = Threshold::above(Some(warn_per_processor * processors), None);
    Finding::measured("load", host::SYSTEM, summary, load.five, None, threshold)
        .hint("ps aux --sort=-%cpu | head")
}

#[expect(clippy::cast_precision_loss, reason = "bytes for a reader")]
fn use_of(memory: &host::Memory) -> String {
    let (free, total) = (units::bytes(memory.available as f64), units::bytes(memory.total as f64));
    format!("{:.1} % used, {free} of {total} available", memory.used_percent())
}
