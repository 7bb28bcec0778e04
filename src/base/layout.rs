//! Where things lie below the data directory.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The longest path that a Unix socket may have on Linux, less PostgreSQL's file name in it.
const SOCKET_DIR_MAX: usize = 107 - "/.s.PGSQL.5432".len();

/// Paths below one data directory.
#[derive(Clone, Debug)]
pub struct Layout {
    root: PathBuf,
}

impl Layout {
    /// The layout of a data directory. A relative path is taken from the present directory now:
    /// the programs that get these paths run elsewhere.
    pub fn new(root: PathBuf) -> Self {
        Self { root: std::path::absolute(&root).unwrap_or(root) }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// One file a run of an acting runbook.
    pub(crate) fn journals(&self) -> PathBuf {
        self.root.join("journal")
    }

    /// One lock file a target.
    pub(crate) fn locks(&self) -> PathBuf {
        self.root.join("locks")
    }

    /// One saved baseline an environment.
    pub(crate) fn baselines(&self) -> PathBuf {
        self.root.join("baselines")
    }

    /// One file for each service whose number was changed from here.
    pub(crate) fn scaling(&self) -> PathBuf {
        self.root.join("scaling")
    }

    /// The key that signs the API's access tokens.
    pub(crate) fn signing_key(&self) -> PathBuf {
        self.root.join("signing.key")
    }

    /// Everything of the embedded PostgreSQL.
    pub fn embedded(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// The embedded PostgreSQL's cluster (PGDATA).
    pub fn embedded_cluster(&self) -> PathBuf {
        self.embedded().join("data")
    }

    /// The directory of the embedded PostgreSQL's socket. A data directory whose path is too
    /// long for a socket gets one under `/tmp`, named after that path.
    pub fn embedded_socket_dir(&self) -> PathBuf {
        let dir = self.embedded().join("run");
        if dir.as_os_str().len() <= SOCKET_DIR_MAX {
            return dir;
        }
        PathBuf::from(format!("/tmp/ordctl-{:016x}", fingerprint(self.root.as_os_str().as_bytes())))
    }
}

/// A short name for a longer one, the same in every version of the program: FNV-1a, 64 bits
/// (<https://datatracker.ietf.org/doc/draft-eastlake-fnv/>).
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
