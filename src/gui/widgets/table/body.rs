//! The rows. One painter for all cells; each visible row is a place to click with a label of its own.

use egui::{Align2, CornerRadius, Rect, Response, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{Cell, Geometry, Table, TableOutput, TableState};
use crate::gui::theme::{self, BODY, GRID, ROW, Theme};
use crate::gui::widgets::{chip, parts, text};

#[expect(clippy::too_many_arguments, reason = "all of them are this frame's own, and nothing else is")]
pub(super) fn draw<'c>(
    ui: &Ui,
    theme: &Theme,
    table: &Table<'_>,
    geometry: &Geometry,
    state: &TableState,
    response: &Response,
    cell: &mut dyn FnMut(u64, usize) -> Cell<'c>,
    out: &mut TableOutput,
) {
    let body = geometry.body;
    let painter = ui.painter_at(body);
    let pointer = ui.input(|i| i.pointer.hover_pos()).filter(|p| body.contains(*p) && response.contains_pointer());
    let rows_high = f64::from(body.height() / ROW);
    let mut top = body.top() - state.part as f32 * ROW;
    for row in state.visible(table.rows, rows_high) {
        let rect = Rect::from_min_size(pos2(body.left(), top), vec2(body.width(), ROW));
        top += ROW;
        let under_pointer = pointer.is_some_and(|p| rect.contains(p));
        let ground = if table.selected == Some(row) {
            Some(theme.accent_soft)
        } else if under_pointer || table.hovered == Some(row) {
            Some(theme.hover)
        } else {
            None
        };
        if let Some(color) = ground {
            painter.rect_filled(rect, CornerRadius::ZERO, color);
        }
        if table.selected == Some(row) {
            let bar = Rect::from_min_size(rect.min, vec2(3.0, ROW));
            painter.rect_filled(bar, CornerRadius::ZERO, theme.accent);
        }
        let mut words = String::new();
        for (i, (&(left, width), column)) in geometry.columns.iter().zip(table.columns).enumerate() {
            let place = Rect::from_min_size(pos2(left, rect.top()), vec2(width, ROW));
            if place.right() < body.left() || place.left() > body.right() {
                continue;
            }
            let content = cell(row, i);
            if !content.text.is_empty() {
                if !words.is_empty() {
                    words.push_str(", ");
                }
                words.push_str(text::head(&content.text, 80));
            }
            paint_cell(&painter, theme, place, column.right, column.mono, &content);
            if under_pointer && pointer.is_some_and(|p| place.contains(p)) {
                out.hovered = Some((row, i));
            }
        }
        // Not focusable: the table as a whole is one stop of the Tab key.
        let id = table.id.with("row").with(row);
        let row_response = ui.interact(rect.intersect(body), id, Sense::CLICK);
        row_response.widget_info(|| WidgetInfo::selected(Role::Row, true, table.selected == Some(row), words.as_str()));
        if row_response.clicked() {
            out.selected = Some(row);
            response.request_focus();
        }
        if row_response.double_clicked() {
            out.double_clicked = Some(row);
        }
        if row_response.secondary_clicked() {
            out.secondary_clicked = Some((row, out.hovered.map_or(0, |(_, column)| column)));
        }
        if row_response.contains_pointer() && out.hovered.is_none() {
            out.hovered = Some((row, 0));
        }
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Table, true, table.label));
    if response.has_focus() {
        parts::focus_ring(ui.painter(), body.expand(1.0), theme);
    }
}

fn paint_cell(painter: &egui::Painter, theme: &Theme, place: Rect, right: bool, mono: bool, cell: &Cell<'_>) {
    let mut inner = place.shrink2(vec2(GRID * 2.0, 0.0));
    if cell.pending {
        let bar = Rect::from_center_size(inner.center(), vec2(inner.width().min(96.0), 6.0));
        let bar = bar.translate(vec2(inner.left() - bar.left(), 0.0));
        painter.rect_filled(bar, CornerRadius::same(3), theme.line);
        return;
    }
    if let Some(look) = cell.look {
        chip::paint_look(painter, pos2(inner.left() + 4.0, inner.center().y), 8.0, look, theme);
        inner.min.x += 16.0;
    }
    if cell.text.is_empty() || inner.width() < 4.0 {
        return;
    }
    let font = match (mono, cell.strong) {
        (true, false) => theme::mono(BODY - 1.0),
        (true, true) => egui::FontId::new(BODY - 1.0, egui::FontFamily::Name(theme::MONO_SEMIBOLD.into())),
        (false, false) => theme::sans(BODY),
        (false, true) => theme::semibold(BODY),
    };
    let color = cell.color.unwrap_or(theme.text);
    let cut = if cell.keeps_end { text::line_end } else { text::line };
    let galley = cut(painter, &cell.text, font, color, inner.width());
    let align = if right { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
    let at = align.align_size_within_rect(galley.size(), inner).min;
    let clipped = painter.with_clip_rect(painter.clip_rect().intersect(place));
    clipped.galley(at, galley, color);
}

/// A hairline below the header.
pub(super) fn line_below(painter: &egui::Painter, rect: Rect, theme: &Theme) {
    painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, theme.line));
}
