//! A document that others write while it is open. It has no end to which something is added: its writer
//! puts another one in its place, so it is read as a whole each time it has changed and rests.
//!
//! The first version is copied into a spool as it is, and of each later one the records that are new
//! (ingest tells which): so every event that was ever seen can be read again, whatever becomes of the file.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::file::FileBytes;
use super::follow::{Change, Growth};
use super::handles::is_same;
use super::spool::{Spool, SpoolBytes};
use crate::base::sync::lock;
use crate::model::error::{Error, Place, Result};
use crate::model::ids::ByteOffset;
use crate::model::row::Span;
use crate::model::source::{Origin, ReadAt};

/// Larger ones cost too much to be read as a whole again and again.
pub const LARGEST: u64 = 64 << 20;

/// Each keeps a file of ours open, and a folder may hold thousands of documents.
const MOST: usize = 128;

/// A writer that never rests is read in between, after so many looks.
const LOOKS: u32 = 10;

/// Documents that are followed now.
static FOLLOWED: AtomicUsize = AtomicUsize::new(0);

/// See the module's documentation.
#[derive(Debug)]
pub struct Document {
    path: PathBuf,
    spool: Arc<SpoolBytes>,
    seen: Mutex<Seen>,
    warnings: Mutex<Vec<Error>>,
    /// Where records of later versions begin in the spool and began in the file.
    places: Mutex<Vec<(u64, u64)>>,
    _place: Taken,
}

#[derive(Debug, Default)]
struct Seen {
    /// The file as it was when it was last said or read.
    said: Option<Metadata>,
    /// As it was at the last look, while it changes, and how often it was looked at since.
    changing: Option<(Metadata, u32)>,
    too_large: bool,
}

/// One of [`MOST`] places.
#[derive(Debug)]
struct Taken;

impl Taken {
    fn one() -> Option<Self> {
        let taken = |n: usize| (n < MOST).then_some(n + 1);
        FOLLOWED.fetch_update(Ordering::AcqRel, Ordering::Acquire, taken).ok().map(|_| Self)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        FOLLOWED.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Document {
    /// Nothing where the file is too large to be followed, or too many are followed already.
    ///
    /// # Errors
    /// When there is no place for the spool.
    pub fn follow(path: &Path, len: u64, cache_dir: Option<&Path>) -> Result<Option<Arc<Self>>> {
        if len > LARGEST {
            return Ok(None);
        }
        let Some(place) = Taken::one() else { return Ok(None) };
        let spool = SpoolBytes::new(Spool::create(cache_dir)?);
        Ok(Some(Arc::new(Self {
            path: path.to_owned(),
            spool,
            seen: Mutex::default(),
            warnings: Mutex::default(),
            places: Mutex::default(),
            _place: place,
        })))
    }

    /// The whole file as it is now; nothing where it has become too large.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> Result<Option<Vec<u8>>> {
        let file = FileBytes::open(&self.path)?;
        let unreadable = |cause: io::Error| super::file::unreadable(&self.path, &cause);
        // What is written meanwhile is seen at the next look.
        let now = file.metadata().map_err(unreadable)?;
        let len = now.len();
        lock(&self.seen).said = Some(now);
        if len > LARGEST {
            self.is_too_large();
            return Ok(None);
        }
        let mut bytes = vec![0; 256 << 10];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..) {
            let got = file.read_at(rest, ByteOffset(filled as u64)).map_err(unreadable)?;
            filled += got;
            if filled < bytes.len() {
                break;
            }
            // It grew meanwhile; the rest of what is too much comes with the next look.
            if filled as u64 > LARGEST {
                break;
            }
            bytes.resize(bytes.len() * 2, 0);
        }
        bytes.truncate(filled);
        Ok(Some(bytes))
    }

    fn is_too_large(&self) {
        if std::mem::replace(&mut lock(&self.seen).too_large, true) {
            return;
        }
        self.warn("Larger than 64 MiB now, and no longer followed", "Read again to see what came since");
    }

    /// Something that a person should know of the document.
    pub fn warn(&self, what: &str, next_step: &str) {
        let place = Place::File { path: self.path.display().to_string(), offset: None };
        lock(&self.warnings).push(Error::new(what, place, next_step));
    }

