//! Which row of the lane list is which lane. A million lanes are never laid out: groups are a short
//! list, and the row under a pixel is found by arithmetic.
//!
//! Lanes arrive in their final order; where they are grouped, lanes of one kind are neighbours.

use crate::gui::panels::parts::lanes::Group;
use crate::model::ids::KindIx;

/// What stands in one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The header of a group, by its place in the list of groups.
    Header(usize),
    /// A lane, by its place in the lane order.
    Lane(u32),
}

/// The rows of the lane list, folded groups left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Lanes before the first header: the pinned ones, or all where nothing is grouped.
    loose: u32,
    blocks: Vec<Block>,
    len: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    first_row: u64,
    group: Group,
    folded: bool,
}

impl Rows {
    /// All lanes, no headers.
    #[must_use]
    pub fn flat(lanes: u32) -> Self {
        Self { loose: lanes, blocks: Vec::new(), len: u64::from(lanes) }
    }

    /// `loose` lanes first, then each group under its header.
    #[must_use]
    pub fn grouped(loose: u32, groups: &[Group], folded: impl Fn(KindIx) -> bool) -> Self {
        let mut len = u64::from(loose);
        let blocks = groups
            .iter()
            .map(|&group| {
                let block = Block { first_row: len, group, folded: folded(group.kind) };
                len += 1 + if block.folded { 0 } else { u64::from(group.lanes) };
                block
            })
            .collect();
        Self { loose, blocks, len }
    }

    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[must_use]
    pub fn get(&self, row: u64) -> Option<Row> {
        if row >= self.len {
            return None;
        }
        if row < u64::from(self.loose) {
            return u32::try_from(row).ok().map(Row::Lane);
        }
        let i = self.blocks.partition_point(|b| b.first_row <= row).checked_sub(1)?;
        let block = self.blocks.get(i)?;
        let inside = row - block.first_row;
        if inside == 0 {
            return Some(Row::Header(i));
        }
        u32::try_from(inside - 1).ok().map(|lane| Row::Lane(block.group.first_lane + lane))
    }

    /// The row of a lane, or its group's header where that is folded.
    #[must_use]
    pub fn row_of(&self, lane: u32) -> Option<u64> {
        if lane < self.loose {
            return Some(u64::from(lane));
        }
        let i = self.blocks.partition_point(|b| b.group.first_lane <= lane).checked_sub(1)?;
        let block = self.blocks.get(i)?;
        let inside = lane - block.group.first_lane;
        if inside >= block.group.lanes {
            return None;
        }
        Some(if block.folded { block.first_row } else { block.first_row + 1 + u64::from(inside) })
    }

    #[must_use]
    pub fn group(&self, header: usize) -> Option<(Group, bool)> {
        self.blocks.get(header).map(|b| (b.group, b.folded))
    }
}

/// Vertical place in a list of any length: a whole row and the part of it that is scrolled away.
/// One `f32` for both would lose rows above a few million points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowScroll {
    pub first: u64,
    /// Points of the first row above the edge, 0 to the row's height.
    pub part: f32,
}

impl RowScroll {
    /// Moves by `delta` points (positive: towards the end) and stays inside the list.
    #[must_use]
    pub fn moved(self, delta: f32, rows: u64, row_height: f32, view_height: f32) -> Self {
        let exact = f64::from(self.part) + f64::from(delta);
        let steps = (exact / f64::from(row_height)).floor();
        let part = (exact - steps * f64::from(row_height)) as f32;
        let first = if steps < 0.0 {
            let back = (-steps) as u64;
            if back > self.first {
                return Self::default();
            }
            self.first - back
        } else {
            self.first.saturating_add(steps as u64)
        };
        Self { first, part }.clamped(rows, row_height, view_height)
    }

    /// The nearest place that leaves no empty room below while there is something above.
    #[must_use]
    pub fn clamped(self, rows: u64, row_height: f32, view_height: f32) -> Self {
        let last = Self::last(rows, row_height, view_height);
        if self.first > last.first || (self.first == last.first && self.part > last.part) { last } else { self }
    }

    /// Scrolled so that `row` is inside, moving as little as possible.
    #[must_use]
    pub fn showing(self, row: u64, rows: u64, row_height: f32, view_height: f32) -> Self {
        if row < self.first || (row == self.first && self.part > 0.0) {
            return Self { first: row, part: 0.0 }.clamped(rows, row_height, view_height);
        }
        let whole = (view_height / row_height).floor().max(1.0) as u64;
        if row < self.first + whole.saturating_sub(u64::from(self.part > 0.0)) {
            return self.clamped(rows, row_height, view_height);
        }
        let room = view_height - whole as f32 * row_height;
        let first = (row + 1).saturating_sub(whole);
        let up = if room > 0.0 && first > 0 {
            Self { first: first - 1, part: row_height - room }
        } else {
            Self { first, part: 0.0 }
        };
        up.clamped(rows, row_height, view_height)
    }

