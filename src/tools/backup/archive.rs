//! Compressed tar archives of files and directories. A named path that is a symbolic link is followed and
//! archived under its own name; links below it are archived as links.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::clients::ClientError;
use crate::clients::detached::spawn_detached;
use crate::clients::host::SYSTEM;

#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Each directory before its content.
    pub(crate) entries: Vec<Entry>,
    /// Links below the named paths whose target is missing or outside the archive.
    pub(crate) outside: Vec<PathBuf>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its absolute path in the archive.
    pub(crate) name: PathBuf,
    pub(crate) from: PathBuf,
}

/// Lists everything at and below these paths.
pub(crate) async fn list(paths: Vec<PathBuf>) -> Result<Listing, ClientError> {
    let listing = spawn_detached(move |_| {
        let (mut entries, mut roots) = (Vec::new(), Vec::new());
        for path in paths {
            let fail = |e: io::Error| ClientError::failed(SYSTEM, format!("{}: {e}", path.display()));
            let root = path.canonicalize().map_err(fail)?;
            walk(&path, &root, &mut entries)?;
            roots.push(root);
        }
        let outside =
            entries.iter().filter(|e| points_outside(&e.from, &roots)).map(|e| e.name.clone()).collect();
        Ok(Listing { entries, outside })
    });
    listing.await.map_err(|e| ClientError::failed(SYSTEM, e))?
}

fn points_outside(path: &Path, roots: &[PathBuf]) -> bool {
    path.is_symlink() && path.canonicalize().map_or(true, |to| !roots.iter().any(|root| to.starts_with(root)))
}

fn walk(name: &Path, path: &Path, entries: &mut Vec<Entry>) -> Result<(), ClientError> {
    let fail = |e: io::Error| ClientError::failed(SYSTEM, format!("{}: {e}", name.display()));
    let metadata = std::fs::symlink_metadata(path).map_err(fail)?;
    if metadata.is_file() {
        rustix::fs::access(path, rustix::fs::Access::READ_OK).map_err(|e| fail(e.into()))?;
    }
    if !(metadata.is_file() || metadata.is_dir() || metadata.is_symlink()) {
        // Sockets and devices are not configuration.
        return Ok(());
    }
    entries.push(Entry { name: name.to_owned(), from: path.to_owned() });
    if metadata.is_dir() {
        let children: io::Result<Vec<std::ffi::OsString>> =
            std::fs::read_dir(path).and_then(|all| all.map(|e| e.map(|e| e.file_name())).collect());
        let mut children = children.map_err(fail)?;
        children.sort();
        for child in children {
            walk(&name.join(&child), &path.join(&child), entries)?;
        }
    }
    Ok(())
}

/// Writes the archive, syncs it and reads it back. Returns its size in bytes.
pub(crate) async fn pack(entries: Vec<Entry>, into: File) -> Result<u64, ClientError> {
    let packed = spawn_detached(move |_| {
        let mut archive = tar::Builder::new(GzEncoder::new(into.try_clone()?, Compression::default()));
        archive.follow_symlinks(false);
        for Entry { name, from } in &entries {
            archive
                .append_path_with_name(from, name.strip_prefix("/").unwrap_or(name))
                .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", name.display())))?;
        }
        archive.into_inner()?.finish()?;
        into.sync_all()?;
        let count = count_entries(&into)?;
        if count != entries.len() {
            let message = format!("archive has {count} entries, expected {}", entries.len());
            return Err(io::Error::other(message));
        }
        into.metadata().map(|metadata| metadata.len())
    });
    packed.await.and_then(|p| p).map_err(|e| ClientError::failed(SYSTEM, e))
}

/// Reads an archive to its end.
fn count_entries(mut file: &File) -> io::Result<usize> {
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
