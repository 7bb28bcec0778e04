//! What tools that read and store samples share.

use crate::clients::ClientError;
use crate::model::{Finding, Status};
use crate::store::StoreError;
use crate::tools::{ToolContext, ToolError};

/// A sample that is younger than so many seconds stands for a new one: `--watch 5s` stores no more.
const YOUNG: u32 = 60;

/// Whether a question failed because the tables of samples are not there.
pub(crate) fn never_migrated(error: &StoreError) -> bool {
    matches!(error, StoreError::Client(ClientError::Failed { code: Some(code), .. }) if code == "42P01" || code == "3F000")
}

/// Says that nothing is known, of a system that was never migrated: that is no fault of it.
pub(crate) fn unknown_growth(source: &str) -> Finding {
    let summary = "growth is not known: samples are kept only after `ordctl migrate`";
    Finding::new("", source, Status::Skipped, summary)
}

/// Stores a sample for the reports to come. Where the database cannot be written the report goes on, and
/// says why.
pub(crate) async fn store(ctx: &ToolContext, source: &str) -> Result<Finding, ToolError> {
    if ctx.rehearsal {
        let summary = "the run keeps a sample for the next report; a dry run keeps none";
        return Ok(Finding::new("sample", source, Status::Skipped, summary));
    }
    let (status, summary) = match ctx.store()?.sample(YOUNG).await {
        Ok(()) => (Status::Ok, "a sample is kept for the next report".to_owned()),
        Err(e) if never_migrated(&e) => {
            (Status::Skipped, "no sample is kept: that needs `ordctl migrate`".to_owned())
        }
        Err(StoreError::Client(e)) if cannot_write(&e) => {
            (Status::Skipped, format!("no sample is kept: {e}"))
        }
        Err(e) => (Status::Unknown, format!("no sample is kept: {e}")),
    };
    Ok(Finding::new("sample", source, status, summary))
}

/// A standby, a session that is set to read only, a role without the right.
fn cannot_write(error: &ClientError) -> bool {
    match error {
        ClientError::Denied { .. } => true,
        ClientError::Failed { code, .. } => code.as_deref() == Some("25006"),
        _ => false,
    }
}
