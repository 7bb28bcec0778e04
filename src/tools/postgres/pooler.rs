//! `check.pooler`: detects a transaction pooler between ordctl and PostgreSQL.
//!
//! One backend never serves two open connections, unless a pooler reassigns it after each transaction
//! (PgBouncer's pool modes `transaction` and `statement`).

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
        let (first, second) = (postgres.session().await?, postgres.session().await?);
        let mut backends = Vec::new();
        // Alternating, so that a pooler has an idle backend each time and reuses it.
        for session in [&first, &second, &first, &second] {
            backends.push(Store::backend_pid(session, &ctx.library).await?);
        }
        let shared = backends[0] == backends[1] || backends[0] != backends[2] || backends[1] != backends[3];
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
