//! The panel: canvas to the left, list to the right where there is room, a line of buttons above.

use std::sync::Arc;

use egui::{Margin, Rect, RichText, Sense, Ui, vec2};

use super::canvas::{Canvas, words};
use super::detail::detail_ui;
use crate::analysis::flows::{Layout, ServiceMap, layout, mermaid, svg};
use crate::app::Command;
use crate::app::command::{LayoutCommand, WindowCommand};
use crate::app::jobs::{Answer, Slot};
use crate::base::text::plural;
use crate::gui::panels::parts::behind::behind_ui;
use crate::gui::panels::parts::pan_zoom::View;
use crate::gui::panels::parts::save_row::{SaveRow, SaveTo};
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, SMALL};
use crate::gui::widgets::parts::{empty_state, focus_ring, icon_button};

/// The map with its layout: made when the chains were looked at anew.
pub struct Drawn {
    pub map: ServiceMap,
    pub layout: Layout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    Node(usize),
    Edge(usize),
}

#[derive(Default)]
pub struct MapPanel {
    drawn: Option<Slot<u64, Drawn>>,
    view: View,
    chosen: Option<Chosen>,
    saving: SaveRow,
}

const SIDE: f32 = 280.0;

impl Panel for MapPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let Some(drawn) = self.ask(ctx) else {
            let share = ctx.jobs.flows.progress().unwrap_or(0.0);
            empty_state(ui, "Looking at all chains…", &format!("{:.0} %", share * 100.0), None);
            return;
        };
        if drawn.value.map.edges.is_empty() {
            let why = "No event names a cause, and none shares a correlation id with another.";
            if empty_state(ui, "No map", why, Some("Edit the field mapping")) {
                out.push(LayoutCommand::Show("mapping").into());
            }
            return;
        }
        self.tools_ui(ui, ctx, &drawn.value, out);
        let whole = ui.available_rect_before_wrap();
        ui.allocate_rect(whole, Sense::hover());
        let side = if whole.width() > SIDE * 2.0 { SIDE } else { 0.0 };
        let canvas = whole.with_max_x(whole.right() - side);
        self.canvas_ui(ui, ctx, &drawn.value, canvas);
        if side > 0.0 {
            let beside = whole.with_min_x(canvas.right()).shrink2(vec2(GRID * 2.0, GRID));
            ui.painter().vline(canvas.right(), whole.y_range(), egui::Stroke::new(1.0, ctx.theme.line));
            ui.scope_builder(egui::UiBuilder::new().max_rect(beside), |ui| {
                detail_ui(ui, ctx, &drawn.value, &mut self.chosen, out);
            });
        }
    }
}

/// Fitted into a small panel names stay readable; what is outside is dragged in.
const LEAST_ZOOM: f32 = 0.7;

impl MapPanel {
    fn ask(&mut self, ctx: &PanelCtx<'_>) -> Option<Arc<Answer<u64, Drawn>>> {
        let slot = self.drawn.get_or_insert_with(|| Slot::new("service map", ctx.waker.clone()));
        if let Some(answer) = ctx.jobs.flows.answer() {
            slot.ask(answer.snapshot.generation(), 0, move |_| {
                let map = ServiceMap::of(&answer.snapshot, &answer.flows);
                Drawn { layout: layout(&map), map }
            });
        }
        slot.answer()
    }

    fn tools_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, drawn: &Drawn, out: &mut Vec<Command>) {
        let map = &drawn.map;
        egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal(|ui| {
                let nodes = map.nodes.len() as u64;
                let nodes =
                    if map.types_only { plural(nodes, "type", "types") } else { plural(nodes, "service", "services") };
                let basis = if map.by_order { " · by the order of time: no event names its cause" } else { "" };
                let words = format!("{nodes}, {}{basis}", plural(map.edges.len() as u64, "arrow", "arrows"));
                ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
                behind_ui(ui, ctx);
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if icon_button(ui, "↔", "Fit the map").clicked() {
                        self.view.let_fit();
                    }
                    ui.menu_button("Export", |ui| {
                        if ui.button("Copy as Mermaid").clicked() {
                            out.push(WindowCommand::Copy(mermaid(map)).into());
                        }
                        if ui.button("Copy as SVG").clicked() {
                            out.push(WindowCommand::Copy(svg(map)).into());
                        }
                        if ui.button("Save…").clicked() {
                            self.saving.open("service-map.svg");
                        }
                    });
                });
            });
            self.saving_ui(ui, ctx, map, out);
        });
    }

    fn saving_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, map: &ServiceMap, out: &mut Vec<Command>) {
        let to = self.saving.ui(ui, ctx, "Path of the map", "SVG; .mmd or .md for Mermaid");
        let Some(SaveTo { path, replace }) = to else { return };
        let ends = |end: &str| path.to_ascii_lowercase().ends_with(end);
        let text = match (ends(".mmd"), ends(".md")) {
            (true, _) => mermaid(map),
            (_, true) => format!("```mermaid\n{}```\n", mermaid(map)),
            _ => svg(map),
        };
        out.push(WindowCommand::Save { path, text: text.into(), replace }.into());
    }

    fn canvas_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, drawn: &Drawn, rect: Rect) {
        self.view.fit(drawn.layout.size, rect, LEAST_ZOOM);
        let response = ui.interact(rect, ui.scope_id().with("map"), Sense::click_and_drag());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, "Service map"));
        self.view.take_input(ui, &response, rect);
        let mut canvas = Canvas { drawn, view: self.view, rect, chosen: self.chosen, hovered: None };
        let pointer = ui.input(|i| i.pointer.hover_pos()).filter(|_| ui.rect_contains_pointer(rect));
        canvas.hovered = pointer.and_then(|at| canvas.hit(at));
        if response.clicked() {
            self.chosen = canvas.hovered;
        }
        // Boxes are widgets of their own, for the keyboard and for screen readers.
        for (at, node) in drawn.layout.nodes.iter().enumerate() {
            let boxed = canvas.boxed(*node).intersect(rect);
            let me = Chosen::Node(at);
            let hit = ui.interact(boxed, response.id.with(at), Sense::click());
            hit.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, words(drawn, me).replace('\n', ", "))
            });
            if hit.clicked() {
                self.chosen = Some(me);
            }
            if hit.has_focus() {
                focus_ring(&ui.painter_at(rect), boxed.expand(2.0), ctx.theme);
            }
        }
        canvas.chosen = self.chosen;
        canvas.paint(&ui.painter_at(rect), ctx);
        if let Some(hovered) = canvas.hovered {
            ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
            response.show_tooltip_text(words(drawn, hovered));
        }
    }
}
