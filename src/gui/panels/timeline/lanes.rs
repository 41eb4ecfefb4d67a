//! Draws the rows in sight: grounds, lines and marks as one mesh, then the labels.

use egui::{Color32, FontId, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::cells::{Cell, Lanes};
use super::hit::{Placed, placed};
use super::marks::{MarkMesh, strength};
use super::model::{LaneView, RowView};
use crate::analysis::timeline::axis::Axis;
use crate::app::state::ColorBy;
use crate::gui::panels::parts::paint;
use crate::gui::panels::parts::preview::middle_cut;
use crate::gui::theme::{BODY, GRID, Look, Looks, ROW, SMALL, Theme, mono, sans, semibold};
use crate::model::ids::{EventIx, KindIx};

/// Half the height of a bar.
const BAR: f32 = 6.0;

/// Radius of a mark.
pub const MARK: f32 = 4.0;

/// The frame's picture of the lanes.
pub struct LanePicture<'a> {
    pub axis: &'a Axis,
    pub lanes: Option<&'a Lanes>,
    /// Length of the cells that `lanes` was counted in.
    pub cell: i64,
    pub theme: &'a Theme,
    pub looks: &'a Looks,
    pub color_by: ColorBy,
    /// Lanes stand under headers that name their kind.
    pub grouped: bool,
    pub selected: Option<EventIx>,
    /// The selected event's place.
    pub selected_at: Option<i64>,
    pub hovered: Option<EventIx>,
}

impl LanePicture<'_> {
    /// `labels` and `marks` stand side by side; `top` is the upper edge of the first row.
    pub fn draw(&self, ui: &Ui, rows: &[RowView], labels: Rect, marks: Rect, top: f32, hovered_row: Option<usize>) {
        let theme = self.theme;
        let whole = labels.union(marks);
        let painter = ui.painter_at(whole);
        let mut mesh = MarkMesh::new(ui.pixels_per_point());
        for (i, row) in rows.iter().enumerate() {
            let y = top + i as f32 * ROW;
            let ground = Rect::from_min_size(pos2(whole.left(), y), vec2(whole.width(), ROW));
            match row {
                RowView::Header { .. } => mesh.bar(ground, theme.raised),
                RowView::Lane(lane) if lane.selected => mesh.bar(ground, theme.accent_soft),
                RowView::Lane(_) if hovered_row == Some(i) => mesh.bar(ground, theme.hover),
                RowView::Lane(_) => {}
            }
            mesh.rule(whole.left(), whole.right(), y + ROW - 0.5, 1.0, theme.stripe);
        }
        painter.add(Shape::mesh(mesh.finish()));

        let mut mesh = MarkMesh::new(ui.pixels_per_point());
        for (i, row) in rows.iter().enumerate() {
            if let RowView::Lane(lane) = row {
                self.lane(&mut mesh, lane, marks.left(), top + (i as f32 + 0.5) * ROW);
            }
        }
        ui.painter_at(marks).add(Shape::mesh(mesh.finish()));

        for (i, row) in rows.iter().enumerate() {
            let line = Rect::from_min_size(pos2(labels.left(), top + i as f32 * ROW), vec2(labels.width(), ROW));
            match row {
                RowView::Header { name, counts, folded, kind } => {
                    let painter = ui.painter_at(whole);
                    let inner = line.with_max_x(whole.right()).shrink2(vec2(GRID * 2.0, 0.0));
                    fold_arrow(&painter, pos2(inner.left() + 4.0, inner.center().y), *folded, theme.muted);
                    kind_dot(&painter, pos2(inner.left() + 18.0, inner.center().y), *kind, theme);
                    let end =
                        paint::left(&painter, inner.with_min_x(inner.left() + 28.0), name, semibold(BODY), theme.text);
                    paint::left(&painter, inner.with_min_x(end + GRID * 2.0), counts, sans(SMALL), theme.muted);
                }
                RowView::Lane(lane) => self.label(&ui.painter_at(line.intersect(labels)), lane, line),
            }
        }
        painter.vline(labels.right() + 0.5, whole.y_range(), Stroke::new(1.0, theme.line));
    }

    fn lane(&self, mesh: &mut MarkMesh, lane: &LaneView, left: f32, y: f32) {
        let theme = self.theme;
        let px = |at: i64| left + self.axis.px_from_time(at) as f32;
        if let Some((first, last)) = lane.extent {
            let edge = self.axis.width() as f32;
            let (a, b) = (px(first).max(left - 1.0), px(last).min(left + edge + 1.0));
            if a < b {
                mesh.rule(a, b, y, 1.0, theme.outline);
            }
        }
        let Some(lanes) = self.lanes else { return };
        let Some(counted) = lanes.get(lane.entity) else { return };
        let most = u64::from(lanes.most);
        for item in placed(self.axis, &counted.cells, self.cell) {
            let look = self.look(item.cell());
            let color = theme.color(look);
            match item {
                Placed::Mark(x, cell) => {
                    let at = pos2(left + x, y);
                    if self.is_marked(cell) {
                        mesh.mark(at, MARK + 3.5, look.mark, theme.accent);
                        mesh.mark(at, MARK + 1.5, look.mark, theme.panel);
                    }
                    mesh.mark(at, MARK, look.mark, color);
                    self.flag(mesh, cell, at);
                }
                Placed::Bar(a, b, cell) => {
                    let strength = strength(u64::from(cell.count), most);
                    let rect = Rect::from_x_y_ranges(left + a..=left + b, y - BAR..=y + BAR);
                    mesh.bar(rect, color.gamma_multiply(strength));
                    let at = cell.flagged.map_or(rect.center().x, |flagged| px(flagged.at));
                    self.flag(mesh, cell, pos2(at.clamp(rect.left(), rect.right()), y));
                }
            }
        }
        if lane.selected
            && let Some(at) = self.selected_at
        {
            // In a crowd the selected event has no mark of its own: a tick above and below the bar.
            let x = px(at);
            mesh.bar(Rect::from_x_y_ranges(x - 1.0..=x + 1.0, y - BAR - 3.5..=y - BAR), theme.accent);
            mesh.bar(Rect::from_x_y_ranges(x - 1.0..=x + 1.0, y + BAR..=y + BAR + 3.5), theme.accent);
        }
    }

    /// A small shape below the event, or below the first flagged one of a crowd.
    fn flag(&self, mesh: &mut MarkMesh, cell: &Cell, at: egui::Pos2) {
        if let Some(flagged) = cell.flagged {
            mesh.mark(at + vec2(0.0, BAR + 2.0), 2.6, flagged.flag.mark(), flagged.flag.color(self.theme));
        }
    }

    fn is_marked(&self, cell: &Cell) -> bool {
        Some(cell.event) == self.selected || Some(cell.event) == self.hovered
    }

    fn look(&self, cell: &Cell) -> Look {
        match self.color_by {
            ColorBy::Type => self.looks.of_type(cell.type_ix),
            ColorBy::Service => self.looks.of_service(cell.service_ix),
        }
    }

    fn label(&self, painter: &egui::Painter, lane: &LaneView, line: Rect) {
        let theme = self.theme;
        let inner = line.shrink2(vec2(GRID * 2.0, 0.0));
        let dot = pos2(inner.left() + 4.0, inner.center().y);
        if lane.pinned {
            star(painter, dot, theme.accent);
        } else {
            kind_dot(painter, dot, lane.kind, theme);
        }
        let small: FontId = mono(SMALL);
        let count_from = paint::right(painter, inner, &lane.count, small, theme.faint);
        let rest = inner.with_min_x(inner.left() + 14.0).with_max_x(count_from - GRID * 2.0);
        let chars = |width: f32| (width / 7.2) as usize;
        // The kind gives way to an id that needs its room: its dot is there all the same.
        let has_room = rest.width() > 150.0 && lane.id.chars().count() <= chars(rest.width() - 70.0);
        let kind_end = if has_room && (!self.grouped || lane.pinned) {
            paint::left(painter, rest.with_max_x(rest.left() + 64.0), &lane.kind_name, sans(SMALL), theme.faint) + 6.0
        } else {
            rest.left()
        };
        let color = if lane.selected { theme.text } else { theme.text.gamma_multiply(0.92) };
        let id_rect = rest.with_min_x(kind_end);
        paint::left(painter, id_rect, &middle_cut(&lane.id, chars(id_rect.width())), mono(12.0), color);
    }
}

