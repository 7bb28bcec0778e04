//! `check.pooler`: detects a transaction pooler between ordctl and PostgreSQL.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::store::Store;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Pooler;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

#[derive(Debug, Serialize)]
pub(crate) struct Pooling {
    /// One backend served two open connections.
    pub(crate) shared: bool,
}

impl Tool for Pooler {
    type Params = Params;
    type Result = Pooling;

    const NAME: &'static str = "check.pooler";
    const HELP: &'static str = "Detect a transaction pooler, which breaks LISTEN and session locks";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Pooling>, ToolError> {
        let postgres = ctx.clients.postgres()?;
        let shared = Store::shares_backends(postgres, &ctx.library).await?;
        let finding = if shared {
            Finding::new(
                "",
                SYSTEM,
                Status::Warn,
                "Transaction pooler: detected, LISTEN and session locks do not work",
            )
            .hint("set database.url to a direct connection")
        } else {
            Finding::new("", SYSTEM, Status::Ok, "Transaction pooler: none")
        };
        Ok(Output::new(vec![finding], Pooling { shared }))
    }
}
