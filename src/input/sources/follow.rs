//! What became of a source since it was last asked: grown, truncated, replaced by another file.
//!
//! Logs are rotated in two ways. Renamed and created anew: the handle we hold stays good, is read to
//! its end, and only then the new file is said. Copied and truncated: the same file is suddenly
//! shorter, or as long but with another beginning when its writer was quick.

use std::fmt::Debug;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::file::FileBytes;
use crate::base::hash::hash64;
use crate::model::error::Error;
use crate::model::ids::ByteOffset;
use crate::model::source::ReadAt;

/// The answer of [`Growth::poll`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Everything there is was already said; more may come.
    Same,
    /// Nothing new yet, but a writer of ours is at work (it unpacks, it waits for standard input): the
    /// source is not complete, and a missing end of a record is no fault.
    Flowing,
    /// There are this many bytes now, more than were said before.
    Grew(u64),
    /// All bytes are there and were said; none will ever follow.
    Ended,
    /// The bytes were overwritten: there are this many now, to be read from 0. What was read before
    /// can't be read again.
    Truncated(u64),
    /// Another file has taken the name. Everything in the old one was said and can still be read; the
    /// new one is to be opened as a source of its own. Said once, then `Ended`.
    Replaced,
}

/// Watches one source. Asked from one thread, a few times a second.
pub trait Growth: Send + Sync + Debug {
    fn poll(&self) -> Change;

    /// What went wrong since the last call and did not stop the source: a compressed file that breaks off.
    fn warnings(&self) -> Vec<Error> {
        Vec::new()
    }

    /// Whether bytes may come from outside after the source was read once: a log that its writer holds
    /// open. `false` for what is only being unpacked.
    fn follows(&self) -> bool {
        true
    }
}

/// Enough to notice another beginning; read at each growth.
const HEAD_BYTES: usize = 1024;

/// Follows a plain file.
#[derive(Debug)]
pub struct FileGrowth {
    bytes: Arc<FileBytes>,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    len: u64,
    head: Head,
    replaced: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    len: usize,
    hash: u64,
}

impl FileGrowth {
    /// `len` bytes are known already: growth is counted from there.
    #[must_use]
    pub fn new(bytes: Arc<FileBytes>, len: u64) -> Self {
        let head = head_of(&bytes, HEAD_BYTES.min(usize::try_from(len).unwrap_or(HEAD_BYTES)));
        Self { bytes, seen: Mutex::new(Seen { len, head, replaced: false }) }
    }
}

impl Growth for FileGrowth {
    fn poll(&self) -> Change {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.replaced {
            return Change::Ended;
        }
        let Ok(len) = self.bytes.len() else { return Change::Same };
        if len == seen.len {
            if self.bytes.metadata().is_ok_and(|ours| is_other_file(self.bytes.path(), &ours)) {
                seen.replaced = true;
                return Change::Replaced;
            }
            return Change::Same;
        }
        let rewritten = len < seen.len || head_of(&self.bytes, seen.head.len) != seen.head;
        if rewritten || seen.head.len < HEAD_BYTES {
            let known = usize::try_from(len).map_or(HEAD_BYTES, |len| len.min(HEAD_BYTES));
            seen.head = head_of(&self.bytes, known);
        }
        seen.len = len;
        if rewritten { Change::Truncated(len) } else { Change::Grew(len) }
    }
}

fn head_of(bytes: &FileBytes, len: usize) -> Head {
    let mut buf = vec![0; len];
    let read = bytes.read_at(&mut buf, ByteOffset(0)).unwrap_or(0);
    buf.truncate(read);
    Head { len: read, hash: hash64(&buf) }
}

/// A missing file is not another file: a rotator may be between its two steps.
#[cfg(unix)]
fn is_other_file(path: &Path, ours: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|now| (now.dev(), now.ino()) != (ours.dev(), ours.ino()))
}

/// The standard library gives no file number here; a rotated file was created at another time.
#[cfg(not(unix))]
fn is_other_file(path: &Path, ours: &std::fs::Metadata) -> bool {
    std::fs::metadata(path).is_ok_and(|now| now.created().ok() != ours.created().ok())
}
