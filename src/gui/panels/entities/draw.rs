//! Puts the entities panel together: search, kinds, the list with its own scrolling, because a
//! million rows are more than an `f32` can tell apart.

use std::sync::Arc;

use egui::{Rect, Sense, TextEdit, Ui, pos2, vec2};

use super::kinds::kinds_ui;
use super::model::{EntityRow, kinds, row};
use super::rows::{row_ui, titles_ui};
use crate::analysis::entities::sparkline;
use crate::analysis::timeline::Basis;
use crate::app::Command;
use crate::app::command::{FilterCommand, LaneCommand, LayoutCommand, SelectCommand, WindowCommand};
use crate::app::jobs::{EntitiesAnswer, Slot};
use crate::base::text::plural;
use crate::gui::panels::parts::answers;
use crate::gui::panels::parts::list::{self, RowScroll};
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, ROW, SMALL, sans};
use crate::gui::widgets::parts::{empty_state, focus_ring};
use crate::model::ids::EntityIx;

const SPARK_BARS: usize = 28;
const BLOCK: u64 = 64;

/// Sparklines by entity, for binary search.
type Sparks = Vec<(EntityIx, Vec<u32>)>;

#[derive(Default)]
pub struct Entities {
    scroll: RowScroll,
    sparks: Option<Slot<(usize, u64), Sparks>>,
    shown: Option<EntityIx>,
}

impl Panel for Entities {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.snapshot.is_empty() {
            let why = if ctx.reading { "They appear as soon as events are read." } else { "The log has no events." };
            empty_state(ui, "No entities yet", why, None);
            return;
        }
        search_ui(ui, ctx, out);
        let answer = answers::entities(ctx);
        let counts = answer.as_ref().and_then(|a| a.value.as_ref()?.kinds.as_deref());
        let counts = counts.filter(|_| !ctx.state.view.filter.is_empty());
        kinds_ui(ui, ctx, &kinds(ctx.snapshot, ctx.state, counts), out);
        match answer.as_ref().and_then(|a| a.value.as_ref()) {
            Some(found) if !found.list.order.is_empty() => self.list_ui(ui, ctx, found, out),
            Some(_) => nothing_ui(ui, ctx, out),
            None => drop(empty_state(ui, "Counting entities…", "", None)),
        }
    }

    fn badge(&self, ctx: &PanelCtx<'_>) -> Option<String> {
        Some(crate::base::text::count(u64::from(ctx.snapshot.entity_count())))
    }
}

