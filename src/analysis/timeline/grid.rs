//! Buckets of the horizontal axis: powers of two long and aligned to multiples of their length, so
//! that panning never shifts what an event is counted with, and zooming halves or doubles.

/// `len` buckets from the `first` multiple of `1 << shift` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Grid {
    pub first: i64,
    pub shift: u8,
    pub len: u32,
}

impl Grid {
    /// The finest grid with at most `most` buckets over `start..=end`.
    #[must_use]
    pub fn covering(start: i64, end: i64, most: u32) -> Self {
        let (start, end, most) = (start.min(end), start.max(end), most.max(2));
        let len = |shift: u8| (i128::from(end) >> shift) - (i128::from(start) >> shift) + 1;
        let shift = (0..=63).find(|&shift| len(shift) <= i128::from(most)).unwrap_or(63);
        Self { first: start >> shift, shift, len: len(shift) as u32 }
    }

    /// Places in one bucket.
    #[must_use]
    pub fn width(self) -> u64 {
        1 << self.shift
    }

    /// First place of the `i`-th bucket, also of the one after the last; held back where there are no
    /// such places any more.
    #[must_use]
    pub fn start_of(self, i: u32) -> i64 {
        let start = (i128::from(self.first) + i128::from(i)) << self.shift;
        start.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// The bucket a place falls into.
    #[must_use]
    pub fn bucket_of(self, at: i64) -> Option<u32> {
        let bucket = i128::from(at >> self.shift) - i128::from(self.first);
        u32::try_from(bucket).ok().filter(|&bucket| bucket < self.len)
    }

    /// Buckets that a stretch of places touches.
    pub(super) fn touched(self, first: i64, last: i64) -> std::ops::Range<u32> {
        let at = |place: i64| i128::from(place >> self.shift) - i128::from(self.first);
        let start = at(first).clamp(0, i128::from(self.len)) as u32;
        let end = (at(last) + 1).clamp(i128::from(start), i128::from(self.len).max(i128::from(start))) as u32;
        start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_place_has_its_bucket(a: i64, b: i64, most in 2_u32..5000, share in 0.0..=1.0_f64) {
            let (start, end) = (a.min(b), a.max(b));
            let grid = Grid::covering(start, end, most);
            prop_assert!(grid.len <= most && grid.len >= 1);
            prop_assert!(grid.shift == 0 || grid.len > most / 4, "no coarser than needed: {:?}", grid);
            let at = start.saturating_add(((end as f64 - start as f64) * share) as i64).clamp(start, end);
            let bucket = grid.bucket_of(at).expect("covered");
            prop_assert!(grid.start_of(bucket) <= at);
            prop_assert!(grid.start_of(bucket + 1) > at || grid.start_of(bucket + 1) == i64::MAX);
            prop_assert_eq!(grid.touched(at, at), bucket..bucket + 1);
            prop_assert_eq!(grid.touched(start, end), 0..grid.len);
        }
    }
}
