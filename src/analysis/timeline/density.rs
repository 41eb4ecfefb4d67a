//! How many events of each colour fall into each bucket of the axis.
//!
//! For all events this costs buckets, not events: a [`Pyramid`] keeps, for each segment, running
//! counts at every 256th row in the order of places, built once and reused by later snapshots. Events
//! of a filter are counted one by one.

use std::sync::Arc;

use super::Basis;
use super::grid::Grid;
use super::groups::Groups;
use crate::analysis::rows::Rows;
use crate::base::cancel::Cancel;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// Rows between two running counts.
const STEP: u32 = 256;

/// Counts by bucket and group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Density {
    pub grid: Grid,
    groups: usize,
    /// All groups of the first bucket, then of the next.
    counts: Vec<u32>,
    /// Events in the fullest bucket.
    pub most: u32,
    /// Events in all of them.
    pub total: u64,
}

impl Density {
    /// Counts of one bucket, by group.
    #[must_use]
    pub fn bucket(&self, i: u32) -> &[u32] {
        let start = i as usize * self.groups;
        self.counts.get(start..start + self.groups).unwrap_or(&[])
    }

    /// Events of one bucket.
    #[must_use]
    pub fn count(&self, i: u32) -> u32 {
        self.bucket(i).iter().sum()
    }
}

/// Running counts of the segments of a log. Give it every newer snapshot of the same log: what has
/// not changed is kept.
#[derive(Debug, Default)]
pub struct Pyramid {
    made_for: Option<(Groups, Basis)>,
    segments: Vec<(Arc<Segment>, Running)>,
}

/// Events of each group among the first `n * STEP` rows in the order of places, for each `n`.
#[derive(Debug)]
struct Running {
    counts: Vec<u16>,
    total: Vec<u32>,
}

impl Pyramid {
    /// Counts events in `rows`, all where `None`. `None` when cancelled.
    #[must_use]
    pub fn density(
        &mut self,
        snapshot: &Snapshot,
        rows: Option<&Rows>,
        basis: Basis,
        groups: &Groups,
        grid: Grid,
        cancel: &Cancel,
    ) -> Option<Density> {
        let width = groups.len();
        let mut counts = vec![0_u32; grid.len as usize * width];
        let rows = rows.filter(|rows| !rows.is_all());
        if rows.is_none() {
            self.update(snapshot, basis, groups, cancel)?;
        }
        for (i, segment) in snapshot.segments().iter().enumerate() {
            if cancel.is_cancelled() {
                return None;
            }
            let Some((first, last)) = basis.range(segment) else { continue };
            let touched = grid.touched(first, last);
            if touched.is_empty() {
                continue;
            }
            match (rows, self.segments.get(i)) {
                (None, Some((_, running))) => {
                    add_all(segment, running, basis, groups, grid, touched, &mut counts);
                }
                (None, None) => {}
                (Some(rows), _) => {
                    for row in rows.iter_in(i) {
                        let Some(bucket) = basis.place_in(segment, row).and_then(|at| grid.bucket_of(at)) else {
                            continue;
                        };
                        counts[bucket as usize * width + groups.of(segment, row)] += 1;
                    }
                }
            }
        }
        let buckets = counts.chunks_exact(width).map(|bucket| bucket.iter().sum::<u32>());
        let (most, total) = buckets.fold((0, 0), |(most, total), n| (n.max(most), total + u64::from(n)));
        Some(Density { grid, groups: width, counts, most, total })
    }

    fn update(&mut self, snapshot: &Snapshot, basis: Basis, groups: &Groups, cancel: &Cancel) -> Option<()> {
        if self.made_for.as_ref().is_none_or(|(g, b)| g != groups || *b != basis) {
            self.segments.clear();
            self.made_for = Some((groups.clone(), basis));
        }
        self.segments.truncate(snapshot.segments().len());
        for (i, segment) in snapshot.segments().iter().enumerate() {
            if cancel.is_cancelled() {
                return None;
            }
            match self.segments.get_mut(i) {
                Some((known, _)) if Arc::ptr_eq(known, segment) => {}
                Some(slot) => *slot = (Arc::clone(segment), Running::of(segment, basis, groups)),
                None => self.segments.push((Arc::clone(segment), Running::of(segment, basis, groups))),
            }
        }
        Some(())
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.segments.iter().map(|(_, running)| running.counts.len() * 2 + running.total.len() * 4).sum()
    }
}

impl Running {
    fn of(segment: &Segment, basis: Basis, groups: &Groups) -> Self {
        let placed = basis.placed(segment);
        let mut total = vec![0_u32; groups.len()];
        let mut counts = Vec::with_capacity((placed / STEP + 1) as usize * groups.len());
        for k in 0..placed {
            if k % STEP == 0 {
                // At most 65,280: the last multiple below the most rows a segment has.
                counts.extend(total.iter().map(|&n| n as u16));
            }
            total[groups.of(segment, basis.row(segment, k))] += 1;
        }
        Self { counts, total }
    }

    /// Adds to `out` the events of each group among the first `k` rows, or takes them away.
    fn add(&self, segment: &Segment, basis: Basis, groups: &Groups, k: u32, sign: i64, out: &mut [i64]) {
        let width = groups.len();
        if k >= basis.placed(segment) {
            out.iter_mut().zip(&self.total).for_each(|(out, &n)| *out += sign * i64::from(n));
            return;
        }
        let start = (k / STEP) as usize * width;
        let at_step = self.counts.get(start..start + width).unwrap_or(&[]);
        out.iter_mut().zip(at_step).for_each(|(out, &n)| *out += sign * i64::from(n));
        for k in k / STEP * STEP..k {
            out[groups.of(segment, basis.row(segment, k))] += sign;
        }
    }
}

