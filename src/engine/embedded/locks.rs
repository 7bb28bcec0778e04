//! The members of the embedded PostgreSQL, as locks on two files (flock). The kernel releases them when a
//! process ends, even by kill -9, so there is nothing to clean up.
//!
//! * `members`: every process that uses the server holds a shared lock. A process that gets the exclusive
//!   lock is the last member.
//! * `mutex`: an exclusive lock for joining, leaving, starting and stopping.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, fchown};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use super::EmbeddedError;
use super::account::Account;

/// Maximum wait for another process to start or stop the server, including crash recovery.
const MUTEX_TIMEOUT: Duration = Duration::from_secs(180);
pub(super) const POLL: Duration = Duration::from_millis(20);

/// Dropping it releases the lock.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// Waits for the exclusive lock.
    pub(crate) fn mutex(home: &Path, account: &Account) -> Result<Self, EmbeddedError> {
        let path = home.join("mutex");
        let file = open(&path, account)?;
        let end = Instant::now() + MUTEX_TIMEOUT;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => return Err(EmbeddedError::Busy(MUTEX_TIMEOUT)),
                Err(TryLockError::Error(e)) => return Err(EmbeddedError::io(path)(e)),
            }
        }
    }

    /// Becomes a member. The caller must hold the mutex, so that no other process checks for the last member.
    pub(crate) fn member(home: &Path, account: &Account) -> Result<Self, EmbeddedError> {
        let path = home.join("members");
        let file = open(&path, account)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(EmbeddedError::Busy(Duration::ZERO)),
            Err(TryLockError::Error(e)) => Err(EmbeddedError::io(path)(e)),
        }
    }

    /// Ends this membership; true if no other is left. The caller must hold the mutex.
    pub(crate) fn was_last(self) -> bool {
        self.0.unlock().is_ok() && self.0.try_lock().is_ok()
    }
}

/// Opens or creates a lock file that both the cluster's owner and root can open.
fn open(path: &Path, account: &Account) -> Result<File, EmbeddedError> {
    let nofollow = OFlags::NOFOLLOW.bits().cast_signed();
    let existing = || OpenOptions::new().read(true).custom_flags(nofollow).open(path);
    let new = OpenOptions::new().write(true).create_new(true).mode(0o600).custom_flags(nofollow).open(path);
    let file = match new {
        Ok(file) => {
            if account.is_other_user {
                fchown(&file, Some(account.uid), Some(account.gid)).map_err(EmbeddedError::io(path))?;
            }
            Ok(file)
        }
        Err(e) if e.kind() == ErrorKind::AlreadyExists => existing(),
        Err(e) if e.kind() == ErrorKind::PermissionDenied => existing(),
        Err(e) => Err(e),
    };
    file.map_err(EmbeddedError::io(path))
}
