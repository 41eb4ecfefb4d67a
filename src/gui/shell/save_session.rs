//! Asks where a session is to be saved.

use std::path::Path;

use eframe::egui::{Context, Frame, Id, Modal, RichText, Stroke};

use crate::app::command::WindowCommand;
use crate::app::workspace::ENDING;
use crate::app::{Command, State};
use crate::gui::panels::parts::path_row::{Done, PathRow};
use crate::gui::theme::{self, GRID, SMALL, Theme};
use crate::gui::widgets::parts;
use crate::input::sources::broker::is_url;

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct SaveSession(Option<PathRow>);

impl SaveSession {
    pub fn close(&mut self) {
        self.0 = None;
    }

    pub fn draw(&mut self, ctx: &Context, theme: &Theme, state: &State, out: &mut Vec<Command>) {
        let row = self.0.get_or_insert_with(|| PathRow::new(proposed(&state.opened)));
        let with_ending = |path: &str| if path.ends_with(ENDING) { path.to_owned() } else { format!("{path}{ENDING}") };
        let frame = Frame::new().fill(theme.raised).stroke(Stroke::new(1.0, theme.outline)).corner_radius(8);
        let modal = Modal::new(Id::unique("save session")).backdrop_color(theme.veil).frame(frame.inner_margin(20));
        let modal = modal.show(ctx, |ui| {
            ui.set_width((ui.ctx().content_rect().width() - 96.0).min(600.0));
            parts::heading(ui, "Save session");
            ui.add_space(GRID);
            let what = "What is open, the filter, pins, watched fields, branches, reducers and mappings. \
                        No events, no passwords. Scripts run only after you say so.";
            ui.label(RichText::new(what).font(theme::sans(SMALL)).color(theme.muted));
            ui.add_space(GRID * 2.0);
            let replace = state.occupied.as_deref() == Some(&*with_ending(row.trimmed()));
            let button = if replace { "Replace it" } else { "Save" };
            let done = ui.horizontal(|ui| row.ui(ui, "Path of the session", button)).inner;
            if replace {
                ui.label(RichText::new("There is a file of this name.").font(theme::sans(SMALL)).color(theme.amber));
            }
            done.map(|done| (done, with_ending(row.trimmed()), replace))
        });
        match modal.inner {
            Some((Done::Go, path, replace)) => out.push(WindowCommand::SaveSession { path, replace }.into()),
            Some((Done::Close, ..)) => out.push(WindowCommand::Escape.into()),
            None if modal.should_close() => out.push(WindowCommand::Escape.into()),
            None => {}
        }
    }
}

/// Beside the first file, under its name; in the home folder for what is no file.
fn proposed(opened: &[String]) -> String {
    let name = |text: &str| Path::new(text).file_stem().map(|stem| stem.display().to_string());
    let file = opened.first().filter(|path| !is_url(path) && *path != "-" && !path.contains(['*', '?']));
    match file.and_then(|path| Some((Path::new(path).parent()?, name(path)?))) {
        Some((folder, name)) => format!("{}", folder.join(name + ENDING).display()),
        None => format!("~/session{ENDING}"),
    }
}
