//! Paths below the data directory.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Maximum length of a Unix socket path on Linux, minus PostgreSQL's file name.
const SOCKET_DIR_MAX: usize = 107 - "/.s.PGSQL.5432".len();

#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Makes a relative path absolute: the programs that receive it run in other directories.
    pub fn new(root: PathBuf) -> Self {
        Self { root: std::path::absolute(&root).unwrap_or(root) }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// One file per run of an acting runbook.
    pub(crate) fn journals(&self) -> PathBuf {
        self.root.join("journal")
    }

    /// One lock file per target.
    pub(crate) fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }

    /// One saved baseline per environment.
    pub(crate) fn baselines(&self) -> PathBuf {
        self.root.join("baselines")
    }

    /// One file per scaled service.
    pub(crate) fn scaling(&self) -> PathBuf {
        self.root.join("scaling")
    }

    /// Everything of the embedded PostgreSQL.
    pub fn embedded(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// PGDATA of the embedded PostgreSQL.
    pub fn embedded_cluster(&self) -> PathBuf {
        self.embedded().join("data")
    }

    /// The socket directory of the embedded PostgreSQL. When the data directory's path is too long for a
    /// socket, it is under `/tmp` and named after that path.
    pub fn embedded_socket_dir(&self) -> PathBuf {
        let dir = self.embedded().join("run");
        if dir.as_os_str().len() <= SOCKET_DIR_MAX {
            return dir;
        }
        PathBuf::from(format!("/tmp/ordctl-{:016x}", fingerprint(self.root.as_os_str().as_bytes())))
    }
}

/// A short name that is stable across versions: FNV-1a, 64 bits
/// (<https://datatracker.ietf.org/doc/draft-eastlake-fnv/>).
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
