//! Reducers from and to files: a line with a path, opened from a menu. Reading and writing are the
//! shell's; an existing file is replaced only when the button says so.

use egui::{Key, RichText, TextEdit, Ui};

use super::model::{Draft, file_name};
use crate::app::Command;
use crate::app::command::{ReducerCommand, WindowCommand};
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{BODY, SMALL, mono};
use crate::gui::widgets::parts::icon_button;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Open,
    Save,
}

/// The line that is open.
#[derive(Clone, Debug, Default)]
pub struct Files {
    wish: Option<Wish>,
    path: String,
    focus: bool,
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
        if self.path.is_empty() || self.wish != Some(wish) {
            self.path = path;
        }
        self.wish = Some(wish);
        self.focus = true;
    }
}

pub fn files_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, files: &mut Files, kind: &str, draft: &Draft, out: &mut Vec<Command>) {
    let Some(wish) = files.wish else { return };
    let occupied = ctx.state.occupied.as_deref() == Some(files.path.trim());
    let mut close = false;
    ui.horizontal(|ui| {
        let field = TextEdit::singleline(&mut files.path)
            .font(mono(BODY - 1.0))
            .hint_text("Path of a file")
            .desired_width((ui.available_width() - 108.0).max(80.0));
        let response = ui.add(field).accessible_name("Path of the reducer's file");
        if std::mem::take(&mut files.focus) {
            response.request_focus();
        }
        let enter = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let label = match wish {
            Wish::Open => "Open",
            Wish::Save if occupied => "Replace it",
            Wish::Save => "Save",
        };
        let path = files.path.trim().to_owned();
        let pressed = ui.add_enabled(!path.is_empty(), egui::Button::new(label)).clicked() || enter && !path.is_empty();
        if pressed {
            match wish {
                Wish::Open => {
                    out.push(ReducerCommand::Open { kind: kind.to_owned(), path }.into());
                    close = true;
                }
                Wish::Save => {
                    let text = draft.text().into();
                    out.push(WindowCommand::Save { path, text, replace: occupied }.into());
                }
            }
        }
        close |= icon_button(ui, "×", "Close the path").clicked();
    });
    if occupied {
        ui.label(RichText::new("There is a file of this name.").size(SMALL).color(ctx.theme.amber));
    }
    if close {
        files.wish = None;
    }
}
