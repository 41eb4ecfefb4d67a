//! How tiles look and what their tabs do: a click brings to the front, a double click maximises, a
//! drag moves.

use std::collections::BTreeMap;

use eframe::egui::style::ScrollAnimation;
use eframe::egui::{
    self, Color32, CornerRadius, Id, Rect, Response, Role, Sense, Stroke, Ui, Visuals, WidgetInfo, vec2,
};
use egui_tiles::{Behavior, ResizeState, SimplificationOptions, TabState, Tabs, TileId, Tiles, UiResponse};

use super::Pane;
use crate::app::command::LayoutCommand;
use crate::app::{Command, PanelId};
use crate::gui::panels::{Entry, Panel, PanelCtx};
use crate::gui::theme::{self, BODY, GRID, Theme};
use crate::gui::widgets::parts;

const TAB_BAR: f32 = 28.0;

pub(super) struct Panes<'a, 'c> {
    pub panels: &'a mut BTreeMap<PanelId, Box<dyn Panel>>,
    pub ctx: &'a PanelCtx<'c>,
    pub out: &'a mut Vec<Command>,
    /// Something was moved, resized or brought to the front.
    pub edited: bool,
}

/// One panel in all the space there is, with the way back.
pub(super) fn maximised(
    ui: &mut Ui,
    entry: &'static Entry,
    panels: &mut BTreeMap<PanelId, Box<dyn Panel>>,
    ctx: &PanelCtx<'_>,
    out: &mut Vec<Command>,
) {
    let theme = ctx.theme;
    ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), TAB_BAR), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::ZERO, theme.raised);
    let builder = egui::UiBuilder::new()
        .max_rect(rect.shrink2(vec2(GRID * 2.0, 0.0)))
        .layout(egui::Layout::left_to_right(egui::Align::Center));
    let mut row = ui.new_child(builder);
    row.label(egui::RichText::new(entry.title).font(theme::semibold(BODY)).color(theme.text));
    row.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        if ui.button("Restore").on_hover_text("Give the other panels their places back (Esc)").clicked() {
            out.push(LayoutCommand::Restore.into());
        }
    });
    let mut body = ui.new_child(egui::UiBuilder::new().max_rect(ui.available_rect_before_wrap()));
    content(&mut body, entry, panels, ctx, out);
}

fn content(
    ui: &mut Ui,
    entry: &'static Entry,
    panels: &mut BTreeMap<PanelId, Box<dyn Panel>>,
    ctx: &PanelCtx<'_>,
    out: &mut Vec<Command>,
) {
    let rect = ui.max_rect();
    ui.painter().rect_filled(rect, CornerRadius::ZERO, ctx.theme.panel);
    ui.shrink_clip_rect(rect);
    ui.push_id(entry.id, |ui| {
        ui.style_mut().spacing.item_spacing = vec2(GRID * 2.0, GRID);
        if let Some(panel) = panels.get_mut(entry.id) {
            panel.ui(ui, ctx, out);
        }
    });
}

impl Behavior<Pane> for Panes<'_, '_> {
    fn pane_ui(&mut self, ui: &mut Ui, _tile: TileId, pane: &mut Pane) -> UiResponse {
        if let Some(entry) = pane.entry() {
            content(ui, entry, self.panels, self.ctx, self.out);
        }
        UiResponse::None
    }

    fn tab_title_for_pane(&mut self, pane: &Pane) -> egui::WidgetText {
        pane.entry().map_or("", |e| e.title).into()
    }

    fn retain_pane(&mut self, pane: &Pane) -> bool {
        pane.entry().is_some()
    }

