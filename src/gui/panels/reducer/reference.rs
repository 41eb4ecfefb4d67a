//! What may be written: an event as reducers see it, and the language that is shown.

use egui::{Margin, RichText, ScrollArea, Ui};

use crate::analysis::state::reducer::ReducerKind;
use crate::gui::theme::{BODY, GRID, Theme, mono, strong};
use crate::gui::widgets::parts::split_header;

/// The event's view, which is the same in every language.
pub const EVENT: &[(&str, &str)] = &[
    ("type, eventType", "the event's type"),
    ("id, eventId", "its id"),
    ("time, timestamp, created", "its time, as ISO text"),
    ("version, sequenceNumber", "its place in the stream"),
    ("streamId", "the stream's id"),
    ("service", "who sent it"),
    ("correlationId, causationId", "the chain it belongs to"),
    ("data, body", "the whole payload"),
    ("metadata", "its headers"),
    ("…", "every member of the payload, under its own name"),
];

pub fn reference_ui(ui: &mut Ui, theme: &Theme, language: ReducerKind) {
    split_header(ui, "Reference", |_| ());
    ScrollArea::vertical().id_salt("reference").auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
            match language {
                ReducerKind::JavaScript => {
                    ui.label(strong("An event"));
                    event_ui(ui, theme);
                    ui.label(strong("A reducer is one of"));
                    for form in [
                        "class Account {\n  constructor() { this.balance = 0 }\n  apply(event) { … }\n}",
                        "function apply(state, event) {\n  return state\n}",
                        "fromStream('account').when({\n  $init: () => ({ balance: 0 }),\n  MoneyDeposited(state, event) { … }\n})",
                    ] {
                        code(ui, theme, form);
                    }
                    note(ui, theme, "There is no clock, no chance and no way out: Date.now, Math.random, import and fetch are not there. A member that grows by every event is kept as its length.");
                }
                ReducerKind::Jq => {
                    ui.label(strong("An event"));
                    event_ui(ui, theme);
                    ui.label(strong("An expression"));
                    note(ui, theme, "`$state` is the state before the event (null at first), `$event` the event, `.` an object of both; what comes out is the state after it.");
                    code(ui, theme, "if $event.type == \"MoneyDeposited\"\nthen $state | .balance += $event.amount\nelse $state end");
                }
                ReducerKind::Inferred | ReducerKind::Rules => {
                    code(ui, theme, crate::analysis::state::reducers::rules::reference());
                }
            }
        });
    });
}

fn event_ui(ui: &mut Ui, theme: &Theme) {
    egui::Grid::new("event").num_columns(2).spacing([12.0, 2.0]).show(ui, |ui| {
        for (names, what) in EVENT {
            ui.label(RichText::new(*names).font(mono(BODY - 1.0)).color(theme.json_key));
            ui.label(RichText::new(*what).color(theme.muted));
            ui.end_row();
        }
    });
    note(
        ui,
        theme,
        "Where the payload has a member of such a name, the payload's counts, except for type, data, body and metadata.",
    );
    ui.add_space(GRID * 2.0);
}

fn code(ui: &mut Ui, theme: &Theme, text: &str) {
    let frame = egui::Frame::new().fill(theme.sunken).corner_radius(4).inner_margin(8);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.add(egui::Label::new(RichText::new(text).font(mono(BODY - 1.0)).color(theme.text)).selectable(true));
    });
    ui.add_space(GRID);
}

fn note(ui: &mut Ui, theme: &Theme, text: &str) {
    ui.label(RichText::new(text).color(theme.muted));
    ui.add_space(GRID);
}
