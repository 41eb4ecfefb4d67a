//! The chain as a graph: a column for each step from the first causes, an arrow from each cause to its
//! effect. Causes that are not in the log are hollow; circles and self-causes are told at the event.

use egui::{
    Align2, Color32, CornerRadius, Mesh, Painter, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2,
};

use super::draw::Parts;
use super::model::service_of;
use crate::app::Command;
use crate::app::command::SelectCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::pan_zoom::View;
use crate::gui::panels::parts::preview::{middle_cut, named};
use crate::gui::theme::{sans, semibold};
use crate::gui::widgets::chip;

const W: f32 = 184.0;
const H: f32 = 42.0;
const ACROSS: f32 = W + 64.0;
const DOWN: f32 = H + 20.0;
const MARGIN: f32 = 40.0;
/// Below this zoom boxes and arrows are plain areas and lines, without text.
const PLAIN: f32 = 0.45;
/// The hollow box of a cause that is not in the log.
const GONE: f32 = 88.0;

/// Smaller than this nobody reads: a chain that is longer is moved.
const LEAST: f32 = 0.8;

/// `reveal` is an event to be brought into sight.
pub fn graph_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    view: &mut View,
    parts: &Parts<'_>,
    reveal: Option<u32>,
    out: &mut Vec<Command>,
) {
    let rect = ui.available_rect_before_wrap();
    ui.allocate_rect(rect, Sense::hover());
    let graph = parts.graph;
    let shift = if parts.shown.chain.missing.is_empty() { 0.0 } else { GONE + 24.0 };
    let size = [
        2.0 * MARGIN + shift + graph.columns.saturating_sub(1) as f32 * ACROSS + W,
        2.0 * MARGIN + graph.rows.saturating_sub(1) as f32 * DOWN + H,
    ];
    view.fit(size, rect, LEAST);
    if let Some(at) = reveal.and_then(|at| place(parts, at as usize)) {
        view.show(at, rect);
    }
    let response = ui.interact(rect, ui.scope_id().with("cause graph"), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Cause graph of the chain"));
    view.take_input(ui, &response, rect);
    if response.double_clicked() {
        view.let_fit();
    }
    let canvas = Canvas { ctx, parts, view: *view, rect, shift };
    let pointer = response.hover_pos();
    let hovered = pointer.and_then(|at| (0..graph.places.len()).find(|&i| canvas.boxed(i).contains(at)));
    let painter = ui.painter_at(rect);
    canvas.arrows(&painter);
    canvas.boxes(&painter, hovered);
    if let Some(i) = hovered {
        let link = &parts.shown.chain.links[i];
        if response.clicked() {
            out.push(SelectCommand::Event(link.event).into());
        }
        out.push(SelectCommand::Hover(Some(link.event)).into());
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
        response.show_tooltip_text(parts.shown.words(i));
    }
}

/// The middle of an event's box on the drawing.
fn place(parts: &Parts<'_>, at: usize) -> Option<[f32; 2]> {
    let shift = if parts.shown.chain.missing.is_empty() { 0.0 } else { GONE + 24.0 };
    let &(column, row) = parts.graph.places.get(at)?;
    Some([MARGIN + shift + column as f32 * ACROSS + W / 2.0, MARGIN + row as f32 * DOWN + H / 2.0])
}

struct Canvas<'a> {
    ctx: &'a PanelCtx<'a>,
    parts: &'a Parts<'a>,
    view: View,
    rect: Rect,
    shift: f32,
}

