//! Dump files in a directory, whether ordctl created them or not.

use std::fs::{DirEntry, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clients::ClientError;
use crate::clients::detached::spawn_detached;
use crate::clients::host::SYSTEM;
use crate::tools::backup::dir::{names, read_manifest};

/// File endings of dumps, which an ending of a compressed or encrypted file may follow.
const DUMP_ENDINGS: [&str; 7] = ["dump", "sql", "backup", "bak", "pgdump", "custom", "tar"];
const WRAPPER_ENDINGS: [&str; 8] = ["gz", "zst", "xz", "bz2", "lz4", "gpg", "age", "enc"];
/// Levels of subdirectories to search: one directory per day is common.
const MAX_DEPTH: u8 = 1;
const MAX_FILES: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct DumpFile {
    pub(crate) path: PathBuf,
    /// Size in bytes.
    pub(crate) size: u64,
    pub(crate) modified: DateTime<Utc>,
    /// It is named `.dump` but does not start like a dump of pg_dump.
    pub(crate) broken: bool,
    /// It has a name that ordctl gives to dumps of this database.
    pub(crate) ours: bool,
    /// From its manifest; read for the newest dump and for own dumps down to the newest verified one.
    pub(crate) verified: Option<bool>,
}

/// The dumps below a directory, newest first, without ordctl's dumps of databases or environments other than
/// the prefix's.
pub(crate) async fn list(directory: &Path, prefix: Option<String>) -> Result<Vec<DumpFile>, ClientError> {
    let directory = directory.to_owned();
    let shown = directory.display().to_string();
    let listed = spawn_detached(move |_| {
        let mut found = Vec::new();
        collect(&directory, MAX_DEPTH, &mut found)?;
        if let Some(prefix) = prefix {
            found.retain_mut(|dump: &mut DumpFile| {
                let name = dump.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
                let ours = names::has_prefix(&name, &prefix);
                dump.ours = ours == Some(true);
                ours != Some(false)
            });
        }
        found.sort_by_key(|dump: &DumpFile| std::cmp::Reverse(dump.modified));
        if let Some(newest) = found.first_mut() {
            newest.broken = is_broken(&newest.path)?;
            newest.verified = is_verified(&newest.path);
        }
        for dump in found.iter_mut().filter(|dump| dump.ours) {
            dump.verified = is_verified(&dump.path);
            if dump.verified == Some(true) {
                break;
            }
        }
        Ok::<_, std::io::Error>(found)
    });
    listed.await.and_then(|r| r).map_err(|e| ClientError::failed(SYSTEM, format!("{shown}: {e}")))
}

fn collect(directory: &Path, depth: u8, found: &mut Vec<DumpFile>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let Some((entry, metadata)) = metadata(entry?)? else { continue };
        if metadata.is_dir() && depth > 0 {
            collect(&entry.path(), depth - 1, found)?;
        }
        if metadata.is_file() && found.len() < MAX_FILES && is_dump(&entry.file_name().to_string_lossy()) {
            let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH).into();
            found.push(DumpFile {
                path: entry.path(),
                size: metadata.len(),
                modified,
                broken: false,
                ours: false,
                verified: None,
            });
        }
    }
    Ok(())
}

/// None if the file was deleted since the directory was read.
fn metadata(entry: DirEntry) -> std::io::Result<Option<(DirEntry, std::fs::Metadata)>> {
    match entry.metadata() {
        Ok(metadata) => Ok(Some((entry, metadata))),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// Files that are still being written (`x.dump.part`, `.x.dump`) do not count.
fn is_dump(name: &str) -> bool {
    let mut endings = name.rsplit('.').skip_while(|ending| WRAPPER_ENDINGS.contains(ending));
    let ending = endings.next().unwrap_or_default();
    // Dumps of global objects contain no database.
    !name.starts_with('.')
        && endings.next().is_some_and(|before| before != "globals")
        && DUMP_ENDINGS.contains(&ending)
}

/// Whether a `.dump` file starts neither like pg_dump's custom format nor like plain SQL.
fn is_broken(path: &Path) -> std::io::Result<bool> {
    if path.extension().is_none_or(|e| e != "dump") {
        return Ok(false);
    }
    let mut head = Vec::new();
    File::open(path)?.take(5).read_to_end(&mut head)?;
    Ok(!(head.starts_with(b"PGDMP") || head.starts_with(b"--")))
}

/// From the manifest beside the dump, which may have been compressed or encrypted since.
fn is_verified(path: &Path) -> Option<bool> {
    let name = path.file_name()?.to_str()?;
    let stem = &name[..name.find(".dump")?];
    let manifest = read_manifest(&path.with_file_name(format!("{stem}.dump.json"))).ok()??;
    Some(manifest.verified.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dumps_are_recognized_by_name() {
        for name in ["a.dump", "orchestrator-2026-01-01.sql.gz", "x.sql", "x.tar.zst.gpg", "x.backup"] {
            assert!(is_dump(name), "{name}");
        }
        for name in [
            "a.dump.part",
            ".a.dump",
            "dump",
            "a.log",
            "a.dump.sha256",
            "a.globals.sql",
            "gz",
            "sql.gz",
            "a.json",
        ] {
            assert!(!is_dump(name), "{name}");
        }
    }

    #[tokio::test]
    async fn the_newest_dump_comes_first_and_a_broken_one_is_recognized() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("today")).unwrap();
        for (name, text, age) in
            [("old.dump", "PGDMP1", 500), ("today/new.dump", "oops", 5), ("x.log", "-", 0)]
        {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            let at = SystemTime::now() - std::time::Duration::from_secs(age);
            File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        }
        let found = list(dir.path(), None).await.unwrap();
        let names: Vec<_> = found.iter().map(|d| d.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["new.dump", "old.dump"]);
        assert!(found[0].broken && found[0].size == 4);
        std::fs::write(dir.path().join("today/new.dump"), "PGDMP\u{1}").unwrap();
        assert!(!list(dir.path(), None).await.unwrap()[0].broken);
        // Own dumps do not hide newer ones of others; dumps of other databases are left out.
        for name in ["o@prod-20260101T010000Z.dump", "o@prod-eu-20260101T010000Z.dump", "o@prod-x.dump"] {
            let path = dir.path().join(name);
            std::fs::write(&path, "PGDMP").unwrap();
            let at = SystemTime::now() - std::time::Duration::from_secs(900);
            File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        }
        let found = list(dir.path(), Some("o@prod-".to_owned())).await.unwrap();
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].path.ends_with("new.dump"), "{found:?}");
        assert_eq!(found.iter().filter(|d| d.ours).count(), 1);
        assert_eq!(list(dir.path(), None).await.unwrap().len(), 5);
        assert!(list(Path::new("/no/such"), None).await.unwrap_err().to_string().contains("/no/such"));
    }
}
