//! `noop`: does nothing and succeeds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Output, Tool, ToolContext, ToolError};
use crate::model::{Finding, Status};

pub(crate) struct Noop;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

#[derive(Debug, Serialize)]
pub(crate) struct Nothing {}

impl Tool for Noop {
    type Params = Params;
    type Result = Nothing;

    const NAME: &'static str = "noop";
    const HELP: &'static str = "Do nothing and succeed";
    const SOURCE: &'static str = "ordctl";

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Nothing>, ToolError> {
        let finding = Finding::new("", Self::SOURCE, Status::Ok, format!("{}: nothing to do", ctx.step));
        Ok(Output::new(vec![finding], Nothing {}))
    }
}
