//! The events of the visible lanes, counted in cells a few points wide: what a job computes, so that
//! drawing costs pixels, not events.
//!
//! Cells are powers of two and fetched well beyond what is visible, so that panning asks for nothing
//! new and zooming goes on with the old cells until the new ones are there.

use crate::analysis::timeline::Basis;
use crate::analysis::timeline::axis::{Axis, difference};
use crate::base::cancel::Cancel;
use crate::gui::panels::parts::flags::Flag;
use crate::model::ids::{EntityIx, EventIx, ServiceIx, TypeIx};
use crate::store::snapshot::Snapshot;

/// Narrowest cell in points.
const CELL_POINTS: f64 = 3.5;

/// Fewest lanes that are fetched together.
const BLOCK_LANES: u32 = 64;

/// The events of one lane that fall into one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Places of the first and the last of them.
    pub first: i64,
    pub last: i64,
    pub count: u32,
    /// The first of them.
    pub event: EventIx,
    /// Of most of them.
    pub type_ix: TypeIx,
    pub service_ix: ServiceIx,
    pub flagged: Option<Flagged>,
}

/// The flagged ones among a cell's events, those with the most important flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flagged {
    pub flag: Flag,
    /// The first of them, and its place.
    pub event: EventIx,
    pub at: i64,
    pub count: u32,
}

/// What is fetched at once. Equal while the view moves inside of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: i64,
    pub to: i64,
    /// Length of a cell, a power of two.
    pub cell: i64,
    /// Places in the lane order.
    pub first_lane: u32,
    pub lanes: u32,
}

impl Window {
    /// Around what an axis and a range of lanes show: at least a viewport more on each side.
    #[must_use]
    pub fn around(axis: &Axis, first_lane: u32, visible_lanes: u32) -> Self {
        let (start, end) = axis.range();
        let len = power_above(difference(end, start));
        let block = i128::from(start).div_euclid(len);
        let clamp = |at: i128| at.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64;
        let lanes = visible_lanes.max(BLOCK_LANES).next_power_of_two();
        let lane_block = first_lane / lanes;
        Self {
            from: clamp((block - 1) * len),
            to: clamp((block + 3) * len),
            cell: clamp(power_above(CELL_POINTS / axis.scale())),
            first_lane: lane_block.saturating_sub(1) * lanes,
            lanes: lanes * 4,
        }
    }
}

/// The cells of one lane, in the order of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaneCells {
    pub entity: EntityIx,
    pub cells: Vec<Cell>,
}

/// Cells of some lanes, found by entity so that they outlive a change of the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lanes {
    /// By entity.
    lanes: Vec<LaneCells>,
    /// Events in the fullest cell.
    pub most: u32,
}

impl Lanes {
    #[must_use]
    pub fn get(&self, entity: EntityIx) -> Option<&LaneCells> {
        let i = self.lanes.binary_search_by_key(&entity, |l| l.entity).ok()?;
        self.lanes.get(i)
    }

    /// Counts the events of `entities` inside the window. `shown` says which events the filter lets through,
    /// `flag` what they are flagged with, `basis` what places are.
    #[must_use]
    pub fn count(
        snapshot: &Snapshot,
        entities: &[EntityIx],
        shown: impl Fn(EventIx) -> bool,
        flag: impl Fn(EventIx) -> Option<Flag>,
        window: Window,
        basis: Basis,
        cancel: &Cancel,
    ) -> Self {
        let mut out = Self::default();
        let mut places = Vec::new();
        for &entity in entities {
            if cancel.is_cancelled() {
                break;
            }
            places.clear();
            for event in snapshot.entity_events(entity) {
                let place = basis.place(snapshot, event).filter(|&at| window.from <= at && at <= window.to);
                let Some(place) = place else { continue };
                if shown(event) {
                    places.push((place, event));
                }
            }
            // Nearly sorted, which this sort is fast on.
            places.sort();
            let cells = cells_of(snapshot, &places, window.cell, &flag);
            out.most = cells.iter().map(|c| c.count).max().unwrap_or(0).max(out.most);
            out.lanes.push(LaneCells { entity, cells });
        }
        out.lanes.sort_by_key(|l| l.entity);
        out
    }
}

fn cells_of(
    snapshot: &Snapshot,
    places: &[(i64, EventIx)],
    cell: i64,
    flag: &impl Fn(EventIx) -> Option<Flag>,
) -> Vec<Cell> {
    let mut out: Vec<Cell> = Vec::new();
    let mut types = Tally::default();
    let mut services = Tally::default();
    for run in places.chunk_by(|a, b| a.0.div_euclid(cell) == b.0.div_euclid(cell)) {
        let (Some(&(first, event)), Some(&(last, _))) = (run.first(), run.last()) else { continue };
        let mut flagged: Option<Flagged> = None;
        for &(at, event) in run {
            if let Some(flag) = flag(event) {
                let known = flagged.get_or_insert(Flagged { flag, event, at, count: 0 });
                if flag > known.flag {
                    *known = Flagged { flag, event, at, count: 0 };
                }
                known.count += u32::from(flag == known.flag);
            }
            types.add(snapshot.type_ix(event).0);
            services.add(snapshot.service_ix(event).0);
        }
        out.push(Cell {
            first,
            last,
            count: u32::try_from(run.len()).unwrap_or(u32::MAX),
            event,
            type_ix: TypeIx(types.take_most()),
            service_ix: ServiceIx(services.take_most()),
            flagged,
        });
    }
    out
}

/// Counts of a handful of numbers.
#[derive(Default)]
struct Tally(Vec<(u16, u32)>);

impl Tally {
    fn add(&mut self, key: u16) {
        match self.0.iter_mut().find(|(k, _)| *k == key) {
            Some((_, n)) => *n += 1,
            None => self.0.push((key, 1)),
        }
    }

    /// The most frequent one, the first of equals; empties the tally.
    fn take_most(&mut self) -> u16 {
        let mut best = (0, 0);
        for &(key, n) in &self.0 {
            if n > best.1 {
                best = (key, n);
            }
        }
        self.0.clear();
        best.0
    }
}

/// The smallest power of two that is not below `x`.
fn power_above(x: f64) -> i128 {
    1_i128 << x.max(1.0).log2().ceil().clamp(0.0, 64.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panning_inside_a_window_asks_for_nothing_new() {
        let window = |start: i64, lane| Window::around(&Axis::new(start, start + 1_000, 800.0, &[]), lane, 40);
        assert_eq!(window(5_000, 10), window(5_100, 60));
        assert_ne!(window(5_000, 10), window(5_000, 130));
        let w = window(5_000, 200);
        assert!(w.from <= 4_000 && w.to >= 7_000, "a viewport on each side: {w:?}");
        assert!(w.first_lane <= 160 && w.first_lane + w.lanes >= 280);
        assert_eq!(w.cell, 8, "3.5 points are 4.4 units, and cells are powers of two");
    }

    #[test]
    fn no_range_overflows() {
        for (start, end) in [(i64::MIN, i64::MAX), (i64::MAX - 1, i64::MAX), (i64::MIN, i64::MIN + 1)] {
            let w = Window::around(&Axis::new(start, end, 800.0, &[]), u32::MAX - 3, 40);
            assert!(w.from <= start && w.to >= end && w.cell >= 1);
        }
    }

    #[test]
    fn the_most_frequent_wins() {
        let mut tally = Tally::default();
        for key in [4, 2, 2, 9, 4, 2] {
            tally.add(key);
        }
        assert_eq!((tally.take_most(), tally.take_most()), (2, 0));
    }
}
