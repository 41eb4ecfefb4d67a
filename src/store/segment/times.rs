//! A segment's times: steps of the coarsest exact unit from a base, and the order where rows are not
//! in order. Rows without a time keep their place by row number and are left out of the order.

use crate::model::time::TimeNs;

/// Stands for "no time" in batches and in wide columns. No decoder gives it as an instant.
pub(in crate::store) const NO_TIME: i64 = i64::MIN;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Steps {
    Absent,
    /// `base + step * unit`; `u32::MAX` is no time.
    Narrow {
        base: i64,
        unit: i64,
        steps: Box<[u32]>,
    },
    Wide(Box<[i64]>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Times {
    pub steps: Steps,
    /// Timed rows by (time, row); none where that is simply every row.
    pub order: Option<Box<[u16]>>,
    pub timed: u32,
    pub range: Option<(TimeNs, TimeNs)>,
}

impl Times {
    pub fn new(times: &[i64]) -> Self {
        let (mut min, mut max, mut timed, mut sorted, mut before) = (i64::MAX, NO_TIME, 0, true, NO_TIME);
        for &t in times {
            if t != NO_TIME {
                timed += 1;
                min = min.min(t);
                max = max.max(t);
                sorted &= t >= before;
                before = t;
            }
        }
        if timed == 0 {
            return Self { steps: Steps::Absent, order: None, timed: 0, range: None };
        }
        let order = (!sorted || timed as usize != times.len()).then(|| order(times, sorted));
        Self { steps: narrow(times, min, max), order, timed, range: Some((TimeNs(min), TimeNs(max))) }
    }

    #[inline]
    pub fn get(&self, row: usize) -> Option<TimeNs> {
        match &self.steps {
            Steps::Absent => None,
            Steps::Narrow { base, unit, steps } => {
                let step = steps.get(row).copied().filter(|&s| s != u32::MAX)?;
                Some(TimeNs(base.wrapping_add(i64::from(step).wrapping_mul(*unit))))
            }
            Steps::Wide(times) => times.get(row).copied().filter(|&t| t != NO_TIME).map(TimeNs),
        }
    }

    /// The row of the `k`-th time.
    #[inline]
    pub fn row_at(&self, k: u32) -> u16 {
        match &self.order {
            Some(order) => order.get(k as usize).copied().unwrap_or(u16::MAX),
            None => k as u16,
        }
    }

    /// Timed rows strictly before `t`.
    pub fn rank(&self, t: TimeNs) -> u32 {
        let (mut low, mut high) = (0, self.timed);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(usize::from(self.row_at(middle))).is_some_and(|time| time < t) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    pub fn bytes(&self) -> usize {
        let steps = match &self.steps {
            Steps::Absent => 0,
            Steps::Narrow { steps, .. } => steps.len() * 4,
            Steps::Wide(times) => times.len() * 8,
        };
        steps + self.order.as_ref().map_or(0, |order| order.len() * 2)
    }
}

fn narrow(times: &[i64], min: i64, max: i64) -> Steps {
    let steps = steps_of::<1_000_000_000>(times, min, max)
        .or_else(|| steps_of::<1_000_000>(times, min, max))
        .or_else(|| steps_of::<1_000>(times, min, max))
        .or_else(|| steps_of::<1>(times, min, max));
    steps.unwrap_or_else(|| Steps::Wide(times.into()))
}

/// Division by a constant is several times faster than by a variable. Differences of two i64 fit u64.
fn steps_of<const UNIT: u64>(times: &[i64], min: i64, max: i64) -> Option<Steps> {
    if max.wrapping_sub(min) as u64 / UNIT >= u64::from(u32::MAX) {
        return None;
    }
    let mut steps = Vec::with_capacity(times.len());
    for &t in times {
        let from_min = t.wrapping_sub(min) as u64;
        let step = from_min / UNIT;
        if t == NO_TIME {
            steps.push(u32::MAX);
        } else if step * UNIT == from_min {
            steps.push(step as u32);
        } else {
            return None;
        }
    }
    Some(Steps::Narrow { base: min, unit: UNIT as i64, steps: steps.into() })
}

/// Logs are nearly in order: insertion is quickest as long as no row has far to go.
fn order(times: &[i64], sorted: bool) -> Box<[u16]> {
    let mut keyed: Vec<(i64, u16)> =
        times.iter().enumerate().filter(|(_, t)| **t != NO_TIME).map(|(row, &t)| (t, row as u16)).collect();
    if !sorted {
        let mut moves_left = keyed.len() * 24;
        let mut at = 1;
        while at < keyed.len() && moves_left > 0 {
            let key = keyed[at];
            let mut hole = at;
            while hole > 0 && keyed[hole - 1] > key {
                keyed[hole] = keyed[hole - 1];
                hole -= 1;
            }
            keyed[hole] = key;
            moves_left = moves_left.saturating_sub(at - hole);
            at += 1;
        }
        if at < keyed.len() {
            keyed.sort_unstable();
        }
    }
    keyed.into_iter().map(|(_, row)| row).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(times: &[i64]) {
        let column = Times::new(times);
        let mut naive: Vec<(i64, u16)> = Vec::new();
        for (row, &t) in times.iter().enumerate() {
            assert_eq!(column.get(row), (t != NO_TIME).then_some(TimeNs(t)));
            if t != NO_TIME {
                naive.push((t, row as u16));
            }
        }
        naive.sort_unstable();
        assert_eq!(column.timed as usize, naive.len());
        for (k, &(t, row)) in naive.iter().enumerate() {
            assert_eq!(column.row_at(k as u32), row);
            let before = naive.iter().filter(|(other, _)| *other < t).count();
            assert_eq!(column.rank(TimeNs(t)) as usize, before);
        }
        assert_eq!(column.rank(TimeNs(i64::MAX)) as usize, naive.iter().filter(|(t, _)| *t < i64::MAX).count());
        assert_eq!(column.range, naive.first().zip(naive.last()).map(|(a, b)| (TimeNs(a.0), TimeNs(b.0))));
    }

    #[test]
    fn extremes_and_gaps() {
        check(&[]);
        check(&[NO_TIME, NO_TIME]);
        check(&[i64::MAX, i64::MIN + 1, 0]);
        check(&[5, NO_TIME, 7]);
        check(&[1_700_000_000_000_000_000, 1_700_000_000_123_000_000]);
        check(&(0..3000).rev().map(|n| n * 1_000_000_000).collect::<Vec<_>>());
    }

    #[test]
    fn whole_units_take_four_bytes_a_row() {
        for (unit, days) in [(1_000_000_000, 365), (1_000_000, 40)] {
            let times: Vec<i64> = (0..days).map(|d| d * 86_400_000_000_000 + unit).collect();
            assert!(matches!(Times::new(&times).steps, Steps::Narrow { .. }));
        }
    }

    proptest! {
        #[test]
        fn order_and_ranks_equal_a_sort(times in proptest::collection::vec(
            prop_oneof![4 => (0..2000i64).prop_map(|t| t * 500_000), 1 => any::<i64>(), 1 => Just(NO_TIME)], 0..200)) {
            check(&times);
        }
    }
}
