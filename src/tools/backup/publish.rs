//! `backup.publish`: gives a verified dump its name, with its checksum in sha256sum's format and its
//! manifest beside it.
//!
//! Only one whose manifest says that it was verified gets it.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::clients::host::SYSTEM;
use crate::model::{Effect, Finding, Manifest, Status};
use crate::tools::backup;
use crate::tools::backup::dir::{BackupDir, Pending};
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct BackupPublish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

/// What bears its name now.
#[derive(Debug, Serialize)]
pub(crate) struct Published {
    /// The dump; null when none waited.
    pub(crate) path: Option<PathBuf>,
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: Option<String>,
}

enum Step {
    Nothing,
    Done(String, Box<Manifest>),
    No(String),
}

fn publish(vault: &BackupDir) -> std::io::Result<Step> {
    let Some(Pending { stem, bytes, manifest }) = vault.shelf()?.pending.into_iter().next() else {
        return Ok(Step::Nothing);
    };
    let Some(manifest) = manifest else {
        return Ok(Step::No(format!("{stem}.dump.part was never finished")));
    };
    if manifest.verified.is_none() {
        return Ok(Step::No(format!("{stem}.dump.part was not verified")));
    }
    if manifest.bytes != bytes {
        return Ok(Step::No(format!("{stem}.dump.part has changed since it was verified")));
    }
    match vault.lock(&vault.path(&stem, "dump.part"))? {
        None => Ok(Step::No(format!("another run works on {stem}.dump.part"))),
        Some(_locked) => vault.publish(&stem, &manifest).map(|()| Step::Done(stem, Box::new(manifest))),
    }
}

impl Tool for BackupPublish {
    type Params = Params;
    type Result = Published;

    const NAME: &'static str = "backup.publish";
    const HELP: &'static str = "gives a verified dump its name, checksum and manifest";
    const SOURCE: &'static str = SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, _: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let vault = backup::vault(&backup::source(ctx).await?, ctx).await?;
        let at = vault.pattern();
        Ok(vec![
            format!("mv {at}.globals.sql.part {at}.globals.sql, if there is one"),
            format!("sha256 > {at}.globals.sql.sha256"),
            format!("sha256 > {at}.dump.sha256"),
            format!("mv {at}.dump.json.part {at}.dump.json"),
            format!("mv {at}.dump.part {at}.dump, if it was verified"),
        ])
    }

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Published>, ToolError> {
        let vault = backup::vault(&backup::source(ctx).await?, ctx).await?;
        match vault.aside(publish).await? {
            Step::Nothing => {
                let summary = "no dump waits to be published";
                let finding = Finding::new("", SYSTEM, Status::Skipped, summary);
                let published = Published { path: None, bytes: 0, sha256: None };
                Ok(Output::new(vec![finding], published))
            }
            Step::No(message) => {
                Err(ToolError::Refused { message, hint: Some("ordctl maintain monthly".to_owned()) })
            }
            Step::Done(stem, manifest) => {
                let path = vault.path(&stem, "dump");
                let size = units::bytes(manifest.bytes as f64);
                let summary = format!("{}: {size}, sha256 {}", path.display(), manifest.sha256);
                let published =
                    Published { path: Some(path), bytes: manifest.bytes, sha256: Some(manifest.sha256) };
                let finding = Finding::new("", SYSTEM, Status::Ok, summary).details(json!(published));
                Ok(Output::new(vec![finding], published))
            }
        }
    }
}
