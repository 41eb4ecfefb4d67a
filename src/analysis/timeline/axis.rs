//! The horizontal axis: places (nanoseconds, or positions of events where a log has no times) to
//! points on screen and back. Silent gaps can be collapsed to a fixed width each.
//!
//! The mapping goes on beyond the visible range, so that panning across a gap is continuous. All
//! differences are taken as integers first: an `f64` alone would lose the last 128 ns of a date.

/// A long stretch without events, between the event before and the event after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub start: i64,
    pub end: i64,
}

/// Width of a collapsed gap in points.
pub const GAP_WIDTH: f64 = 32.0;

/// How many times its collapsed width a gap must take up before it is collapsed.
const WORTH: f64 = 1.5;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    start: i64,
    end: i64,
    width: f64,
    /// Collapsed gaps in order, with the time without gaps before each.
    gaps: Vec<(Gap, i64)>,
    /// Points per unit outside of gaps.
    scale: f64,
    gap_width: f64,
}

impl Axis {
    /// `start < end`; `width` in points; `gaps` in order and apart from each other, empty to collapse
    /// none. Gaps that would hardly shrink at this zoom stay as they are.
    #[must_use]
    pub fn new(start: i64, end: i64, width: f64, gaps: &[Gap]) -> Self {
        let end = end.max(start.saturating_add(1));
        let width = width.max(1.0);
        let len = difference(end, start);
        let mut axis = Self { start, end, width, gaps: Vec::new(), scale: width / len, gap_width: GAP_WIDTH };
        let mut collapsed = 0_i64;
        for &gap in gaps {
            if gap.start < gap.end && difference(gap.end, gap.start) * axis.scale > GAP_WIDTH * WORTH {
                axis.gaps.push((gap, gap.start.saturating_sub(collapsed)));
                collapsed = collapsed.saturating_add(gap.end.saturating_sub(gap.start));
            }
        }
        let (live_a, part_a) = axis.place(start);
        let (live_b, part_b) = axis.place(end);
        let (live, parts) = (difference(live_b, live_a), part_b - part_a);
        if live < 1.0 {
            // All of the range is silent: nothing is left that a gap could be told from.
            axis.gaps.clear();
        } else if parts > 0.0 {
            axis.gap_width = GAP_WIDTH.min(width * 0.5 / parts);
            axis.scale = (width - parts * axis.gap_width) / live;
        }
        axis
    }

    #[must_use]
    pub fn range(&self) -> (i64, i64) {
        (self.start, self.end)
    }

    #[must_use]
    pub fn width(&self) -> f64 {
        self.width
    }

    /// Points per unit outside of gaps.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// Points from the left edge; negative, or beyond the width, for what is out of sight.
    #[must_use]
    pub fn px_from_time(&self, t: i64) -> f64 {
        if self.gaps.is_empty() {
            return difference(t, self.start) * self.scale;
        }
        let (live, part) = self.place(t);
        let (live_0, part_0) = self.place(self.start);
        difference(live, live_0) * self.scale + (part - part_0) * self.gap_width
    }

    /// The place under a point.
    #[must_use]
    pub fn time_from_px(&self, px: f64) -> i64 {
        if self.gaps.is_empty() {
            return offset(self.start, px / self.scale);
        }
        // The last gap whose start is at or left of the point.
        let before = self.gaps.partition_point(|(gap, _)| self.px_from_time(gap.start) <= px);
        let Some((gap, _)) = before.checked_sub(1).and_then(|i| self.gaps.get(i)) else {
            let first = self.gaps.first().map_or(self.start, |(gap, _)| gap.start);
            return offset(first, (px - self.px_from_time(first)) / self.scale);
        };
        let inside = px - self.px_from_time(gap.start);
        if inside <= self.gap_width {
            return offset(gap.start, inside / self.gap_width * difference(gap.end, gap.start));
        }
        offset(gap.end, (inside - self.gap_width) / self.scale)
    }

    /// Collapsed gaps in sight with their edges in points.
    pub fn collapsed(&self) -> impl Iterator<Item = (Gap, f64, f64)> + '_ {
        self.gaps
            .iter()
            .map(|&(gap, _)| (gap, self.px_from_time(gap.start), self.px_from_time(gap.end)))
            .filter(|&(_, left, right)| right > 0.0 && left < self.width)
    }

    /// The visible stretches between collapsed gaps.
    #[must_use]
    pub fn stretches(&self) -> Vec<(i64, i64)> {
        let mut out = Vec::new();
        let mut from = self.start;
        for (gap, _) in &self.gaps {
            if gap.end <= self.start || gap.start >= self.end {
                continue;
            }
            if gap.start > from {
                out.push((from, gap.start));
            }
            from = gap.end;
        }
        if from < self.end {
            out.push((from, self.end));
        }
        out
    }

    /// Zoomed around a point of the screen that keeps its place in time.
    #[must_use]
    pub fn zoomed(&self, px: f64, factor: f64) -> (i64, i64) {
        let left = self.time_from_px(px - px * factor);
        let right = self.time_from_px(px + (self.width - px) * factor);
        (left.min(right.saturating_sub(1)), right)
    }

    /// Moved so that what was at `px` points is now at the left edge.
    #[must_use]
    pub fn panned(&self, px: f64) -> (i64, i64) {
        let left = self.time_from_px(px);
        let right = self.time_from_px(px + self.width);
        if self.gaps.is_empty() {
            // Both ends by the same integer, or rounding would make the range breathe.
            return (left, left.saturating_add(self.end.saturating_sub(self.start)));
        }
        (left, right.max(left.saturating_add(1)))
    }

    /// Time without gaps up to `t`, and gaps up to `t` (a share of the one that `t` lies in).
    fn place(&self, t: i64) -> (i64, f64) {
        let before = self.gaps.partition_point(|(gap, _)| gap.start <= t);
        let Some(&(gap, live)) = before.checked_sub(1).and_then(|i| self.gaps.get(i)) else { return (t, 0.0) };
        if t >= gap.end {
            return (live.saturating_add(t.saturating_sub(gap.end)), before as f64);
        }
        let share = difference(t, gap.start) / difference(gap.end, gap.start);
        (live, (before - 1) as f64 + share)
    }
}

