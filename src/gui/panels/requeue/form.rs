//! What is to be sent where, how it is changed, how fast; the button that sends.

use std::sync::Arc;

use egui::{Button, Key, KeyboardShortcut, Margin, Modifiers, RichText, ScrollArea, TextEdit, Ui, Widget as _};

use super::model::{action, edited_text};
use super::moves;
use super::run::unlock_ui;
use crate::app::Command;
use crate::app::command::{RequeueCommand, WindowCommand};
use crate::app::state::Wish;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::save_row::SaveRow;
use crate::gui::theme::{BODY, GRID, SMALL, Theme, mono, sans, semibold};
use crate::gui::widgets::parts::link;
use crate::requeue::Plan;
use crate::requeue::aim::Drawn;
use crate::requeue::plan::Choice;

/// Ends a text in which Enter begins a line.
const DONE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Enter);

/// What is being typed; it becomes a wish when the field is left.
#[derive(Default)]
pub struct Form {
    draft: Option<Wish>,
    /// The wish that the draft began as.
    of: Option<Wish>,
    single: Option<Single>,
    more: bool,
    save: SaveRow,
    /// Whether a person would rather have the system move the whole queue.
    pub wants_moves: bool,
}

/// The value of the one letter that a wish is about, as it is without being edited. It is kept while a plan is made
/// anew, and where the edited value does not fit: else its field would go away under the pointer.
struct Single {
    choice: Choice,
    /// Where it was seen.
    plan: Arc<Plan>,
    label: String,
    /// None where it is no text.
    own: Option<String>,
}

impl Single {
    fn of(choice: &Choice, drawn: &Drawn) -> Option<Self> {
        let [item] = drawn.plan.items.as_slice() else { return None };
        let view = drawn.views.first().and_then(Option::as_ref);
        let own = match view {
            Some(view) => Some(edited_text(&view.before)),
            None => String::from_utf8(item.letter.value.clone().unwrap_or_default()).ok(),
        };
        let label = view.map_or("Value".to_owned(), |view| format!("Value, sent as {}", view.written_in));
        Some(Self { choice: choice.clone(), plan: Arc::clone(&drawn.plan), label, own })
    }
}

