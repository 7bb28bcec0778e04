//! Copies of files and directories in one archive (tar, gzip). A path that is named and is a link is followed:
//! what it leads to is kept under the name. Links below are kept as links.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::clients::ClientError;
use crate::clients::detached::aside;
use crate::clients::host::SYSTEM;

/// What an archive is to hold.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// Its entries, each directory before what it holds.
    pub(crate) entries: Vec<Entry>,
    /// Links below the named paths that lead to nothing, or to what is not in it.
    pub(crate) outside: Vec<PathBuf>,
}

/// An entry of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The absolute path that it has there.
    pub(crate) name: PathBuf,
    pub(crate) from: PathBuf,
}

/// Everything at and below these paths.
pub(crate) async fn listed(paths: Vec<PathBuf>) -> Result<Listed, ClientError> {
    let found = aside(move |_| {
        let (mut entries, mut roots) = (Vec::new(), Vec::new());
        for path in paths {
            let fail = |e: io::Error| ClientError::failed(SYSTEM, format!("{}: {e}", path.display()));
            let root = path.canonicalize().map_err(fail)?;
            walk(&path, &root, &mut entries)?;
            roots.push(root);
        }
        let outside = entries.iter().filter(|e| leads_out(&e.from, &roots)).map(|e| e.name.clone()).collect();
        Ok(Listed { entries, outside })
    });
    found.await.map_err(|e| ClientError::failed(SYSTEM, e))?
}

fn leads_out(path: &Path, roots: &[PathBuf]) -> bool {
    path.is_symlink() && path.canonicalize().map_or(true, |to| !roots.iter().any(|root| to.starts_with(root)))
}

fn walk(name: &Path, path: &Path, found: &mut Vec<Entry>) -> Result<(), ClientError> {
    let fail = |e: io::Error| ClientError::failed(SYSTEM, format!("{}: {e}", name.display()));
    let about = std::fs::symlink_metadata(path).map_err(fail)?;
    if about.is_file() {
        rustix::fs::access(path, rustix::fs::Access::READ_OK).map_err(|e| fail(e.into()))?;
    }
    if !(about.is_file() || about.is_dir() || about.is_symlink()) {
        // A socket or a device is no configuration.
        return Ok(());
    }
    found.push(Entry { name: name.to_owned(), from: path.to_owned() });
    if about.is_dir() {
        let entries: io::Result<Vec<std::ffi::OsString>> =
            std::fs::read_dir(path).and_then(|all| all.map(|e| e.map(|e| e.file_name())).collect());
        let mut entries = entries.map_err(fail)?;
        entries.sort();
        for entry in entries {
            walk(&name.join(&entry), &path.join(&entry), found)?;
        }
    }
    Ok(())
}

/// Writes the entries into an archive, to the disk, and reads it again. Bytes.
pub(crate) async fn pack(entries: Vec<Entry>, into: File) -> Result<u64, ClientError> {
    let packed = aside(move |_| {
        let mut archive = tar::Builder::new(GzEncoder::new(into.try_clone()?, Compression::default()));
        archive.follow_symlinks(false);
        for Entry { name, from } in &entries {
            archive
                .append_path_with_name(from, name.strip_prefix("/").unwrap_or(name))
                .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", name.display())))?;
        }
        archive.into_inner()?.finish()?;
        into.sync_all()?;
        let held = count(&into)?;
        if held != entries.len() {
            return Err(io::Error::other(format!("{held} entries of {} are in it", entries.len())));
        }
        into.metadata().map(|about| about.len())
    });
    packed.await.and_then(|p| p).map_err(|e| ClientError::failed(SYSTEM, e))
}

/// Reads an archive to its end: how many entries it has.
fn count(mut file: &File) -> io::Result<usize> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(0))?;
    let mut archive = tar::Archive::new(GzDecoder::new(file));
    let mut entries = 0;
    for entry in archive.entries()? {
        io::copy(&mut entry?, &mut io::sink())?;
        entries += 1;
    }
    Ok(entries)
}
