//! Lists of any length: where they are scrolled to, and their bar.

use egui::{Rect, Sense, Ui, pos2, vec2};

use crate::gui::theme::Theme;

/// Width of the bar in points.
pub const BAR: f32 = 10.0;

/// Vertical place in a list of any length: a whole row and the part of it that is scrolled away.
/// One `f32` for both would lose rows above a few million points.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RowScroll {
    pub first: u64,
    /// Points of the first row above the edge, 0 to the row's height.
    pub part: f32,
}

impl RowScroll {
    /// Moves by `delta` points (positive: towards the end) and stays inside the list.
    #[must_use]
    pub fn moved(self, delta: f32, rows: u64, row_height: f32, view_height: f32) -> Self {
        let exact = f64::from(self.part) + f64::from(delta);
        let steps = (exact / f64::from(row_height)).floor();
        let part = (exact - steps * f64::from(row_height)) as f32;
        let first = if steps < 0.0 {
            let back = (-steps) as u64;
            if back > self.first {
                return Self::default();
            }
            self.first - back
        } else {
            self.first.saturating_add(steps as u64)
        };
        Self { first, part }.clamped(rows, row_height, view_height)
    }

    /// The nearest place that leaves no empty room below while there is something above.
    #[must_use]
    pub fn clamped(self, rows: u64, row_height: f32, view_height: f32) -> Self {
        let last = Self::last(rows, row_height, view_height);
        if self.first > last.first || (self.first == last.first && self.part > last.part) { last } else { self }
    }

    /// Scrolled so that `row` is inside, moving as little as possible.
    #[must_use]
    pub fn showing(self, row: u64, rows: u64, row_height: f32, view_height: f32) -> Self {
        if row < self.first || (row == self.first && self.part > 0.0) {
            return Self { first: row, part: 0.0 }.clamped(rows, row_height, view_height);
        }
        let whole = (view_height / row_height).floor().max(1.0) as u64;
        if row < self.first + whole.saturating_sub(u64::from(self.part > 0.0)) {
            return self.clamped(rows, row_height, view_height);
        }
        let room = view_height - whole as f32 * row_height;
        let first = (row + 1).saturating_sub(whole);
        let up = if room > 0.0 && first > 0 {
            Self { first: first - 1, part: row_height - room }
        } else {
            Self { first, part: 0.0 }
        };
        up.clamped(rows, row_height, view_height)
    }

    /// Share of the list above the view and share in view, for the scroll bar.
    #[must_use]
    pub fn shares(self, rows: u64, row_height: f32, view_height: f32) -> (f32, f32) {
        if rows == 0 {
            return (0.0, 1.0);
        }
        let total = rows as f64 * f64::from(row_height);
        let above = self.first as f64 * f64::from(row_height) + f64::from(self.part);
        ((above / total) as f32, (f64::from(view_height) / total).min(1.0) as f32)
    }

    /// The place whose share above the view is `share`.
    #[must_use]
    pub fn at_share(share: f32, rows: u64, row_height: f32, view_height: f32) -> Self {
        let exact = f64::from(share.clamp(0.0, 1.0)) * rows as f64;
        let part = (exact.fract() * f64::from(row_height)) as f32;
        Self { first: exact.floor() as u64, part }.clamped(rows, row_height, view_height)
    }

    fn last(rows: u64, row_height: f32, view_height: f32) -> Self {
        let hidden = rows as f64 * f64::from(row_height) - f64::from(view_height);
        if hidden <= 0.0 {
            return Self::default();
        }
        let first = (hidden / f64::from(row_height)).floor();
        Self { first: first as u64, part: (hidden - first * f64::from(row_height)) as f32 }
    }
}

/// Draws the bar at the right of `body` and takes its input; `label` says what it scrolls.
pub fn bar(ui: &Ui, body: Rect, scroll: &mut RowScroll, rows: u64, row_height: f32, label: &str) {
    let height = body.height();
    let (above, shown) = scroll.shares(rows, row_height, height);
    if shown >= 1.0 {
        return;
    }
    let track = Rect::from_min_size(body.right_top(), vec2(BAR, height));
    let thumb_height = (shown * height).max(24.0);
    let free = (height - thumb_height).max(1.0);
    let share = above / (1.0 - shown).max(1e-9);
    let thumb =
        Rect::from_min_size(pos2(track.left() + 2.0, track.top() + share * free), vec2(BAR - 4.0, thumb_height));
    let response = ui.interact(track, ui.scope_id().with(label), Sense::drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ScrollBar, true, label));
    let theme = Theme::from_ui(ui);
    let color = if response.hovered() || response.dragged() { theme.muted } else { theme.outline };
    ui.painter().rect_filled(thumb, 3.0, color);
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged() || response.drag_started()) {
        let share = ((pointer.y - track.top() - thumb_height * 0.5) / free).clamp(0.0, 1.0);
        *scroll = RowScroll::at_share(share * (1.0 - shown), rows, row_height, height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scrolling_stays_inside_and_exact_far_down() {
        let (rows, h, view) = (10_000_000, 22.0, 500.0);
        let end = RowScroll::default().moved(f32::MAX, rows, h, view);
        assert_eq!(end.first, 10_000_000 - 23, "22.7 rows fit");
        let up = end.moved(-1.0, rows, h, view);
        assert!((up.part - (end.part - 1.0)).abs() < 0.01, "a point is a point, even at row ten million");
        assert_eq!(RowScroll::default().moved(-5.0, rows, h, view), RowScroll::default());
        assert_eq!(RowScroll { first: 9, part: 3.0 }.moved(100.0, 4, h, view), RowScroll::default(), "all fits");
    }

    #[test]
    fn showing_a_row_moves_no_further_than_needed() {
        let (rows, h, view) = (1000, 20.0, 110.0);
        let at = RowScroll { first: 100, part: 0.0 };
        assert_eq!(at.showing(102, rows, h, view), at);
        assert_eq!(at.showing(99, rows, h, view), RowScroll { first: 99, part: 0.0 });
        assert_eq!(
            at.showing(105, rows, h, view),
            RowScroll { first: 100, part: 10.0 },
            "the row's end meets the edge"
        );
        let (above, shown) = at.shares(rows, h, view);
        assert!((above - 0.1).abs() < 1e-6 && (shown - 0.0055).abs() < 1e-6);
        assert_eq!(RowScroll::at_share(0.1, rows, h, view).first, 100);
    }
}
