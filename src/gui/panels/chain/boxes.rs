//! The boxes of the cause graph: events, and the causes that are not in the log.

use egui::{Align2, CornerRadius, Mesh, Painter, Rect, Shape, Stroke, StrokeKind, Vec2, vec2};

use super::graph::{Canvas, PLAIN};
use super::model::service_of;
use crate::analysis::trace::{GONE, GONE_GAP};
use crate::gui::panels::parts::preview::{middle_cut, named, one_line};
use crate::gui::theme::{sans, semibold};
use crate::gui::widgets::chip;

pub struct Boxes<'a>(pub &'a Canvas<'a>);

impl Boxes<'_> {
    pub fn paint(&self, painter: &Painter, visible: &[(usize, Rect)], hovered: Option<usize>) {
        let Canvas { ctx, parts, view, selected, .. } = *self.0;
        let (theme, shown, zoom) = (ctx.theme, &parts.shown, view.zoom());
        let mut mesh = Mesh::default();
        for &(i, boxed) in visible {
            let Some(link) = shown.chain.links.get(i) else { continue };
            let me = selected == Some(i);
            if zoom < PLAIN {
                let look = ctx.looks.of_type(link.type_ix);
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
        for &(i, boxed) in visible {
            let flag = shown.chain.links.get(i).and_then(|link| parts.flags.flag(link.event));
            if let Some(flag) = flag {
                let at = boxed.right_top() + vec2(-10.0, 10.0) * zoom;
                chip::paint(painter, at, (8.0 * zoom).max(5.0), flag.mark(), flag.color(theme));
            }
        }
        if zoom >= PLAIN {
            self.gone(painter);
        }
    }

    fn text(&self, painter: &Painter, i: usize, boxed: Rect) {
        let Canvas { ctx, parts, view, .. } = *self.0;
        let (theme, shown, zoom) = (ctx.theme, &parts.shown, view.zoom());
        let Some(event) = shown.described.events.get(i) else { return };
        let inside = painter.with_clip_rect(boxed.shrink(2.0).intersect(painter.clip_rect()));
        let look = ctx.looks.of_type(shown.chain.links[i].type_ix);
        chip::paint_look(&inside, boxed.left_top() + vec2(12.0, 14.0) * zoom, 8.0 * zoom, look, theme);
        let flagged = parts.flags.flag(event.ix).is_some();
        let name = middle_cut(&named(&event.type_name), if flagged { 21 } else { 24 });
        let at = boxed.left_top() + vec2(21.0, 14.0) * zoom;
        inside.text(at, Align2::LEFT_CENTER, name, semibold(view.text(12.0)), theme.text);
        let notes = shown.notes(i);
        let (below, color) = if notes.is_empty() {
            let waited = shown.times(i).1;
            let waited = if waited.is_empty() { String::new() } else { format!(" · {waited}") };
            (format!("{}{waited}", middle_cut(&service_of(event), 18)), theme.muted)
        } else {
            (notes, theme.amber)
        };
        let at = boxed.left_top() + vec2(21.0, 30.0) * zoom;
        inside.text(at, Align2::LEFT_CENTER, below, sans(view.text(10.5)), color);
    }

    /// Left of the events that name them.
    fn gone(&self, painter: &Painter) {
        let Canvas { ctx, parts, view, rect, .. } = *self.0;
        let (theme, zoom, shown) = (ctx.theme, view.zoom(), &parts.shown);
        let mut first = 0;
        // Those of one event stand together; one box tells the first and how many more.
        for group in shown.chain.missing.chunk_by(|a, b| a.wanted_by == b.wanted_by) {
            let place = first;
            first += group.len();
            let Some(wanted_by) = group.first().map(|missing| missing.wanted_by) else { continue };
            let boxed = self.0.boxed(wanted_by as usize);
            let size = Vec2::from(GONE) * zoom;
            let middle = boxed.left_center() + vec2(-GONE_GAP[0], GONE_GAP[1]) * zoom - vec2(size.x / 2.0, 0.0);
            let hollow = Rect::from_center_size(middle, size);
            if !rect.intersects(hollow.union(boxed)) {
                continue;
            }
            let id = shown.described.missing.get(place).map_or("", |missing| &missing.id);
            let label = match group.len() {
                1 => middle_cut(&one_line(id, 120), 12),
                more => format!("{} +{}", middle_cut(&one_line(id, 120), 9), more - 1),
            };
            let edge = Stroke::new(1.0, theme.amber);
            // Arrows may lead past below it.
            painter.rect_filled(hollow, 0.0, theme.panel);
            let corners =
                [hollow.left_top(), hollow.right_top(), hollow.right_bottom(), hollow.left_bottom(), hollow.left_top()];
            painter.extend(Shape::dashed_line(&corners, edge, 4.0, 3.0));
            painter.line_segment([hollow.right_center(), boxed.left_bottom() - vec2(0.0, 8.0 * zoom)], edge);
            painter.text(hollow.center(), Align2::CENTER_CENTER, label, sans(view.text(10.5)), theme.amber);
        }
    }
}
