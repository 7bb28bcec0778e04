//! The directories of the embedded PostgreSQL, and who may enter them.
//!
//! Everything lies in one directory, which is ours. Below it the cluster, its socket and its logs
//! belong to the user who runs PostgreSQL and to nobody else (mode 0700). So where we are root,
//! that user can put no symbolic link where we write.

use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::Path;

use super::EmbeddedError;
use super::account::Account;
use crate::base::layout::Layout;

/// Makes the data directory and, in it, that of the embedded PostgreSQL.
pub(super) fn make_home(layout: &Layout) -> Result<(), EmbeddedError> {
    let root = layout.root();
    if !root.exists() {
        fs::create_dir_all(root).map_err(EmbeddedError::io(root))?;
        // Whoever runs PostgreSQL must get through, whatever the umask says.
        fs::set_permissions(root, Permissions::from_mode(0o755)).map_err(EmbeddedError::io(root))?;
    }
    let home = layout.embedded();
    match fs::create_dir(&home) {
        Ok(()) => {
            let mode = if rustix::process::geteuid().is_root() { 0o711 } else { 0o700 };
            fs::set_permissions(&home, Permissions::from_mode(mode)).map_err(EmbeddedError::io(&home))
        }
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(e) => Err(EmbeddedError::io(&home)(e)),
    }
}

/// Makes a directory that only `account` may enter, or makes sure that it is one.
pub(super) fn private(path: &Path, account: &Account) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) if account.other => {
            chown(path, Some(account.uid), Some(account.gid)).map_err(EmbeddedError::io(path))?;
        }
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
        Err(e) => return Err(EmbeddedError::io(path)(e)),
    }
    // Never through a symbolic link: under /tmp anybody could have put one here.
    let metadata = fs::symlink_metadata(path).map_err(EmbeddedError::io(path))?;
    let not_ours = |why: String| Err(EmbeddedError::NotOurs { path: path.to_owned(), why });
    if !metadata.is_dir() {
        return not_ours("is no directory".into());
    }
    if metadata.uid() != account.uid {
        return not_ours(format!("belongs to user {}, not to {}", metadata.uid(), account.name));
    }
    if metadata.mode() & 0o077 != 0 {
        return not_ours(format!(
            "is open to others (mode {:04o}, 0700 is needed)",
            metadata.mode() & 0o7777
        ));
    }
    Ok(())
}

/// Writes a directory's entries to the disk.
pub(super) fn sync(path: &Path) -> Result<(), EmbeddedError> {
    fs::File::open(path).and_then(|d| d.sync_all()).map_err(EmbeddedError::io(path))
}
