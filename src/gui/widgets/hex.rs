//! Bytes as offset, hexadecimal and text, sixteen a row, drawn by one painter: only visible rows are
//! formatted, so size does not matter.

use std::fmt::Write as _;

use egui::{Color32, ScrollArea, Sense, Ui, pos2, vec2};

use crate::gui::theme::{self, BODY, GRID, Theme};

const PER_ROW: usize = 16;
const ROW_HEIGHT: f32 = 16.0;

/// Shows the bytes; `base` is the offset of the first one, for the left column. More than 64 MiB
/// never come here (see `MAX_RECORD_BYTES`), so rows fit egui's scroll area.
pub fn show(ui: &mut Ui, bytes: &[u8], base: u64) {
    let theme = Theme::from_ui(ui);
    let rows = bytes.len().div_ceil(PER_ROW).max(1);
    let font = theme::mono(BODY);
    let char_width = ui.fonts_mut(|f| f.glyph_width(&font, '0'));
    let digits = format!("{:x}", base + bytes.len() as u64).len().max(6);
    ScrollArea::both().auto_shrink(false).show_rows(ui, ROW_HEIGHT, rows, |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let width = char_width * (digits + 2 + PER_ROW * 3 + 2 + PER_ROW) as f32 + GRID * 2.0;
        for row in range {
            let start = row * PER_ROW;
            let chunk = bytes.get(start..bytes.len().min(start + PER_ROW)).unwrap_or_default();
            let (rect, response) = ui.allocate_exact_size(vec2(width, ROW_HEIGHT + GRID), Sense::hover());
            let y = rect.center().y;
            let text = |x: f32, text: String, color: Color32| {
                ui.painter().text(pos2(rect.left() + x, y), egui::Align2::LEFT_CENTER, text, font.clone(), color);
            };
            text(GRID, format!("{:0digits$x}", base + start as u64), theme.faint);
            let mut hex = String::with_capacity(PER_ROW * 3 + 1);
            for (i, byte) in chunk.iter().enumerate() {
                let gap = if i == PER_ROW / 2 {
                    "  "
                } else if i == 0 {
                    ""
                } else {
                    " "
                };
                let written = write!(hex, "{gap}{byte:02x}");
                debug_assert!(written.is_ok(), "writing to a String cannot fail");
            }
            let ascii: String =
                chunk.iter().map(|&b| if (0x20..0x7f).contains(&b) { char::from(b) } else { '·' }).collect();
            let label = format!("{hex} {ascii}");
            text(GRID + char_width * (digits + 2) as f32, hex, theme.text);
            text(GRID + char_width * (digits + 2 + PER_ROW * 3 + 2) as f32, ascii, theme.muted);
            response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, label.clone()));
        }
    });
}
