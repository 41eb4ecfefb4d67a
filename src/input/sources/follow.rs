//! What became of a source since it was last asked: grown, truncated, replaced by another file.
//!
//! Logs are rotated in two ways. Renamed and created anew: the handle we hold stays good, is read to
//! its end, and only then the new file is said. Copied and truncated: the same file is suddenly
//! shorter, or as long but with another beginning when its writer was quick.

use std::fmt::Debug;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use super::document::Document;
use super::file::FileBytes;
use super::handles::is_same;
use super::version::Version;
use crate::base::hash::hash64;
use crate::base::sync::lock;
use crate::base::text::plural;
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
    /// A document is another one now: all of it is to be read again.
    Rewritten,
    /// Another file has taken the name. Everything in the old one was said and can still be read; the
    /// new one is to be opened as a source of its own. Said once, then `Ended`.
    Replaced,
}

/// Messages that are hidden from others for as long as they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub messages: u64,
    /// When the last of them is seen by others again if nothing more is done.
    pub until: Instant,
}

impl Held {
    /// `1,200 messages hidden from others, back in 28 s`
    #[must_use]
    pub fn words(&self) -> String {
        let messages = plural(self.messages, "message", "messages");
        let left = self.until.saturating_duration_since(Instant::now()).as_secs_f32().ceil();
        format!("{messages} hidden from others, back in {left} s")
    }
}

/// Watches one source. Asked from one thread, a few times a second.
pub trait Growth: Send + Sync + Debug {
    fn poll(&self) -> Change;

    /// What went wrong since the last call and did not stop the source: a compressed file that breaks off.
    fn warnings(&self) -> Vec<Error> {
        Vec::new()
    }

    /// Records taken in so far, of how many, where the origin told before the reading began: a broker's window
    /// has no size in bytes.
    fn records(&self) -> Option<(u64, u64)> {
        None
    }

    /// Set while messages are held.
    fn held(&self) -> Option<Held> {
        None
    }

    /// Set where the source is a document that is read as a whole each time.
    fn document(&self) -> Option<&Document> {
        None
    }

    /// The bytes for what comes after [`Change::Truncated`]; those handed out before give errors from now on.
    fn overwritten(&self) -> Option<Arc<dyn ReadAt>> {
        None
    }

    /// Whether bytes may come from outside after the source was read once: a log that its writer holds
    /// open. `false` for what is only being unpacked.
    fn follows(&self) -> bool {
        true
    }
}

/// Enough to notice another beginning; read at each growth.
const HEAD_BYTES: usize = 1024;

/// Bytes of a new file that are opened even without a line's end.
const ENOUGH_TO_OPEN: usize = 64 << 10;

/// Follows a plain file.
#[derive(Debug)]
pub struct FileGrowth {
    bytes: Arc<FileBytes>,
    version: Mutex<Arc<Version>>,
    seen: Mutex<Seen>,
}

#[derive(Debug)]
struct Seen {
    len: u64,
    head: Head,
    /// When it was written last, as of the last look that found nothing more; none behind one that did.
    modified: Option<SystemTime>,
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
        let version = Mutex::new(Arc::new(Version::first(Arc::clone(&bytes))));
        Self { bytes, version, seen: Mutex::new(Seen { len, head, modified: None, replaced: false }) }
    }

    /// The file's bytes until it is overwritten.
    #[must_use]
    pub fn version(&self) -> Arc<dyn ReadAt> {
        Arc::clone(&*lock(&self.version)) as Arc<dyn ReadAt>
    }
}

