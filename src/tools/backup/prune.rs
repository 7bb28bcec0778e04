//! `backup.prune`: deletes old dumps and configuration archives.
//!
//! Nothing is deleted unless the newest dump is verified and its checksum matches now, whatever steps were left
//! out before. The newest dump and the newest `backup.keep` verified dumps are kept. Files with foreign
//! names, directories and links are never touched.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dir::{BackupDir, BackupInventory, PublishedDump};
use super::pg_programs;
use crate::base::units;
use crate::base::units::{Span, counted};
use crate::clients::host::SYSTEM;
use crate::model::{Effect, Finding, Status, StepPlan};
use crate::tools::{Output, Tool, ToolContext, ToolError, backup};

/// Nothing younger is deleted.
const MIN_AGE: Duration = Duration::from_secs(86_400);

/// Maximum difference between the clocks of this machine and of the database.
const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::hours(1);

pub(crate) struct BackupPrune;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Minimum age of the dumps to delete; at least 1d.
    pub(crate) older_than: Span,
    /// Number of verified dumps to keep regardless of age; default: `backup.keep`.
    #[serde(default)]
    pub(crate) keep: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Pruned {
    /// Deleted dumps.
    pub(crate) dumps: Vec<String>,
    /// Number of deleted configuration archives.
    pub(crate) archives: usize,
    /// Bytes freed.
    pub(crate) bytes: u64,
    /// Number of remaining dumps.
    pub(crate) kept: usize,
}

#[derive(Debug, PartialEq, Eq)]
struct Selection {
    dumps: Vec<String>,
    archives: Vec<PathBuf>,
    /// Remains of dumps that an interrupted prune deleted, or that were moved elsewhere.
    sidecars: Vec<PathBuf>,
}

/// Selects what to delete. `keep` verified dumps and the newest dump stay.
fn select(inventory: &BackupInventory, before: DateTime<Utc>, keep: usize) -> Selection {
    let is_verified =
        |dump: &&PublishedDump| dump.manifest.as_ref().is_some_and(|m| m.is_verified_at(dump.bytes));
    let kept: Vec<&str> =
        inventory.dumps.iter().filter(is_verified).take(keep).map(|d| d.stem.as_str()).collect();
    // A dump without a manifest may be anybody's: it stays and is reported.
    let is_deletable =
        |d: &&PublishedDump| d.at < before && d.manifest.is_some() && !kept.contains(&d.stem.as_str());
    let dumps = inventory.dumps.iter().skip(1).filter(is_deletable).map(|d| d.stem.clone()).collect();
    let archives = inventory.archives.iter().skip(keep.max(1)).filter(|(_, at)| *at < before);
    let sidecars = inventory.sidecars.iter().filter(|(_, at)| *at < before);
    Selection {
        dumps,
        archives: archives.map(|(path, _)| path.clone()).collect(),
        sidecars: sidecars.map(|(path, _)| path.clone()).collect(),
    }
}

/// What is deleted, for a person.
fn described(selection: &Selection) -> String {
    let Selection { dumps, archives, sidecars } = selection;
    let counts = [(dumps.len(), "dump"), (archives.len(), "archive"), (sidecars.len(), "leftover file")];
    let parts = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| units::counted(*n as f64, what));
    parts.collect::<Vec<_>>().join(", ")
}

/// The newest dump, if it is a verified backup.
fn newest_verified(inventory: &BackupInventory) -> Result<&PublishedDump, String> {
    if let Some(pending) = inventory.pending.first() {
        return Err(format!("{}.dump.part was not verified and published", pending.stem));
    }
    let newest = inventory.dumps.first().ok_or("there is no dump")?;
    let stem = &newest.stem;
    match &newest.manifest {
        None => Err(format!("the newest dump, {stem}, has no manifest")),
        Some(m) if m.verified.is_none() => Err(format!("the newest dump, {stem}, is not verified")),
        Some(m) if m.bytes != newest.bytes => {
            Err(format!("the newest dump, {stem}, has changed since it was verified"))
        }
        Some(_) => Ok(newest),
    }
}

fn refused(why: &str) -> ToolError {
    ToolError::Refused {
        message: format!("no dump was deleted: {why}"),
        hint: Some("ordctl maintain monthly".to_owned()),
    }
}

/// Refuses unless the clocks that ages depend on agree.
fn check_clocks(host: DateTime<Utc>, database: DateTime<Utc>) -> Result<(), ToolError> {
    let skew = (host - database).abs();
    if skew <= MAX_CLOCK_SKEW {
        return Ok(());
    }
    Err(ToolError::Refused {
        message: format!(
            "no dump was deleted: the clocks of this machine and of the database differ by {}",
            units::duration(skew.as_seconds_f64())
        ),
        hint: Some("timedatectl; psql -c 'SELECT now()'".to_owned()),
    })
}

async fn open_dir(ctx: &ToolContext) -> Result<BackupDir, ToolError> {
    let source = backup::source(ctx).await?;
    check_clocks(ctx.clock.now(), source.now)?;
    backup::open_dir(&source, ctx).await
}

