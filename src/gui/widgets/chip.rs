//! The sign of an event type or service: its colour and its form.

use egui::{Color32, Painter, Pos2, Shape, Stroke, pos2, vec2};

use crate::gui::theme::{Look, Mark, Theme};

/// Draws the mark around `centre`; `size` is its whole width.
pub fn paint(painter: &Painter, centre: Pos2, size: f32, mark: Mark, color: Color32) {
    painter.add(shape(centre, size, mark, color));
}

/// The mark as a shape, for callers that collect many.
pub fn shape(centre: Pos2, size: f32, mark: Mark, color: Color32) -> Shape {
    let r = size * 0.5;
    let at = |x: f32, y: f32| pos2(centre.x + x * r, centre.y + y * r);
    let polygon = |points: Vec<Pos2>| Shape::convex_polygon(points, color, Stroke::NONE);
    match mark {
        Mark::Circle => Shape::circle_filled(centre, r, color),
        Mark::Square => Shape::rect_filled(egui::Rect::from_center_size(centre, vec2(size, size) * 0.86), 1.0, color),
        Mark::Diamond => polygon(vec![at(0.0, -1.1), at(1.1, 0.0), at(0.0, 1.1), at(-1.1, 0.0)]),
        Mark::Triangle => polygon(vec![at(0.0, -1.0), at(1.05, 0.85), at(-1.05, 0.85)]),
        Mark::Cross => {
            let stroke = Stroke::new((size * 0.22).max(1.5), color);
            Shape::Vec(vec![
                Shape::line_segment([at(-0.8, -0.8), at(0.8, 0.8)], stroke),
                Shape::line_segment([at(-0.8, 0.8), at(0.8, -0.8)], stroke),
            ])
        }
    }
}

/// The same for a look of the theme.
pub fn paint_look(painter: &Painter, centre: Pos2, size: f32, look: Look, theme: &Theme) {
    paint(painter, centre, size, look.mark, theme.color(look));
}
