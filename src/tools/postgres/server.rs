//! `check.postgres`: readiness, version, role and response time of PostgreSQL.

use std::time::Instant;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::base::units::duration;
use crate::clients::ClientError;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold};
use crate::store::StoreError;
use crate::store::server::{PostgresServer, SESSIONS_BY_STATE};
use crate::tools::postgres::psql;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Postgres;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Warn at or above this time (seconds) for connecting and one query.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical at or above this time (seconds) for connecting and one query.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

impl Tool for Postgres {
    type Params = Params;
    type Result = Option<PostgresServer>;

    const NAME: &'static str = "check.postgres";
    const HELP: &'static str = "Check that PostgreSQL is ready, its version, role and response time";
    const SOURCE: &'static str = SYSTEM;

    async fn run(
        &self,
        params: Params,
        ctx: &ToolContext,
    ) -> Result<Output<Option<PostgresServer>>, ToolError> {
        let begin = Instant::now();
        let server = match ctx.store()?.postgres_server().await {
            // The server itself answers that it has no free connection: critical, not unknown.
            Err(StoreError::Client(e @ ClientError::Full { .. })) => {
                let finding =
                    Finding::new("", SYSTEM, Status::Crit, e.to_string()).hint(psql(SESSIONS_BY_STATE));
                return Ok(Output::new(vec![finding], None));
            }
            other => other?,
        };
        let took = begin.elapsed().as_secs_f64();
        let role = if server.standby { "standby" } else { "primary" };
        let summary = format!(
            "PostgreSQL {}: ready in {}, {role}, up {}",
            server.version.split(' ').next().unwrap_or_default(),
            duration(took),
            duration(server.up_seconds)
        );
        let threshold = Threshold::above(params.warn, params.crit);
        Ok(Output::new(
            vec![Finding::measured("", SYSTEM, summary, took, Some("s"), threshold)],
            Some(server),
        ))
    }
}