    /// Keeps bytes of the file: all of its first version, records of later ones. `places` are where records
    /// begin in the spool and in the file, where they differ.
    ///
    /// # Errors
    /// When the spool cannot be written.
    pub fn keep(&self, bytes: &[u8], places: &[(u64, u64)]) -> Result<()> {
        self.spool.spool().append(bytes)?;
        lock(&self.places).extend_from_slice(places);
        Ok(())
    }

    /// The bytes that were kept.
    ///
    /// # Errors
    /// What the operating system reports.
    pub fn kept(&self) -> io::Result<u64> {
        self.spool.len()
    }
}

impl ReadAt for Document {
    fn read_at(&self, buf: &mut [u8], offset: ByteOffset) -> io::Result<usize> {
        self.spool.read_at(buf, offset)
    }

    fn len(&self) -> io::Result<u64> {
        self.spool.len()
    }
}

impl Growth for Document {
    fn poll(&self) -> Change {
        let mut seen = lock(&self.seen);
        if seen.too_large {
            return Change::Ended;
        }
        // A missing file may be between two steps of its writer.
        let Ok(now) = std::fs::metadata(&self.path) else { return Change::Same };
        match &seen.said {
            Some(said) if is_as(said, &now) => {
                seen.changing = None;
                return Change::Same;
            }
            Some(_) => {
                let (rests, looks) =
                    seen.changing.as_ref().map_or((false, 0), |(before, looks)| (is_as(before, &now), looks + 1));
                if !rests && looks < LOOKS {
                    seen.changing = Some((now, looks));
                    return Change::Same;
                }
            }
            None => {}
        }
        seen.changing = None;
        seen.said = Some(now);
        Change::Rewritten
    }

    fn warnings(&self) -> Vec<Error> {
        std::mem::take(&mut lock(&self.warnings))
    }

    fn document(&self) -> Option<&Document> {
        Some(self)
    }
}

impl Origin for Document {
    fn place(&self, span: Span) -> String {
        let places = lock(&self.places);
        let later = places.partition_point(|(start, _)| *start <= span.offset.0);
        match later.checked_sub(1).and_then(|at| places.get(at)) {
            Some((_, offset)) => format!("byte {} when it came", crate::base::text::count(*offset)),
            None => format!("byte {}", crate::base::text::count(span.offset.0)),
        }
    }
}

fn is_as(one: &Metadata, other: &Metadata) -> bool {
    is_same(one, other) && one.len() == other.len() && one.modified().ok() == other.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_said_once_it_rests_and_in_between_where_it_never_does() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("orders.json");
        std::fs::write(&path, "[]").expect("a file");
        let document = Document::follow(&path, 2, None).expect("there is room").expect("it is small");
        assert_eq!(document.poll(), Change::Rewritten, "the first version");
        assert_eq!(document.read().expect("it is there").as_deref(), Some(&b"[]"[..]));
        assert_eq!(document.poll(), Change::Same);
        std::fs::write(&path, "[1]").expect("a file");
        assert_eq!(
            (document.poll(), document.poll(), document.poll()),
            (Change::Same, Change::Rewritten, Change::Same)
        );
        std::fs::remove_file(&path).expect("it is there");
        assert_eq!(document.poll(), Change::Same, "between two steps");
        std::fs::write(&path, "[1]").expect("a file");
        assert_eq!((document.poll(), document.poll()), (Change::Same, Change::Rewritten), "another file");
        let looks: Vec<Change> = (0..12_usize)
            .map(|n| {
                std::fs::write(&path, "x".repeat(n + 9)).expect("a file");
                document.poll()
            })
            .collect();
        assert_eq!(looks.iter().filter(|change| **change == Change::Rewritten).count(), 1, "{looks:?}");
    }

    #[test]
    fn what_is_too_large_or_one_too_many_is_not_followed() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("orders.json");
        std::fs::write(&path, "[]").expect("a file");
        assert!(Document::follow(&path, LARGEST + 1, None).expect("there is room").is_none());
        let document = Document::follow(&path, 2, None).expect("there is room").expect("it is small");
        document.poll();
        std::fs::File::options().write(true).open(&path).expect("a file").set_len(LARGEST + 9).expect("it is sparse");
        assert!(document.read().expect("it is there").is_none());
        assert_eq!((document.warnings().len(), document.poll()), (1, Change::Ended));
    }
}
