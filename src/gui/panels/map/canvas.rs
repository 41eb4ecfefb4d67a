//! Paints boxes and arrows, and says what the pointer is on.

use egui::epaint::CubicBezierShape;
use egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::draw::{Chosen, Drawn};
use crate::analysis::flows::{MapEdge, NodeIs, Placed, Route, label};
use crate::base::text::{count, plural};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::pan_zoom::View;
use crate::gui::panels::parts::preview::{middle_cut, one_line};
use crate::gui::theme::{Theme, sans, semibold};
use crate::gui::widgets::chip;

/// How near to an arrow the pointer has to be, in points.
const REACH: f32 = 6.0;

/// With more arrows only the one under the pointer is labelled.
const LABELLED: usize = 40;

/// Text smaller than this is left out.
const READABLE: f32 = 7.0;

pub struct Canvas<'a> {
    pub drawn: &'a Drawn,
    pub view: View,
    pub rect: Rect,
    pub chosen: Option<Chosen>,
    pub hovered: Option<Chosen>,
}

impl Canvas<'_> {
    #[must_use]
    pub fn boxed(&self, node: Placed) -> Rect {
        Rect::from_min_size(self.view.px([node.x, node.y], self.rect), vec2(node.w, node.h) * self.view.zoom())
    }

    #[must_use]
    pub fn hit(&self, at: Pos2) -> Option<Chosen> {
        let node = self.drawn.layout.nodes.iter().position(|node| self.boxed(*node).contains(at));
        if let Some(node) = node {
            return Some(Chosen::Node(node));
        }
        let near = |route: &Route| {
            let curves = self.curves(route);
            let points = curves.iter().flat_map(|curve| (0..=16).map(|i| curve_at(curve, i as f32 / 16.0)));
            points.collect::<Vec<_>>().windows(2).map(|pair| distance(at, pair[0], pair[1])).fold(f32::MAX, f32::min)
        };
        let nearest = self.drawn.layout.routes.iter().map(near).enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        nearest.filter(|(_, distance)| *distance <= REACH).map(|(edge, _)| Chosen::Edge(edge))
    }

    pub fn paint(&self, painter: &Painter, ctx: &PanelCtx<'_>) {
        let map = &self.drawn.map;
        let most = map.edges.iter().map(|edge| edge.count).max().unwrap_or(1).max(1) as f32;
        let lit = |edge: usize| {
            let at = Some(Chosen::Edge(edge));
            let ends = [Chosen::Node(map.edges[edge].from), Chosen::Node(map.edges[edge].to)].map(Some);
            at == self.hovered || at == self.chosen || ends.contains(&self.hovered) || ends.contains(&self.chosen)
        };
        // What is lit lies on top.
        for wanted in [false, true] {
            for (at, edge) in map.edges.iter().enumerate().filter(|(at, _)| lit(*at) == wanted) {
                let Some(route) = self.drawn.layout.routes.get(at) else { continue };
                self.edge(painter, ctx.theme, edge, route, most, wanted);
            }
        }
        for (at, edge) in map.edges.iter().enumerate() {
            if let Some(route) = self.drawn.layout.routes.get(at)
                && (map.edges.len() <= LABELLED || lit(at))
            {
                self.label(painter, ctx.theme, edge, route, lit(at));
            }
        }
        for at in 0..map.nodes.len() {
            self.node(painter, ctx, at);
        }
    }

    fn edge(&self, painter: &Painter, theme: &Theme, edge: &MapEdge, route: &Route, most: f32, lit: bool) {
        let color = self.color(theme, edge, lit);
        let width = (1.0 + 2.5 * (edge.count as f32).ln_1p() / most.ln_1p()) * self.view.zoom().max(0.6);
        let curves = self.curves(route);
        for points in &curves {
            painter.add(CubicBezierShape::from_points_stroke(
                *points,
                false,
                Color32::TRANSPARENT,
                Stroke::new(width, color),
            ));
        }
        let Some([.., before, tip]) = curves.last() else { return };
        let way = (*tip - *before).normalized();
        let (back, side) = (*tip - way * (5.0 + width * 1.6), way.rot90() * (2.5 + width));
        painter.add(Shape::convex_polygon(vec![*tip, back + side, back - side], color, Stroke::NONE));
    }

    fn color(&self, theme: &Theme, edge: &MapEdge, lit: bool) -> Color32 {
        match (lit, edge.before_cause > 0) {
            (true, _) => theme.accent,
            (false, true) => theme.amber,
            (false, false) => theme.faint,
        }
    }

    fn label(&self, painter: &Painter, theme: &Theme, edge: &MapEdge, route: &Route, lit: bool) {
        let size = self.view.text(11.0).min(11.0);
        if size < READABLE && !lit {
            return;
        }
        let curves = self.curves(route);
        let Some(curve) = curves.get(curves.len() / 2) else { return };
        let at = curve_at(curve, 0.5);
        let color = if lit { theme.text } else { theme.muted };
        let galley = painter.layout_no_wrap(label(edge), sans(size.max(READABLE)), color);
        let rect = Align2::CENTER_CENTER.anchor_size(at - vec2(0.0, 1.0), galley.size());
        painter.rect_filled(rect.expand2(vec2(3.0, 0.0)), 2.0, theme.panel);
        painter.galley(rect.min, galley, color);
    }

    fn node(&self, painter: &Painter, ctx: &PanelCtx<'_>, at: usize) {
        let (theme, node) = (ctx.theme, &self.drawn.map.nodes[at]);
        let Some(placed) = self.drawn.layout.nodes.get(at) else { return };
        let rect = self.boxed(*placed);
        let zoom = self.view.zoom();
        let me = Some(Chosen::Node(at));
        let (fill, line) = match (self.chosen == me, self.hovered == me) {
            (true, _) => (theme.accent_soft, Stroke::new(1.5, theme.accent)),
            (false, true) => (theme.hover, Stroke::new(1.0, theme.outline)),
            _ => (theme.raised, Stroke::new(1.0, theme.outline)),
        };
        let corner = CornerRadius::same((6.0 * zoom).clamp(2.0, 8.0) as u8);
        painter.rect(rect, corner, fill, line, StrokeKind::Inside);
        let look = match node.is {
            NodeIs::Service(service) => ctx.looks.of_service(service),
            NodeIs::Type(of) => ctx.looks.of_type(of),
        };
        chip::paint_look(painter, pos2(rect.left() + 14.0 * zoom, rect.top() + 15.0 * zoom), 9.0 * zoom, look, theme);
        let inner = painter.with_clip_rect(rect.shrink(2.0).intersect(painter.clip_rect()));
        let (big, small) = (self.view.text(13.0), self.view.text(11.0));
        if big >= READABLE {
            let name = middle_cut(&one_line(&node.name, 200), 24);
            let at = pos2(rect.left() + 24.0 * zoom, rect.top() + 15.0 * zoom);
            inner.text(at, Align2::LEFT_CENTER, name, semibold(big), theme.text);
        }
        if small >= READABLE {
            let at = pos2(rect.left() + 24.0 * zoom, rect.top() + 31.0 * zoom);
            let words = if node.events == 0 { String::new() } else { plural(node.events, "event", "events") };
            inner.text(at, Align2::LEFT_CENTER, words, sans(small), theme.muted);
        }
    }

    /// The route in pieces that leave and arrive horizontally.
    fn curves(&self, route: &Route) -> Vec<[Pos2; 4]> {
        let points: Vec<Pos2> = route.points.iter().map(|at| self.view.px(*at, self.rect)).collect();
        if let (true, [a, top, b]) = (route.to_itself, points.as_slice()) {
            let reach = vec2(10.0, 0.0) * self.view.zoom();
            let height = pos2(top.x, top.y - 6.0 * self.view.zoom()).y;
            return vec![[*a, pos2(a.x, height) - reach, pos2(b.x, height) + reach, *b]];
        }
        let piece = |pair: &[Pos2]| {
            let half = (pair[1].x - pair[0].x) / 2.0;
            [pair[0], pair[0] + vec2(half, 0.0), pair[1] - vec2(half, 0.0), pair[1]]
        };
        points.windows(2).map(piece).collect()
    }
}

