//! The cluster on the disk: which version made it, and how a new one is made.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::EmbeddedError;
use super::account::{Account, output};
use super::binaries::Binaries;
use super::directories::{private, sync};

/// The role that everybody is inside the private socket's directory.
const SUPERUSER: &str = "orchestrator";

/// The major version that made a cluster; nothing when there is none yet.
pub(super) fn major(cluster: &Path) -> Result<Option<u32>, EmbeddedError> {
    let path = cluster.join("PG_VERSION");
    match fs::read_to_string(&path) {
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

/// Makes a new cluster beside its place and moves it there when it is whole: a half-made one, of
/// a full disk or a kill, never passes for a cluster.
pub(super) fn create(cluster: &Path, account: &Account, binaries: &Binaries) -> Result<(), EmbeddedError> {
    let home = cluster.parent().unwrap_or(cluster);
    let unfinished = home.join("data.unfinished");
    remove(&unfinished)?;
    let made = private(&unfinished, account).and_then(|()| initdb(&unfinished, account, binaries));
    let moved = made.and_then(|()| {
        fs::rename(&unfinished, cluster).map_err(EmbeddedError::io(cluster))?;
        sync(home)
    });
    if moved.is_err() {
        // The first error is the one to tell.
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

/// With UTF-8 and the C locale's order, which no update of the C library changes under an index.
fn initdb(dir: &Path, account: &Account, binaries: &Binaries) -> Result<(), EmbeddedError> {
    let mut said = String::new();
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
        said = String::from_utf8_lossy(&result.stderr).trim().to_owned();
        if !said.contains("locale") {
            break;
        }
    }
    Err(EmbeddedError::Initdb(said))
}
