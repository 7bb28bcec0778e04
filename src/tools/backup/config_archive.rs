//! `backup.config`: copies the configuration into an archive beside the dumps, that only its owner may read.
//!
//! It holds ordctl.yaml and what `backup.files` names, with secrets and all. A named link is followed; one
//! below that leads out of what is copied is told.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::base::units::counted;
use crate::clients::host::SYSTEM;
use crate::model::{Effect, Finding, Status};
use crate::tools::backup;
use crate::tools::backup::archive;
use crate::tools::backup::archive::Listed;
use crate::tools::backup::dir::BackupDir;
use crate::tools::{Output, Tool, ToolContext, ToolError};

pub(crate) struct BackupConfig;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

/// What was copied.
#[derive(Debug, Serialize)]
pub(crate) struct Copied {
    /// The archive; null when there is nothing to copy.
    pub(crate) path: Option<PathBuf>,
    /// Its entries.
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
}

/// What the archive is to hold, each path absolute.
async fn listed(vault: &BackupDir, ctx: &ToolContext) -> Result<Listed, ToolError> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let file = ctx.settings.file.as_deref().map(absolute);
    let base = file
        .as_deref()
        .and_then(Path::parent)
        .map(Path::to_owned)
        .unwrap_or_else(|| absolute(Path::new(".")));
    let named = ctx.settings.backup.files.iter().map(|path| absolute(&base.join(path)));
    let paths: Vec<PathBuf> = file.clone().into_iter().chain(named).collect();
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let dir = real(vault.dir());
    if let Some(path) = paths.iter().find(|p| vault.dir().starts_with(p) || dir.starts_with(real(p))) {
        let message = format!("backup.files names {}, in which the backups lie", path.display());
        return Err(ToolError::Refused { message, hint: Some("ordctl config show --origin".to_owned()) });
    }
    archive::listed(paths).await.map_err(|e| ToolError::Refused {
        message: format!("backup.files: {e}"),
        hint: Some("ordctl config show --origin".to_owned()),
    })
}

impl Tool for BackupConfig {
    type Params = Params;
    type Result = Copied;

    const NAME: &'static str = "backup.config";
    const HELP: &'static str = "copies ordctl.yaml and backup.files into an archive beside the dumps";
    const SOURCE: &'static str = SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, _: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let vault = backup::vault(&backup::source(ctx).await?, ctx).await?;
        let entries = listed(&vault, ctx).await?.entries;
        let names: Vec<String> = entries.iter().map(|e| e.name.display().to_string()).collect();
        Ok(match names.is_empty() {
            true => vec!["there is no file of configuration to copy".to_owned()],
            false => vec![format!("tar -czf {}.config.tgz {}", vault.pattern(), names.join(" "))],
        })
    }

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<Copied>, ToolError> {
        let vault = backup::vault(&backup::source(ctx).await?, ctx).await?;
        let Listed { entries: held, outside } = listed(&vault, ctx).await?;
        if held.is_empty() {
            let text = "there is no file of configuration: backup.files names none";
            let finding = Finding::new("", SYSTEM, Status::Skipped, text);
            return Ok(Output::new(vec![finding], Copied { path: None, entries: 0, bytes: 0 }));
        }
        let (stem, entries) = (vault.stem(ctx.clock.now()), held.len());
        let name = stem.clone();
        let file = vault.aside(move |vault| vault.begin(&name, "config.tgz.part")).await?;
        let unfinished = Unfinished(Some(vault.path(&stem, "config.tgz.part")));
        let bytes = archive::pack(held, file).await?;
        let name = stem.clone();
        vault.aside(move |vault| vault.rename(&name, "config.tgz.part", "config.tgz")).await?;
        unfinished.keep();
        let path = vault.path(&stem, "config.tgz");
        let all = counted(entries as f64, "entry");
        let summary = format!("{}: {all}, {}", path.display(), units::bytes(bytes as f64));
        let copied = Copied { path: Some(path), entries, bytes };
        let finding = Finding::new("", SYSTEM, Status::Ok, summary).details(json!(copied));
        let findings = [finding].into_iter().chain(missing(&outside)).collect();
        Ok(Output::new(findings, copied))
    }
}

/// What a restored copy would lack.
fn missing(outside: &[PathBuf]) -> Option<Finding> {
    let (first, more) = outside.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let text = format!("{}{more}: a link that leads to what is not in the copy", first.display());
    let finding = Finding::new("links", SYSTEM, Status::Warn, text).details(json!(outside));
    Some(finding.hint(format!("name what it leads to in backup.files: readlink -f '{}'", first.display())))
}

/// A file that is removed with this unless it is to be kept.
struct Unfinished(Option<PathBuf>);

impl Unfinished {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // What cannot be removed is removed by the next run.
            drop(std::fs::remove_file(path));
        }
    }
}
