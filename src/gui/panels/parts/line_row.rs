//! A line of text that is for one thing, with the button that does it; Enter does it too.

use egui::{Button, Key, TextEdit, Ui, Widget as _};

/// What the line is for.
pub struct LineRow<'a> {
    /// For screen readers.
    pub label: &'a str,
    /// What could be written, in the empty line.
    pub hint: &'a str,
    pub button: &'a str,
    /// More about the button, where there is more.
    pub about: &'a str,
    /// In points, as far as there is room.
    pub width: f32,
    /// Kept free for the button and what stands behind it, in points.
    pub beside: f32,
}

impl LineRow<'_> {
    /// Whether something was written and is to be done. `focus` gives the line the keyboard.
    pub fn ui(&self, ui: &mut Ui, text: &mut String, focus: bool) -> bool {
        let width = (ui.available_width() - self.beside).clamp(80.0, self.width);
        let field = TextEdit::singleline(text).hint_text(self.hint).desired_width(width);
        let field = field.ui(ui).accessible_name(self.label);
        if focus {
            field.request_focus();
        }
        let enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let something = !text.trim().is_empty();
        let mut button = ui.add_enabled(something, Button::new(self.button));
        if !self.about.is_empty() {
            button = button.on_hover_text(self.about);
        }
        something && (enter || button.clicked())
    }
}
