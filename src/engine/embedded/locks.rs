//! Who uses the embedded PostgreSQL, kept by locks on two files (flock). The kernel lets go of
//! them when a process ends, also by kill -9, so nobody has to clean up.
//!
//! * `members`: every process that uses the server holds a shared lock. Whoever gets an exclusive
//!   one is the last.
//! * `mutex`: held alone by whoever starts or stops the server, joins or leaves.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, fchown};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use super::EmbeddedError;
use super::account::Account;

/// How long somebody else may take to start or stop the server. Recovery after a crash is part
/// of a start.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long to wait between two questions.
pub(super) const POLL: Duration = Duration::from_millis(20);

/// A lock that ends when dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    /// The lock of starting and stopping; waits for it.
    pub(crate) fn mutex(home: &Path, account: &Account) -> Result<Self, EmbeddedError> {
        let path = home.join("mutex");
        let file = open(&path, account)?;
        let end = Instant::now() + PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < end => std::thread::sleep(POLL),
                Err(TryLockError::WouldBlock) => return Err(EmbeddedError::Busy(PATIENCE)),
                Err(TryLockError::Error(e)) => return Err(EmbeddedError::io(path)(e)),
            }
        }
    }

    /// Membership. To be called with the mutex held, so that nobody tries to be the last.
    pub(crate) fn member(home: &Path, account: &Account) -> Result<Self, EmbeddedError> {
        let path = home.join("members");
        let file = open(&path, account)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(EmbeddedError::Busy(Duration::ZERO)),
            Err(TryLockError::Error(e)) => Err(EmbeddedError::io(path)(e)),
        }
    }

    /// Ends this membership; true when there is no other. To be called with the mutex held.
    pub(crate) fn was_last(self) -> bool {
        self.0.unlock().is_ok() && self.0.try_lock().is_ok()
    }
}

/// Opens a lock file, for the owner of the cluster as well as for root.
fn open(path: &Path, account: &Account) -> Result<File, EmbeddedError> {
    let nofollow = OFlags::NOFOLLOW.bits().cast_signed();
    let existing = || OpenOptions::new().read(true).custom_flags(nofollow).open(path);
    let new = OpenOptions::new().write(true).create_new(true).mode(0o600).custom_flags(nofollow).open(path);
    let file = match new {
        Ok(file) => {
            if account.other {
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
