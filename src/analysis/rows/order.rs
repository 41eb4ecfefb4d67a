//! A set of rows in an order: the log's own, or by time across segments and sources.
//!
//! A log that is already in time order needs no memory for that; else four bytes a row. A row without
//! a time keeps its place after the row before it in its source.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Rows;
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

/// How many rows are merged between two looks at the cancel flag.
const STEP: usize = 1 << 16;

/// Sources hold fewer rows than this before their positions need more than 32 bits.
const MAX_SORTED: u64 = u32::MAX as u64;

#[derive(Clone, Debug)]
pub struct RowOrder {
    rows: Rows,
    /// Rows of the log by time; `None` where they are in that order as they are.
    by_time: Option<Vec<u32>>,
    /// The time in force when each segment starts: the last one before it in its source.
    carried: Vec<i64>,
    sorted: bool,
}

impl RowOrder {
    /// In the order of the log.
    #[must_use]
    pub fn by_position(rows: Rows) -> Self {
        Self { rows, by_time: None, carried: Vec::new(), sorted: false }
    }

    /// By time, then by position. `None` when cancelled.
    #[must_use]
    pub fn by_time(snapshot: &Snapshot, rows: Rows, cancel: &Cancel) -> Option<Self> {
        let times = SegmentTimes::of(snapshot);
        let by_time = if times.in_order || rows.len() > MAX_SORTED {
            None
        } else {
            Some(merge(snapshot, &rows, &times, cancel)?)
        };
        Some(Self { rows, by_time, carried: times.carried, sorted: true })
    }

    #[must_use]
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Bytes held beyond the set itself.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.by_time.as_ref().map_or(0, |order| order.len() * size_of::<u32>())
    }

    #[must_use]
    pub fn is_by_time(&self) -> bool {
        self.sorted
    }

    #[must_use]
    pub fn nth(&self, k: u64) -> Option<EventIx> {
        match &self.by_time {
            None => self.rows.nth(k),
            Some(order) => order.get(usize::try_from(k).ok()?).map(|&row| EventIx(u64::from(row))),
        }
    }

    /// The place of `ix` or, where it is not in the set, of the first row after it. `snapshot` is the
    /// one it was made from.
    #[must_use]
    pub fn rank(&self, snapshot: &Snapshot, ix: EventIx) -> u64 {
        let Some(order) = &self.by_time else { return self.rows.rank(ix) };
        let key = |row: u64| (self.time_in_force(snapshot, EventIx(row)), row);
        let wanted = key(ix.0);
        order.partition_point(|&row| key(u64::from(row)) < wanted) as u64
    }

    /// The first place at or after the instant, in time order.
    #[must_use]
    pub fn place_of_time(&self, snapshot: &Snapshot, time: TimeNs) -> u64 {
        let before = |ix: EventIx| self.time_in_force(snapshot, ix) < time.0;
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.nth(middle) {
                Some(ix) if before(ix) => low = middle + 1,
                _ => high = middle,
            }
        }
        low
    }

    fn time_in_force(&self, snapshot: &Snapshot, ix: EventIx) -> i64 {
        let i = snapshot.segments().partition_point(|s| s.first_row() <= ix.0).saturating_sub(1);
        let Some(segment) = snapshot.segments().get(i) else { return i64::MAX };
        let row = ix.0.saturating_sub(segment.first_row());
        let carried = self.carried.get(i).copied().unwrap_or(i64::MIN);
        if row >= u64::from(segment.len()) {
            return i64::MAX;
        }
        if segment.timed_len() == 0 {
            return carried;
        }
        (0..=row as u16).rev().find_map(|row| segment.time(row)).map_or(carried, |time| time.0)
    }
}

/// What is known of all segments before any row is moved.
struct SegmentTimes {
    carried: Vec<i64>,
    /// The whole log is in time order as it is.
    in_order: bool,
}

impl SegmentTimes {
    fn of(snapshot: &Snapshot) -> Self {
        let mut last_of_source = vec![i64::MIN; snapshot.sources().len()];
        let mut carried = Vec::with_capacity(snapshot.segments().len());
        let mut in_order = true;
        let mut newest = i64::MIN;
        for segment in snapshot.segments() {
            let source = segment.source().at();
            if last_of_source.len() <= source {
                last_of_source.resize(source + 1, i64::MIN);
            }
            let carry = last_of_source[source];
            carried.push(carry);
            if segment.is_empty() {
                continue;
            }
            let last = (0..segment.len()).rev().find_map(|row| segment.time(row as u16));
            last_of_source[source] = last.map_or(carry, |time| time.0);
            in_order = in_order && {
                let first = segment.time(0).map_or(carry, |time| time.0);
                first >= newest && is_sorted(segment)
            };
            newest = newest.max(last_of_source[source]);
        }
        Self { carried, in_order }
    }
}

