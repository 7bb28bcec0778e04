//! Finds PostgreSQL's server programs.

use std::path::{Path, PathBuf};

use super::EmbeddedError;
use crate::clients::programs::{self, major};

/// The programs that an installation must contain.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Where to look for server programs.
#[derive(Clone, Debug)]
pub struct Search {
    directories: Vec<PathBuf>,
}

impl Search {
    /// PATH and the usual package directories.
    pub(crate) fn system() -> Self {
        Self { directories: programs::directories() }
    }

    pub fn only(directories: Vec<PathBuf>) -> Self {
        Self { directories }
    }

    /// One installation per major version (the first found), newest first.
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

    /// Fails when no server programs are installed for a new cluster.
    pub(crate) fn check(&self) -> Result<(), EmbeddedError> {
        self.find(None).map(drop)
    }

    /// The installation of the cluster's major version, or the newest for a new cluster.
    pub(super) fn find(&self, cluster: Option<(&Path, u32)>) -> Result<Binaries, EmbeddedError> {
        let installed = self.installed();
        let majors: Vec<u32> = installed.iter().map(|b| b.major).collect();
        let matches = |b: &Binaries| cluster.is_none_or(|(_, major)| b.major == major);
        match (installed.into_iter().find(matches), cluster) {
            (Some(binaries), _) => Ok(binaries),
            (None, Some((cluster, has))) if !majors.is_empty() => {
                Err(EmbeddedError::OtherMajor { cluster: cluster.to_owned(), has, installed: majors })
            }
            (None, _) => {
                let searched = self.directories.iter().cloned().chain(programs::patterns()).collect();
                Err(EmbeddedError::NoBinaries { searched })
            }
        }
    }
}

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
