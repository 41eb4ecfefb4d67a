//! Locks that outlive a panic. What they guard here is whole between statements, so a thread that
//! panicked while holding one must not take the others with it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Waits for the mutex, poisoned or not.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
