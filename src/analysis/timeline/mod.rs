//! Events over time: the axis, its ticks, density, silent gaps.
//!
//! A place on the axis is an `i64`: nanoseconds, or the position of an event where a log has no times.

pub mod axis;
pub mod density;
pub mod gaps;
pub mod grid;
pub mod groups;
pub mod ticks;

use crate::model::ids::EventIx;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// What places on the axis are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Basis {
    #[default]
    Time,
    Position,
}

impl Basis {
    /// Time, unless no event has one.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        if snapshot.time_range().is_some() || snapshot.is_empty() { Self::Time } else { Self::Position }
    }

    /// The first place and the last one.
    #[must_use]
    pub fn ends(self, snapshot: &Snapshot) -> Option<(i64, i64)> {
        match self {
            Self::Time => snapshot.time_range().map(|(first, last)| (first.0, last.0)),
            Self::Position => snapshot.len().checked_sub(1).map(|last| (0, last as i64)),
        }
    }

    /// The stretch that all places take up.
    #[must_use]
    pub fn extent(self, snapshot: &Snapshot) -> Option<(i64, i64)> {
        self.ends(snapshot).map(|(first, last)| self.stretch(first, last))
    }

    /// What the places from `first` to `last` take up: a position goes on until the next one, a single moment stands
    /// in the middle of a second.
    #[must_use]
    pub fn stretch(self, first: i64, last: i64) -> (i64, i64) {
        const HALF_SECOND: i64 = 500_000_000;
        match self {
            Self::Time if first < last => (first, last),
            Self::Time => (first.saturating_sub(HALF_SECOND), last.saturating_add(HALF_SECOND)),
            Self::Position => (first, last.saturating_add(1)),
        }
    }

    #[must_use]
    pub fn place(self, snapshot: &Snapshot, event: EventIx) -> Option<i64> {
        let (segment, row) = snapshot.locate(event)?;
        self.place_in(segment, row)
    }

    #[inline]
    pub(crate) fn place_in(self, segment: &Segment, row: u16) -> Option<i64> {
        match self {
            Self::Time => segment.time(row).map(|time| time.0),
            Self::Position => Some((segment.first_row() + u64::from(row)) as i64),
        }
    }

    /// Rows of a segment that have a place.
    pub(crate) fn placed(self, segment: &Segment) -> u32 {
        match self {
            Self::Time => segment.timed_len(),
            Self::Position => segment.len(),
        }
    }

    /// The `k`-th of them in the order of places.
    pub(crate) fn row(self, segment: &Segment, k: u32) -> u16 {
        match self {
            Self::Time => segment.row_by_time(k),
            Self::Position => k as u16,
        }
    }

    /// How many of them lie before a place.
    pub(crate) fn rank(self, segment: &Segment, at: i64) -> u32 {
        match self {
            Self::Time => segment.rank_of(crate::model::time::TimeNs(at)),
            Self::Position => {
                let before = i128::from(at) - i128::from(segment.first_row());
                before.clamp(0, i128::from(segment.len())) as u32
            }
        }
    }

    /// First and last place in a segment.
    pub(crate) fn range(self, segment: &Segment) -> Option<(i64, i64)> {
        match self {
            Self::Time => segment.time_range().map(|(first, last)| (first.0, last.0)),
            Self::Position if segment.is_empty() => None,
            Self::Position => {
                Some((segment.first_row() as i64, (segment.first_row() + u64::from(segment.len()) - 1) as i64))
            }
        }
    }
}
