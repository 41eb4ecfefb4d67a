//! The form: one line per field, its evidence beside it, a cross to take it away.

use egui::{ComboBox, RichText, TextEdit, Ui};

use super::model::{Draft, EntityDraft, Role, TimeDraft, evidence_line};
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{GRID, SMALL, Theme, mono, semibold};
use crate::gui::widgets::parts::icon_button;
use crate::model::mapping::TimeUnit;

const LABEL: f32 = 92.0;

/// Draws the whole form.
pub fn form_ui(ui: &mut Ui, draft: &mut Draft, theme: &Theme) {
    ui.spacing_mut().item_spacing.y = GRID;
    entities_ui(ui, draft, theme);
    times_ui(ui, draft, theme);
    for (i, role) in Role::ALL.into_iter().enumerate() {
        ui.push_id(role.label(), |ui| role_ui(ui, draft, i, role, theme));
    }
}

fn entities_ui(ui: &mut Ui, draft: &mut Draft, theme: &Theme) {
    let evidence = draft.evidence.clone();
    section(ui, theme, "Entities", "all of these count", |ui| {
        let mut removed = None;
        for (i, entity) in draft.entities.iter_mut().enumerate() {
            ui.horizontal(|ui| {
                field(ui, &mut entity.kind, "kind, such as order", 120.0, &format!("Kind of entity {}", i + 1));
                field(ui, &mut entity.id, "/data/orderId", 220.0, &format!("Id field of entity {}", i + 1));
                ui.checkbox(&mut entity.stream, "stream")
                    .on_hover_text("The aggregate instance that the version counts");
                if icon_button(ui, "×", &format!("Remove entity {}", i + 1)).clicked() {
                    removed = Some(i);
                }
                why(ui, theme, evidence.iter().find(|e| e.field == entity.id));
            });
        }
        if let Some(i) = removed {
            draft.entities.remove(i);
        }
        if ui.small_button("Add an entity").clicked() {
            draft.entities.push(EntityDraft::default());
        }
    });
}

fn times_ui(ui: &mut Ui, draft: &mut Draft, theme: &Theme) {
    let evidence = draft.evidence.clone();
    section(ui, theme, "Time", "the first that is there counts", |ui| {
        let mut removed = None;
        for (i, time) in draft.times.iter_mut().enumerate() {
            ui.horizontal(|ui| {
                field(ui, &mut time.field, "/timestamp", 220.0, &format!("Time field {}", i + 1));
                ComboBox::from_id_salt(("unit", i)).width(110.0).selected_text(unit_label(time.unit)).show_ui(
                    ui,
                    |ui| {
                        for unit in UNITS {
                            ui.selectable_value(&mut time.unit, unit, unit_label(unit));
                        }
                    },
                );
                field(ui, &mut time.zone, "zone, minutes", 96.0, &format!("Zone of time {}", i + 1));
                if icon_button(ui, "×", &format!("Remove time {}", i + 1)).clicked() {
                    removed = Some(i);
                }
                why(ui, theme, evidence.iter().find(|e| e.field == time.field));
            });
        }
        if let Some(i) = removed {
            draft.times.remove(i);
        }
        if ui.small_button("Add a time").clicked() {
            draft.times.push(TimeDraft::default());
        }
    });
}

fn role_ui(ui: &mut Ui, draft: &mut Draft, at: usize, role: Role, theme: &Theme) {
    let evidence = draft.evidence.clone();
    let Some(fields) = draft.roles.get_mut(at) else { return };
    section(ui, theme, role.label(), role.hint(), |ui| {
        let mut removed = None;
        for (i, text) in fields.iter_mut().enumerate() {
            ui.horizontal(|ui| {
                field(ui, text, "/field", 220.0, &format!("{} field {}", role.label(), i + 1));
                if icon_button(ui, "×", &format!("Remove {} {}", role.label().to_lowercase(), i + 1)).clicked() {
                    removed = Some(i);
                }
                why(ui, theme, evidence.iter().find(|e| e.field == *text));
            });
        }
        if let Some(i) = removed {
            fields.remove(i);
        }
        let more = if fields.is_empty() { "Name a field" } else { "Add a field" };
        if (role != Role::Headers || fields.is_empty()) && ui.small_button(more).clicked() {
            fields.push(String::new());
        }
    });
}

fn section(ui: &mut Ui, theme: &Theme, label: &str, hint: &str, body: impl FnOnce(&mut Ui)) {
    ui.horizontal_top(|ui| {
        ui.scope(|ui| {
            ui.set_width(LABEL);
            ui.label(RichText::new(label).font(semibold(12.0)).color(theme.muted)).on_hover_text(hint);
        });
        ui.vertical(body);
    });
    ui.add_space(GRID);
}

fn field(ui: &mut Ui, text: &mut String, hint: &str, width: f32, label: &str) {
    let response = ui.add(TextEdit::singleline(text).font(mono(12.0)).hint_text(hint).desired_width(width));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, label));
}

fn why(ui: &mut Ui, theme: &Theme, evidence: Option<&crate::model::mapping::Evidence>) {
    let Some(evidence) = evidence else { return };
    let words = one_line(&evidence_line(evidence), 120);
    ui.add(egui::Label::new(RichText::new(&words).size(SMALL).color(theme.faint)).truncate()).on_hover_text(words);
}

const UNITS: [TimeUnit; 7] = [
    TimeUnit::Auto,
    TimeUnit::Text,
    TimeUnit::Seconds,
    TimeUnit::Millis,
    TimeUnit::Micros,
    TimeUnit::Nanos,
    TimeUnit::Ticks,
];

fn unit_label(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Auto => "as it looks",
        TimeUnit::Text => "text",
        TimeUnit::Seconds => "seconds",
        TimeUnit::Millis => "milliseconds",
        TimeUnit::Micros => "microseconds",
        TimeUnit::Nanos => "nanoseconds",
        TimeUnit::Ticks => ".NET ticks",
    }
}
