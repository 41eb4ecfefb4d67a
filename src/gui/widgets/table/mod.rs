//! A table of any length. egui's own scroll areas keep their place in an `f32`, which breaks above a
//! million rows; this one keeps a `u64` first row and paints visible cells with one painter.
//!
//! The caller keeps a [`TableState`], gives columns and a function from row and column to a
//! [`Cell`], and gets back what a person did as a [`TableOutput`].

mod body;
mod header;
mod keys;
mod scroll;
mod state;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use egui::{Color32, Id, Rect, Sense, Ui, pos2};

use crate::gui::theme::{Look, ROW, Theme};

pub use state::TableState;

/// How one column looks; the order of the slice is the order on screen.
#[derive(Clone, Debug)]
pub struct Column<'a> {
    pub title: Cow<'a, str>,
    /// In points.
    pub width: f32,
    /// Numbers are aligned to the right.
    pub right: bool,
    /// In the font for ids, times and numbers.
    pub mono: bool,
    /// The arrow in the header: rising or falling.
    pub sorted: Option<Sort>,
    /// A click on the header means something.
    pub sortable: bool,
}

impl Column<'_> {
    /// Left-aligned, in an order that a person does not choose.
    #[must_use]
    pub const fn plain(title: &'static str, width: f32, mono: bool) -> Column<'static> {
        Column { title: Cow::Borrowed(title), width, right: false, mono, sorted: None, sortable: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Rising,
    Falling,
}

/// What one cell shows.
#[derive(Clone, Debug, Default)]
pub struct Cell<'a> {
    pub text: Cow<'a, str>,
    /// The theme's text colour where there is none.
    pub color: Option<Color32>,
    /// The mark before the text.
    pub look: Option<Look>,
    /// What stands out among its neighbours.
    pub strong: bool,
    /// The text is still being fetched: a bar in its place.
    pub pending: bool,
    /// Text that does not fit loses its beginning instead of its end.
    pub keeps_end: bool,
}

impl<'a> Cell<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    #[must_use]
    pub fn color(mut self, color: Color32) -> Self {
        self.color = Some(color);
        self
    }

    #[must_use]
    pub fn look(mut self, look: Look) -> Self {
        self.look = Some(look);
        self
    }

    #[must_use]
    pub fn keeps_end(mut self) -> Self {
        self.keeps_end = true;
        self
    }

    /// In the heavier weight.
    #[must_use]
    pub fn strong(mut self, strong: bool) -> Self {
        self.strong = strong;
        self
    }

    #[must_use]
    pub fn pending() -> Self {
        Self { pending: true, ..Self::default() }
    }
}

/// What a person did in this frame. Rows are the caller's, columns as given.
#[derive(Debug, Default)]
pub struct TableOutput {
    /// By a click or by the keyboard.
    pub selected: Option<u64>,
    pub double_clicked: Option<u64>,
    pub secondary_clicked: Option<(u64, usize)>,
    pub hovered: Option<(u64, usize)>,
    /// The copy key was pressed while the table had the keyboard.
    pub copy: bool,
    pub header_clicked: Option<usize>,
    pub header_secondary_clicked: bool,
    /// A new width, while it is dragged.
    pub resized: Option<(usize, f32)>,
    /// Double click on an edge: the width that fits is asked for.
    pub fit: Option<usize>,
    /// Dropped at another place: from, to.
    pub moved: Option<(usize, usize)>,
    /// Rows on screen, for those who fetch what they show.
    pub visible: Range<u64>,
    /// For context menus and focus.
    pub response: Option<egui::Response>,
}

/// See the module's documentation.
pub struct Table<'a> {
    pub id: Id,
    /// Read out by screen readers: `Events`.
    pub label: &'a str,
    pub columns: &'a [Column<'a>],
    pub rows: u64,
    pub selected: Option<u64>,
    /// Marked faintly: the same event under the pointer in another panel.
    pub hovered: Option<u64>,
}

/// Where things lie in this frame.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    pub header: Rect,
    pub body: Rect,
    /// Left edge and width of each column, scrolled.
    pub columns: Vec<(f32, f32)>,
}

impl Table<'_> {
    /// Draws into all the space that is left.
    pub fn show<'c>(
        &self,
        ui: &mut Ui,
        state: &mut TableState,
        mut cell: impl FnMut(u64, usize) -> Cell<'c>,
    ) -> TableOutput {
        let theme = Theme::from_ui(ui);
        let mut out = TableOutput::default();
        let (outer, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        let header = Rect::from_min_max(outer.min, pos2(outer.right(), outer.top() + ROW));
        let wide = self.columns.iter().map(|c| c.width).sum::<f32>();
        let bar = scroll::WIDTH;
        let body_width = (outer.width() - bar).max(0.0);
        let needs_bar_below = wide > body_width + 0.5;
        let bottom = if needs_bar_below { outer.bottom() - bar } else { outer.bottom() };
        let body = Rect::from_min_max(pos2(outer.left(), header.bottom()), pos2(outer.left() + body_width, bottom));
        if body.height() < 1.0 {
            return out;
        }
        let rows_high = f64::from(body.height() / ROW);
        state.settle(self.rows, rows_high, (wide - body_width).max(0.0));

        let response = ui.interact(body, self.id, Sense::click());
        state.wheel(ui, &response, body);
        keys::handle(ui, &response, self, rows_high, state, &mut out);
        state.settle(self.rows, rows_high, (wide - body_width).max(0.0));

        let mut left = outer.left() - state.x;
        let columns = self.columns.iter().map(|c| {
            let column = (left, c.width);
            left += c.width;
            column
        });
        let geometry = Geometry { header, body, columns: columns.collect() };
        body::draw(ui, theme, self, &geometry, state, &response, &mut cell, &mut out);
        header::draw(ui, theme, self, &geometry, state, &mut out);
        scroll::vertical(
            ui,
            theme,
            self.id,
            Rect::from_min_max(pos2(body.right(), body.top()), outer.max),
            self.rows,
            rows_high,
            state,
        );
        if needs_bar_below {
            let track = Rect::from_min_max(pos2(body.left(), bottom), pos2(body.right(), outer.bottom()));
            scroll::horizontal(ui, theme, self.id, track, wide, state);
        }
        out.visible = state.visible(self.rows, rows_high);
        out.response = Some(response);
        out
    }
}
