//! `check.engine`: whether every part of the engine makes progress.

use chrono::DateTime;
use chrono_tz::Tz;
use postgres_protocol::escape::escape_identifier;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::clients::ClientError;
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::store::StoreError;
use crate::store::hold::HoldState;
use crate::store::progress::EngineProgress;
use crate::tools::postgres::psql;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// The command that shows which nodes run.
const HINT: &str = "ordctl queue workers";

pub(crate) struct Engine;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

impl Tool for Engine {
    type Params = Params;
    type Result = Option<EngineProgress>;

    const NAME: &'static str = "check.engine";
    const HELP: &'static str = "Check that the scheduler, the workers and every other loop make progress";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Self::Result>, ToolError> {
        let store = ctx.store()?;
        let state = match tokio::try_join!(store.hold_state(), store.engine_progress()) {
            Err(e) if e.is_not_migrated() => {
                let summary = "Engine: not installed in this database".to_owned();
                return Ok(Output::new(vec![Finding::new("engine", SYSTEM, Status::Skipped, summary)], None));
            }
            Err(StoreError::Client(ClientError::Denied { .. })) => {
                let role = store.role_privileges().await?.role;
                return Ok(Output::new(vec![unreadable(&role)], None));
            }
            other => other?,
        };
        let (hold, progress) = state;
        Ok(Output::new(findings(&hold, &ctx.local_now(), &progress), Some(progress)))
    }
}

/// The hold, then every part of the engine.
pub(crate) fn findings(hold: &HoldState, now: &DateTime<Tz>, progress: &EngineProgress) -> Vec<Finding> {
    let parts = progress.verdicts().into_iter().map(|part| {
        let finding = Finding::new(part.id, SYSTEM, part.status, part.full_text());
        if part.status == Status::Ok { finding } else { finding.hint(HINT) }
    });
    std::iter::once(hold_finding(hold, now)).chain(parts).collect()
}

/// The role lacks a privilege, which says nothing about the engine.
fn unreadable(role: &str) -> Finding {
    let grantee = escape_identifier(role);
    let grants = format!(
        "GRANT USAGE ON SCHEMA ordctl TO {grantee}; GRANT SELECT ON ALL TABLES IN SCHEMA ordctl, public TO {grantee}"
    );
    let summary = format!("Engine: not checked, {role} may not read its tables");
    Finding::new("engine", SYSTEM, Status::Warn, summary).hint(psql(&grants))
}

fn hold_finding(hold: &HoldState, now: &DateTime<Tz>) -> Finding {
    if !hold.is_held {
        return Finding::new("held", SYSTEM, Status::Ok, "Engine: not on hold".to_owned());
    }
    Finding::new("held", SYSTEM, Status::Warn, format!("Engine: {}", hold.describe(now)))
        .hint("ordctl resume")
}