impl Growth for FileGrowth {
    fn poll(&self) -> Change {
        let mut seen = lock(&self.seen);
        if seen.replaced {
            return Change::Ended;
        }
        let Ok(len) = self.bytes.len() else { return Change::Same };
        if len == seen.len {
            let path = self.bytes.path();
            let Ok(ours) = self.bytes.metadata() else { return Change::Same };
            if is_other_file(path, &ours) && has_a_line(path) {
                seen.replaced = true;
                return Change::Replaced;
            }
            // The head is read where something was written alone.
            let modified = ours.modified().ok();
            if modified != std::mem::replace(&mut seen.modified, modified) {
                let head = head_of(&self.bytes, seen.head.len);
                if head != std::mem::replace(&mut seen.head, head) {
                    return Change::Truncated(len);
                }
            }
            return Change::Same;
        }
        let rewritten = len < seen.len || head_of(&self.bytes, seen.head.len) != seen.head;
        if rewritten || seen.head.len < HEAD_BYTES {
            let known = usize::try_from(len).map_or(HEAD_BYTES, |len| len.min(HEAD_BYTES));
            seen.head = head_of(&self.bytes, known);
        }
        seen.len = len;
        seen.modified = None;
        if rewritten { Change::Truncated(len) } else { Change::Grew(len) }
    }

    fn overwritten(&self) -> Option<Arc<dyn ReadAt>> {
        let mut version = lock(&self.version);
        *version = Arc::new(version.next());
        Some(Arc::clone(&*version) as Arc<dyn ReadAt>)
    }
}

fn head_of(bytes: &FileBytes, len: usize) -> Head {
    let mut buf = vec![0; len];
    let read = bytes.read_at(&mut buf, ByteOffset(0)).unwrap_or(0);
    buf.truncate(read);
    Head { len: read, hash: hash64(&buf) }
}

/// A rotated file is empty at first, and nothing could be recognised in it.
fn has_a_line(path: &Path) -> bool {
    let Ok(file) = FileBytes::open(path) else { return false };
    let mut head = vec![0; ENOUGH_TO_OPEN];
    let read = file.read_at(&mut head, ByteOffset(0)).unwrap_or(0);
    read == ENOUGH_TO_OPEN || head.iter().take(read).any(|byte| *byte == b'\n')
}

/// A missing file is not another file: a rotator may be between its two steps.
fn is_other_file(path: &Path, ours: &std::fs::Metadata) -> bool {
    std::fs::metadata(path).is_ok_and(|now| !is_same(&now, ours))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn check(path: &Path, growth: &FileGrowth, text: &str, expected: Change) {
        std::fs::write(path, text).expect("a file");
        assert_eq!(growth.poll(), expected, "{text}");
    }

    #[test]
    fn growth_truncation_and_another_beginning_are_told_apart() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("log");
        std::fs::write(&path, "ab").expect("a file");
        let growth = FileGrowth::new(Arc::new(FileBytes::open(&path).expect("a file")), 2);
        check(&path, &growth, "ab", Change::Same);
        check(&path, &growth, "abcd", Change::Grew(4));
        check(&path, &growth, "abcd", Change::Same);
        check(&path, &growth, "ab", Change::Truncated(2));
        check(&path, &growth, "", Change::Truncated(0));
        check(&path, &growth, "abc", Change::Grew(3));
        check(&path, &growth, "xbcdef", Change::Truncated(6));
        check(&path, &growth, "xbcdefg", Change::Grew(7));
        check(&path, &growth, "ybcdefg", Change::Truncated(7));
        check(&path, &growth, "ybcdefg", Change::Same);
    }

    #[test]
    fn another_file_under_the_name_is_said_once_and_after_the_old_one() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("log");
        std::fs::write(&path, "a\n").expect("a file");
        let growth = FileGrowth::new(Arc::new(FileBytes::open(&path).expect("a file")), 2);
        std::fs::rename(&path, dir.path().join("log.1")).expect("the same folder");
        assert_eq!(growth.poll(), Change::Same, "there may be a gap between the two steps");
        check(&path, &growth, "", Change::Same);
        std::fs::write(dir.path().join("log.1"), "a\nb\n").expect("a file");
        check(&path, &growth, "new\n", Change::Grew(4));
        assert_eq!(growth.poll(), Change::Replaced);
        assert_eq!(growth.poll(), Change::Ended);
    }

    #[test]
    fn what_is_held_is_counted_down() {
        let held = |ms| {
            let until = Instant::now() + Duration::from_millis(ms);
            Held { messages: 1200, until }.words()
        };
        assert_eq!(held(27_500), "1,200 messages hidden from others, back in 28 s");
        assert_eq!(held(0), "1,200 messages hidden from others, back in 0 s");
    }
}
