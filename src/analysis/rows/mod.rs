//! Sets of rows: what a filter answers with and every view reads.
//!
//! Kept per segment as nothing, everything, a short list or a bitmap, so that ten million matching
//! rows cost at most a bit each and "all rows" costs nothing.

mod bits;
mod counts;
mod order;

use std::sync::Arc;

pub use bits::Bits;
pub use counts::NameCounts;
pub use order::RowOrder;

use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// Lists longer than this take more room than a bitmap of a whole segment.
const LIST_ROWS: usize = 4096;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    None,
    All,
    /// Ascending.
    List(Arc<[u16]>),
    Bits(Arc<Bits>),
}

/// What was found out about a segment.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    Bits(Bits),
    /// It has not changed since an earlier set of rows.
    Same,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Chunk {
    part: Part,
    /// Row of the log with which the segment starts.
    first_row: u64,
    /// Rows of the segment, in the set or not.
    rows: u32,
    /// Rows of the set in all chunks before.
    before: u64,
}

/// A set of rows of one snapshot. Cloning shares the contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    chunks: Arc<[Chunk]>,
    len: u64,
    generation: u64,
}

impl Rows {
    /// Every row of the log.
    #[must_use]
    pub fn all(snapshot: &Snapshot) -> Self {
        Self::build(snapshot, |_| Part::All)
    }

    #[must_use]
    pub fn none(snapshot: &Snapshot) -> Self {
        Self::build(snapshot, |_| Part::None)
    }

    /// What was found in each segment, in their order; missing ones stand for nothing. Segments found
    /// to be the same as in `before` keep its rows.
    pub(crate) fn from_found(snapshot: &Snapshot, mut found: Vec<Option<Found>>, before: Option<&Self>) -> Self {
        Self::build(snapshot, |i| match found.get_mut(i).and_then(Option::take) {
            None => Part::None,
            Some(Found::Same) => {
                before.and_then(|rows| rows.chunks.get(i)).map_or(Part::None, |chunk| chunk.part.clone())
            }
            Some(Found::Bits(bits)) => match bits.count() {
                0 => Part::None,
                n if n == bits.len() => Part::All,
                n if n as usize <= LIST_ROWS => Part::List(bits.iter().collect()),
                _ => Part::Bits(Arc::new(bits)),
            },
        })
    }

    /// Rows that were found one by one, in any order.
    #[must_use]
    pub fn from_events(snapshot: &Snapshot, events: impl IntoIterator<Item = EventIx>) -> Self {
        let mut bits: Vec<Option<Bits>> = vec![None; snapshot.segments().len()];
        for ix in events {
            if let (Some(i), Some((segment, row))) = (snapshot.segment_of(ix), snapshot.locate(ix)) {
                bits[i].get_or_insert_with(|| Bits::none(segment.len())).insert(row);
            }
        }
        Self::from_found(snapshot, bits.into_iter().map(|bits| bits.map(Found::Bits)).collect(), None)
    }

