//! Samples for growth reports, shared by the tools that read and store them.

use std::time::Duration;

use crate::clients::ClientError;
use crate::clients::postgres::SqlState;
use crate::model::{Finding, Status};
use crate::store::StoreError;
use crate::tools::{ToolContext, ToolError};

/// No sample is stored while a younger one exists, so that `--watch 5s` stores few.
const MIN_AGE: Duration = Duration::from_secs(60);

/// The finding for a database that is not migrated.
pub(crate) fn unknown_growth(source: &str) -> Finding {
    let summary = "Growth: unknown, the database is not migrated";
    Finding::new("", source, Status::Skipped, summary).hint("ordctl migrate")
}

/// Stores a sample for later reports. A failure is a finding, so that the report continues.
pub(crate) async fn store(ctx: &ToolContext, source: &str) -> Result<Finding, ToolError> {
    if ctx.dry_run {
        let summary = "Sample: not stored in a dry run";
        return Ok(Finding::new("sample", source, Status::Skipped, summary));
    }
    let (status, summary) = match ctx.store()?.store_sample(MIN_AGE).await {
        Ok(()) => (Status::Ok, "Sample: stored for the next report".to_owned()),
        Err(e) if e.is_not_migrated() => {
            (Status::Skipped, "Sample: not stored, the database is not migrated".to_owned())
        }
        Err(StoreError::Client(e)) if is_read_only(&e) => {
            (Status::Skipped, format!("Sample: not stored, {e}"))
        }
        Err(e) => (Status::Unknown, format!("Sample: not stored, {e}")),
    };
    Ok(Finding::new("sample", source, status, summary))
}

/// A standby, a read-only session, or a role without the right to write.
fn is_read_only(error: &ClientError) -> bool {
    match error {
        ClientError::Denied { .. } => true,
        other => other.sql_state() == Some(&SqlState::READ_ONLY_SQL_TRANSACTION),
    }
}
