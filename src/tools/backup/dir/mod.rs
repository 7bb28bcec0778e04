//! The directory of backups: which files in it are ours, and what becomes of them.
//!
//! | file | is |
//! |---|---|
//! | `DATABASE@ENVIRONMENT-20260101T010000Z.dump.part` | a dump that is being made, or waits to be verified; locked while a run works on it |
//! | `….dump.json.part` | its manifest: without it the dump was never finished |
//! | `….dump`, `….dump.json`, `….dump.sha256` | a verified dump, its manifest, its checksum as sha256sum writes it |
//! | `….globals.sql`, `….globals.sql.sha256` | roles and the like of the whole server, and the checksum; `.part` until the dump gets its name |
//! | `….config.tgz` | a copy of the configuration |
//!
//! A dump gets its name as the last of its files, so what bears it is whole. Only regular files that lie in
//! the directory itself and bear such a name are ever read, renamed or removed; links are not followed.
//! Everything here blocks: see [`BackupDir::aside`].

mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDateTime, Utc};
use rustix::fs::OFlags;

use crate::clients::ClientError;
use crate::clients::detached::aside;
use crate::clients::host::SYSTEM;
use crate::model::{Manifest, Origin};

/// How the moment stands in a name.
const MOMENT: &str = "%Y%m%dT%H%M%SZ";
const MOMENT_LENGTH: usize = "20260101T010000Z".len();
const MANIFEST_MAX: u64 = 64 << 20;

/// What a dump may be without before it is published.
const UNFINISHED: [&str; 5] =
    ["dump.json.part", "dump.json.new", "dump.sha256.new", "globals.sql.part", "globals.sql.sha256.new"];
/// What stands beside a dump that bears its name.
const BESIDE: [&str; 4] = ["dump.json", "dump.sha256", "globals.sql", "globals.sql.sha256"];
/// What stands behind the stem in the names of a dump's files, the dump itself first.
const OF_A_DUMP: [&str; 11] = [
    "dump",
    "dump.part",
    "dump.json",
    "dump.json.part",
    "dump.json.new",
    "dump.sha256",
    "dump.sha256.new",
    "globals.sql",
    "globals.sql.part",
    "globals.sql.sha256",
    "globals.sql.sha256.new",
];
/// And in those of a copy of the configuration.
const OF_A_COPY: [&str; 2] = ["config.tgz", "config.tgz.part"];

/// The backups of one database in a directory.
#[derive(Clone, Debug)]
pub(crate) struct BackupDir {
    dir: PathBuf,
    origin: Origin,
    prefix: String,
}

/// A dump that bears its name.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Its name without any ending.
    pub(crate) stem: String,
    /// The moment in its name.
    pub(crate) at: DateTime<Utc>,
    /// Bytes.
    pub(crate) bytes: u64,
    /// Its manifest, if there is one that can be read.
    pub(crate) manifest: Option<Manifest>,
}

/// A dump that is being made, or that was not published yet.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    /// Its name without any ending.
    pub(crate) stem: String,
    /// Bytes.
    pub(crate) bytes: u64,
    /// Its manifest; none when it was not finished.
    pub(crate) manifest: Option<Manifest>,
}

/// What there is, the newest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct BackupInventory {
    /// Dumps that bear their names.
    pub(crate) dumps: Vec<Kept>,
    /// Those that do not yet.
    pub(crate) pending: Vec<Pending>,
    /// Copies of the configuration: their paths and moments.
    pub(crate) archives: Vec<(PathBuf, DateTime<Utc>)>,
    /// What was left behind of files that were never finished.
    pub(crate) orphans: Vec<PathBuf>,
    /// Manifests, checksums and roles of dumps that are gone, with no other file of their name, and their moments:
    /// what is left of a removal, or of a dump that was moved elsewhere.
    pub(crate) sidecars: Vec<(PathBuf, DateTime<Utc>)>,
    /// How many dumps have such a name and are of another server's database.
    pub(crate) foreign: usize,
}