/// Whether the timed rows of a segment are in time order as they are.
pub(crate) fn is_sorted(segment: &Segment) -> bool {
    segment.in_time_order() || (1..segment.timed_len()).all(|k| segment.row_by_time(k - 1) < segment.row_by_time(k))
}

/// Rows of one segment in time order, with the time each stands at.
struct Run {
    rows: Vec<(i64, u16)>,
    first_row: u64,
}

impl Run {
    fn of(snapshot: &Snapshot, i: usize, rows: &Rows, carried: i64) -> Option<Self> {
        let segment = snapshot.segments().get(i)?;
        let wanted = |row: u16| rows.all_in(i) || rows.contains_in(i, row);
        let mut run = Vec::with_capacity(rows.count_in(i) as usize);
        if segment.timed_len() == segment.len() {
            let by_time = (0..segment.timed_len()).map(|k| segment.row_by_time(k)).filter(|&row| wanted(row));
            run.extend(by_time.map(|row| (segment.time(row).map_or(carried, |time| time.0), row)));
        } else {
            let mut now = carried;
            for row in (0..segment.len()).map(|row| row as u16) {
                now = segment.time(row).map_or(now, |time| time.0);
                if wanted(row) {
                    run.push((now, row));
                }
            }
            run.sort_unstable();
        }
        Some(Self { rows: run, first_row: segment.first_row() })
    }
}

/// Merges the segments' own orders. Only segments whose times overlap are open at the same moment, so
/// a log that is nearly in order is copied in long stretches.
fn merge(snapshot: &Snapshot, rows: &Rows, times: &SegmentTimes, cancel: &Cancel) -> Option<Vec<u32>> {
    let mut waiting: Vec<(i64, usize)> = (0..snapshot.segments().len())
        .filter(|&i| rows.count_in(i) > 0)
        .map(|i| (earliest(snapshot, i, times), i))
        .collect();
    waiting.sort_unstable_by_key(|&start| Reverse(start));
    let mut out = Vec::with_capacity(usize::try_from(rows.len()).ok()?);
    let mut open: BinaryHeap<Reverse<(i64, u64, usize)>> = BinaryHeap::new();
    let mut runs: Vec<(Run, usize)> = Vec::new();
    let mut next_look = STEP;
    loop {
        let head = open.peek().map(|Reverse((time, ..))| *time);
        if let Some(&(_, i)) = waiting.last().filter(|(start, _)| head.is_none_or(|time| *start <= time)) {
            waiting.pop();
            let run = Run::of(snapshot, i, rows, times.carried.get(i).copied().unwrap_or(i64::MIN))?;
            if let Some(&(time, row)) = run.rows.first() {
                open.push(Reverse((time, run.first_row + u64::from(row), runs.len())));
                runs.push((run, 0));
            }
            continue;
        }
        let Some(Reverse((.., r))) = open.pop() else { return Some(out) };
        // This run goes on until another one is due.
        let other = open.peek().map_or((i64::MAX, u64::MAX), |Reverse((time, row, _))| (*time, *row));
        let limit = waiting.last().map_or(other, |&(start, _)| other.min((start, 0)));
        let Some((run, at)) = runs.get_mut(r) else { continue };
        while let Some(&(time, row)) = run.rows.get(*at) {
            let ix = run.first_row + u64::from(row);
            if (time, ix) >= limit {
                open.push(Reverse((time, ix, r)));
                break;
            }
            out.push(ix as u32);
            *at += 1;
        }
        if *at >= run.rows.len() {
            run.rows = Vec::new();
        }
        if out.len() >= next_look {
            next_look = out.len() + STEP;
            if cancel.is_cancelled() {
                return None;
            }
        }
    }
}

fn earliest(snapshot: &Snapshot, i: usize, times: &SegmentTimes) -> i64 {
    let carried = times.carried.get(i).copied().unwrap_or(i64::MIN);
    let Some(segment) = snapshot.segments().get(i) else { return i64::MAX };
    match segment.time_range() {
        None => carried,
        Some((first, _)) if segment.timed_len() == segment.len() => first.0,
        Some((first, _)) => first.0.min(carried),
    }
}
