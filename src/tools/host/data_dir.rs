//! `check.data_dir`: can journals, locks and the embedded database be written?

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Finding, Status};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct DataDir;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

#[derive(Debug, Serialize)]
pub(crate) struct Found {
    /// The directory.
    pub(crate) path: String,
    /// Whether it can be written, or made.
    pub(crate) writable: bool,
}

impl Tool for DataDir {
    type Params = Params;
    type Result = Found;

    const NAME: &'static str = "check.data_dir";
    const HELP: &'static str = "whether journals and locks can be written";
    const SOURCE: &'static str = "ordctl";

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Found>, ToolError> {
        let path = ctx.settings.data_dir();
        // One that is not there yet is made when it is first needed: then its parent counts.
        let there = path.ancestors().find(|p| p.exists()).unwrap_or(&path);
        let writable = rustix::fs::access(there, rustix::fs::Access::WRITE_OK).is_ok();
        let shown = path.display().to_string();
        let finding = if writable {
            Finding::new("", Self::SOURCE, Status::Ok, format!("journals and locks go to {shown}"))
        } else {
            Finding::new(
                "",
                Self::SOURCE,
                Status::Warn,
                format!("{shown} cannot be written: nothing can be changed without a journal"),
            )
            .hint("name another directory: --data-dir or $ORDCTL_DATA_DIR")
        };
        Ok(Output::new(vec![finding], Found { path: shown, writable }))
    }
}
