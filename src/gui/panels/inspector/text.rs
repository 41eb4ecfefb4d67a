//! Stored bytes as text, never made prettier: lines as they are, long ones broken where the panel
//! ends, what cannot be seen written out. Only visible rows are laid out.

use std::ops::Range;

use egui::{ScrollArea, Ui, pos2};

use crate::gui::theme::{GRID, Theme, mono};
use crate::gui::widgets::text::visible;

const SIZE: f32 = 12.0;
const ROW: f32 = 16.0;

/// Rows of a text at one width.
#[derive(Debug, Default)]
pub struct Wrapped {
    per_row: usize,
    len: usize,
    rows: Vec<Range<usize>>,
}

impl Wrapped {
    /// Breaks at newlines and after `per_row` characters; kept while neither text nor width change.
    pub fn wrap(&mut self, bytes: &[u8], per_row: usize) {
        let per_row = per_row.max(8);
        if self.per_row == per_row && self.len == bytes.len() && !self.rows.is_empty() {
            return;
        }
        *self = Self { per_row, len: bytes.len(), rows: rows(bytes, per_row) };
    }

    pub fn forget(&mut self) {
        *self = Self::default();
    }
}

fn rows(bytes: &[u8], per_row: usize) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let end = start + line.len() - usize::from(line.ends_with(b"\n"));
        let mut from = start;
        while end - from > per_row {
            let mut to = from + per_row;
            // Not inside a character.
            while to > from + 1 && bytes.get(to).is_some_and(|b| b & 0xC0 == 0x80) {
                to -= 1;
            }
            out.push(from..to);
            from = to;
        }
        out.push(from..end);
        start += line.len();
    }
    if out.is_empty() {
        out.push(0..0);
    }
    out
}

/// Draws the text into what is left of `ui`.
pub fn text_ui(ui: &mut Ui, bytes: &[u8], wrapped: &mut Wrapped) {
    let theme = Theme::from_ui(ui);
    let font = mono(SIZE);
    let char_width = ui.fonts_mut(|f| f.glyph_width(&font, '0')).max(1.0);
    wrapped.wrap(bytes, ((ui.available_width() - 4.0 * GRID - 8.0) / char_width) as usize);
    let rows = &wrapped.rows;
    ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, rows.len(), |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for at in range {
            let piece = rows.get(at).and_then(|r| bytes.get(r.clone())).unwrap_or_default();
            let (rect, response) =
                ui.allocate_exact_size(egui::vec2(ui.available_width(), ROW + GRID), egui::Sense::hover());
            let text = String::from_utf8_lossy(piece);
            let shown = visible(&text).into_owned();
            let galley = ui.painter().layout_no_wrap(shown.clone(), font.clone(), theme.text);
            let y = rect.center().y - galley.size().y * 0.5;
            ui.painter().galley(pos2(rect.left() + GRID * 2.0, y), galley, theme.text);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &shown));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_every_byte_but_newlines() {
        for (text, per_row, expected) in [
            ("abc\ndef", 10, vec!["abc", "def"]),
            ("abcdefghij", 4, vec!["abcd", "efgh", "ij"]),
            ("ääää", 3, vec!["ä", "ä", "ä", "ä"]),
            ("a\n\nb\n", 10, vec!["a", "", "b"]),
            ("", 10, vec![""]),
        ] {
            let found: Vec<&str> = rows(text.as_bytes(), per_row).into_iter().map(|r| &text[r]).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_broken_too() {
        let bytes = [0x80_u8; 100];
        let total: usize = rows(&bytes, 8).iter().map(ExactSizeIterator::len).sum();
        assert_eq!(total, 100);
    }
}
