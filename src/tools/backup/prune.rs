//! `backup.prune`: deletes dumps that are older than they have to be, and old copies of the configuration.
//!
//! It looks for itself whether the newest dump is a backup: its manifest must say that it was verified, and
//! its checksum must hold now. Otherwise nothing is deleted, whatever step was left out. The newest dump and
//! the newest verified ones, as many as `backup.keep` says, are never deleted, nor is anything that is not
//! ours by name, a directory, or a link.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::base::units;
use crate::base::units::{Span, counted};
use crate::clients::host::SYSTEM;
use crate::model::{Effect, Finding, Status};
use crate::tools::backup;
use crate::tools::backup::dir::{BackupDir, BackupInventory, Kept};
use crate::tools::backup::pg_programs;
use crate::tools::{Output, Tool, ToolContext, ToolError};

/// Nothing younger is ever deleted.
const YOUNGEST: Duration = Duration::from_secs(86_400);

/// So far apart the clocks of this machine and of the database may be.
const APART: TimeDelta = TimeDelta::hours(1);

pub(crate) struct BackupPrune;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Dumps that are older; a day at least.
    pub(crate) older_than: Span,
    /// So many of the newest verified dumps stay, however old; default: `backup.keep`.
    #[serde(default)]
    pub(crate) keep: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Pruned {
    /// Dumps that went.
    pub(crate) dumps: Vec<String>,
    /// Copies of the configuration that went.
    pub(crate) archives: usize,
    /// Bytes.
    pub(crate) bytes: u64,
    /// Dumps that stay.
    pub(crate) kept: usize,
}

/// What would be deleted.
#[derive(Debug, PartialEq, Eq)]
struct Old {
    dumps: Vec<String>,
    archives: Vec<PathBuf>,
    /// Of dumps that are gone: an earlier prune was killed between them, or they were moved elsewhere.
    sidecars: Vec<PathBuf>,
}

/// What is too old of what there is. `floor` verified dumps and the newest one stay.
fn old(shelf: &BackupInventory, before: DateTime<Utc>, floor: usize) -> Old {
    // One that was cut short since is no backup, whatever its manifest says.
    let verified =
        |dump: &Kept| dump.manifest.as_ref().is_some_and(|m| m.verified.is_some() && m.bytes == dump.bytes);
    let safe: Vec<&str> =
        shelf.dumps.iter().filter(|d| verified(d)).take(floor).map(|d| d.stem.as_str()).collect();
    // What has lost its manifest may be anybody's: it stays, and is told.
    let goes = |d: &&Kept| d.at < before && d.manifest.is_some() && !safe.contains(&d.stem.as_str());
    let dumps = shelf.dumps.iter().skip(1).filter(goes).map(|d| d.stem.clone()).collect();
    let archives = shelf.archives.iter().skip(floor.max(1)).filter(|(_, at)| *at < before);
    let sidecars = shelf.sidecars.iter().filter(|(_, at)| *at < before);
    let paths = |all: &mut dyn Iterator<Item = &(PathBuf, DateTime<Utc>)>| {
        all.map(|(path, _)| path.clone()).collect::<Vec<_>>()
    };
    Old { dumps, archives: paths(&mut { archives }), sidecars: paths(&mut { sidecars }) }
}

/// Whether the newest dump is a backup, and if not, why.
fn newest(shelf: &BackupInventory) -> Result<&Kept, String> {
    if let Some(pending) = shelf.pending.first() {
        return Err(format!("{}.dump.part was not verified and published", pending.stem));
    }
    let newest = shelf.dumps.first().ok_or("there is no dump")?;
    match &newest.manifest {
        None => Err(format!("the newest dump, {}, has no manifest", newest.stem)),
        Some(m) if m.verified.is_none() => Err(format!("the newest dump, {}, is not verified", newest.stem)),
        Some(m) if m.bytes != newest.bytes => {
            Err(format!("the newest dump, {}, has changed since it was verified", newest.stem))
        }
        Some(_) => Ok(newest),
    }
}

fn refused(why: &str) -> ToolError {
    ToolError::Refused {
        message: format!("no old dump is deleted: {why}"),
        hint: Some("ordctl maintain monthly makes and verifies one".to_owned()),
    }
}

/// That the two clocks that ages are told by agree: by a wrong one every dump may be old.
fn clocks(host: DateTime<Utc>, database: DateTime<Utc>) -> Result<(), ToolError> {
    let apart = (host - database).abs();
    if apart <= APART {
        return Ok(());
    }
    Err(ToolError::Refused {
        message: format!(
            "no old dump is deleted: the clocks of this machine and of the database are {} apart",
            units::duration(apart.as_seconds_f64())
        ),
        hint: Some("timedatectl; psql -c 'SELECT now()'".to_owned()),
    })
}

async fn vault(ctx: &ToolContext) -> Result<BackupDir, ToolError> {
    let source = backup::source(ctx).await?;
    clocks(ctx.clock.now(), source.now)?;
    backup::vault(&source, ctx).await
}

