//! `check.audit`: actions in the audit log by number and actors.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::units::{Span, count, counted};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::store::security::AuditAction;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Actions in the summary; the details contain all of them.
const NAMED: usize = 5;

pub(crate) struct Audit;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Age of the oldest events to count.
    pub(crate) since: Span,
}

impl Tool for Audit {
    type Params = Params;
    type Result = Vec<AuditAction>;

    const NAME: &'static str = "check.audit";
    const HELP: &'static str = "Count actions in the audit log by action and actor";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<AuditAction>>, ToolError> {
        let back = chrono::TimeDelta::from_std(params.since.duration());
        let since = back.ok().and_then(|back| ctx.clock.now().checked_sub_signed(back));
        let since = since.ok_or_else(|| ToolError::Params("check.audit: since is too large".to_owned()))?;
        let rows = ctx.store()?.audit_actions(since).await?;
        let shown = rows.iter().take(NAMED).map(|a| {
            format!("{} {} by {}", a.action, count(a.count as f64), counted(a.actors as f64, "agent"))
        });
        let mut summary = match rows.is_empty() {
            true => format!("Audit log: no actions in {}", params.since),
            false => format!("Audit log: last {}: {}", params.since, shown.collect::<Vec<_>>().join(", ")),
        };
        if rows.len() > NAMED {
            summary += &format!(" and {} more actions", rows.len() - NAMED);
        }
        let finding = Finding::new("", SYSTEM, Status::Ok, summary).details(json!(rows));
        Ok(Output::new(vec![finding], rows))
    }
}