impl BackupDir {
    /// The backups of a database in a directory. Looks at nothing yet.
    pub(crate) fn new(dir: &Path, origin: Origin) -> Self {
        let prefix = prefix(&origin.database, &origin.environment);
        Self { dir: std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()), origin, prefix }
    }

    /// Does blocking work on it.
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T, ClientError> {
        let vault = self.clone();
        let done = aside(move |_| work(&vault)).await.and_then(|r| r);
        done.map_err(|e| ClientError::failed(SYSTEM, format!("{}: {e}", self.dir.display())))
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the dumps come from.
    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The name of what is made at this moment, without any ending.
    pub(crate) fn stem(&self, at: DateTime<Utc>) -> String {
        format!("{}{}", self.prefix, at.format(MOMENT))
    }

    /// What such names begin with, for a plan.
    pub(crate) fn pattern(&self) -> String {
        format!("{}/{}<time>", self.dir.display(), self.prefix)
    }

    /// The path of a file of this name and ending, such as `dump.part`.
    pub(crate) fn path(&self, stem: &str, ending: &str) -> PathBuf {
        self.dir.join(format!("{stem}.{ending}"))
    }

    /// Whether files can be made and removed in the directory.
    pub(crate) fn writable(&self) -> io::Result<()> {
        use rustix::fs::Access;
        if !std::fs::metadata(&self.dir)?.is_dir() {
            return Err(ErrorKind::NotADirectory.into());
        }
        Ok(rustix::fs::access(&self.dir, Access::WRITE_OK | Access::EXEC_OK)?)
    }

    pub(crate) fn shelf(&self) -> io::Result<BackupInventory> {
        let mut names = BTreeMap::<String, BTreeMap<String, u64>>::new();
        // Stems that bear something else: a dump that was encrypted, a link to where it is now.
        let mut others = BTreeSet::new();
        for entry in std::fs::read_dir(&self.dir)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some((stem, ending)) = self.parted(&name) else { continue };
            match entry.metadata() {
                Ok(about)
                    if about.is_file() && (OF_A_DUMP.contains(&ending) || OF_A_COPY.contains(&ending)) =>
                {
                    names.entry(stem.to_owned()).or_default().insert(ending.to_owned(), about.len());
                }
                Ok(_) => {
                    others.insert(stem.to_owned());
                }
                // Gone meanwhile.
                Err(e) if e.kind() == ErrorKind::NotFound => {}
                Err(e) => return Err(e),
            }
        }
        let mut shelf = BackupInventory::default();
        for (stem, files) in names.into_iter().rev() {
            let alone = !others.contains(&stem);
            self.place(stem, &files, alone, &mut shelf)?;
        }
        Ok(shelf)
    }

    /// A name of ours as its stem and its ending.
    fn parted<'a>(&self, name: &'a str) -> Option<(&'a str, &'a str)> {
        let length = self.prefix.len() + MOMENT_LENGTH;
        let (stem, ending) = (name.get(..length)?, name.get(length..)?.strip_prefix('.')?);
        self.moment(stem).map(|_| (stem, ending))
    }

    fn moment(&self, stem: &str) -> Option<DateTime<Utc>> {
        let text = stem.strip_prefix(&self.prefix)?;
        NaiveDateTime::parse_from_str(text, MOMENT).ok().map(|at| at.and_utc())
    }

    fn place(
        &self,
        stem: String,
        files: &BTreeMap<String, u64>,
        alone: bool,
        shelf: &mut BackupInventory,
    ) -> io::Result<()> {
        let Some(at) = self.moment(&stem) else { return Ok(()) };
        if files.contains_key("config.tgz") {
            shelf.archives.push((self.path(&stem, "config.tgz"), at));
        }
        // Publishing leaves both for a moment: the one of the name that the dump bears is it.
        let published = files.contains_key("dump");
        let order = if published { ["dump.json", "dump.json.part"] } else { ["dump.json.part", "dump.json"] };
        let manifest = match order.into_iter().find(|ending| files.contains_key(*ending)) {
            Some(ending) => self.manifest(&stem, ending)?,
            None => None,
        };
        if manifest.as_ref().is_some_and(|m| !self.is_ours(m)) {
            shelf.foreign += 1;
            return Ok(());
        }
        let there = |endings: &[&'static str]| -> Vec<PathBuf> {
            endings.iter().filter(|k| files.contains_key(**k)).map(|k| self.path(&stem, k)).collect()
        };
        let mut left = there(&["config.tgz.part"]);
        if let Some(bytes) = files.get("dump") {
            left.extend(there(&UNFINISHED));
            shelf.dumps.push(Kept { stem: stem.clone(), at, bytes: *bytes, manifest });
        } else if let Some(bytes) = files.get("dump.part") {
            shelf.pending.push(Pending { stem: stem.clone(), bytes: *bytes, manifest });
        } else if alone {
            left.extend(there(&UNFINISHED));
            shelf.sidecars.extend(there(&BESIDE).into_iter().map(|path| (path, at)));
        }
        shelf.orphans.extend(left);
        Ok(())
    }

    /// The same names can lie here for another server whose database and environment are called alike.
    fn is_ours(&self, manifest: &Manifest) -> bool {
        let (ours, its) = (&self.origin, &manifest.origin);
        // One that may not be known may be any other's.
        ours.system == its.system && ours.database == its.database && ours.environment == its.environment
    }

    /// None when it cannot be understood: then the dump counts as one without.
    fn manifest(&self, stem: &str, ending: &str) -> io::Result<Option<Manifest>> {
        let mut text = Vec::new();
        open(&self.path(stem, ending))?.take(MANIFEST_MAX).read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text).ok())
    }

    /// Begins a dump: its file, which nobody else may have, locked as long as it is open.
    pub(crate) fn begin(&self, stem: &str, ending: &str) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.create_new(true).read(true).write(true).mode(0o600);
        let file = options.open(self.path(stem, ending))?;
        file.try_lock()?;
        Ok(file)
    }

    /// Opens a file of ours to work on it. None: another run does.
    pub(crate) fn lock(&self, path: &Path) -> io::Result<Option<File>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(e)) => Err(e),
        }
    }
}

/// What the names of all files of a database and environment begin with.
pub(crate) fn prefix(database: &str, environment: &str) -> String {
    let plain = |name: &str| -> String {
        let of = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '_' };
        name.chars().map(of).collect()
    };
    format!("{}@{}-", plain(database), plain(environment))
}

/// Of a file's name: whether it is of this prefix's database and environment; none when it is no name of ours.
pub(crate) fn bears(name: &str, prefix: &str) -> Option<bool> {
    let stem = name.split('.').next().unwrap_or_default();
    let (before, moment) = stem.split_at_checked(stem.len().checked_sub(MOMENT_LENGTH)?)?;
    NaiveDateTime::parse_from_str(moment, MOMENT).ok()?;
    (before.contains('@') && before.ends_with('-')).then_some(before == prefix)
}

/// Opens a file to read it, not what a link of that name leads to.
fn open(path: &Path) -> io::Result<File> {
    let flags = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(test)]
mod tests;
