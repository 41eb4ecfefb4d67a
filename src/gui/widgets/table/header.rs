//! Column titles: click to sort, drag the title to move, drag the edge to resize.

use egui::{Align2, CornerRadius, CursorIcon, Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::{Geometry, Sort, Table, TableOutput, TableState, body};
use crate::gui::theme::{self, GRID, ROW, SMALL, Theme};
use crate::gui::widgets::{parts, text};

const NARROWEST: f32 = 32.0;

pub(super) fn draw(
    ui: &Ui,
    theme: &Theme,
    table: &Table<'_>,
    geometry: &Geometry,
    state: &mut TableState,
    out: &mut TableOutput,
) {
    let painter = ui.painter_at(geometry.header);
    painter.rect_filled(geometry.header, CornerRadius::ZERO, theme.raised);
    body::line_below(&painter, geometry.header, theme);
    for (i, (&(left, width), column)) in geometry.columns.iter().zip(table.columns).enumerate() {
        let rect = Rect::from_min_size(pos2(left, geometry.header.top()), vec2(width, ROW));
        if rect.right() < geometry.header.left() || rect.left() > geometry.header.right() {
            continue;
        }
        let id = table.id.with("title").with(i);
        let response = ui.interact(rect.intersect(geometry.header), id, Sense::click_and_drag());
        if response.hovered() && column.sortable {
            painter.rect_filled(rect, CornerRadius::ZERO, theme.hover);
        }
        let inner = rect.shrink2(vec2(GRID * 2.0, 0.0));
        let arrow = match column.sorted {
            Some(Sort::Rising) => " ↑",
            Some(Sort::Falling) => " ↓",
            None => "",
        };
        let title = format!("{}{arrow}", column.title);
        let color = if column.sorted.is_some() { theme.text } else { theme.muted };
        let galley = text::line(&painter, &title, theme::semibold(SMALL), color, inner.width());
        let align = if column.right { Align2::RIGHT_CENTER } else { Align2::LEFT_CENTER };
        let at = align.align_size_within_rect(galley.size(), inner).min;
        painter.galley(at, galley, color);
        painter.vline(rect.right() - 0.5, rect.shrink(5.0).y_range(), Stroke::new(1.0, theme.line));
        if response.has_focus() {
            parts::focus_ring(&painter, rect, theme);
        }
        response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, format!("{} column", column.title)));
        if response.clicked() && column.sortable {
            out.header_clicked = Some(i);
        }
        if response.secondary_clicked() {
            out.header_secondary_clicked = true;
        }
        moving(ui, theme, &response, i, geometry, state, out);
        resizing(ui, table, i, rect, column.width, out);
    }
}

fn moving(
    ui: &Ui,
    theme: &Theme,
    response: &egui::Response,
    i: usize,
    geometry: &Geometry,
    state: &mut TableState,
    out: &mut TableOutput,
) {
    if response.dragged()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        state.dragged = Some((i, pointer.x));
        let to = place_at(geometry, pointer.x);
        let x = geometry.columns.get(to).map_or_else(
            || geometry.columns.last().map_or(pointer.x, |&(left, width)| left + width),
            |&(left, _)| left,
        );
        ui.painter().vline(x, geometry.header.y_range(), Stroke::new(2.0, theme.accent));
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    if response.drag_stopped()
        && let Some((from, x)) = state.dragged.take()
    {
        let to = place_at(geometry, x);
        // Taking it out moves what lies behind it one place to the left.
        let to = if to > from { to - 1 } else { to };
        if to != from {
            out.moved = Some((from, to));
        }
    }
}

/// Before which column the pointer is.
fn place_at(geometry: &Geometry, x: f32) -> usize {
    geometry.columns.iter().position(|&(left, width)| x < left + width / 2.0).unwrap_or(geometry.columns.len())
}

fn resizing(ui: &Ui, table: &Table<'_>, i: usize, rect: Rect, width: f32, out: &mut TableOutput) {
    let edge = Rect::from_center_size(pos2(rect.right(), rect.center().y), vec2(8.0, rect.height()));
    let response = ui.interact(edge, table.id.with("edge").with(i), Sense::CLICK | Sense::DRAG);
    if response.hovered() || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::ResizeColumn);
    }
    if response.dragged()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        out.resized = Some((i, (pointer.x - rect.left()).max(NARROWEST)));
    } else if response.double_clicked() {
        out.fit = Some(i);
    }
    let _ = width;
}
