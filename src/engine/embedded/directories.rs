//! The directories of the embedded PostgreSQL and their permissions.
//!
//! The parent directory belongs to the current user. The cluster, its socket and its logs belong to the
//! user that runs PostgreSQL (mode 0700). So that user cannot place a symbolic link where root writes.

use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::Path;

use super::EmbeddedError;
use super::account::Account;
use crate::base::layout::Layout;

/// Creates the data directory and the embedded PostgreSQL's directory in it.
pub(super) fn create_home(layout: &Layout) -> Result<(), EmbeddedError> {
    let root = layout.root();
    if !root.exists() {
        fs::create_dir_all(root).map_err(EmbeddedError::io(root))?;
        // The user that runs PostgreSQL must be able to enter it, whatever the umask is.
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

/// Creates a directory that only `account` can enter, or checks an existing one.
pub(super) fn ensure_private(path: &Path, account: &Account) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) if account.is_other_user => {
            chown(path, Some(account.uid), Some(account.gid)).map_err(EmbeddedError::io(path))?;
        }
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
        Err(e) => return Err(EmbeddedError::io(path)(e)),
    }
    // Do not follow a symbolic link: under /tmp any user could have created one.
    let metadata = fs::symlink_metadata(path).map_err(EmbeddedError::io(path))?;
    let not_private = |problem: String| Err(EmbeddedError::NotPrivate { path: path.to_owned(), problem });
    if !metadata.is_dir() {
        return not_private("is not a directory".into());
    }
    if metadata.uid() != account.uid {
        return not_private(format!("belongs to user {}, not to {}", metadata.uid(), account.name));
    }
    if metadata.mode() & 0o077 != 0 {
        return not_private(format!(
            "is accessible to other users (mode {:04o}, expected 0700)",
            metadata.mode() & 0o7777
        ));
    }
    Ok(())
}

/// Syncs a directory's entries to disk.
pub(super) fn sync(path: &Path) -> Result<(), EmbeddedError> {
    fs::File::open(path).and_then(|d| d.sync_all()).map_err(EmbeddedError::io(path))
}
