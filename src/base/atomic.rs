//! Writes files atomically: written under a temporary name in the same
//! directory, synced, and renamed.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// A temporary name for a file, unique for each call, so that concurrent writers do not share one.
pub(crate) fn temporary_path(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    name.push(format!(".{}-{number}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Replaces a file. On failure the old file stays and the temporary file is removed.
pub(crate) fn write(path: &Path, contents: &[u8]) -> io::Result<()> {
    write_through(&temporary_path(path), path, contents, 0o666)
}

/// [`write`] with a given temporary name and mode (before the umask).
pub(crate) fn write_through(temporary: &Path, path: &Path, contents: &[u8], mode: u32) -> io::Result<()> {
    // A file left by a killed process is not followed or reused.
    match std::fs::remove_file(temporary) {
        Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let replace = || {
        let mut file = OpenOptions::new().create_new(true).write(true).mode(mode).open(temporary)?;
        file.write_all(contents)?;
        file.sync_all()?;
        std::fs::rename(temporary, path)
    };
    replace().inspect_err(|_| {
        // The first error is the one to report.
        drop(std::fs::remove_file(temporary));
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_keeps_the_old_file_and_leaves_no_temporary_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.txt");
        write(&path, b"old").unwrap();
        write(&path, b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        let directory = dir.path().join("directory");
        std::fs::create_dir(&directory).unwrap();
        assert!(write(&directory, b"x").is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
