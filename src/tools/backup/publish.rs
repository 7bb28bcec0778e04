//! `backup.publish`: gives a verified dump its final name and writes its checksum and manifest beside it.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dir::{BackupDir, PendingDump};
use super::manifest::Manifest;
use crate::base::units;
use crate::clients::host::SYSTEM;
use crate::model::{Consented, Effect, Finding, Status, StepPlan};
use crate::tools::{Output, Tool, ToolContext, ToolError, backup};

pub(crate) struct BackupPublish;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

#[derive(Debug, Serialize)]
pub(crate) struct Published {
    /// Null if no dump was pending.
    pub(crate) path: Option<PathBuf>,
    pub(crate) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(crate) sha256: Option<String>,
}

enum Outcome {
    NothingPending,
    Published(String, Box<Manifest>),
    Refused(String),
}

fn publish(dir: &BackupDir, consented: &Consented) -> std::io::Result<Outcome> {
    let Some(PendingDump { stem, bytes, manifest }) = dir.inventory()?.pending.into_iter().next() else {
        return Ok(Outcome::NothingPending);
    };
    let refuse = |why: &str| Ok(Outcome::Refused(format!("{stem}.dump.part {why}")));
    let Some(manifest) = manifest else { return refuse("is incomplete: it has no manifest") };
    if manifest.verified.is_none() {
        return refuse("is not verified");
    }
    if manifest.bytes != bytes {
        return refuse("has changed since it was verified");
    }
    match dir.lock(&dir.file(&stem, "dump.part"))? {
        None => refuse("is in use by another run"),
        Some(_locked) => {
            dir.publish(&stem, &manifest, consented)?;
            Ok(Outcome::Published(stem, Box::new(manifest)))
        }
    }
}

impl Tool for BackupPublish {
    type Params = Params;
    type Result = Published;

    const NAME: &'static str = "backup.publish";
    const HELP: &'static str = "Give a verified dump its final name, checksum and manifest";
    const SOURCE: &'static str = SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, _: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let dir = backup::open_dir(&backup::source(ctx).await?, ctx).await?;
        let at = dir.pattern();
        let calls = vec![
            format!("mv {at}.globals.sql.part {at}.globals.sql, if it exists"),
            format!("sha256 > {at}.globals.sql.sha256"),
            format!("sha256 > {at}.dump.sha256"),
            format!("mv {at}.dump.json.part {at}.dump.json"),
            format!("mv {at}.dump.part {at}.dump, if it is verified"),
        ];
        Ok(StepPlan::new("Publish the dump if it is verified: final name, checksum and manifest", calls))
    }

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Published>, ToolError> {
        let dir = backup::open_dir(&backup::source(ctx).await?, ctx).await?;
        let consented = ctx.consent()?.clone();
        match dir.run(move |dir| publish(dir, &consented)).await? {
            Outcome::NothingPending => {
                let finding =
                    Finding::new("", SYSTEM, Status::Skipped, "Published dump: none, no dump is pending");
                Ok(Output::new(vec![finding], Published { path: None, bytes: 0, sha256: None }))
            }
            Outcome::Refused(message) => {
                Err(ToolError::Refused { message, hint: Some("ordctl maintain monthly".to_owned()) })
            }
            Outcome::Published(stem, manifest) => {
                let path = dir.file(&stem, "dump");
                let size = units::bytes(manifest.bytes as f64);
                let summary =
                    format!("Published dump: {}, {size}, sha256 {}", path.display(), manifest.sha256);
                let published =
                    Published { path: Some(path), bytes: manifest.bytes, sha256: Some(manifest.sha256) };
                let finding = Finding::new("", SYSTEM, Status::Ok, summary).details(json!(published));
                Ok(Output::new(vec![finding], published))
            }
        }
    }
}