fn add_all(
    segment: &Segment,
    running: &Running,
    basis: Basis,
    groups: &Groups,
    grid: Grid,
    touched: std::ops::Range<u32>,
    counts: &mut [u32],
) {
    let width = groups.len();
    let mut sums = vec![0_i64; width];
    let mut from = basis.rank(segment, grid.start_of(touched.start));
    for bucket in touched.clone() {
        let next = grid.start_of(bucket + 1);
        let all = (i128::from(grid.first) + i128::from(bucket) + 1) << grid.shift > i128::from(i64::MAX);
        let to = if all { basis.placed(segment) } else { basis.rank(segment, next) };
        let Some(counts) = counts.get_mut(bucket as usize * width..(bucket as usize + 1) * width) else { return };
        if to.saturating_sub(from) <= STEP {
            for k in from..to {
                counts[groups.of(segment, basis.row(segment, k))] += 1;
            }
        } else {
            sums.fill(0);
            running.add(segment, basis, groups, to, 1, &mut sums);
            running.add(segment, basis, groups, from, -1, &mut sums);
            counts.iter_mut().zip(&sums).for_each(|(count, &sum)| *count += sum as u32);
        }
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::super::groups::GroupBy;
    use super::*;
    use crate::model::ids::EventIx;
    use crate::store::testing::{Builder, TestEvent};
    use proptest::prelude::*;

    fn log(events: &[(Option<i64>, u8)], batch: usize) -> Arc<Snapshot> {
        let mut builder = Builder::new().batch_rows(batch);
        for &(time, kind) in events {
            builder.push(TestEvent { time, type_name: format!("T{kind}"), ..TestEvent::default() });
        }
        builder.build()
    }

    fn naive(log: &Snapshot, rows: &Rows, basis: Basis, groups: &Groups, grid: Grid) -> Vec<u32> {
        let mut counts = vec![0; grid.len as usize * groups.len()];
        for ix in rows.iter() {
            let (segment, row) = log.locate(ix).expect("it is there");
            if let Some(bucket) = basis.place(log, ix).and_then(|at| grid.bucket_of(at)) {
                counts[bucket as usize * groups.len() + groups.of(segment, row)] += 1;
            }
        }
        counts
    }

    #[test]
    fn large_segments_are_counted_by_their_running_counts() {
        let events: Vec<_> = (0..70_000_i64).map(|i| (Some((i * 7919) % 70_000), (i % 5) as u8)).collect();
        let log = log(&events, usize::MAX);
        let groups = Groups::new(&log, GroupBy::Type, 3);
        assert_eq!((groups.len(), groups.has_others()), (4, true));
        let grid = Grid::covering(100, 69_000, 40);
        let density =
            Pyramid::default().density(&log, None, Basis::Time, &groups, grid, &Cancel::new()).expect("nobody cancels");
        assert_eq!(density.counts, naive(&log, &Rows::all(&log), Basis::Time, &groups, grid));
    }

    proptest! {
        #[test]
        fn sums_equal_counts(
            events in proptest::collection::vec((proptest::option::weighted(0.9, -40_i64..400), 0_u8..6), 1..80),
            more in proptest::collection::vec((proptest::option::of(-40_i64..400), 0_u8..6), 0..20),
            batch in 1_usize..30, start in -50_i64..400, len in 0_i64..500, most in 2_u32..70, picks: u64,
            basis in proptest::sample::select(vec![Basis::Time, Basis::Position]),
        ) {
            let mut pyramid = Pyramid::default();
            let grid = Grid::covering(start, start + len, most);
            let grown: Vec<_> = events.iter().chain(&more).copied().collect();
            for events in [&events, &grown] {
                let log = log(events, batch);
                let groups = Groups::new(&log, GroupBy::Type, 3);
                let all = Rows::all(&log);
                let some = Rows::from_events(&log, (0..log.len()).filter(|row| picks >> (row % 64) & 1 == 1).map(EventIx));
                for (rows, given) in [(&all, None), (&some, Some(&some))] {
                    let density = pyramid.density(&log, given, basis, &groups, grid, &Cancel::new()).expect("nobody cancels");
                    prop_assert_eq!(&density.counts, &naive(&log, rows, basis, &groups, grid));
                    let counts: Vec<u32> = (0..grid.len).map(|i| density.count(i)).collect();
                    prop_assert_eq!(density.total, counts.iter().map(|&n| u64::from(n)).sum::<u64>());
                    prop_assert_eq!(density.most, counts.into_iter().max().unwrap_or(0));
                }
            }
        }

        #[test]
        fn the_ends_of_time_are_counted(times in proptest::collection::vec(i64::MIN + 1..=i64::MAX, 1..20), most in 2_u32..50) {
            let events: Vec<_> = times.iter().map(|&time| (Some(time), 0)).chain([(Some(i64::MAX), 0), (Some(i64::MIN + 1), 1)]).collect();
            let log = log(&events, 5);
            let groups = Groups::new(&log, GroupBy::Type, 8);
            let grid = Grid::covering(i64::MIN, i64::MAX, most);
            let density = Pyramid::default().density(&log, None, Basis::Time, &groups, grid, &Cancel::new()).expect("nobody cancels");
            prop_assert_eq!(density.total, log.len());
        }
    }
}
