//! Distances in time, counted in buckets: exact counts, values to within 6.25 %.
//!
//! A bucket is an eighth of a power of two, as in HdrHistogram with three significant bits. Distances
//! below zero (an effect before its cause) have buckets of their own.

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    count: u64,
    /// By bucket, as long as the largest one.
    after: Vec<u32>,
    before: Vec<u32>,
    least: Option<i64>,
    most: Option<i64>,
}

const BITS: u32 = 3;

impl Sketch {
    pub fn add(&mut self, ns: i64) {
        let side = if ns < 0 { &mut self.before } else { &mut self.after };
        let at = bucket(ns.unsigned_abs());
        if side.len() <= at {
            side.resize(at + 1, 0);
        }
        side[at] = side[at].saturating_add(1);
        self.count += 1;
        self.least = Some(self.least.map_or(ns, |least| least.min(ns)));
        self.most = Some(self.most.map_or(ns, |most| most.max(ns)));
    }

    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [(&mut self.after, &other.after), (&mut self.before, &other.before)] {
            if mine.len() < theirs.len() {
                mine.resize(theirs.len(), 0);
            }
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine = mine.saturating_add(*theirs);
            }
        }
        self.count += other.count;
        self.least = self.least.into_iter().chain(other.least).min();
        self.most = self.most.into_iter().chain(other.most).max();
    }

    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Values below zero.
    #[must_use]
    pub fn negative(&self) -> u64 {
        self.before.iter().map(|&n| u64::from(n)).sum()
    }

    /// The smallest value, exact.
    #[must_use]
    pub fn least(&self) -> Option<i64> {
        self.least
    }

    /// The value below which the share `q` (0 to 1) of all values lies, in nanoseconds.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<i64> {
        let (least, most) = (self.least?, self.most?);
        let wanted = ((self.count as f64 * q).ceil() as u64).clamp(1, self.count);
        let negative = self.before.iter().enumerate().rev().map(|(at, n)| (-middle(at), *n));
        let positive = self.after.iter().enumerate().map(|(at, n)| (middle(at), *n));
        let mut seen = 0;
        for (value, n) in negative.chain(positive) {
            seen += u64::from(n);
            if seen >= wanted {
                return Some(value.clamp(least, most));
            }
        }
        Some(most)
    }
}

/// Values below 8 have a bucket each, then eight buckets a power of two.
fn bucket(value: u64) -> usize {
    if value < 1 << BITS {
        return value as usize;
    }
    let exponent = value.ilog2();
    let within = (value >> (exponent - BITS)) & ((1 << BITS) - 1);
    (((exponent - BITS + 1) << BITS) + within as u32) as usize
}

fn middle(bucket: usize) -> i64 {
    let bucket = bucket as u64;
    if bucket < 1 << BITS {
        return bucket as i64;
    }
    let (shift, within) = ((bucket >> BITS) - 1, bucket & ((1 << BITS) - 1));
    let low = ((1 << BITS) + within) << shift;
    i64::try_from(low + ((1_u64 << shift) >> 1)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn quantiles_are_near_the_exact_ones(
            values in proptest::collection::vec(-1_000_000_000_000_i64..9_000_000_000_000, 1..300),
            q in 0.0..1.0_f64,
        ) {
            let mut sketch = Sketch::default();
            let (left, right) = values.split_at(values.len() / 2);
            let mut other = Sketch::default();
            left.iter().for_each(|&v| sketch.add(v));
            right.iter().for_each(|&v| other.add(v));
            sketch.merge(&other);
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let exact = sorted[((sorted.len() as f64 * q).ceil() as usize).clamp(1, sorted.len()) - 1];
            let found = sketch.quantile(q).expect("there are values");
            prop_assert!((found - exact).unsigned_abs() * 16 <= exact.unsigned_abs() + 16, "{found} for {exact}");
            prop_assert_eq!(sketch.least(), sorted.first().copied());
            prop_assert_eq!(sketch.negative(), sorted.iter().filter(|v| **v < 0).count() as u64);
        }
    }

    #[test]
    fn the_largest_value_has_a_bucket() {
        let mut sketch = Sketch::default();
        sketch.add(i64::MAX);
        sketch.add(i64::MIN);
        assert!(sketch.quantile(1.0).is_some_and(|most| most > i64::MAX / 16 * 15));
        assert_eq!(sketch.least(), Some(i64::MIN));
        assert_eq!(Sketch::default().quantile(0.5), None);
    }
}
