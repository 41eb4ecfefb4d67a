//! A line with a path that is there while a file is being named.

use egui::{Key, TextEdit, Ui};

use crate::gui::theme::{BODY, mono};
use crate::gui::widgets::parts::icon_button;

/// The path as it is typed.
#[derive(Clone, Debug, Default)]
pub struct PathRow {
    pub path: String,
    focus: bool,
}

/// What a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    Go,
    Close,
}

impl PathRow {
    /// The keyboard goes to the line.
    #[must_use]
    pub fn new(path: String) -> Self {
        Self { path, focus: true }
    }

    /// The path without blanks around it.
    #[must_use]
    pub fn trimmed(&self) -> &str {
        self.path.trim()
    }

    /// `label` is what the path is of, for screen readers; Enter does what `button` says.
    pub fn ui(&mut self, ui: &mut Ui, label: &str, button: &str) -> Option<Done> {
        let field = TextEdit::singleline(&mut self.path)
            .font(mono(BODY - 1.0))
            .hint_text("Path of a file")
            .desired_width((ui.available_width() - 112.0).clamp(80.0, 480.0));
        let response = ui.add(field).accessible_name(label);
        if std::mem::take(&mut self.focus) {
            response.request_focus();
        }
        let something = !self.path.trim().is_empty();
        let enter = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let pressed = ui.add_enabled(something, egui::Button::new(button)).clicked();
        let close = icon_button(ui, "×", "Close the path").clicked();
        match (something && (pressed || enter), close) {
            (true, _) => Some(Done::Go),
            (_, true) => Some(Done::Close),
            _ => None,
        }
    }
}
