//! What people noted of a letter or a group, and whether it is out of sight. Both are kept in the journal of
//! requeues, so that colleagues with the same journal see them.

use egui::{Label, RichText, Ui};

use crate::app::Command;
use crate::app::command::LettersCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::line_row::LineRow;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{SMALL, mono, semibold};
use crate::model::time::parse_text;

/// Notes that are listed, newest last; the journal has all.
const LISTED: usize = 20;

/// What is being written, and of what.
#[derive(Default)]
pub struct NoteLine {
    subject: String,
    text: String,
}

impl NoteLine {
    /// The notes of `subject` and a line for one more.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, subject: &str, out: &mut Vec<Command>) {
        let theme = ctx.theme;
        if self.subject != subject {
            *self = Self { subject: subject.to_owned(), text: String::new() };
        }
        ui.add_space(8.0);
        ui.label(RichText::new("Notes").font(semibold(SMALL)).color(theme.muted));
        let told = ctx.jobs.requeue.told.answer();
        let told = told.as_ref().and_then(|told| told.value.as_ref().ok());
        let notes = told.and_then(|told| told.notes.get(subject)).map_or(&[][..], Vec::as_slice);
        if let Some(older) = notes.len().checked_sub(LISTED).filter(|older| *older > 0) {
            ui.label(RichText::new(format!("{older} older ones are in the journal")).size(SMALL).color(theme.muted));
        }
        for note in notes.iter().skip(notes.len().saturating_sub(LISTED)) {
            let zone = ctx.state.settings.zone;
            let at = parse_text(note.at.as_bytes(), 0)
                .map_or_else(|| note.at.clone(), |at| zone.format_with(at, "%Y-%m-%d %H:%M:%S"));
            let who = format!("{at}  {}", one_line(&note.who, 60));
            ui.add(Label::new(RichText::new(who).font(mono(SMALL)).color(theme.muted)).truncate());
            ui.add(Label::new(RichText::new(&note.text).color(theme.text)).wrap());
        }
        ui.horizontal(|ui| {
            let line = LineRow {
                label: "Note",
                hint: "What is known of it",
                button: "Keep",
                about: "",
                width: 480.0,
                beside: 80.0,
            };
            if line.ui(ui, &mut self.text, false) {
                let text = std::mem::take(&mut self.text);
                out.push(LettersCommand::Note { subject: subject.to_owned(), text }.into());
            }
        });
    }
}

#[must_use]
pub fn is_archived(ctx: &PanelCtx<'_>, subject: &str) -> bool {
    let told = ctx.jobs.requeue.told.answer();
    told.is_some_and(|told| told.value.as_ref().is_ok_and(|told| told.archived.contains(subject)))
}

/// Puts it out of sight, or back.
pub fn archive_button(ui: &mut Ui, ctx: &PanelCtx<'_>, subject: &str, out: &mut Vec<Command>) {
    let archived = is_archived(ctx, subject);
    let (label, hint) = if archived {
        ("Restore", "Among the others again")
    } else {
        ("Archive", "Out of sight; nothing is deleted anywhere")
    };
    if ui.button(label).on_hover_text(hint).clicked() {
        out.push(LettersCommand::Archive { subject: subject.to_owned(), archived: !archived }.into());
    }
}
