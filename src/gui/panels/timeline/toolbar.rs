//! The line above the ruler: which lanes, in which order, in which colours. Where it is narrow, what
//! is used least moves into one menu.

use egui::{Align, Layout, Rect, TextEdit, Ui, UiBuilder, vec2};

use crate::app::Command;
use crate::app::command::{LaneCommand, LintCommand, ViewCommand};
use crate::app::state::{ColorBy, LaneSort};
use crate::gui::panels::PanelCtx;
use crate::gui::theme::GRID;
use crate::gui::widgets::parts::icon_button;

pub const HEIGHT: f32 = 32.0;

/// Least width for all parts side by side.
const WIDE: f32 = 796.0;

/// Below this the search field shrinks too.
const NARROW: f32 = 400.0;

pub fn toolbar_ui(ui: &mut Ui, rect: Rect, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
    let inner = rect.shrink2(vec2(GRID * 2.0, GRID));
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
    let room = inner.with_max_x(right.min_rect().left() - GRID * 2.0);
    let mut left = ui.new_child(UiBuilder::new().max_rect(room).layout(Layout::left_to_right(Align::Center)));
    left.shrink_clip_rect(room.expand(2.0));
    let lanes = &ctx.state.view.lanes;
    let mut text = lanes.text.clone();
    let width = if inner.width() < NARROW { 84.0 } else { 132.0 };
    let response = left.add(TextEdit::singleline(&mut text).hint_text("Find lanes…").desired_width(width));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SearchInput, true, "Find lanes"));
    if response.changed() {
        out.push(LaneCommand::Text(text).into());
    }
    let mut in_view = lanes.in_view;
    if left
        .toggle_value(&mut in_view, "In view")
        .on_hover_text("Only lanes with an event in the visible range (V)")
        .clicked()
    {
        out.push(LaneCommand::InView(in_view).into());
    }
    if inner.width() >= WIDE {
        left.menu_button(format!("Sort: {}", sort_label(lanes.sort)), |ui| sort_ui(ui, ctx, out));
        switches_ui(&mut left, ctx, out);
        let (now, other, label) = match lanes.color_by {
            ColorBy::Type => ("type", ColorBy::Service, "Colour by service"),
            ColorBy::Service => ("service", ColorBy::Type, "Colour by event type"),
        };
        if left.button(format!("Colour: {now}")).on_hover_text(label).clicked() {
            out.push(LaneCommand::ColorBy(other).into());
        }
    } else {
        left.menu_button("Lanes", |ui| {
            ui.weak("Sort by");
            sort_ui(ui, ctx, out);
            ui.separator();
            switches_ui(ui, ctx, out);
            ui.separator();
            for (by, label) in [(ColorBy::Type, "Colour by event type"), (ColorBy::Service, "Colour by service")] {
                if ui.radio(lanes.color_by == by, label).clicked() {
                    out.push(LaneCommand::ColorBy(by).into());
                    ui.close();
                }
            }
        })
        .response
        .on_hover_text("Order, groups and colours of the lanes");
    }
}

fn sort_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
    let lanes = &ctx.state.view.lanes;
    for sort in [LaneSort::First, LaneSort::Last, LaneSort::Count, LaneSort::Name] {
        if ui.radio(lanes.sort == sort, sort_label(sort)).clicked() {
            if lanes.sort != sort {
                out.push(LaneCommand::Sort(sort).into());
            }
            ui.close();
        }
    }
    ui.separator();
    let turn = if lanes.reversed { "Usual direction" } else { "Turn the order round" };
    if ui.button(turn).clicked() {
        out.push(LaneCommand::Sort(lanes.sort).into());
        ui.close();
    }
}

fn switches_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
    let mut grouped = ctx.state.view.lanes.group_by_kind;
    if ui.toggle_value(&mut grouped, "Group by kind").clicked() {
        out.push(LaneCommand::GroupByKind(grouped).into());
        ui.close();
    }
    let mut collapse = ctx.state.view.collapse_gaps;
    let response = ui.toggle_value(&mut collapse, "Collapse gaps");
    if response.on_hover_text("Shorten long silent stretches to a mark").clicked() {
        out.push(ViewCommand::CollapseGaps(collapse).into());
        ui.close();
    }
    marks_ui(ui, ctx, out);
}

fn marks_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
    let mut marks = ctx.state.settings.finding_marks;
    let response = ui.toggle_value(&mut marks, "Findings");
    if response.on_hover_text("A notch below events that lint findings name").clicked() {
        out.push(LintCommand::Marks(marks).into());
        ui.close();
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
