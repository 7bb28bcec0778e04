//! `check.audit`: what was done by the audit log, how often, and by how many.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::base::units::{Span, count};
use crate::clients::postgres::SYSTEM;
use crate::model::{Finding, Status};
use crate::store::security::AuditAction;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// So many actions stand in the summary; all of them stand in the details.
const NAMED: usize = 5;

pub(crate) struct Audit;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// How far back.
    pub(crate) since: Span,
}

impl Tool for Audit {
    type Params = Params;
    type Result = Vec<AuditAction>;

    const NAME: &'static str = "check.audit";
    const HELP: &'static str = "actions of the audit log, how often and by how many";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Vec<AuditAction>>, ToolError> {
        let back = chrono::TimeDelta::from_std(params.since.duration());
        let since = back.ok().and_then(|back| ctx.clock.now().checked_sub_signed(back));
        let since =
            since.ok_or_else(|| ToolError::Params("check.audit: since is beyond all time".to_owned()))?;
        let rows = ctx.store()?.audit_actions(since).await?;
        let shown = rows
            .iter()
            .take(NAMED)
            .map(|a| format!("{} {} by {}", a.action, count(a.count as f64), count(a.actors as f64)));
        let mut summary = match rows.is_empty() {
            true => format!("audit log: nothing in {}", params.since),
            false => format!("audit log in {}: {}", params.since, shown.collect::<Vec<_>>().join(", ")),
        };
        if rows.len() > NAMED {
            summary += &format!(" and {} more actions", rows.len() - NAMED);
        }
        let finding = Finding::new("", SYSTEM, Status::Ok, summary).details(json!(rows));
        Ok(Output::new(vec![finding], rows))
    }
}
