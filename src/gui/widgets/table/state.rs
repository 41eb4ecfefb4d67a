//! Where a table is scrolled to: a whole row and a part of one, so that any length keeps its precision.

use std::ops::Range;

use egui::{Rect, Response, Ui};

use crate::gui::theme::ROW;

/// Kept by the caller between frames.
#[derive(Clone, Debug, Default)]
pub struct TableState {
    /// The first row that is (partly) visible.
    pub(super) first: u64,
    /// How much of it is scrolled away, from 0 to below 1.
    pub(super) part: f64,
    /// Points scrolled to the right.
    pub(super) x: f32,
    /// Scrolls there once the height is known.
    pub(super) target: Option<u64>,
    /// A column that is being dragged by its title, and where the pointer took it.
    pub(super) dragged: Option<(usize, f32)>,
    /// The bar was grabbed this far below the handle's top.
    pub(super) grab: f32,
}

impl TableState {
    /// Brings a row into view with the next frame: not at all where it is visible, else to the
    /// middle.
    pub fn reveal(&mut self, row: u64) {
        self.target = Some(row);
    }

    /// The first visible row.
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.first
    }

    pub(super) fn visible(&self, rows: u64, rows_high: f64) -> Range<u64> {
        let end = self.first.saturating_add((self.part + rows_high).ceil() as u64);
        self.first.min(rows)..end.min(rows)
    }

    /// Keeps the place inside the table, and goes where it was asked to.
    pub(super) fn settle(&mut self, rows: u64, rows_high: f64, widest_x: f32) {
        if let Some(row) = self.target.take() {
            let whole = self.first + u64::from(self.part > 0.0);
            let last_whole = self.first.saturating_add((self.part + rows_high).floor() as u64);
            if row < whole || row.saturating_add(1) > last_whole {
                self.first = row.saturating_sub((rows_high / 2.0).floor() as u64);
                self.part = 0.0;
            }
        }
        let (last_first, last_part) = last_place(rows, rows_high);
        if self.first > last_first || (self.first == last_first && self.part > last_part) {
            (self.first, self.part) = (last_first, last_part);
        }
        self.x = self.x.clamp(0.0, widest_x.max(0.0));
    }

    /// Moves by rows, of which there may be parts.
    pub(super) fn scroll_rows(&mut self, by: f64) {
        let place = self.part + by;
        let whole = place.floor();
        self.part = place - whole;
        if whole >= 0.0 {
            self.first = self.first.saturating_add(whole as u64);
        } else {
            let back = (-whole) as u64;
            if back > self.first {
                (self.first, self.part) = (0, 0.0);
            } else {
                self.first -= back;
            }
        }
    }

    pub(super) fn wheel(&mut self, ui: &Ui, response: &Response, body: Rect) {
        if !(response.contains_pointer() || ui.rect_contains_pointer(body)) {
            return;
        }
        let delta = ui.input_mut(|i| {
            let delta = i.smooth_scroll_delta;
            i.smooth_scroll_delta = egui::Vec2::ZERO;
            delta
        });
        self.scroll_rows(f64::from(-delta.y / ROW));
        self.x -= delta.x;
    }
}

/// The farthest place: the last row at the bottom.
pub(super) fn last_place(rows: u64, rows_high: f64) -> (u64, f64) {
    let hidden = (rows as f64 - rows_high).max(0.0);
    if hidden == 0.0 {
        return (0, 0.0);
    }
    let whole_high = rows_high.ceil();
    let first = rows.saturating_sub(whole_high as u64);
    (first, whole_high - rows_high)
}

impl TableState {
    /// Scrolls just as far as is needed: steps of the keyboard move the selection, not the page.
    pub(super) fn keep_visible(&mut self, row: u64, rows_high: f64) {
        let high = rows_high.floor().max(1.0) as u64;
        if row < self.first || (row == self.first && self.part > 0.0) {
            (self.first, self.part) = (row, 0.0);
        } else if row >= self.first.saturating_add(high) {
            (self.first, self.part) = (row.saturating_sub(high - 1), 0.0);
            if rows_high > rows_high.floor() {
                self.part = 1.0 - (rows_high - rows_high.floor());
                if self.first > 0 {
                    self.first -= 1;
                } else {
                    self.part = 0.0;
                }
                self.normalise();
            }
        }
    }

    fn normalise(&mut self) {
        if self.part >= 1.0 {
            self.first = self.first.saturating_add(1);
            self.part -= 1.0;
        }
    }
}
