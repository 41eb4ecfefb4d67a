//! Where letters without an origin belong: asked once for each topic or queue of letters, then remembered.

use egui::{Button, Key, RichText, TextEdit, Ui, Widget as _};

use crate::app::Command;
use crate::app::command::LettersCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::SMALL;
use crate::gui::widgets::parts::link;

/// What is being typed, and for which topic or queue.
#[derive(Default)]
pub struct TargetLine {
    of: String,
    text: String,
}

impl TargetLine {
    /// `of` is the topic or queue in which the letter lies; `known` whether its letters say themselves where they
    /// belong.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, of: &str, out: &mut Vec<Command>) {
        if self.of != of {
            *self = Self { of: of.to_owned(), text: String::new() };
        }
        let theme = ctx.theme;
        let said = |to: &str| LettersCommand::Target { from: of.to_owned(), to: to.to_owned() };
        if let Some(to) = ctx.state.settings.dead_letters.targets.get(of) {
            ui.horizontal_wrapped(|ui| {
                let words =
                    format!("Letters of {} without an origin belong to {}.", one_line(of, 80), one_line(to, 80));
                ui.label(RichText::new(words).size(SMALL).color(theme.muted));
                if link(ui, "Forget", egui::FontId::proportional(SMALL), "Ask again").clicked() {
                    out.push(said("").into());
                }
            });
            return;
        }
        ui.label(
            RichText::new(format!("Letters of {} do not say where they belong:", one_line(of, 80)))
                .size(SMALL)
                .color(theme.muted),
        );
        ui.horizontal(|ui| {
            let width = (ui.available_width() - 112.0).clamp(80.0, 320.0);
            let field = TextEdit::singleline(&mut self.text).hint_text("a topic or queue").desired_width(width);
            let field = field.ui(ui).accessible_name("Where they belong");
            let enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let something = !self.text.trim().is_empty();
            let hint = "For all letters of this topic or queue that do not say it themselves";
            let pressed = ui.add_enabled(something, Button::new("Remember")).on_hover_text(hint).clicked();
            if something && (enter || pressed) {
                out.push(said(&self.text).into());
            }
        });
    }
}
