//! Text on one line inside a width, drawn by a painter: a widget per cell costs seven times as much.

use std::sync::Arc;

use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, Color32, FontId, Galley, Painter, Pos2, Rect, pos2};

use crate::gui::theme::{Look, Mark, Theme};

/// One line that ends in an ellipsis where it is longer than `width`.
pub fn line(painter: &Painter, text: &str, font: FontId, color: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = TextWrapping { max_width: width.max(1.0), max_rows: 1, break_anywhere: true, ..Default::default() };
    painter.layout_job(job)
}

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

/// The mark of an event type or service, as it stands beside its name.
pub fn chip(painter: &Painter, at: Pos2, radius: f32, look: Look, theme: &Theme) {
    let color = theme.color(look);
    let r = radius;
    let polygon = |points: Vec<Pos2>| egui::Shape::convex_polygon(points, color, egui::Stroke::NONE);
    match look.mark {
        Mark::Circle => {
            painter.circle_filled(at, r, color);
        }
        Mark::Square => {
            painter.rect_filled(Rect::from_center_size(at, egui::Vec2::splat(r * 1.8)), 1.0, color);
        }
        Mark::Diamond => {
            let d = r * 1.25;
            painter.add(polygon(vec![
                at - egui::vec2(0.0, d),
                at + egui::vec2(d, 0.0),
                at + egui::vec2(0.0, d),
                at - egui::vec2(d, 0.0),
            ]));
        }
        Mark::Triangle => {
            let d = r * 1.15;
            painter.add(polygon(vec![at - egui::vec2(0.0, d), at + egui::vec2(d, d), at + egui::vec2(-d, d)]));
        }
        Mark::Cross => {
            let stroke = egui::Stroke::new(2.0, color);
            painter.line_segment([at - egui::vec2(r, r), at + egui::vec2(r, r)], stroke);
            painter.line_segment([at + egui::vec2(-r, r), at + egui::vec2(r, -r)], stroke);
        }
    }
}

/// A line of text in the middle of nowhere: for rows that are not there yet.
pub fn placeholder(painter: &Painter, rect: Rect, color: Color32) {
    let bar = Rect::from_min_size(pos2(rect.left(), rect.center().y - 3.0), egui::vec2(rect.width().max(0.0), 6.0));
    painter.rect_filled(bar, 3.0, color);
}

/// Small text centred at a point.
pub fn centred(painter: &Painter, at: Pos2, text: &str, font: FontId, color: Color32) -> Rect {
    painter.text(at, Align2::CENTER_CENTER, text, font, color)
}