    /// Share of the list above the view and share in view, for the scroll bar.
    #[must_use]
    pub fn shares(self, rows: u64, row_height: f32, view_height: f32) -> (f32, f32) {
        if rows == 0 {
            return (0.0, 1.0);
        }
        let total = rows as f64 * f64::from(row_height);
        let above = self.first as f64 * f64::from(row_height) + f64::from(self.part);
        ((above / total) as f32, (f64::from(view_height) / total).min(1.0) as f32)
    }

    /// The place whose share above the view is `share`.
    #[must_use]
    pub fn at_share(share: f32, rows: u64, row_height: f32, view_height: f32) -> Self {
        let exact = f64::from(share.clamp(0.0, 1.0)) * rows as f64;
        let part = (exact.fract() * f64::from(row_height)) as f32;
        Self { first: exact.floor() as u64, part }.clamped(rows, row_height, view_height)
    }

    fn last(rows: u64, row_height: f32, view_height: f32) -> Self {
        let hidden = rows as f64 * f64::from(row_height) - f64::from(view_height);
        if hidden <= 0.0 {
            return Self::default();
        }
        let first = (hidden / f64::from(row_height)).floor();
        Self { first: first as u64, part: (hidden - first * f64::from(row_height)) as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Vec<Group> {
        vec![Group { kind: KindIx(4), first_lane: 2, lanes: 3 }, Group { kind: KindIx(1), first_lane: 5, lanes: 2 }]
    }

    #[test]
    fn every_row_is_a_lane_or_a_header() {
        let check = |rows: &Rows, expected: &[Row]| {
            let found: Vec<Row> = (0..rows.len()).filter_map(|r| rows.get(r)).collect();
            assert_eq!(found, expected);
            assert_eq!(rows.get(rows.len()), None);
        };
        check(&Rows::flat(2), &[Row::Lane(0), Row::Lane(1)]);
        check(
            &Rows::grouped(2, &groups(), |_| false),
            &[
                Row::Lane(0),
                Row::Lane(1),
                Row::Header(0),
                Row::Lane(2),
                Row::Lane(3),
                Row::Lane(4),
                Row::Header(1),
                Row::Lane(5),
                Row::Lane(6),
            ],
        );
        check(
            &Rows::grouped(2, &groups(), |kind| kind == KindIx(4)),
            &[Row::Lane(0), Row::Lane(1), Row::Header(0), Row::Header(1), Row::Lane(5), Row::Lane(6)],
        );
    }

    #[test]
    fn a_lane_finds_its_row_again() {
        for folded in [None, Some(KindIx(4)), Some(KindIx(1))] {
            let rows = Rows::grouped(2, &groups(), |kind| Some(kind) == folded);
            for lane in 0..7 {
                let row = rows.row_of(lane).expect("every lane has a row");
                match rows.get(row).expect("inside") {
                    Row::Lane(found) => assert_eq!(found, lane),
                    Row::Header(h) => assert!(rows.group(h).expect("a group").1, "only folded groups hide lanes"),
                }
            }
            assert_eq!(rows.row_of(7), None);
        }
    }

    #[test]
    fn scrolling_stays_inside_and_exact_far_down() {
        let (rows, h, view) = (10_000_000, 22.0, 500.0);
        let end = RowScroll::default().moved(f32::MAX, rows, h, view);
        assert_eq!(end.first, 10_000_000 - 23, "22.7 rows fit");
        let up = end.moved(-1.0, rows, h, view);
        assert!((up.part - (end.part - 1.0)).abs() < 0.01, "a point is a point, even at row ten million");
        assert_eq!(RowScroll::default().moved(-5.0, rows, h, view), RowScroll::default());
        assert_eq!(RowScroll { first: 9, part: 3.0 }.moved(100.0, 4, h, view), RowScroll::default(), "all fits");
    }

    #[test]
    fn showing_a_row_moves_no_further_than_needed() {
        let (rows, h, view) = (1000, 20.0, 110.0);
        let at = RowScroll { first: 100, part: 0.0 };
        assert_eq!(at.showing(102, rows, h, view), at);
        assert_eq!(at.showing(99, rows, h, view), RowScroll { first: 99, part: 0.0 });
        assert_eq!(
            at.showing(105, rows, h, view),
            RowScroll { first: 100, part: 10.0 },
            "the row's end meets the edge"
        );
        let (above, shown) = at.shares(rows, h, view);
        assert!((above - 0.1).abs() < 1e-6 && (shown - 0.0055).abs() < 1e-6);
        assert_eq!(RowScroll::at_share(0.1, rows, h, view).first, 100);
    }
}
