//! "First event where …": the condition, the answer at once from the keyframes and then verified, and
//! the way there.

use egui::{Key, Label, RichText, Role, TextEdit, Ui, WidgetInfo, vec2};

use super::field::name_ui;
use crate::analysis::state::bisect::Answer;
use crate::app::Command;
use crate::app::command::{SelectCommand, TravelCommand};
use crate::app::jobs::Focus;
use crate::base::text::count;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{BODY, GRID, ROW, mono, sans};
use crate::gui::widgets::parts::link;

/// The field's text, and what was done about the last answer.
#[derive(Debug, Default)]
pub struct When {
    text: String,
    /// The question whose text stands in the field.
    shown: Option<u64>,
    /// The question and the step that was gone to.
    went: Option<(u64, u32)>,
    focused: Option<u64>,
}

impl When {
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, out: &mut Vec<Command>) {
        let asked = ctx.state.travel.bisect.as_ref();
        if let Some(question) = asked.filter(|q| self.shown != Some(q.number)) {
            self.shown = Some(question.number);
            self.text.clone_from(&question.predicate);
        }
        ui.horizontal(|ui| {
            name_ui(ui, ctx, "First event where");
            let field = TextEdit::singleline(&mut self.text)
                .hint_text("balance < 0")
                .font(mono(12.0))
                .desired_width((ui.available_width() * 0.35).clamp(120.0, 320.0))
                .align(egui::Align2::LEFT_CENTER)
                .min_size(vec2(0.0, ROW));
            let response = ui.add(field);
            response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Condition"));
            if let Some((panel, number)) = ctx.state.focus
                && panel == "history"
                && self.focused != Some(number)
            {
                self.focused = Some(number);
                response.request_focus();
            }
            let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            let possible = !self.text.trim().is_empty();
            let pressed = ui.add_enabled(possible, egui::Button::new("Find")).clicked();
            if possible && (entered || pressed) {
                out.push(TravelCommand::Bisect(self.text.trim().to_owned()).into());
            }
            response.on_hover_text(
                "Comparisons with < <= > >= = != of fields, numbers and \"texts\"; exists, not, and, or, ( )",
            );
            self.answer_ui(ui, ctx, focus, out);
        });
    }

    fn answer_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, out: &mut Vec<Command>) {
        let Some(question) = &ctx.state.travel.bisect else { return };
        let theme = ctx.theme;
        if ui.button("Clear").on_hover_text("Forget the condition and its mark").clicked() {
            self.text.clear();
            out.push(TravelCommand::ForgetBisect.into());
        }
        ui.add_space(GRID);
        if question.entity != focus.entity {
            let name = ctx.snapshot.entity(question.entity).map_or("", |n| n.id);
            ui.label(RichText::new("asked of").color(theme.muted));
            if link(ui, &one_line(name, 40), mono(12.0), "Go back to this entity").clicked() {
                out.push(SelectCommand::Entity(question.entity).into());
            }
            return;
        }
        let found = ctx.jobs.travel.bisected(focus, ctx.state);
        let searching = ctx.jobs.travel.bisect_progress();
        match found.as_deref().map(|f| &f.answer) {
            None if ctx.jobs.travel.is_folding() => {
                ui.label(RichText::new("waits until the history is folded…").color(theme.muted));
            }
            None => drop(ui.label(RichText::new("looking…").color(theme.muted))),
            Some(Err(why)) => {
                ui.add(Label::new(RichText::new(why).color(theme.amber)).truncate()).on_hover_text(why);
            }
            Some(Ok(answer)) => {
                self.go(question.number, answer, out);
                sentence_ui(ui, ctx, focus, answer, searching, out);
            }
        }
    }

    /// Goes to the answer; again only where the verified one differs from the first.
    fn go(&mut self, number: u64, answer: &Answer, out: &mut Vec<Command>) {
        let Some(first) = &answer.first else { return };
        if self.went != Some((number, first.step)) {
            self.went = Some((number, first.step));
            out.push(TravelCommand::Step(first.step).into());
        }
    }
}

fn sentence_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    focus: &Focus,
    answer: &Answer,
    searching: Option<f32>,
    out: &mut Vec<Command>,
) {
    let theme = ctx.theme;
    ui.spacing_mut().item_spacing.x = GRID;
    let Some(first) = &answer.first else {
        let words = match (searching, answer.verified) {
            (Some(share), _) => format!("not at a keyframe; looking at every state, {:.0} %…", share * 100.0),
            (None, true) => format!("after none of the {} events", count(focus.history.len().into())),
            (None, false) => "not found as far as the reducer went".to_owned(),
        };
        ui.add(Label::new(RichText::new(words).color(theme.text)).truncate());
        return;
    };
    ui.label("first true after");
    let words = format!("event {}", count(first.step.into()));
    if link(ui, &words, crate::gui::theme::semibold(BODY), "Go to this event").clicked() {
        out.push(TravelCommand::Step(first.step).into());
    }
    if let Some(event) = focus.history.event_of(first.step) {
        let name = ctx.snapshot.type_name(ctx.snapshot.type_ix(event));
        let mut words = one_line(name, 60);
        if let Some(time) = ctx.snapshot.time(event) {
            words.push_str(&format!(" · {}", ctx.state.settings.zone.format_with(time, "%Y-%m-%d %H:%M:%S%.3f")));
        }
        let sure = sure(answer, searching);
        let words = RichText::new(format!("{words} {sure}")).font(sans(BODY)).color(theme.muted);
        ui.add(Label::new(words).truncate());
    }
}

fn sure(answer: &Answer, searching: Option<f32>) -> String {
    let words = match (searching, answer.verified) {
        (Some(share), _) => format!("· verifying, {:.0} %", share * 100.0),
        (None, true) => "· verified".to_owned(),
        (None, false) => "· earlier ones were not all looked at".to_owned(),
    };
    if answer.from_start { words + " · true before the first event too" } else { words }
}
