//! Empty, loading, partial, failed: what is missing, why, and the button that mends it.

use egui::{Align, Layout, RichText, Ui};

use crate::app::Command;
use crate::gui::theme::{GRID, SMALL, Theme, strong};

/// A state without content in the middle of what is left of the panel.
pub fn empty_ui(ui: &mut Ui, theme: &Theme, title: &str, why: &str, mend: Option<(&str, Command)>, out: &mut Vec<Command>) {
    ui.with_layout(Layout::top_down(Align::Center), |ui| {
        let height = 64.0;
        ui.add_space(((ui.available_height() - height) * 0.4).max(GRID * 2.0));
        ui.label(strong(title).color(theme.muted));
        if !why.is_empty() {
            ui.label(RichText::new(why).size(SMALL).color(theme.faint));
        }
        if let Some((label, command)) = mend {
            ui.add_space(GRID);
            if ui.button(label).clicked() {
                out.push(command);
            }
        }
    });
}
