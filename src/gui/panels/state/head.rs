//! Whose state it is and after which event: the first lines of the panel.

use egui::{Align, Layout, RichText, Ui, vec2};

use crate::analysis::state::history::Order;
use crate::app::Command;
use crate::app::command::{LayoutCommand, SelectCommand, TravelCommand};
use crate::app::jobs::Focus;
use crate::base::text::{count, plural};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{middle_cut, named, one_line};
use crate::gui::theme::{BODY, GRID, SMALL, mono, semibold};
use crate::gui::widgets::chip;
use crate::gui::widgets::parts::link;

/// Below this width words that the rest explains are left out.
const NARROW: f32 = 272.0;

/// Kind and id on the left, the reducer on the right; below, the event that the state comes after.
pub fn head_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, step: u32, out: &mut Vec<Command>) {
    let theme = ctx.theme;
    ui.spacing_mut().item_spacing = vec2(GRID * 2.0, GRID * 0.5);
    let id = ctx.snapshot.entity(focus.entity).map_or("", |name| name.id);
    ui.horizontal(|ui| {
        ui.set_height(22.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            reducer_ui(ui, focus, out);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.label(RichText::new(one_line(&focus.kind, 40)).size(SMALL).color(theme.muted));
                ui.add(egui::Label::new(RichText::new(named(&one_line(id, 120))).font(semibold(16.0))).truncate());
            });
        });
    });
    let len = focus.history.len();
    let event = focus.history.event_of(step);
    ui.horizontal(|ui| {
        let Some(event) = event else {
            let words = format!("before the first of {}", plural(len.into(), "event", "events"));
            ui.label(RichText::new(words).font(semibold(BODY)));
            return;
        };
        let after = if ui.available_width() < NARROW { "" } else { "after event " };
        let words = format!("{after}{} of {}", count(step.into()), count(len.into()));
        ui.label(RichText::new(words).font(semibold(BODY)));
        let (rect, _) = ui.allocate_exact_size(vec2(10.0, 18.0), egui::Sense::hover());
        let type_ix = ctx.snapshot.type_ix(event);
        chip::paint_look(ui.painter(), rect.center(), 9.0, ctx.looks.of_type(type_ix), theme);
        let name = ctx.snapshot.type_name(type_ix);
        let fits = (ui.available_width() / 7.0) as usize;
        let name = middle_cut(&named(&one_line(name, 80)), fits.max(8));
        if link(ui, &name, crate::gui::theme::sans(BODY), "Show this event in the inspector").clicked() {
            out.push(SelectCommand::EventOf(event, focus.entity).into());
            out.push(LayoutCommand::Show("inspector").into());
        }
    });
    let time = event.and_then(|e| ctx.snapshot.time(e)).or(ctx.state.cursor.filter(|_| event.is_none()));
    let zone = ctx.state.settings.zone;
    let mut words = match (event, time) {
        (Some(_), Some(t)) => format!("{} {}", zone.format(t), zone.name_at(t)),
        (Some(_), None) => "no time in this event".to_owned(),
        (None, _) => "nothing has happened yet".to_owned(),
    };
    if let Some(version) = event.and_then(|e| ctx.snapshot.version(e)) {
        words.push_str(&format!(" · v{version}"));
    }
    let order = match focus.history.order {
        Order::Version => "In the order of the stream's versions",
        Order::Time => "In the order of time, then of the log",
    };
    ui.add(egui::Label::new(RichText::new(words).font(mono(12.0)).color(theme.muted)).truncate()).on_hover_text(order);
    if !focus.history.repeats.is_empty() {
        repeats_ui(ui, ctx, focus, out);
    } else if ctx.state.travel.keep_duplicates {
        ui.horizontal(|ui| {
            ui.label(RichText::new("Repeated events are folded too").size(SMALL).color(theme.amber));
            if ui.small_button("Fold them once").clicked() {
                out.push(TravelCommand::KeepDuplicates(false).into());
            }
        });
    }
}

fn repeats_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, out: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let n = focus.history.repeats.len() as u64;
        let words = format!("{} left out", plural(n, "repeated event", "repeated events"));
        let hint = "Their event id came before: they were delivered more than once";
        ui.label(RichText::new(words).size(SMALL).color(ctx.theme.amber)).on_hover_text(hint);
        if ui.small_button("Fold them too").clicked() {
            out.push(TravelCommand::KeepDuplicates(true).into());
        }
    });
}

/// What makes the state, and how sure that is.
fn reducer_ui(ui: &mut Ui, focus: &Focus, out: &mut Vec<Command>) {
    let (words, hint) = match &focus.reducer {
        None => ("finding rules…".to_owned(), "The log is looked through for what its events do"),
        Some(chosen) if chosen.by_hand => (chosen.source.kind.label().to_owned(), "Made by hand; show the reducer"),
        Some(chosen) => {
            let sure = chosen.confidence().map_or_else(String::new, |c| format!(" {:.0} %", c * 100.0));
            (format!("inferred{sure}"), "Rules found in the log's own events; show and change them")
        }
    };
    if ui.available_width() < NARROW * 0.75 {
        return;
    }
    if link(ui, &words, crate::gui::theme::sans(SMALL), hint).clicked() {
        out.push(LayoutCommand::Show("reducer").into());
    }
}
