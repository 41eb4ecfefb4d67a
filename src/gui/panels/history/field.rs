//! Which field the table tells of: a path that is typed, completed from the state at the cursor.

use egui::{Key, RichText, Role, TextEdit, Ui, WidgetInfo, vec2};

use super::model::places;
use crate::analysis::state::path::Path;
use crate::analysis::state::value::Value;
use crate::app::Command;
use crate::app::command::TravelCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{BODY, GRID, ROW, mono};

/// Offered at once.
const OFFERED: usize = 12;

#[derive(Debug, Default)]
pub struct Field {
    text: String,
    shown: Option<Path>,
}

impl Field {
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, state: Option<&Value>, out: &mut Vec<Command>) {
        let chosen = ctx.state.travel.field.as_ref();
        if chosen != self.shown.as_ref() {
            self.shown = chosen.cloned();
            self.text = chosen.map_or_else(String::new, Path::dotted);
        }
        name_ui(ui, ctx, "History of");
        let field = TextEdit::singleline(&mut self.text)
            .hint_text("a field: balance, items[0].sku")
            .font(mono(12.0))
            .desired_width((ui.available_width() * 0.35).clamp(120.0, 320.0))
            .align(egui::Align2::LEFT_CENTER)
            .min_size(vec2(0.0, ROW));
        let response = ui.add(field);
        response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Field"));
        if response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && !self.text.trim().is_empty() {
            out.push(TravelCommand::FieldHistory(Path::parse(self.text.trim())).into());
        }
        let Some(state) = state else { return };
        let typed =
            if chosen.is_some_and(|path| path.dotted() == self.text) { String::new() } else { self.text.clone() };
        egui::Popup::from_response(&response)
            .open(response.has_focus() || ui.memory(|m| m.had_focus_last_frame(response.id)))
            .gap(GRID)
            .close_behavior(egui::PopupCloseBehavior::IgnoreClicks)
            .show(|ui| {
                ui.set_min_width(200.0);
                for path in places(state, &typed, OFFERED) {
                    if ui.selectable_label(false, RichText::new(path.dotted()).font(mono(12.0))).clicked() {
                        self.text = path.dotted();
                        out.push(TravelCommand::FieldHistory(path).into());
                    }
                }
            });
    }
}

/// Buttons for the first fields, where none is chosen yet.
pub fn offer_ui(ui: &mut Ui, state: &Value, out: &mut Vec<Command>) {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 4)).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            for path in places(state, "", OFFERED) {
                if ui.button(RichText::new(path.dotted()).font(mono(12.0))).clicked() {
                    out.push(TravelCommand::FieldHistory(path).into());
                }
            }
        });
    });
}

/// What a field is for; all of them begin at the same place.
pub fn name_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, name: &str) {
    let (rect, _) = ui.allocate_exact_size(vec2(112.0, ROW), egui::Sense::hover());
    let at = rect.left_center();
    ui.painter().text(at, egui::Align2::LEFT_CENTER, name, crate::gui::theme::sans(BODY), ctx.theme.muted);
}