    fn build(snapshot: &Snapshot, mut part: impl FnMut(usize) -> Part) -> Self {
        let mut len = 0;
        let chunks = snapshot.segments().iter().enumerate().map(|(i, segment)| {
            let mut chunk = Chunk { part: part(i), first_row: segment.first_row(), rows: segment.len(), before: len };
            if chunk.rows == 0 {
                chunk.part = Part::None;
            }
            len += u64::from(chunk.count());
            chunk
        });
        Self { chunks: chunks.collect(), len, generation: snapshot.generation() }
    }

    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The snapshot's generation these rows belong to.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Every row of its snapshot is in it.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.part == Part::All || chunk.rows == 0)
    }

    /// The `k`-th row in the order of the log.
    #[must_use]
    pub fn nth(&self, k: u64) -> Option<EventIx> {
        let i = self.chunks.partition_point(|chunk| chunk.before <= k).checked_sub(1)?;
        let chunk = self.chunks.get(i)?;
        let row = chunk.nth(u32::try_from(k - chunk.before).ok()?)?;
        Some(EventIx(chunk.first_row + u64::from(row)))
    }

    /// Rows of the set before `ix`: its place where it belongs to the set.
    #[must_use]
    pub fn rank(&self, ix: EventIx) -> u64 {
        let Some((chunk, row)) = self.chunk_of(ix) else {
            return if self.chunks.first().is_some_and(|c| ix.0 < c.first_row) { 0 } else { self.len };
        };
        chunk.before + u64::from(chunk.rank(row))
    }

    #[must_use]
    pub fn contains(&self, ix: EventIx) -> bool {
        self.chunk_of(ix).is_some_and(|(chunk, row)| chunk.contains(row))
    }

    /// In the order of the log.
    pub fn iter(&self) -> impl Iterator<Item = EventIx> + '_ {
        self.chunks.iter().flat_map(|chunk| chunk.iter().map(|row| EventIx(chunk.first_row + u64::from(row))))
    }

    /// Rows of the set in the `i`-th segment.
    #[must_use]
    pub fn count_in(&self, i: usize) -> u32 {
        self.chunks.get(i).map_or(0, Chunk::count)
    }

    /// Every row of the `i`-th segment is in the set.
    #[must_use]
    pub fn all_in(&self, i: usize) -> bool {
        self.chunks.get(i).is_some_and(|chunk| chunk.part == Part::All)
    }

    /// Whether a row of the `i`-th segment is in the set.
    #[must_use]
    pub fn contains_in(&self, i: usize, row: u16) -> bool {
        self.chunks.get(i).is_some_and(|chunk| chunk.contains(row))
    }

    /// Rows of the set in the `i`-th segment, ascending.
    pub fn iter_in(&self, i: usize) -> impl Iterator<Item = u16> + '_ {
        self.chunks.get(i).into_iter().flat_map(Chunk::iter)
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let part = |chunk: &Chunk| match &chunk.part {
            Part::None | Part::All => 0,
            Part::List(list) => list.len() * 2,
            Part::Bits(bits) => bits.bytes(),
        };
        self.chunks.iter().map(|chunk| size_of::<Chunk>() + part(chunk)).sum()
    }

    fn chunk_of(&self, ix: EventIx) -> Option<(&Chunk, u16)> {
        let i = self.chunks.partition_point(|chunk| chunk.first_row <= ix.0).checked_sub(1)?;
        let chunk = self.chunks.get(i)?;
        let row = ix.0 - chunk.first_row;
        (row < u64::from(chunk.rows)).then_some((chunk, row as u16))
    }
}

impl Chunk {
    fn count(&self) -> u32 {
        match &self.part {
            Part::None => 0,
            Part::All => self.rows,
            Part::List(list) => list.len() as u32,
            Part::Bits(bits) => bits.count(),
        }
    }

    fn nth(&self, k: u32) -> Option<u16> {
        match &self.part {
            Part::None => None,
            Part::All => (k < self.rows).then_some(k as u16),
            Part::List(list) => list.get(k as usize).copied(),
            Part::Bits(bits) => bits.nth(k),
        }
    }

    fn rank(&self, row: u16) -> u32 {
        match &self.part {
            Part::None => 0,
            Part::All => u32::from(row),
            Part::List(list) => list.partition_point(|&r| r < row) as u32,
            Part::Bits(bits) => bits.rank(row),
        }
    }

    fn contains(&self, row: u16) -> bool {
        match &self.part {
            Part::None => false,
            Part::All => true,
            Part::List(list) => list.binary_search(&row).is_ok(),
            Part::Bits(bits) => bits.contains(row),
        }
    }

    fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        let (all, list, bits) = match &self.part {
            Part::None => (0, None, None),
            Part::All => (self.rows, None, None),
            Part::List(list) => (0, Some(list), None),
            Part::Bits(bits) => (0, None, Some(bits)),
        };
        let listed = list.into_iter().flat_map(|list| list.iter().copied());
        (0..all).map(|row| row as u16).chain(listed).chain(bits.into_iter().flat_map(|bits| bits.iter()))
    }
}

#[cfg(test)]
mod tests;
