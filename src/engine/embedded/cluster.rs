//! The cluster on disk: reads its version and creates a new one.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::EmbeddedError;
use super::account::{Account, output};
use super::binaries::Binaries;
use super::directories::{ensure_private, sync};
use crate::base::plain_file;

/// The role of every client; the socket's directory is private.
const SUPERUSER: &str = "orchestrator";

/// The cluster's major version; None if it does not exist yet.
pub(super) fn major(cluster: &Path) -> Result<Option<u32>, EmbeddedError> {
    let path = cluster.join("PG_VERSION");
    match plain_file::read_text(&path) {
        Ok(text) => {
            let digits: String = text.trim().chars().take_while(char::is_ascii_digit).collect();
            digits.parse().map(Some).map_err(|_| EmbeddedError::NotACluster(cluster.to_owned()))
        }
        Err(e) if e.kind() == ErrorKind::NotFound => match fs::read_dir(cluster) {
            Ok(entries) => match entries.count() {
                0 => Ok(None),
                _ => Err(EmbeddedError::NotACluster(cluster.to_owned())),
            },
            Err(_) => Ok(None),
        },
        Err(e) => Err(EmbeddedError::io(path)(e)),
    }
}

/// Creates a cluster in a temporary directory and renames it when it is complete, so that an
/// interrupted initdb never leaves a partial cluster.
pub(super) fn create(cluster: &Path, account: &Account, binaries: &Binaries) -> Result<(), EmbeddedError> {
    let home = cluster.parent().unwrap_or(cluster);
    let unfinished = home.join("data.unfinished");
    remove(&unfinished)?;
    let created = ensure_private(&unfinished, account).and_then(|()| initdb(&unfinished, account, binaries));
    let moved = created.and_then(|()| {
        fs::rename(&unfinished, cluster).map_err(EmbeddedError::io(cluster))?;
        sync(home)
    });
    if moved.is_err() {
        drop(remove(&unfinished));
    }
    moved
}

fn remove(path: &Path) -> Result<(), EmbeddedError> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(EmbeddedError::io(path)(e)),
        _ => Ok(()),
    }
}

/// Uses UTF-8 and the C collation, which no libc update changes under an index.
fn initdb(dir: &Path, account: &Account, binaries: &Binaries) -> Result<(), EmbeddedError> {
    let mut stderr = String::new();
    for locale in ["C.UTF-8", "C"] {
        let mut command = account.command(&binaries.program("initdb"), dir);
        command.arg("--pgdata").arg(dir).args([
            "--username",
            SUPERUSER,
            "--auth-local=trust",
            "--auth-host=reject",
            "--encoding=UTF8",
            "--data-checksums",
            &format!("--locale={locale}"),
        ]);
        let result = output(&mut command)?;
        if result.status.success() {
            return Ok(());
        }
        stderr = String::from_utf8_lossy(&result.stderr).trim().to_owned();
        if !stderr.contains("locale") {
            break;
        }
    }
    Err(EmbeddedError::Initdb(stderr))
}
