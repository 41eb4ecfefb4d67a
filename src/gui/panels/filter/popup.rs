//! The completions below the bar.

use egui::{RichText, Sense, Ui, vec2};

use super::model::Draft;
use crate::gui::panels::parts::paint;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{GRID, ROW, SMALL, Theme, mono, sans};

/// Draws the offers; gives the one that was clicked.
pub fn offers_ui(ui: &mut Ui, draft: &Draft, theme: &Theme) -> Option<usize> {
    let mut clicked = None;
    ui.spacing_mut().item_spacing.y = 0.0;
    for (i, offer) in draft.offers.iter().enumerate() {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
        let painter = ui.painter_at(rect);
        if draft.chosen == Some(i) {
            painter.rect_filled(rect, 4.0, theme.accent_soft);
        } else if response.hovered() {
            painter.rect_filled(rect, 4.0, theme.hover);
        }
        let inner = rect.shrink2(vec2(GRID * 2.0, 0.0));
        let from = paint::right(&painter, inner.with_min_x(inner.center().x), &offer.note, sans(SMALL), theme.muted);
        paint::left(&painter, inner.with_max_x(from - GRID * 2.0), &one_line(&offer.text, 80), mono(12.0), theme.text);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ListBoxOption, true, &offer.text));
        if response.clicked() {
            clicked = Some(i);
        }
    }
    ui.add_space(GRID);
    ui.horizontal(|ui| {
        ui.add_space(GRID * 2.0);
        let keys = "↑ ↓ choose   Tab takes   Enter applies the filter";
        ui.label(RichText::new(keys).size(SMALL).color(theme.faint));
    });
    clicked
}
