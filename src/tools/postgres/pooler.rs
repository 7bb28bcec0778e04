//! `check.pooler`: is there a pooler that shares sessions between us and PostgreSQL?
//!
//! Two connections that are both open cannot be served by one backend, unless something in
//! between hands that backend from one to the other after each transaction (PgBouncer's pool
//! modes `transaction` and `statement`).

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

/// What was seen.
#[derive(Debug, Serialize)]
pub(crate) struct Seen {
    /// Whether two open connections were served by one backend.
    pub(crate) shared: bool,
}

impl Tool for Pooler {
    type Params = Params;
    type Result = Seen;

    const NAME: &'static str = "check.pooler";
    const HELP: &'static str = "whether a pooler shares sessions: no LISTEN, no session locks";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Seen>, ToolError> {
        let postgres = ctx.clients.postgres()?;
        let (first, second) = (postgres.session().await?, postgres.session().await?);
        let mut backends = Vec::new();
        // In turn, so that a pooler has a backend to spare each time and takes the same again.
        for session in [&first, &second, &first, &second] {
            backends.push(Store::backend_pid(session, &ctx.library).await?);
        }
        let shared = backends[0] == backends[1] || backends[0] != backends[2] || backends[1] != backends[3];
        let finding = if shared {
            Finding::new(
                "",
                SYSTEM,
                Status::Warn,
                "a pooler shares sessions by transaction: no LISTEN, and session locks do not hold",
            )
            .hint("give ordctl a direct connection in database.url")
        } else {
            Finding::new("", SYSTEM, Status::Ok, "sessions are our own: LISTEN and session locks hold")
        };
        Ok(Output::new(vec![finding], Seen { shared }))
    }
}
