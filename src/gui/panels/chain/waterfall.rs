//! The chain in time: a lane per service, a mark per event, a line from each cause to its effect. The
//! critical path is drawn in the accent colour, effects before their cause in amber. Events without a
//! time have no place in it, which is said.

use egui::{Align2, Id, Mesh, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, pos2, vec2};
use rapidhash::RapidHashMap;

use super::draw::Parts;
use super::rover::{NODES, Node, Rover, node_id};
use super::span::{RULER, Span, ruler};
use crate::analysis::trace::UNKNOWN;
use crate::app::Command;
use crate::app::command::SelectCommand;
use crate::base::text::plural;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::paint::mesh_line;
use crate::gui::panels::parts::preview::{middle_cut, named};
use crate::gui::theme::{GRID, SMALL, mono, sans};
use crate::gui::widgets::chip;
use crate::model::ids::ServiceIx;
use crate::model::time::TimeNs;

const LANE: f32 = 44.0;
/// More marks than this in sight are drawn as bars of a pixel.
const MARKS: usize = 2_000;
/// Labels are looked for among so few marks only: more leave no room for them.
const LABELLED: usize = 400;
/// The line below that tells of events without a time.
const FOOT: f32 = 24.0;

#[derive(Default)]
pub struct WaterfallView {
    pub span: Span,
    rover: Rover,
}

/// Where everything lies in this frame.
struct Scene<'a> {
    ctx: &'a PanelCtx<'a>,
    parts: &'a Parts<'a>,
    span: Span,
    body: Rect,
    first: TimeNs,
    length: f64,
    times: Vec<Option<TimeNs>>,
    services: Vec<ServiceIx>,
    /// By link: which of the services.
    lanes: Vec<u32>,
    selected: Option<usize>,
}

impl WaterfallView {
    /// `reveal` is an event to be brought into sight.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        parts: &Parts<'_>,
        reveal: Option<u32>,
        out: &mut Vec<Command>,
    ) {
        let theme = ctx.theme;
        let mut rect = ui.available_rect_before_wrap();
        ui.allocate_rect(rect, Sense::hover());
        let times = parts.times();
        let known = || times.iter().flatten();
        let (Some(&first), Some(&last)) = (known().min(), known().max()) else {
            let words = "No event of the chain has a time";
            ui.painter_at(rect).text(rect.center(), Align2::CENTER_CENTER, words, sans(SMALL), theme.muted);
            return;
        };
        let without = (times.len() - known().count()) as u64;
        if without > 0 {
            foot_ui(ui, ctx, rect, without);
            rect.max.y -= FOOT;
        }
        let gutter = (rect.width() * 0.25).clamp(72.0, 160.0);
        let body = Rect::from_min_max(pos2(rect.left() + gutter, rect.top() + RULER), rect.max);
        let base = ui.scope_id().with("waterfall");
        let mut scene = Scene::new(ctx, parts, times, (first, last), body);
        let has = |at: usize| scene.times.get(at).is_some_and(Option::is_some);
        let moved = self.rover.keys(ui, base, ctx, parts, has);
        let focusable = self.rover.place(ctx, parts, has);
        for at in [reveal.map(|at| at as usize), moved].into_iter().flatten() {
            if let Some(time) = scene.times.get(at).copied().flatten() {
                self.span.show(scene.share(time));
                let top = scene.lanes.get(at).map_or(0.0, |lane| *lane as f32 * LANE);
                self.span.down = self.span.down.clamp((top + LANE - body.height()).max(0.0), top);
            }
        }
        let response = ui.interact(body, base, Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Waterfall of the chain"));
        self.input(ui, &response, body);
        self.span.down = self.span.down.clamp(0.0, (scene.services.len() as f32 * LANE - body.height()).max(0.0));
        scene.span = self.span;

        let painter = ui.painter_at(rect);
        let inside = ui.painter_at(body);
        scene.lane_names(&painter, &inside, rect.left(), gutter);
        ruler(ui, ctx, body, self.span, scene.length);
        scene.lines(&inside);
        let visible: Vec<(usize, Pos2)> = (0..scene.times.len())
            .filter_map(|at| Some((at, scene.at(at)?)))
            .filter(|(_, at)| body.expand(8.0).contains(*at))
            .collect();
        scene.marks(&inside, &visible);
        if let Some(cursor) = ctx.state.cursor {
            let x = scene.x_of(cursor);
            if body.x_range().contains(x) {
                inside.vline(x, body.y_range(), Stroke::new(1.0, theme.accent));
            }
        }
        scene.nodes(ui, base, &visible, focusable, out);
        let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|_| response.contains_pointer());
        let nearest = pointer.and_then(|to| {
            let near = visible.iter().map(|(at, place)| (*at, place.distance(to)));
            near.min_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, distance)| *distance < 12.0)
        });
        if let Some((at, _)) = nearest {
            let event = parts.shown.chain.links[at].event;
            if response.clicked() {
                out.push(SelectCommand::Event(event).into());
            }
            out.push(SelectCommand::Hover(Some(event)).into());
            response.show_tooltip_text(parts.words(at));
        }
    }

    fn input(&mut self, ui: &Ui, response: &Response, body: Rect) {
        let span = &mut self.span;
        let share_at = |x: f32, span: Span| span.from + f64::from((x - body.left()) / body.width()) * span.length();
        if response.dragged() {
            span.pan(-f64::from(response.drag_delta().x / body.width()) * span.length());
            span.down -= response.drag_delta().y;
        }
        if let Some(at) = response.hover_pos() {
            let (wheel, pinch, shift) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta(), i.modifiers.shift));
            if shift {
                span.down -= wheel.y;
            } else if wheel.y != 0.0 || (pinch - 1.0).abs() > 1e-4 {
                span.zoom(f64::from(pinch * (wheel.y * 0.004).exp()), share_at(at.x, *span));
            }
            span.pan(-f64::from(wheel.x / body.width()) * span.length());
        }
        if response.double_clicked() {
            *span = Span::default();
        }
    }
}