fn cutoff(params: &Params, ctx: &ToolContext) -> Result<DateTime<Utc>, ToolError> {
    if params.older_than.duration() < MIN_AGE {
        return Err(ToolError::Params("backup.prune: older_than must be at least 1d".to_owned()));
    }
    let age = TimeDelta::from_std(params.older_than.duration());
    let at = age.ok().and_then(|age| ctx.clock.now().checked_sub_signed(age));
    at.ok_or_else(|| ToolError::Params("backup.prune: older_than is too large".to_owned()))
}

impl Tool for BackupPrune {
    type Params = Params;
    type Result = Pruned;

    const NAME: &'static str = "backup.prune";
    const HELP: &'static str = "Delete old dumps if the newest dump is a verified backup";
    const SOURCE: &'static str = SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        let dir = open_dir(ctx).await?;
        let before = cutoff(params, ctx)?;
        let mut inventory = dir.run(BackupDir::inventory).await?;
        // An earlier step may add a dump and an archive; one more of the existing ones may then be deleted.
        if let Some(first) = inventory.dumps.first().cloned() {
            inventory.dumps.insert(0, first);
        }
        if let Some(first) = inventory.archives.first().cloned() {
            inventory.archives.insert(0, first);
        }
        let selection = select(&inventory, before, keep(params, ctx));
        let what = described(&selection);
        let dumps = selection.dumps.iter().map(|stem| dir.file(stem, "dump"));
        let files = dumps.chain(selection.archives).chain(selection.sidecars);
        let names: Vec<String> = files.map(|p| p.display().to_string()).collect();
        let period = units::period(params.older_than);
        if names.is_empty() {
            return Ok(StepPlan::new(format!("Delete old backups: none is older than {period}"), Vec::new()));
        }
        let files = names.join(" ");
        let call = format!(
            "rm {files} (with manifests, checksums and globals, if the newest dump is verified by then)"
        );
        Ok(StepPlan::new(format!("Delete {what} older than {period}"), vec![call]).deleting(what))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Pruned>, ToolError> {
        let dir = open_dir(ctx).await?;
        let before = cutoff(&params, ctx)?;
        let inventory = dir.run(BackupDir::inventory).await?;
        check_checksum(&dir, newest_verified(&inventory).map_err(|why| refused(&why))?).await?;
        let selection = select(&inventory, before, keep(&params, ctx));
        let mut files: Vec<PathBuf> = selection.dumps.iter().flat_map(|stem| dir.dump_files(stem)).collect();
        files.extend(selection.archives.iter().cloned());
        files.extend(selection.sidecars.iter().cloned());
        let consented = ctx.consent()?.clone();
        let bytes = dir.run(move |dir| dir.delete(&files, &consented)).await?;
        let kept = inventory.dumps.len() - selection.dumps.len();
        let pruned = Pruned { dumps: selection.dumps, archives: selection.archives.len(), bytes, kept };
        let finding = Finding::new("", SYSTEM, Status::Ok, summary(&pruned, &params)).details(json!(pruned));
        let mut findings = vec![finding];
        findings.extend(unmanaged(&inventory, before));
        Ok(Output::new(findings, pruned))
    }
}

fn keep(params: &Params, ctx: &ToolContext) -> usize {
    params.keep.unwrap_or(ctx.settings.backup.keep).max(1)
}

/// Refuses unless the checksum of the newest dump matches its manifest.
async fn check_checksum(dir: &BackupDir, newest: &PublishedDump) -> Result<(), ToolError> {
    let path = dir.file(&newest.stem, "dump");
    let name = &newest.stem;
    let locked = dir.run(move |dir| dir.lock(&path)).await?;
    let file = locked.ok_or_else(|| refused(&format!("{name}.dump is in use by another run")))?;
    let actual = pg_programs::digest(file, Arc::default()).await?;
    if newest.manifest.as_ref().is_none_or(|m| m.sha256 != actual.sha256) {
        return Err(refused(&format!(
            "the checksum of the newest dump, {name}, does not match its manifest"
        )));
    }
    Ok(())
}

fn summary(pruned: &Pruned, params: &Params) -> String {
    let kept = format!("{} kept", counted(pruned.kept as f64, "dump"));
    if pruned.dumps.is_empty() && pruned.archives == 0 {
        return format!("Old backups: none deleted, {kept} (older than {})", params.older_than);
    }
    let archives = match pruned.archives {
        0 => String::new(),
        n => format!(" and {}", counted(n as f64, "configuration archive")),
    };
    let dumps = counted(pruned.dumps.len() as f64, "dump");
    format!(
        "Old backups: {dumps}{archives} older than {} deleted, {} freed, {kept}",
        params.older_than,
        units::bytes(pruned.bytes as f64)
    )
}

/// Old dumps that are kept because ordctl does not know their origin.
fn unmanaged(inventory: &BackupInventory, before: DateTime<Utc>) -> Option<Finding> {
    let without = inventory.dumps.iter().filter(|d| d.manifest.is_none() && d.at < before).count();
    let mut parts = Vec::new();
    if without > 0 {
        parts.push(format!("{} without a manifest", counted(without as f64, "old dump")));
    }
    if inventory.foreign > 0 {
        parts.push(format!("{} of another server's database", counted(inventory.foreign as f64, "dump")));
    }
    let text = format!("Unmanaged dumps: {}, kept", parts.join(", "));
    (!parts.is_empty()).then(|| Finding::new("strangers", SYSTEM, Status::Ok, text))
}

#[cfg(test)]
#[path = "prune_tests.rs"]
mod tests;