impl Canvas<'_> {
    fn boxed(&self, at: usize) -> Rect {
        let (column, row) = self.parts.graph.places.get(at).copied().unwrap_or_default();
        let min = [MARGIN + self.shift + column as f32 * ACROSS, MARGIN + row as f32 * DOWN];
        Rect::from_min_size(self.view.px(min, self.rect), vec2(W, H) * self.view.zoom())
    }

    fn arrows(&self, painter: &Painter) {
        let (theme, shown) = (self.ctx.theme, &self.parts.shown);
        let plain = self.view.zoom() < PLAIN;
        let mut mesh = Mesh::default();
        let selected = self.ctx.state.selection.event.and_then(|event| shown.chain.index_of(event));
        for (i, link) in shown.chain.links.iter().enumerate() {
            let to = self.boxed(i).left_center();
            for &cause in &link.causes {
                let from = self.boxed(cause as usize).right_center();
                if !self.rect.intersects(Rect::from_two_pos(from, to).expand(4.0)) {
                    continue;
                }
                let critical = shown.is_critical(i) && shown.is_critical(cause as usize);
                let near = selected == Some(i as u32) || selected == Some(cause);
                let early = link.time.zip(shown.chain.links[cause as usize].time).is_some_and(|(a, b)| a < b);
                let color = match (early, critical || near) {
                    (true, _) => theme.amber,
                    (false, true) => theme.accent,
                    _ => theme.faint,
                };
                if plain {
                    line(&mut mesh, from, to, 1.0, color);
                    continue;
                }
                let stroke = Stroke::new(if critical { 2.0 } else { 1.25 }, color);
                if shown.described.inferred {
                    painter.extend(Shape::dashed_line(&[from, to], stroke, 5.0, 4.0));
                } else {
                    let half = vec2((to.x - from.x) / 2.0, 0.0);
                    let points = [from, from + half, to - half, to];
                    painter.add(egui::epaint::CubicBezierShape::from_points_stroke(
                        points,
                        false,
                        Color32::TRANSPARENT,
                        stroke,
                    ));
                }
                let tip = vec![to, to + vec2(-7.0, -3.5), to + vec2(-7.0, 3.5)];
                painter.add(Shape::convex_polygon(tip, color, Stroke::NONE));
            }
        }
        painter.add(Shape::mesh(mesh));
    }

    fn boxes(&self, painter: &Painter, hovered: Option<usize>) {
        let (theme, shown, zoom) = (self.ctx.theme, &self.parts.shown, self.view.zoom());
        let selected = self.ctx.state.selection.event.and_then(|event| shown.chain.index_of(event));
        let mut mesh = Mesh::default();
        for (i, link) in shown.chain.links.iter().enumerate() {
            let boxed = self.boxed(i);
            if !self.rect.intersects(boxed.expand(GONE * zoom)) {
                continue;
            }
            let look = self.ctx.looks.of_type(link.type_ix);
            let me = selected == Some(i as u32);
            if zoom < PLAIN {
                mesh.add_colored_rect(boxed, if me { theme.accent } else { theme.color(look) });
                continue;
            }
            let line = match (me, shown.is_critical(i)) {
                (true, _) => Stroke::new(2.0, theme.accent),
                (false, true) => Stroke::new(1.0, theme.accent),
                _ => Stroke::new(1.0, theme.outline),
            };
            let fill = match (me, hovered == Some(i)) {
                (true, _) => theme.accent_soft,
                (false, true) => theme.hover,
                _ => theme.raised,
            };
            painter.rect(boxed, CornerRadius::same(4), fill, line, StrokeKind::Inside);
            self.text(painter, i, boxed);
        }
        painter.add(Shape::mesh(mesh));
        if zoom >= PLAIN {
            self.gone(painter);
        }
    }

    fn text(&self, painter: &Painter, i: usize, boxed: Rect) {
        let (theme, shown, zoom) = (self.ctx.theme, &self.parts.shown, self.view.zoom());
        let Some(event) = shown.described.events.get(i) else { return };
        let inside = painter.with_clip_rect(boxed.shrink(2.0).intersect(painter.clip_rect()));
        let look = self.ctx.looks.of_type(shown.chain.links[i].type_ix);
        chip::paint_look(&inside, boxed.left_top() + vec2(12.0, 14.0) * zoom, 8.0 * zoom, look, theme);
        let name = middle_cut(&named(&event.type_name), 24);
        inside.text(
            boxed.left_top() + vec2(21.0, 14.0) * zoom,
            Align2::LEFT_CENTER,
            name,
            semibold(12.0 * zoom),
            theme.text,
        );
        let notes = shown.notes(i);
        let (below, color) = if notes.is_empty() {
            let waited = shown.times(i).1;
            let waited = if waited.is_empty() { String::new() } else { format!(" · {waited}") };
            (format!("{}{waited}", middle_cut(&service_of(event), 18)), theme.muted)
        } else {
            (notes, theme.amber)
        };
        inside.text(boxed.left_top() + vec2(21.0, 30.0) * zoom, Align2::LEFT_CENTER, below, sans(10.5 * zoom), color);
    }

    /// Left of the events that name them.
    fn gone(&self, painter: &Painter) {
        let (theme, zoom) = (self.ctx.theme, self.view.zoom());
        let missing = self.parts.shown.missing();
        // Those of one event stand together; one box tells the first and how many more.
        for group in missing.chunk_by(|a, b| a.1 == b.1) {
            let Some((id, at)) = group.first() else { continue };
            let boxed = self.boxed(*at as usize);
            if !self.rect.intersects(boxed.expand(GONE * zoom * 1.5)) {
                continue;
            }
            let label = if group.len() > 1 {
                format!("{} +{}", middle_cut(id, 9), group.len() - 1)
            } else {
                middle_cut(id, 12)
            };
            let size = vec2(GONE, 24.0) * zoom;
            let hollow = Rect::from_center_size(boxed.left_center() - vec2(size.x / 2.0 + 14.0 * zoom, 0.0), size);
            let edge = Stroke::new(1.0, theme.amber);
            let corners =
                [hollow.left_top(), hollow.right_top(), hollow.right_bottom(), hollow.left_bottom(), hollow.left_top()];
            painter.extend(Shape::dashed_line(&corners, edge, 4.0, 3.0));
            painter.line_segment([hollow.right_center(), boxed.left_center()], edge);
            painter.text(hollow.center(), Align2::CENTER_CENTER, label, sans(10.5 * zoom), theme.amber);
        }
    }
}

/// A line as two triangles: thousands of them are one shape.
fn line(mesh: &mut Mesh, a: Pos2, b: Pos2, width: f32, color: Color32) {
    let side = (b - a).normalized().rot90() * (width / 2.0);
    let first = mesh.vertices.len() as u32;
    for at in [a + side, a - side, b + side, b - side] {
        mesh.colored_vertex(pos2(at.x, at.y), color);
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first + 1, first + 2, first + 3);
}
