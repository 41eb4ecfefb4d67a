//! Long silent gaps: stretches without any event, for an axis that can collapse them.

use super::Basis;
use super::axis::Gap;
use super::grid::Grid;
use crate::analysis::rows::Rows;
use crate::base::cancel::Cancel;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// A gap takes more than this share of the whole range …
const SHARE: f64 = 0.01;

/// … and is longer than so many usual steps from one event to the next.
const STEPS: f64 = 50.0;

/// Buckets of the range in which events are looked for: fine enough that no gap worth showing lies
/// inside of one.
const BUCKETS: u32 = 2048;

/// Steps from one event to the next that are looked at to know the usual one.
const SAMPLE: u64 = 4096;

/// Gaps between events in `rows` (all where `None`), in order. Places of events are never inside of
/// one. `None` when cancelled; nothing where places are positions, which have no gaps.
#[must_use]
pub fn gaps(snapshot: &Snapshot, rows: Option<&Rows>, basis: Basis, cancel: &Cancel) -> Option<Vec<Gap>> {
    if basis == Basis::Position {
        return Some(Vec::new());
    }
    let rows = rows.filter(|rows| !rows.is_all());
    let Some((first, last)) = basis.extent(snapshot) else { return Some(Vec::new()) };
    let grid = Grid::covering(first, last, BUCKETS);
    // First and last event of each bucket.
    let mut ends: Vec<Option<(i64, i64)>> = vec![None; grid.len as usize];
    let mut steps = Steps::new(rows.map_or(snapshot.len(), Rows::len));
    for (i, segment) in snapshot.segments().iter().enumerate() {
        if cancel.is_cancelled() {
            return None;
        }
        match rows.filter(|rows| !rows.all_in(i)) {
            None => {
                add_buckets(segment, grid, &mut ends);
                let times = (0..segment.timed_len()).step_by(steps.every).filter_map(|k| {
                    let time = |k| basis.place_in(segment, basis.row(segment, k));
                    (k + 1 < segment.timed_len()).then(|| time(k).zip(time(k + 1))).flatten()
                });
                times.for_each(|(a, b)| steps.found.push(b.saturating_sub(a)));
            }
            Some(rows) => {
                let mut times: Vec<i64> = rows.iter_in(i).filter_map(|row| basis.place_in(segment, row)).collect();
                times.sort_unstable();
                for &time in &times {
                    add(grid, &mut ends, time, time);
                }
                let pairs = times.windows(2).step_by(steps.every);
                pairs.for_each(|pair| steps.found.push(pair[1].saturating_sub(pair[0])));
            }
        }
    }
    let occupied: Vec<(i64, i64)> = ends.into_iter().flatten().collect();
    let (Some(&(start, _)), Some(&(_, end))) = (occupied.first(), occupied.last()) else { return Some(Vec::new()) };
    let least = (length(start, end) * SHARE).max(steps.median() * STEPS);
    let between = occupied.windows(2).map(|pair| Gap { start: pair[0].1, end: pair[1].0 });
    Some(between.filter(|gap| length(gap.start, gap.end) > least).collect())
}

/// The first and last event of each bucket that a segment touches.
fn add_buckets(segment: &Segment, grid: Grid, ends: &mut [Option<(i64, i64)>]) {
    let time = |k: u32| segment.time(segment.row_by_time(k)).map(|time| time.0);
    let mut k = 0;
    while k < segment.timed_len() {
        let Some(first) = time(k) else { return };
        let Some(bucket) = grid.bucket_of(first) else { return };
        // Where a bucket holds few events, the next few rows lead out of it sooner than a search.
        let end = grid.start_of(bucket + 1);
        let next = if end == i64::MAX { segment.timed_len() } else { segment.rank_of(crate::model::time::TimeNs(end)) };
        let next = next.max(k + 1);
        if let Some(last) = time(next - 1) {
            add(grid, ends, first, last);
        }
        k = next;
    }
}

fn add(grid: Grid, ends: &mut [Option<(i64, i64)>], first: i64, last: i64) {
    if let Some(slot) = grid.bucket_of(first).and_then(|bucket| ends.get_mut(bucket as usize)) {
        let (a, b) = slot.unwrap_or((first, last));
        *slot = Some((a.min(first), b.max(last)));
    }
}

/// A sample of the steps from one event to the next.
struct Steps {
    every: usize,
    found: Vec<i64>,
}

impl Steps {
    fn new(events: u64) -> Self {
        Self { every: usize::try_from(events / SAMPLE).unwrap_or(usize::MAX).max(1), found: Vec::new() }
    }

    fn median(&mut self) -> f64 {
        let middle = self.found.len() / 2;
        if self.found.is_empty() {
            return 0.0;
        }
        *self.found.select_nth_unstable(middle).1 as f64
    }
}

fn length(a: i64, b: i64) -> f64 {
    (i128::from(b) - i128::from(a)) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::EventIx;
    use crate::store::testing::Builder;

    const H: i64 = 3_600_000_000_000;

    fn check(times: &[i64], wanted: Option<&[u64]>, expected: &[(i64, i64)]) {
        for batch in [3, 1000] {
            let mut builder = Builder::new().batch_rows(batch);
            for &time in times {
                builder = builder.simple(time, "T", &[]);
            }
            let log = builder.build();
            let rows = wanted.map(|rows| Rows::from_events(&log, rows.iter().map(|&row| EventIx(row))));
            let found = gaps(&log, rows.as_ref(), Basis::Time, &Cancel::new()).expect("nobody cancels");
            let found: Vec<_> = found.into_iter().map(|gap| (gap.start, gap.end)).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn gaps_lie_between_exact_events() {
        let burst = |at: i64| (0..100).map(move |i| at + i * 1_000_000_000);
        let times: Vec<i64> = burst(0).chain(burst(3 * H)).chain(burst(20 * H)).collect();
        let second = 1_000_000_000;
        check(&times, None, &[(99 * second, 3 * H), (3 * H + 99 * second, 20 * H)]);
        let first_and_last: Vec<u64> = (0..100).chain(200..300).collect();
        check(&times, Some(&first_and_last), &[(99 * second, 20 * H)]);
    }

    #[test]
    fn even_steps_are_no_gaps() {
        check(&(0..20).map(|i| i * H).collect::<Vec<_>>(), None, &[]);
        check(&[5], None, &[]);
        check(&[], None, &[]);
        check(&[i64::MIN, i64::MAX], None, &[]);
    }
}
