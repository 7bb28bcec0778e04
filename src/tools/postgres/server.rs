//! `check.postgres`: is the database ready, which server is it, and how long does an answer take?

use std::time::Instant;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::duration;
use crate::clients::ClientError;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status, Threshold};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct Postgres;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Seconds for connecting and a first answer from which on it is a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Seconds for connecting and a first answer from which on it is critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

/// The server.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Server {
    /// Such as `15.18 (Debian …)`.
    pub(crate) version: String,
    /// Such as 150018.
    pub(crate) version_number: u32,
    /// Whether it is a standby.
    pub(crate) standby: bool,
    /// Since its start.
    pub(crate) up_seconds: f64,
}

impl Tool for Postgres {
    type Params = Params;
    type Result = Option<Server>;

    const NAME: &'static str = "check.postgres";
    const HELP: &'static str =
        "whether PostgreSQL is ready, its version and role, and the time to a first answer";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Option<Server>>, ToolError> {
        let begin = Instant::now();
        let server: Server = match ctx.store()?.one("postgres_server").await.map_err(ToolError::from) {
            // It is there and says so itself: that is worse than not to know.
            Err(ToolError::Client(e @ ClientError::Full { .. })) => {
                let finding = Finding::new("", SYSTEM, Status::Crit, e.to_string()).hint(
                    "raise max_connections, or end idle sessions; reserved connections are for superusers",
                );
                return Ok(Output::new(vec![finding], None));
            }
            other => other?,
        };
        let took = begin.elapsed().as_secs_f64();
        let role = if server.standby { "standby" } else { "primary" };
        let summary = format!(
            "ready in {}: PostgreSQL {}, {role}, up {}",
            duration(took),
            server.version.split(' ').next().unwrap_or_default(),
            duration(server.up_seconds)
        );
        let threshold = Threshold::above(params.warn, params.crit);
        Ok(Output::new(
            vec![Finding::measured("", SYSTEM, summary, took, Some("s"), threshold)],
            Some(server),
        ))
    }
}
