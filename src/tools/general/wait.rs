//! `wait`: waits for a time shorter than the step's timeout.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Output, Tool, ToolContext, ToolError};
use crate::base::units::{self, Span};
use crate::model::{Finding, Status, StepPlan};

pub(crate) struct Wait;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Duration: `5`, `"5s"`, `"1m30s"`.
    pub(crate) seconds: Span,
}

#[derive(Debug, Serialize)]
pub(crate) struct Waited {
    pub(crate) seconds: f64,
}

/// Refuses a wait that exceeds the timeout before it starts.
fn check_limit(params: &Params, ctx: &ToolContext) -> Result<(), ToolError> {
    if params.seconds.duration() < ctx.limit {
        return Ok(());
    }
    let limit = units::duration(ctx.limit.as_secs_f64());
    let message = format!("{} exceeds the step's timeout of {limit}", params.seconds);
    Err(ToolError::Params(format!("wait: {message}; raise timeout_seconds")))
}

impl Tool for Wait {
    type Params = Params;
    type Result = Waited;

    const NAME: &'static str = "wait";
    const HELP: &'static str = "Wait for a time shorter than the step's timeout";
    const SOURCE: &'static str = "ordctl";

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        check_limit(params, ctx)?;
        Ok(StepPlan::new(format!("Wait {}", params.seconds), vec![format!("wait {}", params.seconds)]))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Waited>, ToolError> {
        check_limit(&params, ctx)?;
        tokio::time::sleep(params.seconds.duration()).await;
        let summary = format!("{}: waited {}", ctx.step, params.seconds);
        let finding = Finding::new("", Self::SOURCE, Status::Ok, summary);
        Ok(Output::new(vec![finding], Waited { seconds: params.seconds.as_secs_f64() }))
    }
}
