//! How a lane's cells stand on screen and which of them is under the pointer: shapes where they are
//! far enough apart, bars where they are not.

use super::cells::Cell;
use crate::analysis::timeline::axis::Axis;

/// Nearer than this and marks would melt into each other.
pub const APART: f32 = 5.0;

/// Narrowest bar that is still seen.
const BAR: f32 = 2.5;

/// A cell on screen, in points from the left edge of the lanes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Placed<'a> {
    /// One event with room around it.
    Mark(f32, &'a Cell),
    /// Several events, or one in a crowd: left and right edge.
    Bar(f32, f32, &'a Cell),
}

impl<'a> Placed<'a> {
    #[must_use]
    pub fn cell(&self) -> &'a Cell {
        match self {
            Self::Mark(_, cell) | Self::Bar(_, _, cell) => cell,
        }
    }

    /// Distance of a point from it; zero inside of a bar.
    #[must_use]
    pub fn distance(&self, x: f32) -> f32 {
        match *self {
            Self::Mark(at, _) => (x - at).abs(),
            Self::Bar(left, right, _) => (left - x).max(x - right).max(0.0),
        }
    }
}

/// The cells in sight, from left to right. `cell` is the length of a cell.
pub fn placed<'a>(axis: &'a Axis, cells: &'a [Cell], cell: i64) -> impl Iterator<Item = Placed<'a>> + 'a {
    let (start, end) = (axis.time_from_px(-8.0), axis.time_from_px(axis.width() + 8.0));
    let from = cells.partition_point(|c| c.last < start);
    let to = cells.partition_point(|c| c.first <= end).max(from);
    let px = |at: i64| axis.px_from_time(at) as f32;
    let mut previous = from.checked_sub(1).and_then(|i| cells.get(i)).map_or(f32::NEG_INFINITY, |c| px(c.last));
    (from..to).filter_map(move |i| {
        let this = cells.get(i)?;
        let (first, last) = (px(this.first), if this.count > 1 { px(this.last) } else { px(this.first) });
        let next = cells.get(i + 1).map_or(f32::INFINITY, |c| px(c.first));
        let alone = this.count == 1 && first - previous >= APART && next - last >= APART;
        previous = last;
        if alone {
            return Some(Placed::Mark(first, this));
        }
        // A bar fills its cell, so that neighbours meet; but it never grows beyond its own events by
        // more than a cell of this zoom.
        let edge = this.first.div_euclid(cell).saturating_mul(cell);
        let (left, right) = (px(edge), px(edge.saturating_add(cell)));
        if right - left > 2.0 * APART {
            // Cells of an older, coarser zoom: only where its events are.
            return Some(Placed::Bar(first - BAR * 0.5, last + BAR * 0.5, this));
        }
        Some(Placed::Bar(left, right.max(left + BAR), this))
    })
}

/// What is under the pointer, at most `reach` points away.
#[must_use]
pub fn nearest<'a>(axis: &'a Axis, cells: &'a [Cell], cell: i64, x: f32, reach: f32) -> Option<Placed<'a>> {
    placed(axis, cells, cell)
        .map(|p| (p.distance(x), p))
        .filter(|(d, _)| *d <= reach)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, p)| p)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{EventIx, ServiceIx, TypeIx};

    fn cell(first: i64, last: i64, count: u32) -> Cell {
        Cell {
            first,
            last,
            count,
            event: EventIx(first as u64),
            type_ix: TypeIx(1),
            service_ix: ServiceIx(0),
            flagged: None,
        }
    }

    fn words(axis: &Axis, cells: &[Cell], length: i64) -> Vec<String> {
        placed(axis, cells, length)
            .map(|p| match p {
                Placed::Mark(x, _) => format!("● {x:.0}"),
                Placed::Bar(a, b, c) => format!("▮ {a:.0}–{b:.0} ({})", c.count),
            })
            .collect()
    }

    #[test]
    fn marks_need_room_and_crowds_become_bars() {
        let axis = Axis::new(0, 1_000, 1_000.0, &[]);
        let cells = [cell(10, 10, 1), cell(40, 40, 1), cell(42, 42, 1), cell(60, 63, 9), cell(900, 900, 1)];
        assert_eq!(words(&axis, &cells, 4), ["● 10", "▮ 40–44 (1)", "▮ 40–44 (1)", "▮ 60–64 (9)", "● 900"]);
    }

    #[test]
    fn only_what_is_in_sight_is_placed() {
        let axis = Axis::new(500, 600, 100.0, &[]);
        let cells: Vec<Cell> = (0..100).map(|i| cell(i * 10, i * 10, 1)).collect();
        assert_eq!(words(&axis, &cells, 4).len(), 11);
    }

    #[test]
    fn old_coarse_cells_keep_to_their_events() {
        let axis = Axis::new(0, 100, 1_000.0, &[]);
        assert_eq!(words(&axis, &[cell(10, 20, 5)], 32), ["▮ 99–201 (5)"]);
    }

    #[test]
    fn the_nearest_within_reach_is_hit() {
        let axis = Axis::new(0, 1_000, 1_000.0, &[]);
        let cells = [cell(10, 10, 1), cell(20, 20, 1), cell(64, 67, 3)];
        for (x, expected) in [(12.0, Some(10)), (16.0, Some(20)), (40.0, None), (66.0, Some(64)), (72.0, Some(64))] {
            assert_eq!(nearest(&axis, &cells, 4, x, 6.0).map(|p| p.cell().first), expected, "at {x}");
        }
    }
}
