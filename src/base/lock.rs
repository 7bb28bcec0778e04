//! Locking a mutex.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks even after a panic of another holder: none panics between two changes that belong together.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
