//! `log`: writes a line to the program's log, with the run that said it.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::{Output, Tool, ToolContext, ToolError};
use crate::model::{Finding, Status};

/// See the module.
pub struct Log;

/// What it is given.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// What to say; what is no text is said as JSON.
    pub message: Value,
    /// How loud.
    #[serde(default)]
    pub level: Level,
}

/// How loud a line is.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For whoever looks for a fault.
    Debug,
    /// For whoever reads along.
    #[default]
    Info,
    /// Somebody should look.
    Warn,
    /// Somebody must look.
    Error,
}

/// What was said.
#[derive(Debug, Serialize)]
pub struct Said {
    /// The line.
    pub message: String,
    /// How loud.
    pub level: Level,
}

#[async_trait]
impl Tool for Log {
    type Params = Params;
    type Result = Said;

    const NAME: &'static str = "log";
    const HELP: &'static str = "writes a line to the program's log, with the run that said it";
    const SOURCE: &'static str = "ordctl";

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Said>, ToolError> {
        let message = match params.message {
            Value::String(text) => text,
            other => other.to_string(),
        };
        // The log is written here, so the executor cannot mask it later.
        let message = ctx.secrets.mask(&message);
        let (run, step) = (ctx.run.as_deref().unwrap_or_default(), ctx.step.as_str());
        match params.level {
            Level::Debug => tracing::debug!(run, step, "{message}"),
            Level::Info => tracing::info!(run, step, "{message}"),
            Level::Warn => tracing::warn!(run, step, "{message}"),
            Level::Error => tracing::error!(run, step, "{message}"),
        }
        // Saying that something is wrong is not going wrong.
        let finding = Finding::new("", Self::SOURCE, Status::Ok, format!("{step}: {message}"));
        Ok(Output::new(vec![finding], Said { message, level: params.level }))
    }
}
