//! Writing, publishing and deleting backups. Every operation can be repeated after it was interrupted.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use super::super::manifest::Manifest;
use super::BackupDir;
use crate::base::atomic;
use crate::model::Consented;

impl BackupDir {
    /// Writes the manifest of a published or a pending dump.
    pub(crate) fn write_manifest(
        &self,
        stem: &str,
        published: bool,
        manifest: &Manifest,
        _: &Consented,
    ) -> io::Result<()> {
        let ending = if published { "dump.json" } else { "dump.json.part" };
        let mut text = serde_json::to_vec_pretty(manifest)?;
        text.push(b'\n');
        self.write(stem, "dump.json.new", ending, &text)
    }

    /// Gives a pending dump and its sidecars their final names, the dump last.
    pub(crate) fn publish(&self, stem: &str, manifest: &Manifest, consented: &Consented) -> io::Result<()> {
        let dump = self.file(stem, "dump");
        if std::fs::symlink_metadata(&dump).is_ok() {
            return Err(io::Error::new(ErrorKind::AlreadyExists, format!("{} exists", dump.display())));
        }
        if let Some(globals) = &manifest.globals {
            // An interrupted run may have renamed it already.
            ignore_missing(std::fs::rename(
                self.file(stem, "globals.sql.part"),
                self.file(stem, "globals.sql"),
            ))?;
            if self.file(stem, "globals.sql").exists() {
                self.write_checksum(stem, "globals.sql", &globals.sha256)?;
            }
        }
        self.write_checksum(stem, "dump", &manifest.sha256)?;
        self.write_manifest(stem, true, manifest, consented)?;
        std::fs::rename(self.file(stem, "dump.part"), dump)?;
        ignore_missing(std::fs::remove_file(self.file(stem, "dump.json.part")))?;
        self.sync()
    }

    /// Renames a file durably. Its content must be synced before.
    pub(crate) fn rename(&self, stem: &str, from: &str, to: &str, _: &Consented) -> io::Result<()> {
        std::fs::rename(self.file(stem, from), self.file(stem, to))?;
        self.sync()
    }

    /// Deletes files that exist. Returns the bytes freed.
    pub(crate) fn delete(&self, files: &[PathBuf], _: &Consented) -> io::Result<u64> {
        let mut bytes = 0;
        for path in files {
            match std::fs::symlink_metadata(path) {
                Ok(metadata) if metadata.is_file() => {
                    ignore_missing(std::fs::remove_file(path))?;
                    bytes += metadata.len();
                }
                Ok(_) => {}
                Err(e) => ignore_missing(Err(e))?,
            }
        }
        self.sync()?;
        Ok(bytes)
    }

    /// Writes a checksum file in sha256sum's format.
    fn write_checksum(&self, stem: &str, ending: &str, sha256: &str) -> io::Result<()> {
        let line = format!("{sha256}  {stem}.{ending}\n");
        self.write(stem, &format!("{ending}.sha256.new"), &format!("{ending}.sha256"), line.as_bytes())
    }

    fn write(&self, stem: &str, temporary: &str, ending: &str, text: &[u8]) -> io::Result<()> {
        atomic::write_through(&self.file(stem, temporary), &self.file(stem, ending), text, 0o600)?;
        self.sync()
    }

    /// Makes renames and deletions survive a power failure.
    fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }
}

fn ignore_missing(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Files that are deleted on drop unless they are kept.
pub(crate) struct UnfinishedFiles(Vec<PathBuf>);

impl UnfinishedFiles {
    pub(crate) fn new(files: Vec<PathBuf>) -> Self {
        Self(files)
    }

    pub(crate) fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for UnfinishedFiles {
    fn drop(&mut self) {
        for path in &self.0 {
            // Most do not exist. The next run deletes what cannot be deleted now.
            drop(std::fs::remove_file(path));
        }
    }
}
