//! `check.docker`: checks that the Docker engine answers.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::clients::platform::Platform;
use crate::clients::platform::docker::{Engine, SYSTEM};
use crate::model::{Finding, Status};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Docker;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

impl Tool for Docker {
    type Params = Params;
    type Result = Engine;

    const NAME: &'static str = "check.docker";
    const HELP: &'static str = "Check that the Docker engine answers, and report its version";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Engine>, ToolError> {
        let docker = ctx.clients.docker()?;
        let engine = docker.engine_info().await?;
        let summary = format!("Docker {}, API {}, at {}", engine.version, engine.api, docker.address());
        Ok(Output::new(vec![Finding::new("", SYSTEM, Status::Ok, summary)], engine))
    }
}
