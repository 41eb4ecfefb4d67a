//! Which part of the window the pointer takes, and what a drag makes of the range.

use crate::app::state::AxisRange;

/// Reach of the pointer around an edge, in points.
const EDGE: f32 = 6.0;

/// What a drag moves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Grip {
    Start,
    End,
    /// The whole window; the place in it where it was taken.
    Inside(f64),
    /// A new window from this place.
    New(i64),
}

/// Points to places over a strip that shows `extent` in `width` points.
#[derive(Clone, Copy, Debug)]
pub struct Strip {
    pub extent: AxisRange,
    pub width: f32,
}

impl Strip {
    #[must_use]
    pub fn px(&self, at: i64) -> f32 {
        (self.extent.share_of(at) * f64::from(self.width)) as f32
    }

    #[must_use]
    pub fn place(&self, px: f32) -> i64 {
        let share = f64::from(px / self.width.max(1.0)).clamp(0.0, 1.0);
        self.extent.place_at(share)
    }

    /// What lies under the pointer. A window that is the whole log is not moved but drawn anew.
    #[must_use]
    pub fn grip(&self, window: Option<AxisRange>, px: f32) -> Grip {
        let Some(window) = window else { return Grip::New(self.place(px)) };
        let (start, end) = (self.px(window.start), self.px(window.end));
        // A narrow window keeps an inside to be taken by.
        let reach = EDGE.min((end - start) * 0.25 + 2.0);
        if (px - start).abs() <= reach {
            Grip::Start
        } else if (px - end).abs() <= reach {
            Grip::End
        } else if start < px && px < end {
            Grip::Inside(window.share_of(self.place(px)))
        } else {
            Grip::New(self.place(px))
        }
    }

    /// The range that a drag to `px` asks for.
    #[must_use]
    pub fn dragged(&self, grip: Grip, window: AxisRange, px: f32) -> AxisRange {
        let at = self.place(px);
        match grip {
            Grip::Start => AxisRange::new(at.min(window.end.saturating_sub(1)), window.end),
            Grip::End => AxisRange::new(window.start, at.max(window.start.saturating_add(1))),
            Grip::Inside(share) => window.shifted(at as f64 - (window.start as f64 + window.len() * share)),
            Grip::New(from) => AxisRange::new(from, at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIP: Strip = Strip { extent: AxisRange { start: 0, end: 1_000 }, width: 500.0 };
    const WINDOW: AxisRange = AxisRange { start: 200, end: 400 };

    #[test]
    fn the_pointer_takes_what_is_under_it() {
        for (px, expected) in [
            (101.0, Grip::Start),
            (197.0, Grip::End),
            (150.0, Grip::Inside(0.5)),
            (50.0, Grip::New(100)),
            (400.0, Grip::New(800)),
        ] {
            assert_eq!(STRIP.grip(Some(WINDOW), px), expected, "at {px}");
        }
        assert_eq!(STRIP.grip(None, 100.0), Grip::New(200));
        let narrow = AxisRange { start: 300, end: 308 };
        assert!(matches!(STRIP.grip(Some(narrow), 152.0), Grip::Inside(_) | Grip::Start), "still can be moved");
    }

    #[test]
    fn drags_move_edges_windows_and_draw_new_ones() {
        let to = |grip, px| STRIP.dragged(grip, WINDOW, px);
        assert_eq!(to(Grip::Start, 50.0), AxisRange { start: 100, end: 400 });
        assert_eq!(to(Grip::End, 50.0), AxisRange { start: 200, end: 201 }, "edges do not cross");
        assert_eq!(to(Grip::Inside(0.5), 250.0), AxisRange { start: 400, end: 600 });
        assert_eq!(to(Grip::New(600), 200.0), AxisRange { start: 400, end: 600 });
    }
}