/// `a` − `b`: two instants of our days are exact as numbers, but not as `f64`.
pub fn difference(a: i64, b: i64) -> f64 {
    (i128::from(a) - i128::from(b)) as f64
}

fn offset(from: i64, by: f64) -> i64 {
    let exact = i128::from(from) + by.clamp(-2e19, 2e19) as i128;
    exact.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const H: i64 = 3_600_000_000_000;

    #[test]
    fn a_collapsed_gap_is_as_wide_as_any_other() {
        let gaps = [Gap { start: H, end: 4 * H }, Gap { start: 5 * H, end: 95 * H }];
        let axis = Axis::new(0, 96 * H, 400.0, &gaps[1..]);
        let px = |t: i64| axis.px_from_time(t);
        assert!((px(95 * H) - px(5 * H) - GAP_WIDTH).abs() < 1e-9);
        assert!((px(96 * H) - 400.0).abs() < 1e-9 && px(0).abs() < 1e-9);
        assert_eq!(axis.stretches(), [(0, 5 * H), (95 * H, 96 * H)]);
        assert_eq!(axis.collapsed().count(), 1);
        // At this zoom the short gap is hardly wider than its mark, so it stays.
        assert_eq!(Axis::new(0, 96 * H, 400.0, &gaps).collapsed().count(), 1);
        assert_eq!(Axis::new(0, 96 * H, 4_000.0, &gaps).collapsed().count(), 2);
    }

    #[test]
    fn a_range_inside_a_gap_is_shown_as_it_is() {
        let axis = Axis::new(10 * H, 20 * H, 500.0, &[Gap { start: 0, end: 100 * H }]);
        assert_eq!(axis.collapsed().count(), 0);
        assert!((axis.px_from_time(15 * H) - 250.0).abs() < 1e-9);
    }

    #[test]
    fn zooming_keeps_the_place_under_the_pointer() {
        let axis = Axis::new(1_000, 2_000, 100.0, &[]);
        let (start, end) = axis.zoomed(25.0, 0.5);
        assert_eq!((start, end), (1_125, 1_625));
        assert_eq!(axis.panned(10.0), (1_100, 2_100));
    }

    #[test]
    fn nanoseconds_survive_beside_dates() {
        let t = 1_771_237_800_412_345_678;
        let axis = Axis::new(t, t + 1_000, 1_000.0, &[]);
        assert!((axis.px_from_time(t + 1) - 1.0).abs() < 1e-9);
        assert_eq!(axis.time_from_px(7.0), t + 7);
    }

    proptest! {
        #[test]
        fn points_and_times_are_inverse(
            start in -1_000_i64..1_000, len in 1_000_i64..1_000_000, width in 50.0..4_000.0_f64,
            cuts in proptest::collection::btree_set(-2_000_i64..1_000_000, 0..9), at in -0.5..1.5_f64,
        ) {
            let cuts: Vec<i64> = cuts.into_iter().collect();
            let gaps: Vec<Gap> = cuts.chunks_exact(2).map(|c| Gap { start: c[0], end: c[1] }).collect();
            let axis = Axis::new(start, start + len, width, &gaps);
            prop_assert!((axis.px_from_time(start + len) - width).abs() < 1e-6);
            let t = start + (len as f64 * at) as i64;
            let back = axis.time_from_px(axis.px_from_time(t));
            prop_assert!((back - t).abs() <= 1, "{} became {}", t, back);
            prop_assert!(axis.px_from_time(t + 1) >= axis.px_from_time(t));
        }

        #[test]
        fn no_range_is_too_wild(start: i64, end: i64, px in -1e6..1e6_f64) {
            let axis = Axis::new(start.min(end), start.max(end), 800.0, &[Gap { start: -5, end: 5 }]);
            let _ = axis.zoomed(px, 1e9);
            let (a, b) = axis.zoomed(px, 1e-30);
            prop_assert!(a <= b);
            let _ = (axis.panned(px), axis.stretches());
        }
    }
}
