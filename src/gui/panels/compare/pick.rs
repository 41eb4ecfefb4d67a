//! The form at the left: what is compared with what.

use egui::{DragValue, Margin, RichText, ScrollArea, Sense, TextEdit, Ui, vec2};

use super::model::{Mode, Question, rivals};
use super::work::candidates;
use crate::app::jobs::{Focus, Slot};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{middle_cut, one_line};
use crate::gui::theme::{BODY, GRID, ROW, SMALL, sans, semibold};
use crate::gui::widgets::parts::{focus_ring, split_header};
use crate::gui::widgets::text::line;
use crate::model::ids::{EntityIx, KindIx};

/// What was chosen; for another entity in focus the steps begin anew.
#[derive(Default)]
pub struct Pick {
    mode: Mode,
    of: Option<EntityIx>,
    steps: (u32, u32),
    other: Option<EntityIx>,
    text: String,
    found: Option<Slot<(KindIx, EntityIx, String), Vec<EntityIx>>>,
    rival: usize,
}

/// What is asked for with what is chosen; nothing where something is still to be chosen.
pub fn pick_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, pick: &mut Pick, focus: &Focus) -> Option<Question> {
    if pick.of != Some(focus.entity) {
        pick.of = Some(focus.entity);
        pick.steps = (0, focus.history.len());
        pick.other = pick.other.filter(|other| *other != focus.entity);
    }
    let id = ctx.snapshot.entity(focus.entity).map(|e| middle_cut(&one_line(e.id, 60), 20)).unwrap_or_default();
    split_header(ui, &format!("Compare {id}"), |_| ());
    let mut question = None;
    egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = GRID;
        for mode in Mode::ALL {
            ui.radio_value(&mut pick.mode, mode, mode.label());
        }
        ui.add_space(GRID);
        question = match pick.mode {
            Mode::Steps => Some(steps_ui(ui, ctx, pick, focus)),
            Mode::Entities => entities_ui(ui, ctx, pick, focus),
            Mode::Reducers => reducers_ui(ui, ctx, pick, focus),
        };
    });
    question
}

fn steps_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, pick: &mut Pick, focus: &Focus) -> Question {
    let most = focus.history.len();
    let now = ctx.state.step();
    for (label, step) in [("from", &mut pick.steps.0), ("to", &mut pick.steps.1)] {
        ui.horizontal(|ui| {
            let label = ui.label(RichText::new(label).size(SMALL).color(ctx.theme.muted));
            ui.add(DragValue::new(step).range(0..=most).prefix("event ")).labelled_by(label.id);
            let here = now.filter(|now| now != step);
            if ui.add_enabled(here.is_some(), egui::Button::new("cursor").small()).clicked() {
                *step = here.unwrap_or(*step);
            }
        });
    }
    Question::Steps(pick.steps.0, pick.steps.1)
}

fn entities_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, pick: &mut Pick, focus: &Focus) -> Option<Question> {
    let kind = ctx.snapshot.entity(focus.entity)?.kind;
    let hint = format!("Another {}", one_line(&focus.kind, 30));
    let field = TextEdit::singleline(&mut pick.text).hint_text(hint).desired_width(ui.available_width());
    ui.add(field).accessible_name("Other entity");
    let slot = pick.found.get_or_insert_with(|| Slot::new("other entities", ctx.waker.clone()));
    let (log, entity, text) = (std::sync::Arc::clone(ctx.snapshot), focus.entity, pick.text.clone());
    slot.ask((kind, entity, text.clone()), ctx.snapshot.entity_count().into(), move |job| {
        candidates(&log, kind, entity, &text, &job.cancel)
    });
    let answer = slot.answer();
    let names = answer.as_ref().map(|a| a.value.as_slice()).unwrap_or_default();
    if names.is_empty() {
        let words = if answer.is_some() { "No other entity of this kind has that in its id." } else { "Looking…" };
        ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
    }
    if pick.other.is_none() {
        pick.other = names.first().copied();
    }
    ScrollArea::vertical().id_salt("others").auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for &other in names {
            let Some(name) = ctx.snapshot.entity(other) else { continue };
            let name = one_line(name.id, 80);
            let selected = pick.other == Some(other);
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::CLICK);
            if selected {
                ui.painter().rect_filled(rect, 3.0, ctx.theme.accent_soft);
            } else if response.hovered() {
                ui.painter().rect_filled(rect, 3.0, ctx.theme.hover);
            }
            if response.has_focus() {
                focus_ring(ui.painter(), rect, ctx.theme);
            }
            let font = if selected { semibold(BODY) } else { sans(BODY) };
            let galley = line(ui.painter(), &name, font, ctx.theme.text, rect.width() - 12.0);
            let at = egui::pos2(rect.left() + 6.0, rect.center().y - galley.size().y * 0.5);
            ui.painter().galley(at, galley, ctx.theme.text);
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::ListBoxOption, true, selected, &name));
            if response.clicked() {
                pick.other = Some(other);
            }
        }
    });
    pick.other.filter(|other| ctx.snapshot.entity(*other).is_some_and(|e| e.kind == kind)).map(Question::Entities)
}

fn reducers_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, pick: &mut Pick, focus: &Focus) -> Option<Question> {
    let in_use = &focus.reducer.as_ref()?.source;
    let handed = ctx.state.travel.rival.as_ref().filter(|(kind, _)| **kind == *focus.kind).map(|(_, source)| source);
    let rivals = rivals(in_use, handed);
    ui.label(RichText::new(format!("in use: {}, with", in_use.kind.label())).color(ctx.theme.muted));
    if rivals.is_empty() {
        let words = "Write another reducer in the panel “Reducer” and press “Compare” there.";
        ui.label(RichText::new(words).color(ctx.theme.text));
        return None;
    }
    pick.rival = pick.rival.min(rivals.len() - 1);
    for (i, (name, _)) in rivals.iter().enumerate() {
        ui.radio_value(&mut pick.rival, i, name);
    }
    rivals.into_iter().nth(pick.rival).map(|(_, rival)| Question::Reducers(rival))
}
