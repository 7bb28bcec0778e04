//! What is written, renamed and removed: each so that, left half-way, it can be done again.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crate::model::Manifest;
use crate::tools::backup::dir::BackupDir;

impl BackupDir {
    /// Writes the manifest of a dump, that of a published one or of one that is not.
    pub(crate) fn record(&self, stem: &str, published: bool, manifest: &Manifest) -> io::Result<()> {
        let ending = if published { "dump.json" } else { "dump.json.part" };
        let mut text = serde_json::to_vec_pretty(manifest)?;
        text.push(b'\n');
        self.write(stem, "dump.json.new", ending, &text)
    }

    /// Gives a dump and what stands beside it their names, that of the dump last. Done half-way, it can be
    /// done again.
    pub(crate) fn publish(&self, stem: &str, manifest: &Manifest) -> io::Result<()> {
        let dump = self.path(stem, "dump");
        if std::fs::symlink_metadata(&dump).is_ok() {
            return Err(io::Error::new(ErrorKind::AlreadyExists, format!("{} is there", dump.display())));
        }
        if let Some(globals) = &manifest.globals {
            // Left half-way, it bears its name already.
            absent(std::fs::rename(self.path(stem, "globals.sql.part"), self.path(stem, "globals.sql")))?;
            if self.path(stem, "globals.sql").exists() {
                self.checksum(stem, "globals.sql", &globals.sha256)?;
            }
        }
        self.checksum(stem, "dump", &manifest.sha256)?;
        self.record(stem, true, manifest)?;
        std::fs::rename(self.path(stem, "dump.part"), dump)?;
        absent(std::fs::remove_file(self.path(stem, "dump.json.part")))?;
        self.settle()
    }

    /// Gives the file `from` the name `to`, once it is on the disk.
    pub(crate) fn rename(&self, stem: &str, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path(stem, from), self.path(stem, to))?;
        self.settle()
    }

    /// Every file that a dump may consist of, the dump itself first: what is removed half-way is no dump.
    pub(crate) fn files_of(&self, stem: &str) -> Vec<PathBuf> {
        super::OF_A_DUMP.iter().map(|ending| self.path(stem, ending)).collect()
    }

    /// Removes files; those that are not there are fine. Bytes that went.
    pub(crate) fn remove(&self, files: &[PathBuf]) -> io::Result<u64> {
        let mut bytes = 0;
        for path in files {
            match std::fs::symlink_metadata(path) {
                Ok(about) if about.is_file() => {
                    absent(std::fs::remove_file(path))?;
                    bytes += about.len();
                }
                Ok(_) => {}
                Err(e) => absent(Err(e))?,
            }
        }
        self.settle()?;
        Ok(bytes)
    }

    /// Writes a checksum as sha256sum does.
    fn checksum(&self, stem: &str, ending: &str, sha256: &str) -> io::Result<()> {
        let line = format!("{sha256}  {stem}.{ending}\n");
        self.write(stem, &format!("{ending}.sha256.new"), &format!("{ending}.sha256"), line.as_bytes())
    }

    fn write(&self, stem: &str, through: &str, to: &str, text: &[u8]) -> io::Result<()> {
        let new = self.path(stem, through);
        absent(std::fs::remove_file(&new))?;
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&new)?;
        file.write_all(text)?;
        file.sync_all()?;
        std::fs::rename(new, self.path(stem, to))?;
        self.settle()
    }

    /// What was renamed or removed stays so after a power cut.
    fn settle(&self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }
}

fn absent(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
