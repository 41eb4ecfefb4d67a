//! Text on one line inside a width, drawn by a painter: a widget per cell costs seven times as much.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, pos2};

use crate::gui::widgets::text::line;

/// Draws one line vertically centred in `rect`, at its left edge; returns where it ends.
pub fn left(painter: &Painter, rect: Rect, text: &str, font: FontId, color: Color32) -> f32 {
    if text.is_empty() || rect.width() < 4.0 {
        return rect.left();
    }
    let galley = line(painter, text, font, color, rect.width());
    let at = pos2(rect.left(), rect.center().y - galley.size().y * 0.5);
    let end = at.x + galley.size().x;
    painter.galley(at, galley, color);
    end
}

/// The same at the right edge; returns where it begins.
pub fn right(painter: &Painter, rect: Rect, text: &str, font: FontId, color: Color32) -> f32 {
    if text.is_empty() || rect.width() < 4.0 {
        return rect.right();
    }
    let galley = line(painter, text, font, color, rect.width());
    let at = pos2(rect.right() - galley.size().x, rect.center().y - galley.size().y * 0.5);
    painter.galley(at, galley, color);
    at.x
}

/// Small text centred at a point.
pub fn centred(painter: &Painter, at: Pos2, text: &str, font: FontId, color: Color32) -> Rect {
    painter.text(at, Align2::CENTER_CENTER, text, font, color)
}
