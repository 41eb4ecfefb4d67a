//! Text on one line inside a width, drawn by a painter: a widget per cell costs seven times as much.

use egui::{Align2, Color32, FontId, Mesh, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};

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

/// A line as two triangles: thousands of them are one shape.
pub fn mesh_line(mesh: &mut Mesh, a: Pos2, b: Pos2, width: f32, color: Color32) {
    let side = (b - a).normalized().rot90() * (width / 2.0);
    let first = mesh.vertices.len() as u32;
    for at in [a + side, a - side, b + side, b - side] {
        mesh.colored_vertex(pos2(at.x, at.y), color);
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first + 1, first + 2, first + 3);
}

/// The tip of an arrow that comes from this side: 1 from the left, −1 from the right.
pub fn tip(painter: &Painter, at: Pos2, side: f32, color: Color32) {
    let points = vec![at, at + vec2(-7.0 * side, -3.5), at + vec2(-7.0 * side, 3.5)];
    painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
}
