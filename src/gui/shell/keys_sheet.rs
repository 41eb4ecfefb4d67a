//! All keys on one sheet, made from the same table that reads them.

use eframe::egui::{Align, Context, Frame, Id, Layout, Modal, RichText, ScrollArea, Sense, Stroke, Ui, vec2};

use crate::app::Command;
use crate::app::actions::{ACTIONS, Action, Group};
use crate::app::command::WindowCommand;
use crate::gui::theme::{self, BODY, GRID, Theme};
use crate::gui::widgets::{keycap, parts};

/// The mouse has gestures that no table of keys lists.
const MOUSE: &[(&str, &str)] = &[
    ("Zoom time around the pointer", "Ctrl + wheel"),
    ("Pan time", "drag, Shift + wheel"),
    ("Zoom to a box", "Shift + drag"),
    ("Move the time cursor", "drag in the ruler"),
    ("Maximise a panel", "double click on its tab"),
];

pub fn draw(ctx: &Context, theme: &Theme, out: &mut Vec<Command>) {
    let frame = Frame::new().fill(theme.raised).stroke(Stroke::new(1.0, theme.outline)).corner_radius(8);
    let modal = Modal::new(Id::unique("keys")).backdrop_color(theme.veil).frame(frame.inner_margin(20));
    let modal = modal.show(ctx, |ui| {
        let screen = ui.ctx().content_rect();
        let height = (screen.height() - 180.0).clamp(120.0, 760.0);
        ui.set_width((screen.width() - 96.0).min(920.0));
        parts::heading(ui, "Keys");
        ui.add_space(GRID * 2.0);
        ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, |ui| {
            ui.spacing_mut().item_spacing.x = GRID * 10.0;
            let columns = if ui.available_width() > 760.0 { 2 } else { 1 };
            ui.columns(columns, |columns| {
                let wide = columns.len() > 1;
                for (i, group) in Group::ALL.into_iter().enumerate() {
                    let column = if wide { usize::from(i >= 3) } else { 0 };
                    if let Some(ui) = columns.get_mut(column) {
                        section(ui, theme, group);
                    }
                }
                if let Some(ui) = columns.first_mut() {
                    mouse(ui, theme);
                }
            });
        });
        ui.add_space(GRID * 2.0);
        let line = vec2(ui.available_width(), ui.spacing().interact_size.y);
        let layout = Layout::right_to_left(Align::Center);
        ui.allocate_ui_with_layout(line, layout, |ui| ui.button("Close").clicked()).inner
    });
    if modal.inner || modal.should_close() {
        out.push(WindowCommand::Keys.into());
    }
}

fn section(ui: &mut Ui, theme: &Theme, group: Group) {
    let keyed: Vec<&Action> = ACTIONS.iter().filter(|a| a.group == group && !a.keys.is_empty()).collect();
    if keyed.is_empty() {
        return;
    }
    ui.label(RichText::new(group.label()).font(theme::semibold(BODY)).color(theme.muted));
    for action in keyed {
        row(
            ui,
            |ui| {
                for (i, key) in action.keys.iter().enumerate().rev() {
                    keycap::caps(ui, &key.caps());
                    if i > 0 {
                        ui.label(RichText::new("or").color(theme.faint));
                    }
                }
            },
            action.label,
        );
    }
    ui.add_space(GRID * 3.0);
}

fn mouse(ui: &mut Ui, theme: &Theme) {
    ui.label(RichText::new("Mouse").font(theme::semibold(BODY)).color(theme.muted));
    for (what, how) in MOUSE {
        row(
            ui,
            |ui| {
                ui.label(RichText::new(*how).color(theme.muted));
            },
            what,
        );
    }
}

fn row(ui: &mut Ui, keys: impl FnOnce(&mut Ui), label: &str) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let inner = rect.shrink2(vec2(0.0, 0.0));
    let builder = eframe::egui::UiBuilder::new().max_rect(inner);
    ui.new_child(builder.clone().layout(Layout::left_to_right(Align::Center))).label(label);
    let mut right = ui.new_child(builder.layout(Layout::right_to_left(Align::Center)));
    right.spacing_mut().item_spacing.x = GRID * 2.0;
    keys(&mut right);
}
