//! The fields for bodies that are not plain JSON.

use eframe::egui::{ComboBox, Grid, RichText, Ui, Widget as _, vec2};

use super::bodies_form::choices;
use super::draw::field;
use super::{Connect, label};
use crate::gui::theme::{self, GRID, SMALL, Theme};

impl Connect {
    pub(super) fn bodies(&mut self, ui: &mut Ui, theme: &Theme) {
        Grid::new("bodies").num_columns(2).spacing(vec2(GRID * 4.0, GRID * 2.0)).show(ui, |ui| {
            label(ui, theme, "Bodies");
            let bodies = &mut self.form.bodies;
            let chosen = choices().find(|(option, _)| *option == bodies.value).map_or("", |(_, words)| words);
            ComboBox::from_id_salt("bodies").selected_text(chosen).width(160.0).show_ui(ui, |ui| {
                for (option, words) in choices() {
                    ui.selectable_value(&mut bodies.value, option.to_owned(), words);
                }
            });
            ui.end_row();
            label(ui, theme, "Registry");
            let hint = "http://localhost:8081";
            field(&mut bodies.registry, 360.0).hint_text(hint).ui(ui).accessible_name("Schema registry");
            ui.end_row();
            if !bodies.registry.trim().is_empty() {
                label(ui, theme, "Its user");
                ui.horizontal(|ui| {
                    field(&mut bodies.user, 160.0).hint_text("none").ui(ui).accessible_name("User of the registry");
                    if !bodies.user.trim().is_empty() {
                        let edit = field(&mut bodies.password, 160.0).password(true);
                        edit.hint_text("as kept, or none").ui(ui).accessible_name("Password of the registry");
                        ui.checkbox(&mut self.form.keep_password, "Keep")
                            .on_hover_text("In the system's key store; else it is held until eventglass is closed");
                    }
                });
                ui.end_row();
            }
            let bodies = &mut self.form.bodies;
            label(ui, theme, "Schema");
            let hint = "order.avsc, order.proto or order.desc";
            field(&mut bodies.schema, 360.0).hint_text(hint).ui(ui).accessible_name("File of the schema");
            ui.end_row();
            if bodies.wants_message() {
                label(ui, theme, "Message");
                let edit =
                    field(&mut bodies.message, 360.0).hint_text("shop.OrderPlaced; needed where there are several");
                edit.ui(ui).accessible_name("Protobuf message");
                ui.end_row();
            }
        });
        let words =
            "A registry is for framed Avro, Protobuf and JSON Schema; a schema's file for bodies without a frame";
        ui.label(RichText::new(words).font(theme::sans(SMALL)).color(theme.faint));
    }
}