fn foot_ui(ui: &Ui, ctx: &PanelCtx<'_>, rect: Rect, without: u64) {
    let foot = rect.with_min_y(rect.bottom() - FOOT);
    let words = format!("{} no time and no place here; the list has all", plural(without, "event has", "events have"));
    let at = foot.left_center() + vec2(GRID * 3.0, 0.0);
    ui.painter_at(foot).text(at, Align2::LEFT_CENTER, &words, sans(SMALL), ctx.theme.muted);
    let response = ui.interact(foot, ui.scope_id().with("without a time"), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &words));
}

impl<'a> Scene<'a> {
    fn new(
        ctx: &'a PanelCtx<'a>,
        parts: &'a Parts<'a>,
        times: Vec<Option<TimeNs>>,
        (first, last): (TimeNs, TimeNs),
        body: Rect,
    ) -> Self {
        let links = &parts.shown.chain.links;
        let (mut services, mut numbers) = (Vec::new(), RapidHashMap::default());
        let lane = |service: ServiceIx| {
            *numbers.entry(service).or_insert_with(|| {
                services.push(service);
                services.len() as u32 - 1
            })
        };
        let lanes = links.iter().map(|link| link.service_ix).map(lane).collect();
        let length = last.0.saturating_sub(first.0).max(1) as f64;
        let selected = ctx.state.selection.event.and_then(|event| parts.shown.chain.index_of(event));
        let selected = selected.map(|at| at as usize);
        Self { ctx, parts, span: Span::default(), body, first, length, times, services, lanes, selected }
    }

    /// From 0 at the first event to 1 at the last.
    fn share(&self, time: TimeNs) -> f64 {
        time.0.saturating_sub(self.first.0) as f64 / self.length
    }

    fn x_of(&self, time: TimeNs) -> f32 {
        let share = (self.share(time) - self.span.from) / self.span.length();
        self.body.left() + (share * f64::from(self.body.width())) as f32
    }

    fn y_of(&self, lane: usize) -> f32 {
        self.body.top() + (lane as f32 + 0.5) * LANE - self.span.down
    }

    fn at(&self, link: usize) -> Option<Pos2> {
        Some(pos2(self.x_of((*self.times.get(link)?)?), self.y_of(*self.lanes.get(link)? as usize)))
    }

    /// Lanes and their names.
    fn lane_names(&self, painter: &Painter, inside: &Painter, left: f32, gutter: f32) {
        let (ctx, body) = (self.ctx, self.body);
        for (lane, &service) in self.services.iter().enumerate() {
            let y = self.y_of(lane);
            inside.hline(body.x_range(), y + LANE / 2.0, Stroke::new(1.0, ctx.theme.line));
            if y <= body.top() || y >= body.bottom() {
                continue;
            }
            let name = Some(ctx.snapshot.service_name(service)).filter(|name| !name.is_empty()).unwrap_or(UNKNOWN);
            let fits = ((gutter - 24.0) / 6.6) as usize;
            chip::paint_look(painter, pos2(left + 12.0, y), 8.0, ctx.looks.of_service(service), ctx.theme);
            let at = pos2(left + 22.0, y);
            painter.text(at, Align2::LEFT_CENTER, middle_cut(name, fits), sans(12.0), ctx.theme.text);
        }
    }

