//! Finds PostgreSQL's server programs.

use std::path::{Path, PathBuf};

use super::EmbeddedError;
use crate::clients::programs::{self, major};

/// What a directory of server programs must hold.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Where to look for server programs.
#[derive(Clone, Debug)]
pub struct Search {
    directories: Vec<PathBuf>,
}

impl Search {
    /// In PATH and where packages put them.
    pub(crate) fn system() -> Self {
        Self { directories: programs::directories() }
    }

    pub fn only(directories: Vec<PathBuf>) -> Self {
        Self { directories }
    }

    /// All installations, newest first; of two of one version, the one found first.
    fn installed(&self) -> Vec<Binaries> {
        let mut all: Vec<Binaries> = self
            .directories
            .iter()
            .filter(|dir| PROGRAMS.iter().all(|p| dir.join(p).is_file()))
            .filter_map(|dir| Some(Binaries { major: major(&dir.join("postgres"))?, dir: dir.clone() }))
            .collect();
        all.sort_by_key(|b| std::cmp::Reverse(b.major));
        all.dedup_by_key(|b| b.major);
        all
    }

    /// The programs to use: those of the cluster's major version, or the newest for a new one.
    pub(super) fn find(&self, cluster: Option<(&Path, u32)>) -> Result<Binaries, EmbeddedError> {
        let installed = self.installed();
        let found: Vec<u32> = installed.iter().map(|b| b.major).collect();
        let fits = |b: &Binaries| cluster.is_none_or(|(_, major)| b.major == major);
        match (installed.into_iter().find(fits), cluster) {
            (Some(binaries), _) => Ok(binaries),
            (None, Some((cluster, has))) if !found.is_empty() => {
                Err(EmbeddedError::OtherMajor { cluster: cluster.to_owned(), has, found })
            }
            (None, _) => {
                let looked_in = self.directories.iter().cloned().chain(programs::patterns()).collect();
                Err(EmbeddedError::NoBinaries { looked_in })
            }
        }
    }
}

/// One installation of the server programs.
#[derive(Clone, Debug)]
pub(super) struct Binaries {
    pub(crate) dir: PathBuf,
    pub(crate) major: u32,
}

impl Binaries {
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}
