//! The index of a large file is kept in the cache folder: opening the file again reads only what was
//! added to it. A log of one source has one; what several sources make together is read each time.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::Shared;
use super::source::{Source, Status};
use crate::base::hash::hash64;
use crate::base::sync::lock;
use crate::input::sources::identity::Identity;
use crate::model::ids::ByteOffset;
use crate::model::source::ReadAt;
use crate::store::saved::{self, Restored};

/// All indexes together; the oldest go first.
const CACHE_BYTES: u64 = 8 << 30;

/// What an index is made of.
#[derive(Debug, Serialize, Deserialize)]
struct Key {
    /// Address, format and mapping.
    what: String,
    /// Of the bytes that were read.
    identity: Identity,
}

/// The index of a source's beginning and the place where it ends; none where there is no good one.
pub(super) fn load(shared: &Shared, source: &Source) -> Option<(Restored, u64)> {
    source.identity?;
    // What a document's reader knew at its end is not kept, so nothing could be read on from there.
    if !source.format.grows_by_lines() && source.growth().is_some() {
        return None;
    }
    let folder = shared.options.cache.as_deref()?;
    let what = what(source);
    let file = File::open(path(folder, &what)).ok()?;
    let bytes = &*source.info.bytes;
    let (mut end, grows) = (None, source.growth().is_some());
    let accepted = |key: &str| {
        let known: Option<Key> = serde_json::from_str(key).ok().filter(|key: &Key| key.what == what);
        end = known
            .filter(|key| begins_with(bytes, key.identity, source.format.grows_by_lines(), grows))
            .map(|key| key.identity.bytes);
        end.is_some()
    };
    let restored = saved::read(&file, accepted, shared.thread_count())?;
    Some((restored, end?))
}

/// Only lines can be read on from where an index ends, and only behind a whole one; so where more may come (`grows`) the
/// index must end there even if it is as long as the source.
fn begins_with(bytes: &dyn ReadAt, identity: Identity, lines: bool, grows: bool) -> bool {
    let Ok(len) = bytes.len() else { return false };
    let whole_lines = || {
        let mut last = [0];
        let before = identity.bytes.checked_sub(1).map(ByteOffset);
        lines && before.is_some_and(|at| bytes.read_at(&mut last, at).is_ok_and(|n| n == 1) && last == *b"\n")
    };
    let is_whole = len == identity.bytes && !grows;
    identity.is_start_of(bytes) && (is_whole || (len >= identity.bytes && whole_lines()))
}

/// Whether what was read is worth a file: all of one large source, and more than was saved before.
pub(super) fn is_due(shared: &Shared) -> bool {
    let sources = shared.sources();
    let ([source], Some(_)) = (&*sources, &shared.options.cache) else { return false };
    let Ok(tail) = source.tail.try_lock() else { return false };
    let saved = shared.saved_to.load(Ordering::Relaxed);
    source.identity.is_some()
        && tail.provisional.is_none()
        && tail.done >= shared.options.cache_from_bytes
        && tail.done > saved + saved / 8
        && matches!(source.status(), Status::Done | Status::Following)
}

/// Writes the index beside the others. A log works as well without: errors end nothing.
pub(super) fn save(shared: &Arc<Shared>) {
    let (Some(source), Some(folder)) = (shared.sources().first().cloned(), shared.options.cache.clone()) else {
        return;
    };
    // Both of the same moment: whoever brings rows of this source holds its tail.
    let (done, snapshot) = {
        let tail = lock(&source.tail);
        if tail.provisional.is_some() || source.is_busy() {
            return;
        }
        (tail.done, shared.commit.with_contents(|contents| contents.snapshot()))
    };
    let write = || -> io::Result<()> {
        let what = what(&source);
        let identity = Identity::of(&*source.info.bytes, done)?;
        let path = path(&folder, &what);
        let folder = path.parent().unwrap_or(&folder);
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let key = serde_json::to_string(&Key { what, identity }).map_err(io::Error::other)?;
        saved::write(&snapshot, &key, file.as_file_mut())?;
        file.persist(&path)?;
        make_room(folder, &path)
    };
    if write().is_ok() {
        shared.saved_to.store(done, Ordering::Relaxed);
    } else {
        // Not tried again for this log.
        shared.saved_to.store(u64::MAX / 2, Ordering::Relaxed);
    }
}

fn what(source: &Source) -> String {
    let mapping = serde_json::to_string(&*source.info.mapping).unwrap_or_default();
    format!("{} | {} | {:016x}", source.info.address, source.info.format, hash64(mapping.as_bytes()))
}

fn path(folder: &Path, what: &str) -> PathBuf {
    folder.join("indexes").join(format!("{:016x}.index", hash64(what.as_bytes())))
}

fn make_room(folder: &Path, keep: &Path) -> io::Result<()> {
    let mut indexes: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if entry.path() != keep && entry.path().extension().is_some_and(|ending| ending == "index") {
            indexes.push((metadata.modified()?, metadata.len(), entry.path()));
        }
    }
    indexes.sort_unstable();
    let mut bytes: u64 = indexes.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, size, path) in indexes {
        if bytes <= CACHE_BYTES {
            break;
        }
        std::fs::remove_file(path)?;
        bytes -= size;
    }
    Ok(())
}
