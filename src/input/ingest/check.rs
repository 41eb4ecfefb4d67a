//! What is looked at after the log is there, on spare time: ids that occur twice, and records of formats
//! whose readers leave something unlooked at. Damage found here turns the row into an undecodable one.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::progress::add;
use super::source::Source;
use super::{Shared, cache};
use crate::model::ids::{ByteOffset, EventIx, TypeIx};
use crate::model::issue::{Issue, MAX_RECORD_BYTES};
use crate::model::source::ReadAt;
use crate::store::duplicates;
use crate::store::segment::Segment;

/// Bytes read at once.
const READ_BYTES: usize = 1 << 20;

#[derive(Clone, Debug)]
pub(super) enum Check {
    Duplicates,
    /// Rows of one segment.
    Payloads(Range<u64>),
    /// Keeps the index for the next time.
    Save,
}

impl Check {
    pub fn run(self, shared: &Arc<Shared>) {
        match self {
            Self::Duplicates => {
                let snapshot = shared.snapshot();
                if let Some(duplicates) = duplicates::count(&snapshot, &shared.cancel) {
                    let rows = snapshot.len();
                    shared.commit.with_contents(|contents| contents.set_duplicate_ids(duplicates, rows));
                }
            }
            Self::Payloads(rows) => payloads(shared, rows),
            Self::Save => cache::save(shared),
        }
    }
}

fn payloads(shared: &Arc<Shared>, rows: Range<u64>) {
    let snapshot = shared.snapshot();
    let Some((segment, first)) = snapshot.locate(EventIx(rows.start)) else { return };
    let Some(source) = shared.source(segment.source()) else { return };
    let last = (rows.end - segment.first_row()).min(u64::from(segment.len()));
    let damage = damaged(shared, segment, &source, u64::from(first)..last);
    if !damage.is_empty() {
        add(&source.counters.undecodable, damage.len() as u64);
        shared.commit.with_contents(|contents| contents.damage(&damage));
    }
}

fn damaged(shared: &Arc<Shared>, segment: &Segment, source: &Arc<Source>, rows: Range<u64>) -> Vec<(u64, Issue)> {
    let mut found = Vec::new();
    let mut window = Ahead { bytes: &*source.info.bytes, buf: Vec::new(), at: 0 };
    for row in rows {
        if shared.cancel.is_cancelled() {
            break;
        }
        let row = row as u16;
        let span = segment.span(row);
        if segment.type_ix(row) == TypeIx::UNDECODABLE || span.len as usize > MAX_RECORD_BYTES {
            continue;
        }
        let Some(record) = window.get(span.offset.0, span.len as usize) else { break };
        if let Some(issue) = source.format.validate(record) {
            found.push((segment.first_row() + u64::from(row), issue));
        }
        shared.checked_bytes.fetch_add(u64::from(span.len), Ordering::Relaxed);
    }
    found
}

/// Records one after another, read in large pieces.
struct Ahead<'a> {
    bytes: &'a dyn ReadAt,
    buf: Vec<u8>,
    at: u64,
}

impl Ahead<'_> {
    /// None where the source can't give the record any more.
    fn get(&mut self, offset: u64, len: usize) -> Option<&[u8]> {
        let inside = offset >= self.at && offset + len as u64 <= self.at + self.buf.len() as u64;
        if !inside {
            self.buf.resize(READ_BYTES.max(len), 0);
            let got = self.bytes.read_at(&mut self.buf, ByteOffset(offset)).ok()?;
            self.buf.truncate(got);
            self.at = offset;
        }
        let start = usize::try_from(offset - self.at).ok()?;
        self.buf.get(start..start + len)
    }
}
