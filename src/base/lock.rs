//! Locking a mutex.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks even after a panic of another holder. Every change under a lock is one assignment or one call, so that what it
/// protects is complete at all times.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
