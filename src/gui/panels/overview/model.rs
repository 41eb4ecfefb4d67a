//! The strip's numbers: bars over the whole log, stacked by type or service.

use std::sync::{Arc, Mutex};

use crate::analysis::rows::Rows;
use crate::analysis::timeline::Basis;
use crate::analysis::timeline::density::{Density, Pyramid};
use crate::analysis::timeline::grid::Grid;
use crate::analysis::timeline::groups::{GroupBy, Groups};
use crate::app::state::ColorBy;
use crate::base::cancel::Cancel;
use crate::base::sync::lock;
use crate::store::snapshot::Snapshot;

/// Buckets of the strip; more than a wide screen has points is no use.
const BUCKETS: u32 = 1024;

/// Types or services with a colour of their own.
const GROUPS: usize = 9;

/// Bars of the whole log.
#[derive(Clone, Debug)]
pub struct Bars {
    pub density: Density,
    pub groups: Groups,
}

impl Bars {
    /// Counts by `by`; `pyramid` keeps what has not changed for the next time.
    #[must_use]
    pub fn count(
        snapshot: &Snapshot,
        rows: Option<&Rows>,
        by: ColorBy,
        pyramid: &Arc<Mutex<Pyramid>>,
        cancel: &Cancel,
    ) -> Option<Self> {
        let basis = Basis::of(snapshot);
        let (start, end) = basis.extent(snapshot)?;
        let by = match by {
            ColorBy::Type => GroupBy::Type,
            ColorBy::Service => GroupBy::Service,
        };
        let groups = Groups::new(snapshot, by, GROUPS);
        let mut pyramid = lock(pyramid);
        let grid = Grid::covering(start, end, BUCKETS);
        let density = pyramid.density(snapshot, rows, basis, &groups, grid, cancel)?;
        Some(Self { density, groups })
    }
}

/// Height of a bar, 0 to 1. The square root lets a quiet hour be seen beside a busy one.
#[must_use]
pub fn height(count: u32, most: u32) -> f32 {
    if most == 0 { 0.0 } else { (count as f32 / most as f32).sqrt() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Builder;

    #[test]
    fn every_event_is_in_a_bar() {
        let mut builder = Builder::new();
        for i in 0..500 {
            builder = builder.simple(i * i * 1_000, if i % 3 == 0 { "A" } else { "B" }, &["x:1"]);
        }
        let snapshot = builder.build();
        let pyramid = Arc::default();
        let bars = Bars::count(&snapshot, None, ColorBy::Type, &pyramid, &Cancel::new()).expect("not cancelled");
        assert_eq!(bars.density.total, 500);
        assert!(bars.density.grid.len <= BUCKETS);
        assert_eq!(bars.groups.own().len(), 2);
        let sum: u32 = (0..bars.density.grid.len).map(|i| bars.density.count(i)).sum();
        assert_eq!(sum, 500);
    }

    #[test]
    fn quiet_bars_are_seen() {
        for (events, most, expected) in [(1, 10_000, 0.01), (0, 5, 0.0), (5, 5, 1.0), (0, 0, 0.0)] {
            assert!((height(events, most) - expected).abs() < 1e-6, "{events} of {most}");
        }
    }
}
