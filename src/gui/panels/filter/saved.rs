//! Saved filters: choosing, saving the present one, forgetting.

use egui::{RichText, TextEdit, Ui};

use crate::app::Command;
use crate::app::command::FilterCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{SMALL, mono};
use crate::gui::widgets::parts::icon_button;

/// The menu's contents; `name` is the name being typed.
pub fn saved_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, name: &mut String, out: &mut Vec<Command>) {
    let theme = ctx.theme;
    ui.set_min_width(280.0);
    let filters = &ctx.state.settings.filters;
    if filters.is_empty() {
        ui.label(RichText::new("No saved filters yet").color(theme.muted));
    }
    for filter in filters {
        ui.horizontal(|ui| {
            let text = one_line(&filter.text, 48);
            if ui.button(one_line(&filter.name, 32)).on_hover_text(&filter.text).clicked() {
                out.push(FilterCommand::Set(filter.text.clone()).into());
                ui.close();
            }
            ui.label(RichText::new(text).font(mono(SMALL)).color(theme.muted));
            if icon_button(ui, "×", &format!("Forget {}", filter.name)).clicked() {
                out.push(FilterCommand::Forget(filter.name.clone()).into());
            }
        });
    }
    if ctx.state.view.filter.is_empty() {
        return;
    }
    ui.separator();
    ui.horizontal(|ui| {
        let field = ui.add(TextEdit::singleline(name).hint_text("Name for this filter").desired_width(180.0));
        // Typing goes into the open menu, not to the shortcuts of the window.
        if ui.memory(|m| m.focused().is_none()) {
            field.request_focus();
        }
        let enter = field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter));
        let save = ui.add_enabled(!name.trim().is_empty(), egui::Button::new("Save"));
        if save.clicked() || enter && !name.trim().is_empty() {
            out.push(FilterCommand::Save(std::mem::take(name)).into());
            ui.close();
        }
    });
}
