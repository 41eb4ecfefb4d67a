//! What the text makes of a history: the last state as a tree, what went wrong and where, and states
//! on the way. Every place can be clicked.

use std::sync::Arc;

use egui::{Margin, RichText, Sense, Ui, vec2};

use super::draw::{PreviewAnswer, ReducerPanel};
use super::preview::{Preview, Trouble};
use crate::app::Command;
use crate::app::command::{SelectCommand, TravelCommand, WindowCommand};
use crate::base::text::plural;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{middle_cut, one_line};
use crate::gui::theme::{BODY, ROW, SMALL, mono, sans};
use crate::gui::widgets::json::{self, JsonTree};
use crate::gui::widgets::parts::{empty_state, link, split_header};
use crate::gui::widgets::text;
use crate::model::ids::{EntityIx, EventIx};

pub fn result_ui(
    panel: &mut ReducerPanel,
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    answer: Option<PreviewAnswer>,
    busy: Option<f32>,
    failed: Option<&str>,
    out: &mut Vec<Command>,
) {
    let shown = answer.as_ref().and_then(|a| a.value.as_ref().map(|preview| (a, preview)));
    let title = shown.and_then(|(_, p)| p.entity).and_then(|e| ctx.snapshot.entity(e));
    let title = title
        .map_or_else(|| "Preview".to_owned(), |name| format!("Preview: {}", middle_cut(&one_line(name.id, 60), 26)));
    split_header(ui, &title, |ui| {
        let words = match (busy, shown) {
            (Some(share), _) => format!("folding, {:.0} %", share * 100.0),
            (None, Some((a, p))) if p.wrong.is_none() => {
                format!("{}{}", plural(u64::from(p.events), "event", "events"), slow(a.took))
            }
            _ => String::new(),
        };
        ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
    });
    if let Some(why) = failed {
        empty_state(ui, "The preview broke down", why, None);
        return;
    }
    let Some((_, preview)) = shown else {
        let title = if busy.is_some() { "Folding the history…" } else { "Nothing to preview yet" };
        empty_state(ui, title, "", None);
        return;
    };
    if let Some(wrong) = &preview.wrong {
        egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
            let line = wrong.line.map_or_else(String::new, |line| format!("Line {line}: "));
            let response = ui.label(RichText::new(format!("{line}{}", wrong.message)).color(ctx.theme.red));
            if let Some(line) = wrong.line
                && response.interact(Sense::CLICK).clicked()
            {
                panel.code.reveal = Some(line.max(1) as usize - 1);
            }
            ui.label(RichText::new("No state can be made until this is mended.").color(ctx.theme.muted));
        });
        return;
    }
    egui::Frame::new().inner_margin(Margin { left: 12, right: 12, top: 4, bottom: 2 }).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        troubles_ui(panel, ui, ctx, preview, out);
        samples_ui(ui, ctx, preview, out);
    });
    if panel.tree_of.as_ref().map(Arc::as_ptr) != preview.last.as_ref().map(Arc::as_ptr) {
        panel.tree_of.clone_from(&preview.last);
        panel.tree = preview.last.as_ref().map_or_else(JsonTree::default, |text| JsonTree::new(Arc::clone(text)));
    }
    if preview.last.is_none() {
        empty_state(ui, "The state is too long to be shown here", "", None);
        return;
    }
    let done = json::show(ui, &mut panel.tree, &mut |_, _, _| ());
    out.extend(done.copy.map(|text| WindowCommand::Copy(text).into()));
}

fn troubles_ui(panel: &mut ReducerPanel, ui: &mut Ui, ctx: &PanelCtx<'_>, preview: &Preview, out: &mut Vec<Command>) {
    let mut line = |ui: &mut Ui, label: String, trouble: &Trouble, error: bool| {
        let color = if error { ctx.theme.red } else { ctx.theme.amber };
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            ui.label(RichText::new(label).color(color));
            let place = link(ui, &trouble.place(), sans(BODY), "Go to this event");
            if place.clicked() {
                go(out, preview.entity, trouble.event);
                panel.code.reveal = trouble.line.map(|line| line.max(1) as usize - 1);
            }
            ui.label(RichText::new(one_line(&trouble.words(), 300)).color(ctx.theme.muted));
        });
    };
    if let Some(stopped) = &preview.stopped {
        line(ui, "Stopped at".to_owned(), stopped, true);
    }
    if let Some(first) = &preview.first_error {
        let label = match preview.errors {
            1 => "1 event failed:".to_owned(),
            n => format!("{} failed, first", plural(u64::from(n), "event", "events")),
        };
        line(ui, label, first, true);
    }
    if let Some(first) = &preview.first_warning {
        line(ui, plural(u64::from(preview.warnings), "warning, first", "warnings, first"), first, false);
    }
}

/// The first state and a middle one; the last is the tree below.
fn samples_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, preview: &Preview, out: &mut Vec<Command>) {
    for sample in &preview.samples {
        let is_last = sample.step == preview.folded;
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW - 2.0), Sense::CLICK);
        if response.hovered() {
            ui.painter().rect_filled(rect, 3.0, ctx.theme.hover);
        }
        if response.has_focus() {
            crate::gui::widgets::parts::focus_ring(ui.painter(), rect, ctx.theme);
        }
        let label = format!("after {}", sample.step);
        let galley = text::line(ui.painter(), &label, sans(SMALL), ctx.theme.muted, 72.0);
        ui.painter().galley(egui::pos2(rect.left(), rect.center().y - galley.size().y * 0.5), galley, ctx.theme.muted);
        let state = if is_last { one_line(&sample.type_name, 60) } else { sample.state.clone() };
        let font = if is_last { sans(SMALL) } else { mono(SMALL) };
        let color = if is_last { ctx.theme.muted } else { ctx.theme.text };
        let galley = text::line(ui.painter(), &state, font, color, rect.width() - 76.0);
        ui.painter().galley(egui::pos2(rect.left() + 72.0, rect.center().y - galley.size().y * 0.5), galley, color);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{label}: {state}")));
        if response.clicked() {
            go(out, preview.entity, sample.event);
        }
        response.on_hover_text(format!("{} {}", label, sample.type_name));
    }
}

fn go(out: &mut Vec<Command>, entity: Option<EntityIx>, event: Option<EventIx>) {
    match (event, entity) {
        (Some(event), Some(entity)) => out.push(SelectCommand::EventOf(event, entity).into()),
        (None, Some(_)) => out.push(TravelCommand::Step(0).into()),
        _ => {}
    }
}

/// What took so long that a person waited; quick ones need no figure, which would only flicker.
fn slow(took: std::time::Duration) -> String {
    let seconds = took.as_secs_f64();
    if seconds < 1.0 { String::new() } else { format!(" · {seconds:.1} s") }
}
