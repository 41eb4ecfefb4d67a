//! Scroll bars whose handle stays graspable and exact at any number of rows.

use egui::{CornerRadius, Id, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::TableState;
use super::state::last_place;
use crate::gui::theme::Theme;

/// Of a bar with its margins, in points.
pub const WIDTH: f32 = 12.0;
const SHORTEST_HANDLE: f32 = 24.0;

pub(super) fn vertical(ui: &Ui, theme: &Theme, id: Id, track: Rect, rows: u64, rows_high: f64, state: &mut TableState) {
    let (last, last_part) = last_place(rows, rows_high);
    let farthest = last as f64 + last_part;
    if farthest <= 0.0 {
        return;
    }
    let track = track.shrink(2.0);
    let len = handle_len((rows_high / rows as f64) as f32, track.height());
    let room = (track.height() - len).max(1.0);
    let share = ((state.first as f64 + state.part) / farthest).clamp(0.0, 1.0) as f32;
    let handle = Rect::from_min_size(pos2(track.left(), track.top() + share * room), vec2(track.width(), len));
    let response = ui.interact(track.expand(2.0), id.with("scroll"), Sense::CLICK | Sense::DRAG);
    if let Some(pointer) = response.interact_pointer_pos() {
        if response.drag_started() || response.clicked() {
            let inside = handle.y_range().contains(pointer.y);
            state.grab = if inside { pointer.y - handle.top() } else { len / 2.0 };
        }
        if response.dragged() || response.clicked() {
            let share = f64::from(((pointer.y - state.grab - track.top()) / room).clamp(0.0, 1.0));
            let place = share * farthest;
            state.first = place.floor() as u64;
            state.part = place - place.floor();
        }
    }
    paint(ui, theme, handle, &response);
    response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "Rows"));
}

pub(super) fn horizontal(ui: &Ui, theme: &Theme, id: Id, track: Rect, wide: f32, state: &mut TableState) {
    let visible = track.width();
    let farthest = wide - visible;
    let track = track.shrink(2.0);
    let len = handle_len(visible / wide, track.width());
    let room = (track.width() - len).max(1.0);
    let left = track.left() + state.x / farthest * room;
    let handle = Rect::from_min_size(pos2(left, track.top()), vec2(len, track.height()));
    let response = ui.interact(track.expand(2.0), id.with("scroll x"), Sense::CLICK | Sense::DRAG);
    if let Some(pointer) = response.interact_pointer_pos() {
        if response.drag_started() || response.clicked() {
            let inside = handle.x_range().contains(pointer.x);
            state.grab = if inside { pointer.x - handle.left() } else { len / 2.0 };
        }
        if response.dragged() || response.clicked() {
            state.x = ((pointer.x - state.grab - track.left()) / room).clamp(0.0, 1.0) * farthest;
        }
    }
    paint(ui, theme, handle, &response);
    response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, "Columns"));
}

fn paint(ui: &Ui, theme: &Theme, handle: Rect, response: &egui::Response) {
    let hot = response.hovered() || response.dragged();
    let color = if hot { theme.faint } else { theme.outline };
    ui.painter().rect_filled(handle, CornerRadius::same(4), color);
}

/// A handle that can be grabbed, but never longer than its track, which may be hardly there.
fn handle_len(share: f32, track: f32) -> f32 {
    (share * track).max(SHORTEST_HANDLE).min(track.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_fits_into_every_track() {
        for (share, track, expected) in
            [(0.5, 200.0, 100.0), (0.001, 200.0, SHORTEST_HANDLE), (0.5, 13.5, 13.5), (0.5, -4.0, 0.0)]
        {
            assert!((handle_len(share, track) - expected).abs() < 1e-3, "{share} of {track}");
        }
    }
}
