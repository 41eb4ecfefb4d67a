//! Reducers from and to files: a line with a path, opened from a menu. Reading and writing are the
//! shell's; an existing file is replaced only when the button says so.

use egui::{RichText, Ui};

use super::model::{Draft, file_name};
use crate::app::Command;
use crate::app::command::{ReducerCommand, WindowCommand};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::path_row::{Done, PathRow};
use crate::gui::theme::SMALL;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Open,
    Save,
}

/// The line that is open.
#[derive(Clone, Debug, Default)]
pub struct Files {
    wish: Option<Wish>,
    row: PathRow,
}

impl Files {
    pub fn menu_ui(&mut self, ui: &mut Ui, kind: &str, draft: &Draft) {
        ui.menu_button("File", |ui| {
            if ui.button("Open from a file…").clicked() {
                self.begin(Wish::Open, String::new());
                ui.close();
            }
            let something = draft.source().is_some();
            if ui.add_enabled(something, egui::Button::new("Save to a file…")).clicked() {
                self.begin(Wish::Save, file_name(kind, draft.language));
                ui.close();
            }
        });
    }

    fn begin(&mut self, wish: Wish, path: String) {
        let keep = !self.row.path.is_empty() && self.wish == Some(wish);
        self.row = PathRow::new(if keep { std::mem::take(&mut self.row.path) } else { path });
        self.wish = Some(wish);
    }
}

pub fn files_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, files: &mut Files, kind: &str, draft: &Draft, out: &mut Vec<Command>) {
    let Some(wish) = files.wish else { return };
    let occupied = ctx.state.occupied.as_deref() == Some(files.row.trimmed());
    let button = match wish {
        Wish::Open => "Open",
        Wish::Save if occupied => "Replace it",
        Wish::Save => "Save",
    };
    let done = ui.horizontal(|ui| files.row.ui(ui, "Path of the reducer's file", button)).inner;
    if occupied {
        ui.label(RichText::new("There is a file of this name.").size(SMALL).color(ctx.theme.amber));
    }
    let path = files.row.trimmed().to_owned();
    match (done, wish) {
        (Some(Done::Go), Wish::Open) => {
            out.push(ReducerCommand::Open { kind: kind.to_owned(), path }.into());
            files.wish = None;
        }
        (Some(Done::Go), Wish::Save) => {
            out.push(WindowCommand::Save { path, text: draft.text().into(), replace: occupied }.into());
        }
        (Some(Done::Close), _) => files.wish = None,
        (None, _) => {}
    }
}