fn curve_at(points: &[Pos2; 4], t: f32) -> Pos2 {
    CubicBezierShape::from_points_stroke(*points, false, Color32::TRANSPARENT, Stroke::NONE).sample(t)
}

fn distance(at: Pos2, a: Pos2, b: Pos2) -> f32 {
    let (line, to) = (b - a, at - a);
    let share = (to.dot(line) / line.length_sq().max(f32::EPSILON)).clamp(0.0, 1.0);
    (to - line * share).length()
}

/// For hovering: `orders → payments: 1,204 pairs, half within 0.4 s …`.
#[must_use]
pub fn words(drawn: &Drawn, at: Chosen) -> String {
    use crate::base::text::duration_ns;
    let name = |at: usize| drawn.map.nodes.get(at).map_or("", |node| &node.name);
    match at {
        Chosen::Node(at) => {
            let events = drawn.map.nodes.get(at).map_or(0, |node| node.events);
            format!("{}\n{}", name(at), plural(events, "event", "events"))
        }
        Chosen::Edge(at) => {
            let Some(edge) = drawn.map.edges.get(at) else { return String::new() };
            let ms = |ms: Option<f64>| ms.map_or_else(|| "–".to_owned(), |ms| duration_ns((ms * 1e6) as i64));
            let mut words = format!(
                "{} → {}\n{}\nhalf within {}, 95 % {}, 99 % {}",
                name(edge.from),
                name(edge.to),
                plural(edge.count, "pair of cause and effect", "pairs of cause and effect"),
                ms(edge.p50_ms),
                ms(edge.p95_ms),
                ms(edge.p99_ms)
            );
            if edge.before_cause > 0 {
                words.push_str(&format!("\n{} before their cause", count(edge.before_cause)));
            }
            words
        }
    }
}
