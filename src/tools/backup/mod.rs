//! Backups: `backup.create` dumps the database, `backup.verify` restores the dump into a scratch database,
//! `backup.publish` gives a verified dump its final name, `backup.config` archives the configuration, and
//! `backup.prune` deletes old dumps. `check.backup` and `check.backup_ready` report on them.
//!
//! This module holds what these tools share: the source database, the backup directory and the PostgreSQL
//! programs.

pub(crate) mod archive;
pub(crate) mod check;
pub(crate) mod config_archive;
pub(crate) mod create;
pub(crate) mod dir;
pub(crate) mod dump_files;
pub(crate) mod globals;
pub(crate) mod leftovers;
pub(crate) mod manifest;
pub(crate) mod pg_programs;
pub(crate) mod prune;
pub(crate) mod publish;
pub(crate) mod readiness;
pub(crate) mod restore_test;
pub(crate) mod scratch;
pub(crate) mod verify;

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{ToolContext, ToolError};
use crate::base::units;
use crate::clients::{ClientError, host};
pub(crate) use crate::store::backup::BackupSource as Source;
use dir::BackupDir;
use manifest::Origin;
use pg_programs::PgPrograms;

pub(crate) async fn source(ctx: &ToolContext) -> Result<Source, ToolError> {
    Ok(ctx.store()?.backup_source().await?)
}

fn not_configured() -> ClientError {
    ClientError::not_configured("backup", "backup.dir")
}

/// The backup directory of this database. Refused if files cannot be created there.
pub(crate) async fn open_dir(source: &Source, ctx: &ToolContext) -> Result<BackupDir, ToolError> {
    let Some(path) = &ctx.settings.backup.dir else { return Err(not_configured().into()) };
    let origin = Origin {
        environment: ctx.settings.environment.clone(),
        database: source.database.clone(),
        system: source.system.clone(),
    };
    let dir = BackupDir::new(path, origin);
    dir.run(BackupDir::check_writable).await.map_err(|e| ToolError::Refused {
        message: format!("backup directory not writable: {e}"),
        hint: Some(format!("mkdir -p -m 700 '{}'", path.display())),
    })?;
    Ok(dir)
}

/// The PostgreSQL programs for a server of this major version.
pub(crate) async fn programs(server: u32, ctx: &ToolContext) -> Result<PgPrograms, ToolError> {
    let found = PgPrograms::find(ctx.settings.backup.programs.clone(), server).await?;
    found.map_err(|e| ToolError::Refused { message: e.to_string(), hint: Some(e.hint(server)) })
}

/// Refuses if the filesystem of `dir` has less than `needed` bytes free.
pub(crate) async fn require_space(dir: &Path, needed: f64, purpose: &str) -> Result<(), ToolError> {
    let free = host::filesystem(dir).await?.available as f64;
    if free >= needed {
        return Ok(());
    }
    Err(ToolError::Refused {
        message: format!(
            "not enough disk space: {} has {} free, {purpose} needs up to {}",
            dir.display(),
            units::bytes(free),
            units::bytes(needed)
        ),
        hint: Some(format!("df -h '{}'", dir.display())),
    })
}

const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);

/// Awaits work and reports its progress in bytes, of a total where that is known.
pub(crate) async fn with_progress<T>(
    work: impl Future<Output = T>,
    done: &AtomicU64,
    total: Option<u64>,
    verb: &str,
    ctx: &ToolContext,
) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            output = &mut work => return output,
            () = tokio::time::sleep(PROGRESS_INTERVAL) => {
                let bytes = done.load(Ordering::Relaxed);
                match total {
                    Some(total) => ctx.progress(bytes, Some(total.max(bytes)), format!("bytes {verb}")),
                    None => ctx.progress(0, None, format!("{} {verb}", units::bytes(bytes as f64))),
                }
            }
        }
    }
}