/// Kinds are told apart by a small dot in a colour of the series, always beside their name.
pub fn kind_dot(painter: &egui::Painter, at: egui::Pos2, kind: KindIx, theme: &Theme) {
    let color = theme.series.get(kind.at() % theme.series.len()).copied().unwrap_or(theme.muted);
    painter.circle_stroke(at, 3.0, Stroke::new(1.5, color));
}

/// A five-pointed star: pinned.
pub fn star(painter: &egui::Painter, at: egui::Pos2, color: Color32) {
    let points: Vec<egui::Pos2> = (0..10)
        .map(|i| {
            let angle = std::f32::consts::TAU * (i as f32 / 10.0 - 0.25);
            let r = if i % 2 == 0 { 5.5 } else { 2.4 };
            at + vec2(angle.cos(), angle.sin()) * r
        })
        .collect();
    let mut path = egui::epaint::PathShape::closed_line(points, Stroke::new(1.2, color));
    path.fill = Color32::TRANSPARENT;
    painter.add(path);
}

/// ▾ open, ▸ folded.
pub fn fold_arrow(painter: &egui::Painter, at: egui::Pos2, folded: bool, color: Color32) {
    let points = if folded {
        vec![at + vec2(-2.0, -4.0), at + vec2(3.0, 0.0), at + vec2(-2.0, 4.0)]
    } else {
        vec![at + vec2(-4.0, -2.0), at + vec2(4.0, -2.0), at + vec2(0.0, 3.0)]
    };
    painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
}
