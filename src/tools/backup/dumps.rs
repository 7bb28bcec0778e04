//! Dumps: the backup files in a directory.

use std::fs::{DirEntry, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::clients::ClientError;
use crate::clients::detached::aside;
use crate::clients::host::SYSTEM;
use crate::model::Manifest;
use crate::tools::backup::dir;

/// What the name of a dump ends in; what compresses or encrypts it may stand behind that.
const DUMPS: [&str; 7] = ["dump", "sql", "backup", "bak", "pgdump", "custom", "tar"];
const WRAPPED: [&str; 8] = ["gz", "zst", "xz", "bz2", "lz4", "gpg", "age", "enc"];
/// How deep below the directory dumps are looked for: a folder for each day is common.
const DEPTH: u8 = 1;
/// So many dumps are looked at.
const MOST: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Dump {
    pub(crate) path: PathBuf,
    /// Bytes.
    pub(crate) size: u64,
    /// When it was last written to.
    pub(crate) modified: DateTime<Utc>,
    /// Its name says `.dump`, and its beginning is not that of any dump of pg_dump's.
    pub(crate) broken: bool,
    /// Its name is one that ordctl gives to dumps of this database.
    pub(crate) ours: bool,
    /// What its manifest says, where there is one: of the newest, and of ours down to the first verified one.
    pub(crate) verified: Option<bool>,
}

/// The dumps below a directory, the newest first, whoever made them; but not those that ordctl made of
/// another database or environment than the prefix's.
pub(crate) async fn dumps(directory: &Path, prefix: Option<String>) -> Result<Vec<Dump>, ClientError> {
    let directory = directory.to_owned();
    let shown = directory.display().to_string();
    let found = aside(move |_| {
        let mut found = Vec::new();
        collect(&directory, DEPTH, &mut found)?;
        if let Some(prefix) = prefix {
            found.retain_mut(|dump: &mut Dump| {
                let name = dump.path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
                let ours = dir::bears(&name, &prefix);
                dump.ours = ours == Some(true);
                ours != Some(false)
            });
        }
        found.sort_by_key(|dump: &Dump| std::cmp::Reverse(dump.modified));
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
    found.await.and_then(|r| r).map_err(|e| ClientError::failed(SYSTEM, format!("{shown}: {e}")))
}

fn collect(directory: &Path, depth: u8, found: &mut Vec<Dump>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let Some((entry, about)) = look(entry?)? else { continue };
        if about.is_dir() && depth > 0 {
            collect(&entry.path(), depth - 1, found)?;
        }
        if about.is_file() && found.len() < MOST && is_dump(&entry.file_name().to_string_lossy()) {
            let modified = about.modified().unwrap_or(SystemTime::UNIX_EPOCH).into();
            found.push(Dump {
                path: entry.path(),
                size: about.len(),
                modified,
                broken: false,
                ours: false,
                verified: None,
            });
        }
    }
    Ok(())
}

/// None: it is gone meanwhile, as old backups go.
fn look(entry: DirEntry) -> std::io::Result<Option<(DirEntry, std::fs::Metadata)>> {
    match entry.metadata() {
        Ok(about) => Ok(Some((entry, about))),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// A file that is still being written (`x.dump.part`, `.x.dump`) is none.
fn is_dump(name: &str) -> bool {
    let mut endings = name.rsplit('.').skip_while(|ending| WRAPPED.contains(ending));
    let ending = endings.next().unwrap_or_default();
    // The roles of a server are no database.
    !name.starts_with('.')
        && endings.next().is_some_and(|before| before != "globals")
        && DUMPS.contains(&ending)
}

/// pg_dump's custom format begins with its name. Only what is called `.dump` claims to be one, and
/// some call plain SQL so, which begins with a comment.
fn is_broken(path: &Path) -> std::io::Result<bool> {
    if path.extension().is_none_or(|e| e != "dump") {
        return Ok(false);
    }
    let mut head = Vec::new();
    File::open(path)?.take(5).read_to_end(&mut head)?;
    Ok(!(head.starts_with(b"PGDMP") || head.starts_with(b"--")))
}

/// What the manifest beside a dump of ours says of it, compressed or encrypted though it may be since.
fn is_verified(path: &Path) -> Option<bool> {
    let name = path.file_name()?.to_str()?;
    let stem = &name[..name.find(".dump")?];
    let text = std::fs::read(path.with_file_name(format!("{stem}.dump.json"))).ok()?;
    let manifest: Manifest = serde_json::from_slice(&text).ok()?;
    Some(manifest.verified.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_known_by_its_name() {
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
    async fn the_newest_comes_first_and_what_is_no_dump_inside_is_known() {
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
        let found = dumps(dir.path(), None).await.unwrap();
        let names: Vec<_> = found.iter().map(|d| d.path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["new.dump", "old.dump"]);
        assert!(found[0].broken && found[0].size == 4);
        std::fs::write(dir.path().join("today/new.dump"), "PGDMP\u{1}").unwrap();
        assert!(!dumps(dir.path(), None).await.unwrap()[0].broken);
        // Of ours none hides another's newer one; what is of another database is none of this one's.
        for name in ["o@prod-20260101T010000Z.dump", "o@prod-eu-20260101T010000Z.dump", "o@prod-x.dump"] {
            let path = dir.path().join(name);
            std::fs::write(&path, "PGDMP").unwrap();
            let at = SystemTime::now() - std::time::Duration::from_secs(900);
            File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        }
        let found = dumps(dir.path(), Some("o@prod-".to_owned())).await.unwrap();
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].path.ends_with("new.dump"), "{found:?}");
        assert_eq!(found.iter().filter(|d| d.ours).count(), 1);
        assert_eq!(dumps(dir.path(), None).await.unwrap().len(), 5);
        assert!(dumps(Path::new("/no/such"), None).await.unwrap_err().to_string().contains("/no/such"));
    }
}
