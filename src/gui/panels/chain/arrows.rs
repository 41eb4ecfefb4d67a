//! The arrows of the cause graph. Arrows of one cause that pass the same columns are one trunk with
//! branches; it is drawn once, whatever hangs on it.

use egui::epaint::CubicBezierShape;
use egui::{Color32, Mesh, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};
use rapidhash::RapidHashMap;

use super::graph::{Canvas, PLAIN};
use crate::gui::panels::parts::paint::{mesh_line, tip};

pub struct Arrows<'a>(pub &'a Canvas<'a>);

/// How a line looks, from the least to the most important.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Look {
    Plain,
    /// Of the selected event.
    Near,
    Critical,
    /// The effect is earlier than its cause, or a circle.
    Odd,
}

impl Arrows<'_> {
    pub fn paint(&self, painter: &Painter) {
        let mut mesh = Mesh::default();
        self.trunks(painter, &mut mesh);
        let (graph, links) = (self.0.parts.graph, &self.0.parts.shown.chain.links);
        for (at, link) in links.iter().enumerate() {
            let boxed = self.0.boxed(at);
            for &cause in &link.causes {
                let from = self.0.view.px(graph.leaves(cause as usize, at), self.0.rect);
                let look = self.look(cause as usize, at);
                if self.curve(painter, &mut mesh, from, boxed.left_center(), look) && !self.plain() {
                    tip(painter, boxed.left_center(), 1.0, self.stroke(look).color);
                }
            }
            for &cause in &link.circle {
                self.back(painter, self.0.boxed(cause as usize), boxed);
            }
            if link.causes_itself && self.0.rect.intersects(boxed.expand(24.0)) {
                self.itself(painter, boxed);
            }
        }
        painter.add(Shape::mesh(mesh));
    }

    /// The trunks, as far as they are in sight.
    fn trunks(&self, painter: &Painter, mesh: &mut Mesh) {
        let (graph, view, rect) = (self.0.parts.graph, self.0.view, self.0.rect);
        let (left, right) = self.0.extent();
        let sight = graph.columns_between(left, right);
        let lit = self.lit();
        for cause in 0..graph.places.len() {
            let passed = graph.passed(cause);
            // The part before the first column in sight leads into it.
            for column in passed.start.max(sight.start)..passed.end.min(sight.end + 1) {
                let Some((enters, leaves)) = graph.pass(cause, column) else { continue };
                let ends = lit.get(&cause).into_iter().flatten().filter(|(to, _)| *to > column);
                let look = ends.map(|(_, look)| *look).max().unwrap_or(Look::Plain);
                let before = match column.checked_sub(1).and_then(|before| graph.pass(cause, before)) {
                    Some((_, leaves)) => view.px(leaves, rect),
                    None => self.0.boxed(cause).right_center(),
                };
                let (enters, leaves) = (view.px(enters, rect), view.px(leaves, rect));
                self.curve(painter, mesh, before, enters, look);
                if rect.intersects(Rect::from_two_pos(enters, leaves).expand(2.0)) {
                    self.straight(painter, mesh, enters, leaves, look);
                }
            }
        }
    }

    /// Arrows that stand out and have a trunk, by their cause: the column of the effect, and how.
    fn lit(&self) -> RapidHashMap<usize, Vec<(u32, Look)>> {
        let chain = self.0.parts.shown.chain;
        let column = |at: usize| self.0.parts.graph.places.get(at).map_or(0, |place| place.0);
        let mut lit: RapidHashMap<usize, Vec<(u32, Look)>> = RapidHashMap::default();
        let mut add = |cause: usize, effect: usize| {
            if !self.0.parts.graph.passed(cause).is_empty() {
                lit.entry(cause).or_default().push((column(effect), self.look(cause, effect)));
            }
        };
        for pair in chain.critical.windows(2) {
            add(pair[0] as usize, pair[1] as usize);
        }
        if let Some(selected) = self.0.selected {
            let causes = chain.links.get(selected).map_or(&[][..], |link| &link.causes);
            causes.iter().for_each(|&cause| add(cause as usize, selected));
            let is_effect = |at: &usize| chain.links[*at].causes.contains(&(selected as u32));
            (selected + 1..chain.links.len()).filter(is_effect).for_each(|effect| add(selected, effect));
        }
        lit
    }

    fn look(&self, cause: usize, effect: usize) -> Look {
        let shown = &self.0.parts.shown;
        let time = |at: usize| shown.chain.links.get(at).and_then(|link| link.time);
        let near = self.0.selected.is_some_and(|at| at == cause || at == effect);
        match (time(effect).zip(time(cause)).is_some_and(|(effect, cause)| effect < cause), near) {
            (true, _) => Look::Odd,
            _ if shown.is_critical(effect) && shown.is_critical(cause) => Look::Critical,
            (false, true) => Look::Near,
            (false, false) => Look::Plain,
        }
    }

    fn stroke(&self, look: Look) -> Stroke {
        let theme = self.0.ctx.theme;
        match look {
            Look::Plain => Stroke::new(1.25, theme.faint),
            Look::Near => Stroke::new(1.25, theme.accent),
            Look::Critical => Stroke::new(2.0, theme.accent),
            Look::Odd => Stroke::new(1.25, theme.amber),
        }
    }

    fn plain(&self) -> bool {
        self.0.view.zoom() < PLAIN
    }

    /// Whether it was in sight.
    fn curve(&self, painter: &Painter, mesh: &mut Mesh, from: Pos2, to: Pos2, look: Look) -> bool {
        if !self.0.rect.intersects(Rect::from_two_pos(from, to).expand(4.0)) {
            return false;
        }
        if self.plain() || self.0.parts.shown.described.inferred {
            self.straight(painter, mesh, from, to, look);
        } else {
            let half = vec2((to.x - from.x) / 2.0, 0.0);
            bezier(painter, [from, from + half, to - half, to], self.stroke(look));
        }
        true
    }

    fn straight(&self, painter: &Painter, mesh: &mut Mesh, from: Pos2, to: Pos2, look: Look) {
        let stroke = self.stroke(look);
        if self.plain() {
            mesh_line(mesh, from, to, 1.0, stroke.color);
        } else if self.0.parts.shown.described.inferred {
            painter.extend(Shape::dashed_line(&[from, to], stroke, 5.0, 4.0));
        } else {
            painter.line_segment([from, to], stroke);
        }
    }

    /// Below the boxes, from a cause that is an effect too.
    fn back(&self, painter: &Painter, cause: Rect, effect: Rect) {
        let (from, to) = (cause.center_bottom(), effect.center_bottom());
        let low = from.y.max(to.y) + 24.0 * self.0.view.zoom();
        if !self.0.rect.intersects(Rect::from_two_pos(from, pos2(to.x, low)).expand(4.0)) {
            return;
        }
        let stroke = self.stroke(Look::Odd);
        bezier(painter, [from, pos2(from.x, low), pos2(to.x, low), to], stroke);
        up(painter, to, 1.0, stroke.color);
    }

    /// A loop on the upper edge.
    fn itself(&self, painter: &Painter, boxed: Rect) {
        let zoom = self.0.view.zoom();
        let (from, to) = (boxed.right_top() - vec2(36.0, 0.0) * zoom, boxed.right_top() - vec2(12.0, 0.0) * zoom);
        let high = vec2(0.0, -18.0 * zoom);
        let stroke = self.stroke(Look::Odd);
        bezier(painter, [from, from + high, to + high, to], stroke);
        up(painter, to, -1.0, stroke.color);
    }
}

fn bezier(painter: &Painter, points: [Pos2; 4], stroke: Stroke) {
    painter.add(CubicBezierShape::from_points_stroke(points, false, Color32::TRANSPARENT, stroke));
}

/// A tip that points up (1) or down (−1).
fn up(painter: &Painter, at: Pos2, side: f32, color: Color32) {
    let points = vec![at, at + vec2(-3.5, 7.0 * side), at + vec2(3.5, 7.0 * side)];
    painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
}
