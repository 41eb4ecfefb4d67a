//! A shortcut drawn as the caps of its keys.

use egui::{Align2, Color32, CornerRadius, Rect, Response, Sense, Stroke, StrokeKind, Ui, vec2};

use crate::gui::theme::{self, GRID, SMALL, Theme};

/// Draws the caps in a row; reads as "Ctrl+K" to a screen reader.
pub fn caps(ui: &mut Ui, caps: &[String]) -> Response {
    let theme = Theme::from_ui(ui);
    let galleys: Vec<_> =
        caps.iter().map(|cap| ui.painter().layout_no_wrap(cap.clone(), theme::sans(SMALL), theme.muted)).collect();
    let widths: Vec<f32> = galleys.iter().map(|g| (g.size().x + 2.0 * GRID).max(18.0)).collect();
    let gaps = 2.0 * caps.len().saturating_sub(1) as f32;
    let (rect, response) = ui.allocate_exact_size(vec2(widths.iter().sum::<f32>() + gaps, 18.0), Sense::hover());
    let mut x = rect.left();
    for (galley, width) in galleys.into_iter().zip(widths) {
        let cap = Rect::from_min_size(egui::pos2(x, rect.top()), vec2(width, 18.0));
        ui.painter().rect(cap, CornerRadius::same(4), theme.panel, Stroke::new(1.0, theme.outline), StrokeKind::Inside);
        let at = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), cap).min;
        ui.painter().galley(at, galley, Color32::PLACEHOLDER);
        x += width + 2.0;
    }
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, caps.join("+")));
    response
}