    /// Causes to effects, those in sight.
    fn lines(&self, inside: &Painter) {
        let (theme, shown, body) = (self.ctx.theme, &self.parts.shown, self.body);
        let mut mesh = Mesh::default();
        for (i, link) in shown.chain.links.iter().enumerate() {
            let Some(to) = self.at(i) else { continue };
            for &cause in link.causes.iter().chain(&link.circle) {
                let Some(from) = self.at(cause as usize) else { continue };
                if from.x.max(to.x) < body.left() || from.x.min(to.x) > body.right() {
                    continue;
                }
                let critical = shown.is_critical(i) && shown.is_critical(cause as usize);
                let near = self.selected == Some(i) || self.selected == Some(cause as usize);
                let color = match (to.x < from.x, critical || near) {
                    (true, _) => theme.amber,
                    (false, true) => theme.accent,
                    _ => theme.outline,
                };
                let width = if critical { 2.0 } else { 1.0 };
                if shown.described.inferred {
                    inside.add(Shape::Vec(Shape::dashed_line(&[from, to], Stroke::new(width, color), 5.0, 4.0)));
                } else if self.times.len() > MARKS {
                    mesh_line(&mut mesh, from, to, width, color);
                } else {
                    inside.add(Shape::line_segment([from, to], Stroke::new(width, color)));
                }
            }
        }
        inside.add(Shape::mesh(mesh));
    }

    fn marks(&self, inside: &Painter, visible: &[(usize, Pos2)]) {
        let (ctx, theme) = (self.ctx, self.ctx.theme);
        let links = &self.parts.shown.chain.links;
        let mut mesh = Mesh::default();
        for &(i, centre) in visible {
            let look = ctx.looks.of_type(links[i].type_ix);
            if visible.len() > MARKS {
                let bar = Rect::from_center_size(centre, vec2(1.0, 10.0));
                mesh.add_colored_rect(bar, theme.color(look));
                continue;
            }
            if self.selected == Some(i) {
                inside.circle(centre, 9.0, theme.accent_soft, Stroke::new(1.5, theme.accent));
            }
            chip::paint_look(inside, centre, 10.0, look, theme);
        }
        inside.add(Shape::mesh(mesh));
        // Above the bars too: what is flagged must not vanish in a crowd.
        for &(i, centre) in visible {
            if let Some(flag) = self.parts.flags.flag(links[i].event) {
                chip::paint(inside, centre + vec2(0.0, 11.0), 7.0, flag.mark(), flag.color(theme));
            }
        }
        if visible.len() <= LABELLED {
            self.labels(inside, visible);
        }
    }

    /// Labels where they cover neither the one before nor the next mark of their lane.
    fn labels(&self, inside: &Painter, visible: &[(usize, Pos2)]) {
        let (theme, body) = (self.ctx.theme, self.body);
        let mut by_x = visible.to_vec();
        by_x.sort_by(|a, b| a.1.x.total_cmp(&b.1.x));
        // Where the next mark of the same lane is, by a pass from the right.
        let mut next = vec![f32::INFINITY; by_x.len()];
        let mut of_lane = vec![f32::INFINITY; self.services.len()];
        for (n, &(i, at)) in by_x.iter().enumerate().rev() {
            next[n] = std::mem::replace(&mut of_lane[self.lanes[i] as usize], at.x);
        }
        let mut taken = vec![f32::MIN; self.services.len()];
        for (n, &(i, Pos2 { x, y })) in by_x.iter().enumerate() {
            let taken = &mut taken[self.lanes[i] as usize];
            let Some(event) = self.parts.shown.described.events.get(i) else { continue };
            let color = if self.selected == Some(i) { theme.text } else { theme.muted };
            let galley = inside.layout_no_wrap(named(&event.type_name), sans(SMALL), color);
            let (width, top) = (galley.size().x, y - galley.size().y - 1.0);
            if x + 9.0 + width >= body.right() && x - 9.0 - width > taken.max(body.left()) {
                // At the right edge it stands before its mark.
                inside.galley(pos2(x - 9.0 - width, top), galley, theme.muted);
                continue;
            }
            let room = next[n] - x - 20.0;
            if width <= room && x + 9.0 > *taken && x + 9.0 + width < body.right() {
                *taken = x + 9.0 + width;
                inside.galley(pos2(x + 9.0, top), galley, theme.muted);
                let waited = self.parts.shown.times(i).1;
                if !waited.is_empty() && room > 48.0 {
                    inside.text(pos2(x + 9.0, y + 2.0), Align2::LEFT_TOP, waited, mono(10.0), theme.faint);
                }
            }
        }
    }

    fn nodes(&self, ui: &Ui, base: Id, visible: &[(usize, Pos2)], focusable: Option<usize>, out: &mut Vec<Command>) {
        let few = visible.len() <= NODES;
        let here = focusable.and_then(|at| Some((at, self.at(at)?)));
        for (at, centre) in visible.iter().copied().filter(|(at, _)| few && Some(*at) != focusable).chain(here) {
            let rect = Rect::from_center_size(centre, vec2(18.0, 18.0)).intersect(self.body);
            let (selected, focusable) = (self.selected == Some(at), focusable == Some(at));
            let event = self.parts.shown.chain.links[at].event;
            let node = Node { id: node_id(base, at), rect, selected, focusable };
            node.ui(ui, self.ctx, || self.parts.label(at), event, out);
        }
    }
}
