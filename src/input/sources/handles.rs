//! Keeps the number of open files small: a system gives a program few at once (256 on some), and a folder
//! may hold thousands of logs. Those not used for longest are closed and opened again when they are read.
//!
//! A file that has lost its name meanwhile cannot be opened again; that is an error, never another file.

use std::collections::VecDeque;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use crate::base::sync::lock;

/// Fewer than any system's limit, more than are read at the same time.
const MOST_OPEN: usize = 96;

/// All that are open, in the order in which they are looked at for closing.
static OPEN: Mutex<VecDeque<Weak<Handle>>> = Mutex::new(VecDeque::new());

/// A file that may be closed while nobody reads it.
#[derive(Debug)]
pub(super) struct Handle {
    file: Mutex<Option<Arc<File>>>,
    /// Read since it was last looked at for closing.
    used: AtomicBool,
    /// Which file it is, and how it was when it was last asked.
    known: Mutex<Metadata>,
}

impl Handle {
    /// # Errors
    /// When the file cannot be opened for reading.
    pub(super) fn open(path: &Path) -> io::Result<Arc<Self>> {
        let file = File::open(path)?;
        let known = Mutex::new(file.metadata()?);
        let handle = Arc::new(Self { file: Mutex::new(Some(Arc::new(file))), used: AtomicBool::new(true), known });
        enlist(&handle);
        Ok(handle)
    }

    /// The file itself, opened again where it was closed.
    ///
    /// # Errors
    /// When it is gone, or another file has its name.
    pub(super) fn file(self: &Arc<Self>, path: &Path) -> io::Result<Arc<File>> {
        self.used.store(true, Ordering::Relaxed);
        let mut open = lock(&self.file);
        if let Some(file) = &*open {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(open_again(path, &lock(&self.known))?);
        *open = Some(Arc::clone(&file));
        drop(open);
        enlist(self);
        Ok(file)
    }

    /// Of the file that was opened; as it was last known where that is out of reach now.
    pub(super) fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let open = lock(&self.file).clone();
        let now = match open {
            Some(file) => Some(file.metadata()?),
            None => std::fs::metadata(path).ok().filter(|now| is_same(now, &lock(&self.known))),
        };
        let mut known = lock(&self.known);
        if let Some(now) = now {
            *known = now;
        }
        Ok(known.clone())
    }
}

/// Closes others where there are too many now. No lock of a handle is held meanwhile.
fn enlist(handle: &Arc<Handle>) {
    let mut open = lock(&OPEN);
    open.push_back(Arc::downgrade(handle));
    // Each is passed over at most once.
    for _ in 0..2 * open.len() {
        if open.len() <= MOST_OPEN {
            break;
        }
        let Some(weak) = open.pop_front() else { break };
        let Some(other) = weak.upgrade() else { continue };
        if other.used.swap(false, Ordering::Relaxed) {
            open.push_back(weak);
        } else {
            *lock(&other.file) = None;
        }
    }
}

/// Opens the file of `known` where it still has this name. What the name leads to is looked at first: opening a pipe
/// would wait for its writer.
///
/// # Errors
/// When it is gone, or another file has its name.
pub(super) fn open_again(path: &Path, known: &Metadata) -> io::Result<File> {
    let still = |now: &Metadata| {
        let other = || io::Error::new(io::ErrorKind::NotFound, "another file has taken its name");
        is_same(now, known).then_some(()).ok_or_else(other)
    };
    still(&std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    // Its name may have been given away in between.
    still(&file.metadata()?)?;
    Ok(file)
}

/// A number that became free is given to new files, so their kind counts too.
#[cfg(unix)]
pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino(), one.file_type()) == (other.dev(), other.ino(), other.file_type())
}

/// The standard library gives no file number here; a rotated file was created at another time.
#[cfg(not(unix))]
pub(super) fn is_same(one: &Metadata, other: &Metadata) -> bool {
    one.created().ok() == other.created().ok()
}

#[cfg(test)]
mod tests {
    use super::super::file::FileBytes;
    use crate::model::ids::ByteOffset;
    use crate::model::source::ReadAt;

    fn open_here(dir: &std::path::Path) -> usize {
        let listed = std::fs::read_dir("/proc/self/fd").into_iter().flatten().flatten();
        listed.filter(|entry| std::fs::read_link(entry.path()).is_ok_and(|path| path.starts_with(dir))).count()
    }

    #[test]
    fn thousands_of_files_are_read_through_few_handles() {
        let dir = tempfile::tempdir().expect("a folder");
        let paths: Vec<_> = (0..600).map(|n| dir.path().join(format!("{n}.log"))).collect();
        for (n, path) in paths.iter().enumerate() {
            std::fs::write(path, n.to_string()).expect("a file");
        }
        let files: Vec<FileBytes> = paths.iter().map(|path| FileBytes::open(path).expect("a file")).collect();
        let read = |file: &FileBytes| {
            let mut buf = [0; 8];
            let n = file.read_at(&mut buf, ByteOffset(0))?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&buf[..n]).into_owned())
        };
        for round in 0..2 {
            for (n, file) in files.iter().enumerate() {
                assert_eq!(read(file).expect("readable"), n.to_string(), "round {round}");
            }
            assert!(open_here(dir.path()) <= super::MOST_OPEN, "{} are open", open_here(dir.path()));
        }
        // The first was closed long ago: it grows, then another takes its name.
        std::fs::write(&paths[0], "0123").expect("a file");
        assert_eq!(files[0].len().expect("known"), 4);
        std::fs::remove_file(&paths[1]).expect("a file");
        std::fs::write(&paths[1], "another").expect("a file");
        std::fs::rename(&paths[2], dir.path().join("moved")).expect("a file");
        std::fs::write(&paths[2], "another").expect("a file");
        assert_eq!(files[2].len().expect("known"), 1);
        assert!(read(&files[2]).is_err());
    }

    /// Opening a pipe that nobody writes to would wait for ever.
    #[test]
    #[cfg(unix)]
    fn a_name_that_a_pipe_has_taken_is_not_opened() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("log");
        std::fs::write(&path, "one").expect("a file");
        let file = FileBytes::open(&path).expect("a file");
        let known = file.metadata().expect("known");
        std::fs::rename(&path, dir.path().join("log.1")).expect("a file");
        let made = std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo");
        assert!(made.success());
        assert!(super::open_again(&path, &known).is_err());
        let own = file.own_way().expect("the file that is open");
        let mut buf = [0; 8];
        assert_eq!(own.read_at(&mut buf, ByteOffset(0)).expect("readable"), 3);
    }
}