impl Form {
    /// `drawn` is the plan of the wish as it stands, once it is made.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, wish: &Wish, drawn: Option<&Drawn>, out: &mut Vec<Command>) {
        if self.of.as_ref() != Some(wish) {
            self.of = Some(wish.clone());
            self.draft = Some(wish.clone());
        }
        let mut draft = self.draft.take().unwrap_or_else(|| wish.clone());
        self.look(wish, drawn);
        // Always in sight, however many fields there are above it.
        let frame = egui::Frame::new().inner_margin(Margin::symmetric(12, 8));
        egui::Panel::bottom("sending").resizable(false).frame(frame).show(ui, |ui| {
            ui.spacing_mut().item_spacing = egui::vec2(GRID * 2.0, GRID);
            if draft == *wish {
                self.sending(ui, ctx, drawn, out);
            } else {
                let everywhere = ui.ctx().format_shortcut(&DONE);
                let words = format!("Enter makes the plan anew, inside a text of several lines {everywhere}");
                ui.label(small(words).color(ctx.theme.muted));
            }
        });
        ScrollArea::vertical().id_salt("form").auto_shrink(false).show(ui, |ui| {
            egui::Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing = egui::vec2(GRID * 2.0, GRID);
                let done = self.fields(ui, ctx.theme, &mut draft);
                if done && draft != *wish {
                    out.push(RequeueCommand::Change(Box::new(draft.clone())).into());
                }
            });
        });
        self.draft = Some(draft);
    }

    /// Takes the one letter's value from a plan that is new.
    fn look(&mut self, wish: &Wish, drawn: Option<&Drawn>) {
        let Some(drawn) = drawn else { return };
        let is_known = |known: &Single| Arc::ptr_eq(&known.plan, &drawn.plan);
        if !drawn.plan.items.is_empty() && !self.single.as_ref().is_some_and(is_known) {
            self.single = Single::of(&wish.choice, drawn);
        }
    }

    /// Returns whether a field was finished.
    fn fields(&mut self, ui: &mut Ui, theme: &Theme, draft: &mut Wish) -> bool {
        let mut done = false;
        name(ui, theme, "To");
        let edit = TextEdit::singleline(&mut draft.to).hint_text("where they came from").font(mono(BODY - 1.0));
        let to = edit.desired_width(f32::INFINITY).ui(ui).accessible_name("To");
        done |=
            to.on_hover_text("A topic, queue or stream, another system's address, or file:letters.ndjson").lost_focus();
        if let Some(single) = self.single.as_ref().filter(|single| single.choice == draft.choice) {
            name(ui, theme, &single.label);
            if let Some(mut text) = draft.value.clone().or_else(|| single.own.clone()) {
                let edit = TextEdit::multiline(&mut text).font(mono(BODY - 1.0)).desired_rows(4);
                let response = edit.desired_width(f32::INFINITY).ui(ui).accessible_name("Value");
                if response.changed() {
                    draft.value = (Some(&text) != single.own.as_ref()).then_some(text);
                }
                done |= response.lost_focus();
            } else {
                ui.label(small("It is no text: change it with a filter").color(theme.muted));
            }
        }
        name(ui, theme, "Change the value by jq");
        let edit = TextEdit::singleline(&mut draft.jq).hint_text(".total = 59.98").font(mono(BODY - 1.0));
        done |= edit.desired_width(f32::INFINITY).ui(ui).accessible_name("Change the value by jq").lost_focus();
        name(ui, theme, "Change the value by JSON patch");
        let hint = r#"[{"op":"replace","path":"/total","value":1}]"#;
        let edit = TextEdit::singleline(&mut draft.json_patch).hint_text(hint).font(mono(BODY - 1.0));
        done |= edit.desired_width(f32::INFINITY).ui(ui).accessible_name("Change the value by JSON patch").lost_focus();
        ui.horizontal(|ui| {
            ui.vertical(|ui| {
                name(ui, theme, "First steps");
                let edit = TextEdit::singleline(&mut draft.canary).hint_text("all at once").font(mono(BODY - 1.0));
                let canary = edit.desired_width(104.0).ui(ui).accessible_name("First steps");
                let hint = "After each the run waits ten seconds and stops where a message failed again";
                done |= canary.on_hover_text(hint).lost_focus();
            });
            ui.vertical(|ui| {
                name(ui, theme, "A second");
                let edit = TextEdit::singleline(&mut draft.rate).hint_text("no limit").font(mono(BODY - 1.0));
                done |= edit.desired_width(88.0).ui(ui).accessible_name("A second").lost_focus();
            });
        });
        let open = self.more || !draft.headers.is_empty() || draft.again || draft.tombstones || draft.keep_timestamp;
        if ui.add(Button::selectable(open, small("More").color(theme.muted))).clicked() {
            self.more = !self.more;
        }
        if open {
            name(ui, theme, "Headers: NAME=VALUE sets one, NAME takes it off");
            let edit = TextEdit::multiline(&mut draft.headers).font(mono(BODY - 1.0)).desired_rows(2);
            done |= edit.desired_width(f32::INFINITY).ui(ui).accessible_name("Headers").lost_focus();
            for (on, text, hint) in [
                (&mut draft.again, "Also those put back before", "Each goes as one more attempt"),
                (&mut draft.tombstones, "Also null values", "They delete what has their key in a compacted topic"),
                (&mut draft.keep_timestamp, "With their own time", "Retention may delete an old message at once"),
            ] {
                done |= ui.checkbox(on, text).on_hover_text(hint).changed();
            }
        }
        done | ui.input_mut(|input| input.consume_shortcut(&DONE))
    }

    /// Unlock first, then send: both name what they do.
    fn sending(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, drawn: Option<&Drawn>, out: &mut Vec<Command>) {
        let theme = ctx.theme;
        let Some(drawn) = drawn else { return };
        let plan = &drawn.plan;
        if plan.items.is_empty() {
            ui.label(small("Nothing of it can be sent").color(theme.amber));
            return;
        }
        let told = ctx.jobs.requeue.told.answer();
        if let Some(Err(error)) = told.as_ref().map(|told| &told.value) {
            ui.label(small(error.to_string()).color(theme.red));
        }
        let read_only = told.and_then(|told| told.value.as_ref().ok().and_then(|told| told.read_only.clone()));
        if let Some(why) = &read_only {
            ui.label(small(format!("The journal cannot be written, so nothing is sent: {why}")).color(theme.red));
        }
        let system = plan.system.clone();
        let is_file = system.starts_with("file:");
        let unlocked = is_file || ctx.state.requeue.unlocked_for(&system).is_some();
        ui.horizontal_wrapped(|ui| {
            if unlocked {
                let text = RichText::new(action(drawn)).font(semibold(BODY)).color(theme.on_accent);
                let button = Button::new(text).fill(theme.accent);
                let enabled = read_only.is_none() && !ctx.jobs.requeue.is_running();
                if ui.add_enabled(enabled, button).clicked() {
                    out.push(RequeueCommand::Run(Arc::clone(plan)).into());
                }
            } else {
                unlock_ui(ui, &system, out);
            }
            if ui.button("Save plan…").on_hover_text("For eventglass requeue --run, or to be read by others").clicked()
            {
                self.save.open("plan.json");
            }
            if ui.button("Forget").clicked() {
                out.push(RequeueCommand::Forget.into());
            }
        });
        if moves::has_queues(ctx) {
            let hint = "All that lies in it, without a plan: its limits are told first";
            self.wants_moves |= link(ui, "Let SQS move the whole queue…", sans(SMALL), hint).clicked();
        }
        if let Some(to) = self.save.ui(ui, ctx, "Path of the plan", "A plan is JSON.") {
            let mut bytes = Vec::new();
            if plan.save(&mut bytes).is_ok() {
                let text = String::from_utf8_lossy(&bytes).into_owned().into();
                out.push(WindowCommand::Save { path: to.path, text, replace: to.replace }.into());
            }
        }
    }
}

fn small(text: impl Into<String>) -> RichText {
    RichText::new(text).size(SMALL)
}

fn name(ui: &mut Ui, theme: &Theme, text: &str) {
    ui.label(small(text).color(theme.muted));
}
