//! What the tools of backups share: where the database is, where its dumps lie, which programs fit it.

pub(crate) mod archive;
pub(crate) mod check;
pub(crate) mod config_archive;
pub(crate) mod create;
pub(crate) mod dir;
pub(crate) mod dumps;
pub(crate) mod globals;
pub(crate) mod leftovers;
pub(crate) mod pg_programs;
pub(crate) mod proof;
pub(crate) mod prune;
pub(crate) mod publish;
pub(crate) mod readiness;
pub(crate) mod scratch;
pub(crate) mod verify;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::{ToolContext, ToolError};
use crate::base::units;
use crate::clients::{ClientError, host};
use crate::model::Origin;
pub(crate) use crate::store::backup::BackupSource as Source;
use crate::tools::backup::dir::BackupDir;
use crate::tools::backup::pg_programs::Programs;

/// Asks for the database that is backed up.
pub(crate) async fn source(ctx: &ToolContext) -> Result<Source, ToolError> {
    Ok(ctx.store()?.backup_source().await?)
}

/// Where the dumps of this database lie, if files can be made there.
pub(crate) async fn vault(source: &Source, ctx: &ToolContext) -> Result<BackupDir, ToolError> {
    let Some(dir) = &ctx.settings.backup.dir else {
        return Err(ClientError::NotConfigured { system: "backup", setting: "backup.dir" }.into());
    };
    let origin = Origin {
        environment: ctx.settings.environment.clone(),
        database: source.database.clone(),
        system: source.system.clone(),
    };
    let vault = BackupDir::new(dir, origin);
    vault.aside(BackupDir::writable).await.map_err(|e| ToolError::Refused {
        message: format!("the directory of backups cannot be used: {e}"),
        hint: Some(format!("mkdir -p -m 700 '{0}', owned by who runs ordctl; df -h '{0}'", dir.display())),
    })?;
    Ok(vault)
}

/// The programs that fit a server of this major version.
pub(crate) async fn programs(server: u32, ctx: &ToolContext) -> Result<Programs, ToolError> {
    let found = Programs::find(ctx.settings.backup.programs.clone(), server).await?;
    found.map_err(|e| ToolError::Refused { message: e.to_string(), hint: Some(e.hint(server)) })
}

/// That a directory has room for so many bytes.
pub(crate) async fn room(dir: &std::path::Path, needed: f64, what: &str) -> Result<(), ToolError> {
    let free = host::filesystem(dir).await?.available as f64;
    if free >= needed {
        return Ok(());
    }
    Err(ToolError::Refused {
        message: format!(
            "{} has {} free, {what} may need {}",
            dir.display(),
            units::bytes(free),
            units::bytes(needed)
        ),
        hint: Some(format!("df -h '{}'", dir.display())),
    })
}

/// How often it is told how far a program is.
const LOOK: Duration = Duration::from_millis(500);

/// Awaits work on bytes and tells how many of them are done: of so many, where that is known.
pub(crate) async fn watched<T>(
    work: impl Future<Output = T>,
    far: &AtomicU64,
    whole: Option<u64>,
    note: &str,
    ctx: &ToolContext,
) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(LOOK) => {
                let bytes = far.load(Ordering::Relaxed);
                // Where the end is not known, the bytes are all there is to tell.
                match whole {
                    Some(whole) => ctx.progress(bytes, Some(whole.max(bytes)), format!("bytes {note}")),
                    None => ctx.progress(0, None, format!("{} {note}", units::bytes(bytes as f64))),
                }
            }
        }
    }
}
