//! Where letters without an origin belong: asked once for each topic or queue of letters, then remembered.

use egui::{RichText, Ui};

use crate::app::Command;
use crate::app::command::LettersCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::line_row::LineRow;
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
            let line = LineRow {
                label: "Where they belong",
                hint: "a topic or queue",
                button: "Remember",
                about: "For all letters of this topic or queue that do not say it themselves",
                width: 320.0,
                beside: 112.0,
            };
            if line.ui(ui, &mut self.text, false) {
                out.push(said(&self.text).into());
            }
        });
    }
}
