//! The line above the ruler: which lanes, in which order, in which colours.

use egui::{Align, Layout, Rect, RichText, TextEdit, Ui, UiBuilder, vec2};

use crate::app::Command;
use crate::app::command::{LaneCommand, ViewCommand};
use crate::app::state::{ColorBy, LaneSort};
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{GRID, SMALL};
use crate::gui::widgets::parts::icon_button;

pub const HEIGHT: f32 = 32.0;

/// Draws the toolbar in `rect`; `summary` says how many lanes there are.
pub fn toolbar_ui(ui: &mut Ui, rect: Rect, ctx: &PanelCtx<'_>, summary: &str, out: &mut Vec<Command>) {
    let inner = rect.shrink2(vec2(GRID * 2.0, GRID));
    let mut left = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    let lanes = &ctx.state.view.lanes;
    let mut text = lanes.text.clone();
    let field = TextEdit::singleline(&mut text).hint_text("Find lanes…").desired_width(132.0);
    let response = left.add(field);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SearchInput, true, "Find lanes"));
    if response.changed() {
        out.push(LaneCommand::Text(text).into());
    }
    left.menu_button(format!("Sort: {}", sort_label(lanes.sort)), |ui| {
        for sort in [LaneSort::First, LaneSort::Last, LaneSort::Count, LaneSort::Name] {
            if ui.radio(lanes.sort == sort, sort_label(sort)).clicked() {
                out.push(LaneCommand::Sort(sort).into());
                ui.close();
            }
        }
        ui.separator();
        let turn = if lanes.reversed { "Usual direction" } else { "Turn the order round" };
        if ui.button(turn).clicked() {
            out.push(LaneCommand::Sort(lanes.sort).into());
            ui.close();
        }
    });
    let mut grouped = lanes.group_by_kind;
    if left.toggle_value(&mut grouped, "Group by kind").clicked() {
        out.push(LaneCommand::GroupByKind(grouped).into());
    }
    let mut collapse = ctx.state.view.collapse_gaps;
    if left
        .toggle_value(&mut collapse, "Collapse gaps")
        .on_hover_text("Shorten long silent stretches to a mark")
        .clicked()
    {
        out.push(ViewCommand::CollapseGaps(collapse).into());
    }

    let mut right = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    right.spacing_mut().item_spacing.x = 2.0;
    for (sign, label, command) in [
        ("↔", "Fit everything", ViewCommand::Fit),
        ("+", "Zoom in", ViewCommand::ZoomIn),
        ("−", "Zoom out", ViewCommand::ZoomOut),
    ] {
        if icon_button(&mut right, sign, label).clicked() {
            out.push(command.into());
        }
    }
    right.add_space(GRID);
    let (now, other, label) = match lanes.color_by {
        ColorBy::Type => ("type", ColorBy::Service, "Colour by service"),
        ColorBy::Service => ("service", ColorBy::Type, "Colour by event type"),
    };
    if right.button(format!("Colour: {now}")).on_hover_text(label).clicked() {
        out.push(LaneCommand::ColorBy(other).into());
    }
    // What is left between both sides; nothing where that is too little to be read.
    let room = right.min_rect().left() - left.min_rect().right() - GRID * 4.0;
    if room > 64.0 {
        left.add_space(GRID);
        left.set_max_width(left.min_rect().width() + room);
        left.add(egui::Label::new(RichText::new(summary).size(SMALL).color(ctx.theme.faint)).truncate());
    }
}

fn sort_label(sort: LaneSort) -> &'static str {
    match sort {
        LaneSort::First => "first event",
        LaneSort::Last => "last event",
        LaneSort::Count => "count",
        LaneSort::Name => "name",
    }
}
