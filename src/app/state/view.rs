//! The part of State that undo brings back: what is visible and how it is ordered.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Branches;
use crate::analysis::timeline::axis::difference;
use crate::model::ids::EntityIx;

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// `None` shows everything and goes on showing everything while the log grows.
    pub range: Option<AxisRange>,
    pub collapse_gaps: bool,
    /// Chains are shown by one clock.
    pub correct_clocks: bool,
    /// As it was typed; empty for all events.
    pub filter: String,
    pub lanes: LaneView,
    pub table: TableView,
    /// What-if branches of histories.
    pub branches: Branches,
}

/// A stretch of the horizontal axis, `start < end`: nanoseconds since the epoch, or positions of
/// events where a log has no times at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AxisRange {
    pub start: i64,
    pub end: i64,
}

impl AxisRange {
    /// At least one unit long, whatever order the ends come in.
    #[must_use]
    pub fn new(a: i64, b: i64) -> Self {
        let (start, end) = if a <= b { (a, b) } else { (b, a) };
        if start < end { Self { start, end } } else { Self { start, end: start.saturating_add(1) }.or_before() }
    }

    /// Its length; an `f64` because the full span of `i64` does not fit into one.
    #[must_use]
    pub fn len(self) -> f64 {
        difference(self.end, self.start)
    }

    /// Never: a range is at least one unit long.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }

    #[must_use]
    pub fn contains(self, at: i64) -> bool {
        self.start <= at && at <= self.end
    }

    /// Grown (`factor` above 1) or shrunk around a place that stays where it is on screen.
    #[must_use]
    pub fn scaled_around(self, at: i64, factor: f64) -> Self {
        let scaled = |end: i64| at.saturating_add((difference(end, at) * factor).round() as i64);
        Self::new(scaled(self.start), scaled(self.end))
    }

    /// The place at a share of the range: its start at 0, its end at 1.
    #[must_use]
    pub fn place_at(self, share: f64) -> i64 {
        self.start.saturating_add((self.len() * share) as i64)
    }

    /// Moved by a share of its own length.
    #[must_use]
    pub fn panned(self, share: f64) -> Self {
        self.shifted(self.len() * share)
    }

    #[must_use]
    pub fn shifted(self, by: f64) -> Self {
        let by = by as i64;
        let (start, end) = (self.start.checked_add(by), self.end.checked_add(by));
        match (start, end) {
            (Some(start), Some(end)) => Self { start, end },
            _ => self,
        }
    }

    /// Where a place lies in the range: 0 at its start, 1 at its end.
    #[must_use]
    pub fn share_of(self, at: i64) -> f64 {
        difference(at, self.start) / self.len()
    }

    fn or_before(self) -> Self {
        if self.start < self.end { self } else { Self { start: self.start - 1, end: self.end } }
    }
}

/// What gives an event its colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColorBy {
    #[default]
    Type,
    Service,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaneSort {
    /// By the first event: the order in which things began.
    #[default]
    First,
    Last,
    Count,
    Name,
}

/// Lanes of the timeline. The entities list shares `text` and `kinds`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LaneView {
    pub sort: LaneSort,
    /// Against the order that a person expects of that sort (counts: largest first).
    pub reversed: bool,
    pub text: String,
    /// Empty: all kinds.
    pub kinds: Vec<String>,
    pub group_by_kind: bool,
    /// Only lanes with an event in the visible range, and the pinned ones.
    pub in_view: bool,
    pub folded: BTreeSet<String>,
    /// In the order in which they were pinned.
    pub pinned: Vec<EntityIx>,
    pub color_by: ColorBy,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowOrder {
    /// As the sources have them.
    #[default]
    Position,
    Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Column {
    Position,
    Time,
    /// Since the row above.
    Delta,
    Type,
    Entities,
    Service,
    Correlation,
    /// Events of its chain, and what that lacks.
    Chain,
    Version,
    Id,
    Source,
    Payload,
}

impl Column {
    /// The header's text.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Position => "#",
            Self::Time => "Time",
            Self::Delta => "Δ",
            Self::Type => "Type",
            Self::Entities => "Entities",
            Self::Service => "Service",
            Self::Correlation => "Correlation",
            Self::Chain => "Chain",
            Self::Version => "Version",
            Self::Id => "Event id",
            Self::Source => "Source",
            Self::Payload => "Payload",
        }
    }
}

/// One column of the events table, in the order in which they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnView {
    pub column: Column,
    /// In points.
    pub width: f32,
    pub shown: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct TableView {
    pub columns: Vec<ColumnView>,
    pub order: RowOrder,
    pub descending: bool,
}

impl Default for TableView {
    fn default() -> Self {
        Self { columns: default_columns(), order: RowOrder::default(), descending: false }
    }
}

/// The columns of a fresh install.
#[must_use]
pub fn default_columns() -> Vec<ColumnView> {
    use Column::{Chain, Correlation, Delta, Entities, Id, Payload, Position, Service, Source, Time, Type, Version};
    let column = |column, width, shown| ColumnView { column, width, shown };
    vec![
        column(Position, 80.0, false),
        column(Time, 192.0, true),
        column(Delta, 104.0, true),
        column(Type, 184.0, true),
        column(Entities, 232.0, true),
        column(Service, 112.0, true),
        column(Correlation, 144.0, true),
        column(Chain, 216.0, false),
        column(Version, 64.0, false),
        column(Id, 144.0, false),
        column(Source, 144.0, false),
        column(Payload, 480.0, true),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_never_empty_and_never_overflows() {
        for (a, b) in [(5, 5), (9, 3), (i64::MAX, i64::MAX), (i64::MIN, i64::MIN), (i64::MIN, i64::MAX)] {
            let range = AxisRange::new(a, b);
            assert!(range.start < range.end, "{range:?}");
            assert!(range.panned(2.0).start < range.panned(2.0).end);
            assert!(!range.scaled_around(0, 1e30).is_empty());
        }
    }

    #[test]
    fn zooming_keeps_its_anchor_on_screen() {
        let range = AxisRange::new(1_000, 2_000);
        let near = range.scaled_around(1_250, 0.5);
        assert_eq!(near, AxisRange { start: 1_125, end: 1_625 });
        assert!((near.share_of(1_250) - range.share_of(1_250)).abs() < 1e-9);
        assert_eq!((range.place_at(0.0), range.place_at(0.25), range.place_at(1.0)), (1_000, 1_250, 2_000));
    }

    /// A nanosecond of our days is finer than a float of that size.
    #[test]
    fn ranges_of_nanoseconds_are_exact() {
        let now = 1_771_236_001_000_000_001;
        let range = AxisRange::new(now, now + 40);
        assert!((range.len() - 40.0).abs() < 1e-9);
        assert!((range.share_of(now + 10) - 0.25).abs() < 1e-9);
        assert_eq!(range.scaled_around(now + 20, 0.5), AxisRange::new(now + 10, now + 30));
    }
}
