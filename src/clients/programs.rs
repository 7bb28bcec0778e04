//! Finds PostgreSQL's programs on this machine, and their versions.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::base::env;

/// Parents of one directory a major version: Debian's and the PostgreSQL project's RPMs'.
const PARENTS: [(&str, &str); 2] = [("/usr/lib/postgresql", ""), ("/usr", "pgsql-")];

/// Where programs may be: in PATH and where packages put them.
pub(crate) fn directories() -> Vec<PathBuf> {
    let path = env::read(env::PATH).unwrap_or_default();
    let mut directories: Vec<PathBuf> = std::env::split_paths(&path).filter(|p| p.is_absolute()).collect();
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
    directories
}

/// The searched package directories as patterns, for messages.
pub(crate) fn patterns() -> impl Iterator<Item = PathBuf> {
    PARENTS.iter().map(|(parent, prefix)| Path::new(parent).join(format!("{prefix}*/bin")))
}

/// `pg_dump (PostgreSQL) 15.14 (Debian 15.14-0)` → 15. None when it does not run or says something else.
pub(crate) fn major(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.split_whitespace().nth(2)?;
    version.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}
