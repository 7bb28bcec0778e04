//! Finds PostgreSQL's server programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::EmbeddedError;
use crate::base::env;

/// What a directory of server programs must hold.
const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// Parents of one directory a major version: Debian's and the PostgreSQL project's RPMs'.
const PARENTS: [(&str, &str); 2] = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

/// Where to look for server programs.
#[derive(Clone, Debug)]
pub struct Search {
    directories: Vec<PathBuf>,
}

impl Search {
    /// In PATH and where packages put them.
    pub fn system() -> Self {
        let path = env::read(env::PATH).unwrap_or_default();
        let mut directories: Vec<PathBuf> =
            std::env::split_paths(&path).filter(|p| p.is_absolute()).collect();
        for (parent, prefix) in PARENTS {
            let Ok(entries) = std::fs::read_dir(parent) else { continue };
            let fits = |name: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.parse::<u32>().is_ok());
            directories.extend(
                entries
                    .flatten()
                    .filter(|e| e.file_name().to_str().is_some_and(fits))
                    .map(|e| e.path().join("bin")),
            );
        }
        Self { directories }
    }

    /// Only in these directories.
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
                let mut looked_in = self.directories.clone();
                looked_in
                    .extend(PARENTS.iter().map(|(p, prefix)| Path::new(p).join(format!("{prefix}*/bin"))));
                Err(EmbeddedError::NoBinaries { looked_in })
            }
        }
    }
}

/// One installation of the server programs.
#[derive(Clone, Debug)]
pub(super) struct Binaries {
    pub dir: PathBuf,
    pub major: u32,
}

impl Binaries {
    pub fn program(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

/// `postgres (PostgreSQL) 15.14 (Debian 15.14-0)` → 15.
fn major(postgres: &Path) -> Option<u32> {
    let output = Command::new(postgres).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().nth(2)?;
    version.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}
