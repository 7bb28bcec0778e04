//! `check.data_dir`: whether the data directory is writable, which holds journals, locks and the embedded
//! database.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Finding, HOST, Status};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct DataDir;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

#[derive(Debug, Serialize)]
pub(crate) struct DataDirState {
    /// The directory.
    pub(crate) path: String,
    /// Whether it can be written or created.
    pub(crate) writable: bool,
}

impl Tool for DataDir {
    type Params = Params;
    type Result = DataDirState;

    const NAME: &'static str = "check.data_dir";
    const HELP: &'static str = "Check that the data directory is writable";
    const SOURCE: &'static str = HOST;

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<DataDirState>, ToolError> {
        let path = ctx.settings.data_dir();
        // A missing directory is created when it is first needed: its parent counts.
        let there = path.ancestors().find(|p| p.exists()).unwrap_or(&path);
        let writable = rustix::fs::access(there, rustix::fs::Access::WRITE_OK).is_ok();
        let shown = path.display().to_string();
        let finding = if writable {
            Finding::new("", Self::SOURCE, Status::Ok, format!("Data directory: {shown}, writable"))
        } else {
            Finding::new(
                "",
                Self::SOURCE,
                Status::Warn,
                format!("Data directory: {shown}, not writable; ordctl changes nothing without a journal"),
            )
            .hint("set --data-dir or ORDCTL_DATA_DIR to a writable directory")
        };
        Ok(Output::new(vec![finding], DataDirState { path: shown, writable }))
    }
}
