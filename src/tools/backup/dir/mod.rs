//! The backup directory of one database.
//!
//! | file | content |
//! |---|---|
//! | `DATABASE@ENVIRONMENT-20260101T010000Z.dump.part` | an unpublished dump; locked while a run uses it |
//! | `….dump.json.part` | its manifest; without one the dump is incomplete |
//! | `….dump`, `….dump.json`, `….dump.sha256` | a published dump, its manifest, its checksum in sha256sum's format |
//! | `….globals.sql`, `….globals.sql.sha256` | the server's global objects and the checksum; `.part` until the dump is published |
//! | `….config.tgz` | an archive of the configuration |
//!
//! Publishing renames the dump last, so a `.dump` file is always complete. Only regular files in the directory
//! itself with such a name are read, renamed or deleted; symbolic links are not followed.
//! All methods block: call them through [`BackupDir::run`].

mod inventory;
pub(crate) mod names;
mod write;

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rustix::fs::{Access, OFlags};

use super::manifest::{Manifest, Origin};
use crate::clients::ClientError;
use crate::clients::detached::spawn_detached;
use crate::clients::host::SYSTEM;
use crate::model::Consented;

pub(crate) use inventory::{BackupInventory, PendingDump, PublishedDump};
pub(crate) use write::UnfinishedFiles;

const MANIFEST_MAX: u64 = 64 << 20;

#[derive(Clone, Debug)]
pub(crate) struct BackupDir {
    path: PathBuf,
    origin: Origin,
    prefix: String,
}

impl BackupDir {
    pub(crate) fn new(path: &Path, origin: Origin) -> Self {
        let prefix = names::prefix(&origin.database, &origin.environment);
        Self { path: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()), origin, prefix }
    }

    /// Runs blocking work on a detached thread.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T, ClientError> {
        let dir = self.clone();
        let done = spawn_detached(move |_| work(&dir)).await.and_then(|r| r);
        done.map_err(|e| ClientError::failed(SYSTEM, format!("{}: {e}", self.path.display())))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The stem of a backup made at this time: its name without an ending.
    pub(crate) fn stem(&self, at: DateTime<Utc>) -> String {
        names::stem(&self.prefix, at)
    }

    /// The path of every backup, for plans.
    pub(crate) fn pattern(&self) -> String {
        format!("{}/{}<time>", self.path.display(), self.prefix)
    }

    /// The path of a backup's file, such as the one with the ending `dump.part`.
    pub(crate) fn file(&self, stem: &str, ending: &str) -> PathBuf {
        self.path.join(format!("{stem}.{ending}"))
    }

    /// Every file that a dump may consist of, the dump first.
    pub(crate) fn dump_files(&self, stem: &str) -> Vec<PathBuf> {
        names::DUMP_ENDINGS.iter().map(|ending| self.file(stem, ending)).collect()
    }

    /// Fails unless files can be created and deleted in the directory.
    pub(crate) fn check_writable(&self) -> io::Result<()> {
        if !std::fs::metadata(&self.path)?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        Ok(rustix::fs::access(&self.path, Access::WRITE_OK | Access::EXEC_OK)?)
    }

    /// Creates a file that must not exist, locked as long as it is open.
    pub(crate) fn create(&self, stem: &str, ending: &str, _: &Consented) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.create_new(true).read(true).write(true).mode(0o600);
        let file = options.open(self.file(stem, ending))?;
        file.try_lock()?;
        Ok(file)
    }

    /// Opens and locks a file. None if another run holds the lock.
    pub(crate) fn lock(&self, path: &Path) -> io::Result<Option<File>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(e)) => Err(e),
        }
    }

    /// Whether a manifest describes a dump of this database. Another server may have a database and an
    /// environment of the same names; a server with unknown identity is another server.
    fn is_own(&self, manifest: &Manifest) -> bool {
        let (own, its) = (&self.origin, &manifest.origin);
        own.system == its.system && own.database == its.database && own.environment == its.environment
    }
}

/// Reads a manifest. None if it cannot be parsed.
pub(crate) fn read_manifest(path: &Path) -> io::Result<Option<Manifest>> {
    let mut text = Vec::new();
    open(path)?.take(MANIFEST_MAX).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text).ok())
}

/// Opens a file to read; fails for a symbolic link.
fn open(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(test)]
mod tests;
