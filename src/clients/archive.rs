//! Copies of files and directories in one archive (tar, gzip). Links are kept as links.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::ClientError;
use super::aside::aside;
use super::host::SYSTEM;

/// Everything at and below these paths, each directory before what it holds.
///
/// # Errors
/// When one is not there, or may not be read.
pub async fn listed(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, ClientError> {
    let found = aside(move |_| {
        let mut found = Vec::new();
        paths.iter().try_for_each(|path| walk(path, &mut found)).map(|()| found)
    });
    found.await.map_err(|e| ClientError::failed(SYSTEM, e))?
}

fn walk(path: &Path, found: &mut Vec<PathBuf>) -> Result<(), ClientError> {
    let fail = |e: io::Error| ClientError::failed(SYSTEM, format!("{}: {e}", path.display()));
    let about = std::fs::symlink_metadata(path).map_err(fail)?;
    if about.is_file() {
        rustix::fs::access(path, rustix::fs::Access::READ_OK).map_err(|e| fail(e.into()))?;
    }
    if !(about.is_file() || about.is_dir() || about.is_symlink()) {
        // A socket or a device is no configuration.
        return Ok(());
    }
    found.push(path.to_owned());
    if about.is_dir() {
        let entries: io::Result<Vec<PathBuf>> =
            std::fs::read_dir(path).and_then(|all| all.map(|e| e.map(|e| e.path())).collect());
        let mut entries = entries.map_err(fail)?;
        entries.sort();
        for entry in entries {
            walk(&entry, found)?;
        }
    }
    Ok(())
}

/// Writes the paths, which are absolute, into an archive, to the disk, and reads it again. Bytes.
///
/// # Errors
/// When one cannot be read, the archive cannot be written, or does not hold what was put into it.
pub async fn pack(paths: Vec<PathBuf>, into: File) -> Result<u64, ClientError> {
    let packed = aside(move |_| {
        let mut archive = tar::Builder::new(GzEncoder::new(into.try_clone()?, Compression::default()));
        archive.follow_symlinks(false);
        for path in &paths {
            let name = path.strip_prefix("/").unwrap_or(path);
            archive
                .append_path_with_name(path, name)
                .map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", path.display())))?;
        }
        archive.into_inner()?.finish()?;
        into.sync_all()?;
        let held = count(&into)?;
        if held != paths.len() {
            return Err(io::Error::other(format!("{held} entries of {} are in it", paths.len())));
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
