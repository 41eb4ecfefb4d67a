//! Up to 65,536 rows of one source as immutable columns.
//!
//! A row number inside a segment is a `u16`. Asking for a row past the end gives defaults, never a
//! panic: numbers may come from a snapshot of another generation.

mod change;
pub(in crate::store) mod numbers;
pub(in crate::store) mod spans;
pub(in crate::store) mod times;

use self::numbers::Numbers;
use self::spans::Spans;
use self::times::Times;
use super::postings::Postings;
use crate::model::ids::{EventIx, ServiceIx, SourceIx, TypeIx};
use crate::model::issue::Issue;
use crate::model::row::Span;
use crate::model::time::TimeNs;

/// Most rows a segment holds.
pub const SEGMENT_ROWS: usize = 1 << 16;

#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    pub(in crate::store) source: SourceIx,
    pub(in crate::store) first_row: u64,
    pub(in crate::store) len: u32,
    pub(in crate::store) spans: Spans,
    pub(in crate::store) times: Times,
    pub(in crate::store) types: Numbers,
    pub(in crate::store) services: Numbers,
    pub(in crate::store) versions: Numbers,
    /// Hashes of ids, 0 where there is none; empty where no row has one.
    pub(in crate::store) ids: Box<[u64]>,
    /// Rows of `cause_hashes`, in order.
    pub(in crate::store) cause_rows: Box<[u16]>,
    pub(in crate::store) cause_hashes: Box<[u64]>,
    pub(in crate::store) entities: Postings,
    pub(in crate::store) correlations: Postings,
    /// By row.
    pub(in crate::store) issues: Box<[(u16, Issue)]>,
}

impl Segment {
    #[must_use]
    pub fn source(&self) -> SourceIx {
        self.source
    }

    /// The event number of row 0.
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.first_row
    }

    /// The event number of a row.
    #[inline]
    #[must_use]
    pub fn event(&self, row: u16) -> EventIx {
        EventIx(self.first_row + u64::from(row))
    }

    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    #[must_use]
    pub fn time(&self, row: u16) -> Option<TimeNs> {
        self.times.get(usize::from(row))
    }

    #[inline]
    #[must_use]
    pub fn type_ix(&self, row: u16) -> TypeIx {
        TypeIx(self.types.name(usize::from(row)))
    }

    #[inline]
    #[must_use]
    pub fn service_ix(&self, row: u16) -> ServiceIx {
        ServiceIx(self.services.name(usize::from(row)))
    }

    #[must_use]
    pub fn version(&self, row: u16) -> Option<u32> {
        self.versions.number(usize::from(row))
    }

    /// May end in line ends, which readers trim.
    #[must_use]
    pub fn span(&self, row: u16) -> Span {
        self.spans.get(usize::from(row))
    }

    /// A record's bytes as [`Self::span`] gives them, without line ends.
    #[must_use]
    pub fn trimmed<'a>(&self, record: &'a [u8]) -> &'a [u8] {
        if self.spans.lens.is_none() {
            // Where only starts are kept, blank lines may follow a record.
            return record.trim_ascii_end();
        }
        let kept = record.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |last| last + 1);
        record.get(..kept).unwrap_or_default()
    }

    #[must_use]
    pub fn issue(&self, row: u16) -> Option<Issue> {
        let at = self.issues.binary_search_by_key(&row, |(row, _)| *row).ok()?;
        self.issues.get(at).map(|(_, issue)| *issue)
    }

    /// Rows with an issue, in order.
    #[must_use]
    pub fn issues(&self) -> &[(u16, Issue)] {
        &self.issues
    }

    #[must_use]
    pub fn id_hash(&self, row: u16) -> Option<u64> {
        self.ids.get(usize::from(row)).copied().filter(|&hash| hash != 0)
    }

    /// Hashes of ids by row, 0 where there is none; empty where no row has an id.
    #[must_use]
    pub fn id_hashes(&self) -> &[u64] {
        &self.ids
    }

    /// Hashes of the ids of the events that caused this one.
    #[must_use]
    pub fn causes(&self, row: u16) -> &[u64] {
        let start = self.cause_rows.partition_point(|&r| r < row);
        let end = self.cause_rows.partition_point(|&r| r <= row);
        self.cause_hashes.get(start..end).unwrap_or(&[])
    }

    /// All causes: row and hash, in the order of rows.
    pub fn all_causes(&self) -> impl Iterator<Item = (u16, u64)> + '_ {
        self.cause_rows.iter().copied().zip(self.cause_hashes.iter().copied())
    }

    #[must_use]
    pub fn time_range(&self) -> Option<(TimeNs, TimeNs)> {
        self.times.range
    }

    /// Rows that have a time.
    #[must_use]
    pub fn timed_len(&self) -> u32 {
        self.times.timed
    }

    /// Whether every row has a time and none is before the row above it.
    #[must_use]
    pub fn in_time_order(&self) -> bool {
        self.times.order.is_none() && self.times.timed == self.len
    }

    /// The row of the `k`-th time, by (time, row).
    #[inline]
    #[must_use]
    pub fn row_by_time(&self, k: u32) -> u16 {
        self.times.row_at(k)
    }

    /// Timed rows strictly before `t`.
    #[must_use]
    pub fn rank_of(&self, t: TimeNs) -> u32 {
        self.times.rank(t)
    }

    #[must_use]
    pub fn entities(&self) -> &Postings {
        &self.entities
    }

    #[must_use]
    pub fn correlations(&self) -> &Postings {
        &self.correlations
    }

    /// Memory held by the columns.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.spans.bytes()
            + self.times.bytes()
            + self.types.bytes()
            + self.services.bytes()
            + self.versions.bytes()
            + self.ids.len() * 8
            + self.cause_rows.len() * 10
            + self.entities.bytes()
            + self.correlations.bytes()
            + self.issues.len() * size_of::<(u16, Issue)>()
            + size_of::<Self>()
    }
}