    fn tab_ui(&mut self, tiles: &mut Tiles<Pane>, ui: &mut Ui, id: Id, tile_id: TileId, state: &TabState) -> Response {
        let theme = self.ctx.theme;
        let entry = tiles.get_pane(&tile_id).and_then(Pane::entry);
        let title = entry.map_or("Panels", |e| e.title);
        let badge = entry.and_then(|e| self.panels.get(e.id)?.badge(self.ctx));
        let color = if state.active { theme.text } else { theme.muted };
        let text = ui.painter().layout_no_wrap(title.to_owned(), theme::semibold(theme::SMALL + 1.0), color);
        let badge = badge.map(|b| ui.painter().layout_no_wrap(b, theme::mono(theme::SMALL), theme.faint));
        let badge_width = badge.as_ref().map_or(0.0, |b| b.size().x + GRID * 1.5);
        let width = text.size().x + badge_width + GRID * 6.0;
        let (_, rect) = ui.allocate_space(vec2(width, ui.available_height()));
        let response = ui.interact(rect, id, Sense::click_and_drag()).on_hover_cursor(egui::CursorIcon::Default);
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, state.active, title));
        if state.is_being_dragged {
            return response;
        }
        // What a command or the keyboard brings to the front may lie outside of a narrow bar.
        let was_active = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default(id), state.active));
        if (state.active && !was_active) || response.gained_focus() {
            ui.scroll_to_rect_animation(rect, None, ScrollAnimation::none());
        }
        if response.hovered() && !state.active {
            ui.painter().rect_filled(rect, CornerRadius::ZERO, theme.hover);
        }
        let mut at = egui::pos2(rect.left() + GRID * 3.0, rect.center().y - text.size().y / 2.0);
        let text_width = text.size().x;
        ui.painter().galley(at, text, color);
        if let Some(badge) = badge {
            at = egui::pos2(at.x + text_width + GRID * 1.5, rect.center().y - badge.size().y / 2.0);
            ui.painter().galley(at, badge, theme.faint);
        }
        if state.active {
            let line = Rect::from_min_max(
                egui::pos2(rect.left() + GRID * 2.0, rect.bottom() - 2.0),
                egui::pos2(rect.right() - GRID * 2.0, rect.bottom()),
            );
            ui.painter().rect_filled(line, CornerRadius::same(1), theme.faint);
        }
        if response.has_focus() {
            parts::focus_ring(ui.painter(), rect.shrink(2.0), theme);
        }
        if let Some(entry) = entry {
            if response.double_clicked() {
                self.out.push(LayoutCommand::Maximise(entry.id).into());
            }
            response.context_menu(|ui| {
                if ui.button("Maximise").clicked() {
                    self.out.push(LayoutCommand::Maximise(entry.id).into());
                }
                if ui.button("Hide").clicked() {
                    self.out.push(LayoutCommand::Hide(entry.id).into());
                }
                if ui.button("Reset the layout").clicked() {
                    self.out.push(LayoutCommand::Reset.into());
                }
            });
        }
        self.on_tab_button(tiles, tile_id, response)
    }

    fn top_bar_right_ui(&mut self, tiles: &Tiles<Pane>, ui: &mut Ui, _tile: TileId, tabs: &Tabs, _scroll: &mut f32) {
        let entry = tabs.active.and_then(|id| tiles.get_pane(&id)).and_then(Pane::entry);
        if let Some(entry) = entry {
            ui.add_space(GRID);
            if parts::icon_button(ui, "⛶", &format!("Maximise {}", entry.title.to_lowercase())).clicked() {
                self.out.push(LayoutCommand::Maximise(entry.id).into());
            }
        }
    }

    fn simplification_options(&self) -> SimplificationOptions {
        SimplificationOptions { all_panes_must_have_tabs: true, ..SimplificationOptions::default() }
    }

    fn on_edit(&mut self, _action: egui_tiles::EditAction) {
        self.edited = true;
    }

    fn tab_bar_height(&self, _style: &egui::Style) -> f32 {
        TAB_BAR
    }

    fn gap_width(&self, _style: &egui::Style) -> f32 {
        4.0
    }

    fn min_size(&self) -> f32 {
        96.0
    }

    fn tab_bar_color(&self, visuals: &Visuals) -> Color32 {
        Theme::of(visuals.dark_mode).raised
    }

    fn tab_bar_hline_stroke(&self, visuals: &Visuals) -> Stroke {
        Stroke::new(1.0, Theme::of(visuals.dark_mode).line)
    }

    fn resize_stroke(&self, style: &egui::Style, state: ResizeState) -> Stroke {
        let theme = Theme::of(style.visuals.dark_mode);
        match state {
            ResizeState::Idle => Stroke::new(self.gap_width(style), theme.window),
            ResizeState::Hovering => Stroke::new(2.0, theme.outline),
            ResizeState::Dragging => Stroke::new(2.0, theme.accent),
        }
    }
}
