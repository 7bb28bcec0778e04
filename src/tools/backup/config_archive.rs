//! `backup.config`: archives the configuration beside the dumps, readable by its owner only.
//!
//! The archive contains ordctl.yaml and the paths in `backup.files`, including their secrets.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::archive::{self, Listing};
use super::dir::{BackupDir, UnfinishedFiles};
use crate::base::units;
use crate::base::units::counted;
use crate::clients::host::SYSTEM;
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::tools::{Output, Tool, ToolContext, ToolError, backup};

pub(crate) struct BackupConfig;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

#[derive(Debug, Serialize)]
pub(crate) struct ConfigArchive {
    /// Null if there are no files to archive.
    pub(crate) path: Option<PathBuf>,
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
}

async fn list(dir: &BackupDir, ctx: &ToolContext) -> Result<Listing, ToolError> {
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
    let backups = real(dir.path());
    let refuse = |message: String| ToolError::Refused {
        message: format!("backup.files: {message}"),
        hint: Some("ordctl config show --origin".to_owned()),
    };
    if let Some(path) = paths.iter().find(|p| dir.path().starts_with(p) || backups.starts_with(real(p))) {
        return Err(refuse(format!("{} contains the backup directory", path.display())));
    }
    archive::list(paths).await.map_err(|e| refuse(e.to_string()))
}

impl Tool for BackupConfig {
    type Params = Params;
    type Result = ConfigArchive;

    const NAME: &'static str = "backup.config";
    const HELP: &'static str = "Archive ordctl.yaml and backup.files beside the dumps";
    const SOURCE: &'static str = SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, _: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let dir = backup::open_dir(&backup::source(ctx).await?, ctx).await?;
        let entries = list(&dir, ctx).await?.entries;
        let names: Vec<String> = entries.iter().map(|e| e.name.display().to_string()).collect();
        if names.is_empty() {
            return Ok(StepPlan::new("Archive the configuration: no file to archive", Vec::new()));
        }
        let call = format!("tar -czf {}.config.tgz {}", dir.pattern(), names.join(" "));
        Ok(StepPlan::new(format!("Archive the configuration: {}", units::names(&names)), vec![call]))
    }

    async fn run(&self, _: Params, ctx: &ToolContext) -> Result<Output<ConfigArchive>, ToolError> {
        let dir = backup::open_dir(&backup::source(ctx).await?, ctx).await?;
        let listing = list(&dir, ctx).await?;
        if listing.entries.is_empty() {
            let text = "Configuration archive: skipped, no configuration file and no backup.files";
            let finding = Finding::new("", SYSTEM, Status::Skipped, text);
            return Ok(Output::new(vec![finding], ConfigArchive { path: None, entries: 0, bytes: 0 }));
        }
        let (stem, entries) = (dir.stem(ctx.clock.now()), listing.entries.len());
        let (name, consented) = (stem.clone(), ctx.consent()?.clone());
        let file = dir.run(move |dir| dir.create(&name, "config.tgz.part", &consented)).await?;
        let unfinished = UnfinishedFiles::new(vec![dir.file(&stem, "config.tgz.part")]);
        let bytes = archive::pack(listing.entries, file).await?;
        let (name, consented) = (stem.clone(), ctx.consent()?.clone());
        dir.run(move |dir| dir.rename(&name, "config.tgz.part", "config.tgz", &consented)).await?;
        unfinished.keep();
        let path = dir.file(&stem, "config.tgz");
        let summary = format!(
            "Configuration archive: {}, {} in {}",
            units::bytes(bytes as f64),
            counted(entries as f64, "entry"),
            path.display()
        );
        let result = ConfigArchive { path: Some(path), entries, bytes };
        let finding = Finding::new("", SYSTEM, Status::Ok, summary).details(json!(result));
        let findings = [finding].into_iter().chain(outside_links(&listing.outside)).collect();
        Ok(Output::new(findings, result))
    }
}

/// Warns of links that would be broken in a restored copy.
fn outside_links(outside: &[PathBuf]) -> Option<Finding> {
    let (first, more) = outside.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let text = format!("Links out of the archive: {}{more}; their targets are not archived", first.display());
    let finding = Finding::new("links", SYSTEM, Status::Warn, text).details(json!(outside));
    Some(finding.hint(format!("readlink -f '{}'", first.display())))
}
