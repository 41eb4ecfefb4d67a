//! Which of an event's correlation ids its chain is followed by, where it carries several.

use egui::{RichText, Ui};

use crate::app::Command;
use crate::app::command::SelectCommand;
use crate::app::jobs::ChainAnswer;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::{middle_cut, one_line};
use crate::gui::theme::SMALL;

pub fn choice_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, answer: &ChainAnswer, out: &mut Vec<Command>) {
    if answer.choices.len() < 2 {
        return;
    }
    let shown = match &answer.chosen {
        Some(id) => format!("by {}", middle_cut(&one_line(id, 120), 24)),
        None => format!("by all {} ids", answer.choices.len()),
    };
    let mut chosen = None;
    ui.menu_button(RichText::new(shown).size(SMALL), |ui| {
        if ui.radio(answer.chosen.is_none(), format!("All {} ids", answer.choices.len())).clicked() {
            chosen = Some(None);
        }
        for id in &answer.choices {
            if ui.radio(answer.chosen.as_ref() == Some(id), one_line(id, 120)).clicked() {
                chosen = Some(Some(id.clone()));
            }
        }
        if chosen.is_some() {
            ui.close();
        }
    })
    .response
    .on_hover_text("The event carries several correlation ids");
    if let Some(id) = chosen {
        // The ids are the first event's: another one may not be in the chain that is chosen.
        if ctx.state.selection.event != Some(answer.start) {
            out.push(SelectCommand::Event(answer.start).into());
        }
        out.push(SelectCommand::ChainBy(id).into());
    }
}
