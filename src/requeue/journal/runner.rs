//! Whether the process that made a claim is still at work: it holds a lock on a file of its own beside the
//! journal for as long as it lives, which the system takes from it however it ends. No clock is asked.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::base::clock::now_ns;
use crate::requeue::ids::uuid;

/// This process, as others see it.
pub(super) struct Runner {
    pub(super) id: String,
    file: PathBuf,
    /// Locked.
    _lock: File,
}

impl Runner {
    /// # Errors
    /// When the file cannot be made or locked.
    pub(super) fn new(journal: &Path) -> std::io::Result<Self> {
        let process = std::process::id();
        // Two journals of one process are two runners.
        let unique = File::open(journal).and_then(|file| file.metadata()).ok();
        let parts = [process.to_string(), format!("{:?}", now_ns()), format!("{unique:?}")];
        let id = format!("{process}-{}", uuid(&parts.each_ref().map(String::as_bytes)));
        let file = file_of(journal, &id);
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&file)?;
        lock.try_lock().map_err(std::io::Error::from)?;
        Ok(Self { id, file, _lock: lock })
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        // Gone is as good as unlocked.
        let _ = std::fs::remove_file(&self.file);
    }
}

fn file_of(journal: &Path, id: &str) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push(format!(".runner-{id}"));
    PathBuf::from(name)
}

/// Whether the runner of this id is alive. What a dead one left is cleared away.
pub(super) fn is_alive(journal: &Path, id: &str) -> bool {
    let file = file_of(journal, id);
    let Ok(lock) = OpenOptions::new().write(true).open(&file) else { return false };
    match lock.try_lock() {
        Ok(()) => {
            let _ = std::fs::remove_file(&file);
            false
        }
        Err(TryLockError::WouldBlock) => true,
        // Locks do not work here: better to believe that it lives.
        Err(TryLockError::Error(_)) => true,
    }
}

/// The process's number, for people.
pub(super) fn process_of(id: &str) -> &str {
    id.split('-').next().unwrap_or(id)
}