fn before(params: &Params, ctx: &ToolContext) -> Result<DateTime<Utc>, ToolError> {
    if params.older_than.duration() < YOUNGEST {
        return Err(ToolError::Params("backup.prune: older_than is a day at least".to_owned()));
    }
    let age = TimeDelta::from_std(params.older_than.duration());
    let at = age.ok().and_then(|age| ctx.clock.now().checked_sub_signed(age));
    at.ok_or_else(|| ToolError::Params("backup.prune: older_than is beyond all time".to_owned()))
}

impl Tool for BackupPrune {
    type Params = Params;
    type Result = Pruned;

    const NAME: &'static str = "backup.prune";
    const HELP: &'static str = "deletes old dumps, if the newest is a verified backup";
    const SOURCE: &'static str = SYSTEM;

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<Vec<String>, ToolError> {
        let vault = vault(ctx).await?;
        let before = before(params, ctx)?;
        let shelf = vault.aside(BackupDir::shelf).await?;
        // A step before this one may make the newest: then one more of those that are there may go.
        let mut coming = shelf.clone();
        if let Some(first) = shelf.dumps.first() {
            coming.dumps.insert(0, first.clone());
        }
        if let Some(first) = shelf.archives.first() {
            coming.archives.insert(0, first.clone());
        }
        let old = old(&coming, before, keep(params, ctx));
        let files = old.dumps.iter().map(|stem| vault.path(stem, "dump"));
        let all: Vec<String> =
            files.chain(old.archives).chain(old.sidecars).map(|p| p.display().to_string()).collect();
        Ok(vec![match all.is_empty() {
            true => format!("nothing in {} is older than {}", vault.dir().display(), params.older_than),
            false => {
                let what = "with manifests, checksums and roles, if the newest dump is then verified";
                format!("rm {} ({what})", all.join(" "))
            }
        }])
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Pruned>, ToolError> {
        let vault = vault(ctx).await?;
        let before = before(&params, ctx)?;
        let shelf = vault.aside(BackupDir::shelf).await?;
        holds(&vault, newest(&shelf).map_err(|why| refused(&why))?).await?;
        let old = old(&shelf, before, keep(&params, ctx));
        let mut files: Vec<PathBuf> = old.dumps.iter().flat_map(|stem| vault.files_of(stem)).collect();
        files.extend(old.archives.iter().cloned());
        files.extend(old.sidecars.iter().cloned());
        let bytes = vault.aside(move |vault| vault.remove(&files)).await?;
        let kept = shelf.dumps.len() - old.dumps.len();
        let pruned = Pruned { dumps: old.dumps, archives: old.archives.len(), bytes, kept };
        let finding = Finding::new("", SYSTEM, Status::Ok, summary(&pruned, &params)).details(json!(pruned));
        let mut findings = vec![finding];
        findings.extend(strangers(&shelf, before));
        Ok(Output::new(findings, pruned))
    }
}

fn keep(params: &Params, ctx: &ToolContext) -> usize {
    params.keep.unwrap_or(ctx.settings.backup.keep).max(1)
}

/// That the newest dump still is what was verified.
async fn holds(vault: &BackupDir, newest: &Kept) -> Result<(), ToolError> {
    let path = vault.path(&newest.stem, "dump");
    let name = newest.stem.clone();
    let locked = vault.aside(move |vault| vault.lock(&path)).await?;
    let file = locked.ok_or_else(|| refused(&format!("another run works on {name}")))?;
    let found = pg_programs::digest(file, Arc::default()).await?;
    if newest.manifest.as_ref().is_none_or(|m| m.sha256 != found.sha256) {
        return Err(refused(&format!("the checksum of the newest dump, {name}, does not hold")));
    }
    Ok(())
}

fn summary(pruned: &Pruned, params: &Params) -> String {
    let stay = format!("{} kept", counted(pruned.kept as f64, "dump"));
    if pruned.dumps.is_empty() && pruned.archives == 0 {
        return format!("nothing that may go is older than {}, {stay}", params.older_than);
    }
    let archives = match pruned.archives {
        0 => String::new(),
        n => format!(" and {} of the configuration", counted(n as f64, "copy")),
    };
    let dumps = counted(pruned.dumps.len() as f64, "dump");
    format!(
        "{dumps}{archives} older than {} deleted, {} freed, {stay}",
        params.older_than,
        units::bytes(pruned.bytes as f64)
    )
}

/// Old dumps that bear such a name and that nobody vouches for.
fn strangers(shelf: &BackupInventory, before: DateTime<Utc>) -> Option<Finding> {
    let without = shelf.dumps.iter().filter(|d| d.manifest.is_none() && d.at < before).count();
    let text = match (without, shelf.foreign) {
        (0, 0) => return None,
        (n, 0) => format!("{} without a manifest stay", counted(n as f64, "old dump")),
        (0, n) => format!("{} of another server's database stay", counted(n as f64, "dump")),
        (n, m) => {
            format!(
                "{} without a manifest and {m} of another server's database stay",
                counted(n as f64, "old dump")
            )
        }
    };
    Some(Finding::new("strangers", SYSTEM, Status::Ok, text))
}

#[cfg(test)]
#[path = "prune_tests.rs"]
mod tests;
