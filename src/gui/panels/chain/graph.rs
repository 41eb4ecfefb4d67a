//! The chain as a graph: a column for each step from the first causes, an arrow from each cause to its
//! effect, led past the events between. Causes that are not in the log are hollow; an event that causes
//! itself has a loop, and an arrow that closes a circle leads back below the boxes.

use egui::{Align2, Id, Rect, Sense, Ui};

use super::arrows::Arrows;
use super::boxes::Boxes;
use super::draw::Parts;
use super::rover::{NODES, Node, Rover, node_id};
use crate::analysis::trace::BOX;
use crate::app::Command;
use crate::app::command::SelectCommand;
use crate::base::text::plural;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::pan_zoom::View;
use crate::gui::theme::{GRID, SMALL, sans};

/// Below this zoom boxes and arrows are plain areas and lines, without text.
pub const PLAIN: f32 = 0.45;

/// Smaller than this nobody reads: a chain that is longer is moved.
const LEAST: f32 = 0.8;

#[derive(Default)]
pub struct GraphView {
    pub view: View,
    rover: Rover,
}

/// Where the drawing stands on screen in this frame.
#[derive(Clone, Copy)]
pub struct Canvas<'a> {
    pub ctx: &'a PanelCtx<'a>,
    pub parts: &'a Parts<'a>,
    pub view: View,
    pub rect: Rect,
    pub selected: Option<usize>,
}

impl Canvas<'_> {
    #[must_use]
    pub fn boxed(&self, at: usize) -> Rect {
        let min = self.view.px(self.parts.graph.corner(at), self.rect);
        Rect::from_min_size(min, egui::Vec2::from(BOX) * self.view.zoom())
    }

    /// The part of the drawing that is in sight: its left and right edge.
    #[must_use]
    pub fn extent(&self) -> (f32, f32) {
        let origin = self.view.px([0.0, 0.0], self.rect).x;
        let zoom = self.view.zoom().max(f32::EPSILON);
        ((self.rect.left() - origin) / zoom, (self.rect.right() - origin) / zoom)
    }
}

impl GraphView {
    /// `reveal` is an event to be brought into sight.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        parts: &Parts<'_>,
        reveal: Option<u32>,
        out: &mut Vec<Command>,
    ) {
        let rect = ui.available_rect_before_wrap();
        ui.allocate_rect(rect, Sense::hover());
        let base = ui.scope_id().with("cause graph");
        let moved = self.rover.keys(ui, base, ctx, parts, |_| true);
        let focusable = self.rover.place(ctx, parts, |_| true);
        self.view.fit(parts.graph.size(), rect, LEAST);
        for at in [reveal.map(|at| at as usize), moved].into_iter().flatten() {
            let [x, y] = parts.graph.corner(at);
            self.view.show([x + BOX[0] / 2.0, y + BOX[1] / 2.0], rect);
        }
        let response = ui.interact(rect, base, Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Cause graph of the chain"));
        self.view.take_input(ui, &response, rect);
        if response.double_clicked() {
            self.view.let_fit();
        }
        let selected = ctx.state.selection.event.and_then(|event| parts.shown.chain.index_of(event));
        let canvas = Canvas { ctx, parts, view: self.view, rect, selected: selected.map(|at| at as usize) };
        let visible: Vec<(usize, Rect)> = (0..parts.graph.places.len())
            .map(|at| (at, canvas.boxed(at)))
            .filter(|(_, boxed)| rect.intersects(*boxed))
            .collect();
        let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|_| response.contains_pointer());
        let hovered = pointer.and_then(|at| visible.iter().find(|(_, boxed)| boxed.contains(at))).map(|(at, _)| *at);
        let painter = ui.painter_at(rect);
        Arrows(&canvas).paint(&painter);
        Boxes(&canvas).paint(&painter, &visible, hovered);
        if parts.graph.straight > 0 {
            let arrows = plural(parts.graph.straight, "arrow leads", "arrows lead");
            let words = format!("{arrows} straight across the events between: there are too many");
            let at = rect.left_bottom() + egui::vec2(GRID * 2.0, -GRID * 2.0);
            painter.text(at, Align2::LEFT_BOTTOM, words, sans(SMALL), ctx.theme.muted);
        }
        nodes(ui, base, &canvas, &visible, focusable, out);
        if let Some(event) = hovered.and_then(|at| parts.shown.chain.links.get(at)).map(|link| link.event) {
            if response.clicked() {
                out.push(SelectCommand::Event(event).into());
            }
            out.push(SelectCommand::Hover(Some(event)).into());
            ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
            response.show_tooltip_text(parts.words(hovered.unwrap_or_default()));
        }
    }
}

fn nodes(
    ui: &Ui,
    base: Id,
    canvas: &Canvas<'_>,
    visible: &[(usize, Rect)],
    focusable: Option<usize>,
    out: &mut Vec<Command>,
) {
    let few = visible.len() <= NODES;
    let here = focusable.map(|at| (at, canvas.boxed(at)));
    for (at, boxed) in visible.iter().copied().filter(|(at, _)| few && Some(*at) != focusable).chain(here) {
        let Some(link) = canvas.parts.shown.chain.links.get(at) else { continue };
        let (selected, focusable) = (canvas.selected == Some(at), focusable == Some(at));
        let node = Node { id: node_id(base, at), rect: boxed.intersect(canvas.rect), selected, focusable };
        node.ui(ui, canvas.ctx, || canvas.parts.label(at), link.event, out);
    }
}
