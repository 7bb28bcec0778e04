//! What a backup directory contains, in whatever state killed runs left it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::super::manifest::Manifest;
use super::names::{ARCHIVE_ENDINGS, DUMP_ENDINGS, SIDECARS, UNFINISHED};
use super::{BackupDir, names, read_manifest};

#[derive(Clone, Debug)]
pub(crate) struct PublishedDump {
    pub(crate) stem: String,
    /// The time in its name.
    pub(crate) at: DateTime<Utc>,
    pub(crate) bytes: u64,
    /// None if it is missing or cannot be parsed.
    pub(crate) manifest: Option<Manifest>,
}

/// A dump that is being made, or that waits to be verified or published.
#[derive(Clone, Debug)]
pub(crate) struct PendingDump {
    pub(crate) stem: String,
    pub(crate) bytes: u64,
    /// None if the dump is incomplete.
    pub(crate) manifest: Option<Manifest>,
}

/// The backups of one database, newest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct BackupInventory {
    pub(crate) dumps: Vec<PublishedDump>,
    pub(crate) pending: Vec<PendingDump>,
    /// Configuration archives with the times in their names.
    pub(crate) archives: Vec<(PathBuf, DateTime<Utc>)>,
    /// Remains of files that were never completed.
    pub(crate) orphans: Vec<PathBuf>,
    /// Manifests, checksums and globals whose dump is gone, with the times in their names: the remains of a
    /// deletion, or of a dump that was moved elsewhere.
    pub(crate) sidecars: Vec<(PathBuf, DateTime<Utc>)>,
    /// Number of dumps of another server's database with the same name.
    pub(crate) foreign: usize,
}

impl BackupDir {
    pub(crate) fn inventory(&self) -> io::Result<BackupInventory> {
        let mut stems = BTreeMap::<String, BTreeMap<String, u64>>::new();
        // Stems with other files: an encrypted dump, or a link to where the dump is now.
        let mut others = BTreeSet::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some((stem, ending)) = names::split(&self.prefix, &name) else { continue };
            let known = DUMP_ENDINGS.contains(&ending) || ARCHIVE_ENDINGS.contains(&ending);
            match entry.metadata() {
                Ok(metadata) if metadata.is_file() && known => {
                    stems.entry(stem.to_owned()).or_default().insert(ending.to_owned(), metadata.len());
                }
                Ok(_) => {
                    others.insert(stem.to_owned());
                }
                // Deleted since the directory was read.
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        let mut inventory = BackupInventory::default();
        for (stem, files) in stems.into_iter().rev() {
            let alone = !others.contains(&stem);
            self.classify(stem, &files, alone, &mut inventory)?;
        }
        Ok(inventory)
    }

    fn classify(
        &self,
        stem: String,
        files: &BTreeMap<String, u64>,
        alone: bool,
        inventory: &mut BackupInventory,
    ) -> io::Result<()> {
        let Some(at) = names::time(&self.prefix, &stem) else { return Ok(()) };
        if files.contains_key("config.tgz") {
            inventory.archives.push((self.file(&stem, "config.tgz"), at));
        }
        // Publishing leaves both manifests for a moment; the one beside the dump's current name counts.
        let order = match files.contains_key("dump") {
            true => ["dump.json", "dump.json.part"],
            false => ["dump.json.part", "dump.json"],
        };
        let manifest = match order.into_iter().find(|ending| files.contains_key(*ending)) {
            Some(ending) => read_manifest(&self.file(&stem, ending))?,
            None => None,
        };
        if manifest.as_ref().is_some_and(|m| !self.is_own(m)) {
            inventory.foreign += 1;
            return Ok(());
        }
        let existing = |endings: &[&'static str]| -> Vec<PathBuf> {
            endings.iter().filter(|e| files.contains_key(**e)).map(|e| self.file(&stem, e)).collect()
        };
        let mut orphans = existing(&["config.tgz.part"]);
        if let Some(&bytes) = files.get("dump") {
            orphans.extend(existing(&UNFINISHED));
            inventory.dumps.push(PublishedDump { stem: stem.clone(), at, bytes, manifest });
        } else if let Some(&bytes) = files.get("dump.part") {
            inventory.pending.push(PendingDump { stem: stem.clone(), bytes, manifest });
        } else if alone {
            orphans.extend(existing(&UNFINISHED));
            inventory.sidecars.extend(existing(&SIDECARS).into_iter().map(|path| (path, at)));
        }
        inventory.orphans.extend(orphans);
        Ok(())
    }
}