impl Entities {
    fn list_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, found: &EntitiesAnswer, out: &mut Vec<Command>) {
        let theme = ctx.theme;
        let rows = found.list.order.len() as u64;
        let (title, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
        ui.painter().rect_filled(title, 0.0, theme.raised);
        titles_ui(&ui.painter_at(title), title.with_max_x(title.right() - list::BAR), theme);
        let full = ui.available_rect_before_wrap();
        ui.allocate_rect(full, Sense::hover());
        let body = full.with_max_x(full.right() - list::BAR);
        self.follow(ctx, found, body.height());
        let response = ui.interact(body, ui.scope_id().with("entities"), Sense::click());
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::List, true, plural(rows, "entity", "entities")));
        if ui.rect_contains_pointer(body) {
            let delta = ui.input(|i| i.smooth_scroll_delta().y);
            if delta != 0.0 {
                self.scroll = self.scroll.moved(-delta, rows, ROW, body.height());
            }
        }
        if response.has_focus() {
            self.keys(ui, ctx, found, body.height(), out);
        }
        self.scroll = self.scroll.clamped(rows, ROW, body.height());
        let sparks = self.ask(ctx, found);
        let painter = ui.painter_at(body);
        let fit = ((body.height() + self.scroll.part) / ROW).ceil() as u64;
        let timed = Basis::of(ctx.snapshot) == Basis::Time;
        for i in 0..fit.min(rows.saturating_sub(self.scroll.first)) {
            let at = self.scroll.first + i;
            let Some(entry) = row(ctx.snapshot, ctx.state, &found.list, &found.stats, at, timed) else { continue };
            let y = body.top() - self.scroll.part + i as f32 * ROW;
            let rect = Rect::from_min_size(pos2(body.left(), y), vec2(body.width(), ROW));
            let hit = ui.interact(rect.intersect(body), ui.scope_id().with(("entity", entry.entity.0)), Sense::click());
            let spark = sparks.as_deref().and_then(|s| find(&s.value, entry.entity));
            row_ui(&painter, rect, &entry, spark, hit.hovered(), theme);
            hit.widget_info(|| {
                egui::WidgetInfo::selected(egui::Role::ListBoxOption, true, entry.selected, entry.accessible())
            });
            if hit.has_focus() {
                focus_ring(&painter, rect, theme);
            }
            if hit.clicked() {
                self.shown = Some(entry.entity);
                response.request_focus();
                out.push(SelectCommand::Entity(entry.entity).into());
            }
            hit.context_menu(|ui| menu(ui, ctx, &entry, out));
            hit.on_hover_text(entry.details());
        }
        if response.has_focus() {
            focus_ring(&painter, body, theme);
        }
        list::bar(ui, body, &mut self.scroll, rows, ROW, "Scroll entities");
    }

    fn keys(&mut self, ui: &Ui, ctx: &PanelCtx<'_>, found: &EntitiesAnswer, height: f32, out: &mut Vec<Command>) {
        let order = &found.list.order;
        let page = (height / ROW).floor().max(1.0) as i64;
        let step = ui.input_mut(|i| {
            let mut pressed = |key| i.consume_key(egui::Modifiers::NONE, key);
            if pressed(egui::Key::ArrowDown) {
                1
            } else if pressed(egui::Key::ArrowUp) {
                -1
            } else if pressed(egui::Key::PageDown) {
                page
            } else if pressed(egui::Key::PageUp) {
                -page
            } else {
                0
            }
        });
        if step == 0 {
            return;
        }
        let now = ctx.state.selection.entity.and_then(|e| order.iter().position(|&o| o == e));
        let last = order.len() as i64 - 1;
        let next = now.map_or(0, |at| (at as i64 + step).clamp(0, last));
        if let Some(&entity) = usize::try_from(next).ok().and_then(|i| order.get(i)) {
            out.push(SelectCommand::Entity(entity).into());
        }
    }

    /// Scrolls to an entity that was selected elsewhere or by the keyboard.
    fn follow(&mut self, ctx: &PanelCtx<'_>, found: &EntitiesAnswer, height: f32) {
        let selected = ctx.state.selection.entity;
        if selected == self.shown {
            return;
        }
        self.shown = selected;
        let place = selected.and_then(|e| found.list.order.iter().position(|&o| o == e));
        if let Some(at) = place {
            self.scroll = self.scroll.showing(at as u64, found.list.order.len() as u64, ROW, height);
        }
    }

    /// Counts the sparklines of the rows around those in sight.
    fn ask(
        &mut self,
        ctx: &PanelCtx<'_>,
        found: &EntitiesAnswer,
    ) -> Option<Arc<crate::app::jobs::Answer<(usize, u64), Sparks>>> {
        let block = self.scroll.first / BLOCK;
        let slot = self.sparks.get_or_insert_with(|| Slot::new("sparklines", ctx.waker.clone()));
        let (log, list) = (Arc::clone(&found.snapshot), Arc::clone(&found.list));
        slot.ask((Arc::as_ptr(&list) as usize, block), 0, move |job| {
            let basis = Basis::of(&log);
            let Some((start, end)) = basis.extent(&log) else { return Vec::new() };
            let from = (block.saturating_sub(1) * BLOCK) as usize;
            let mut sparks: Sparks = list
                .order
                .iter()
                .skip(from)
                .take(4 * BLOCK as usize)
                .take_while(|_| !job.cancel.is_cancelled())
                .map(|&entity| (entity, sparkline(&log, entity, basis, start, end, SPARK_BARS)))
                .collect();
            sparks.sort_by_key(|(entity, _)| *entity);
            sparks
        });
        slot.answer()
    }
}

fn find(sparks: &Sparks, entity: EntityIx) -> Option<&[u32]> {
    sparks.binary_search_by_key(&entity, |(e, _)| *e).ok().and_then(|i| sparks.get(i)).map(|(_, s)| s.as_slice())
}

fn search_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4)).show(ui, |ui| {
        let mut text = ctx.state.view.lanes.text.clone();
        let field = TextEdit::singleline(&mut text).hint_text("Search entities…").desired_width(f32::INFINITY);
        let response = ui.add(field);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SearchInput, true, "Search entities"));
        if response.changed() {
            out.push(LaneCommand::Text(text).into());
        }
    });
    ui.spacing_mut().item_spacing = vec2(GRID * 2.0, 0.0);
}

fn nothing_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
    let lanes = &ctx.state.view.lanes;
    if lanes.text.is_empty() && lanes.kinds.is_empty() && ctx.state.view.filter.is_empty() {
        let why = "No field of this log is mapped to an entity.";
        if empty_state(ui, "No entities", why, Some("Edit the field mapping")) {
            out.push(LayoutCommand::Show("mapping").into());
        }
    } else if empty_state(
        ui,
        "No entity matches",
        "The search, the kinds or the filter leave none.",
        Some("Show all entities"),
    ) {
        out.push(LaneCommand::Text(String::new()).into());
        out.push(LaneCommand::Kinds(Vec::new()).into());
        out.push(FilterCommand::Clear.into());
    }
}

fn menu(ui: &mut Ui, ctx: &PanelCtx<'_>, entry: &EntityRow, out: &mut Vec<Command>) {
    let Some(name) = ctx.snapshot.entity(entry.entity) else { return };
    let kind = ctx.snapshot.kind_name(name.kind);
    let mut item = |ui: &mut Ui, label: &str, command: Command| {
        if ui.button(label).clicked() {
            out.push(command);
            ui.close();
        }
    };
    item(ui, if entry.pinned { "Unpin" } else { "Pin to the top" }, LaneCommand::TogglePin(entry.entity).into());
    let term = crate::analysis::query::term(crate::model::filter::NameKey::Entity, &format!("{kind}:{}", name.id));
    item(ui, "Show only its events", FilterCommand::And(term).into());
    item(ui, "Copy its id", WindowCommand::Copy(name.id.to_owned()).into());
    ui.label(egui::RichText::new(kind).font(sans(SMALL)).color(ctx.theme.faint));
}
