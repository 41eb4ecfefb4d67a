//! Puts the inspector together: envelope above, payload below, the choice between tree, text and
//! bytes. The event is read on a thread of its own; the one before stays until it is there.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use egui::{Align, Layout, RichText, ScrollArea, Ui};

use super::envelope::envelope_ui;
use super::model::{EventView, previous_of};
use super::text::{Wrapped, text_ui};
use crate::app::Command;
use crate::app::command::{FilterCommand, SelectCommand, WindowCommand};
use crate::app::jobs::Slot;
use crate::base::text::{bytes, plural};
use crate::gui::panels::parts::answers;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, SMALL, mono, semibold};
use crate::gui::widgets::hex;
use crate::gui::widgets::json::{self, JsonTree};
use crate::gui::widgets::parts::empty_state;
use crate::model::ids::{EntityIx, EventIx};
use crate::model::time::TimeNs;

/// Longest text that is shown as text; the bytes view shows all.
const TEXT_BYTES: usize = 1 << 20;

/// Least width of the line above the payload with all its parts side by side.
const WIDE: f32 = 348.0;

/// Room beside the menu from which on the size of the record stands there too.
const SIZE: f32 = 64.0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Form {
    #[default]
    Tree,
    Text,
    Hex,
}

/// One event as read, and the event before it in the entity in focus.
struct Read {
    view: Option<EventView>,
    before: Option<(String, TimeNs)>,
    /// The payload as JSON, unfolded as far as a screen goes; nothing where it is none.
    data: Option<JsonTree>,
    record: Option<JsonTree>,
    /// Whether payload and record are UTF-8.
    is_text: [bool; 2],
    failed: Option<String>,
}

#[derive(Default)]
pub struct Inspector {
    slot: Option<Slot<(EventIx, Option<EntityIx>), Read>>,
    form: Form,
    whole: bool,
    tree: JsonTree,
    /// What `tree` and `wrapped` were made of.
    made_for: Option<(EventIx, bool)>,
    wrapped: Wrapped,
}

impl Panel for Inspector {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let Some(event) = ctx.state.selection.event else {
            Self::no_event(ui, ctx, out);
            return;
        };
        let entity = ctx.state.selection.entity;
        let slot = self.slot.get_or_insert_with(|| Slot::new("inspector", ctx.waker.clone()));
        let snapshot = Arc::clone(ctx.snapshot);
        slot.ask((event, entity), 0, move |_| read(&snapshot, event, entity));
        let answer = slot.answer();
        let Some(read) = answer.as_deref().map(|a| &a.value) else {
            empty_state(ui, "Reading the event…", "", None);
            return;
        };
        if let Some(why) = &read.failed {
            empty_state(ui, "This event could not be read again", why, None);
            return;
        }
        let Some(view) = &read.view else {
            empty_state(ui, "This event is not in the log any more", "The log was read anew.", None);
            return;
        };
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
            let most = (ui.available_height() * 0.5).max(120.0);
            ScrollArea::vertical().id_salt("envelope").max_height(most).auto_shrink([false, true]).show(ui, |ui| {
                if envelope_ui(ui, ctx, view, read.before.as_ref(), out) {
                    self.whole = true;
                }
            });
        });
        self.payload_ui(ui, ctx, view, read, out);
    }
}

impl Inspector {
    fn payload_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, view: &EventView, read: &Read, out: &mut Vec<Command>) {
        let whole = self.whole && view.has_envelope() || !view.has_envelope();
        let stored: &[u8] = if whole { &view.record } else { view.payload() };
        let json = if whole { &read.record } else { &read.data };
        let is_text = read.is_text[usize::from(whole)];
        if self.made_for != Some((view.event, whole)) {
            self.made_for = Some((view.event, whole));
            self.wrapped.forget();
            self.tree = json.clone().unwrap_or_default();
        }
        let form = if json.is_none() && self.form == Form::Tree { Form::Text } else { self.form };
        ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), egui::Stroke::new(1.0, ctx.theme.line));
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 4)).show(ui, |ui| {
            ui.horizontal(|ui| {
                let wide = ui.max_rect().width() >= WIDE;
                if !wide {
                    ui.spacing_mut().item_spacing.x = 2.0;
                    ui.spacing_mut().button_padding.x = GRID * 1.5;
                }
                for (choice, label, possible) in
                    [(Form::Tree, "Tree", json.is_some()), (Form::Text, "Text", true), (Form::Hex, "Bytes", true)]
                {
                    let item = egui::Button::selectable(form == choice, label);
                    let response = ui.add_enabled(possible, item);
                    if response.clicked() {
                        self.form = choice;
                    }
                    response.on_disabled_hover_text("Not JSON; look at the text or the bytes");
                }
                // Where it is narrow, the choice of what is shown moves into the menu.
                let words = ("Whole record", "Envelope included, as it is stored");
                if wide && view.has_envelope() {
                    ui.add_space(GRID);
                    ui.checkbox(&mut self.whole, words.0).on_hover_text(words.1);
                }
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.menu_button(if wide { "Copy" } else { "More" }, |ui| {
                        if !wide && view.has_envelope() {
                            if ui.checkbox(&mut self.whole, words.0).on_hover_text(words.1).clicked() {
                                ui.close();
                            }
                            ui.separator();
                        }
                        let mut item = |ui: &mut Ui, label: &str, text: &dyn Fn() -> String| {
                            if ui.button(label).clicked() {
                                out.push(WindowCommand::Copy(text()).into());
                                ui.close();
                            }
                        };
                        if let Some(json) = json {
                            item(ui, "Copy as JSON", &|| json.text().to_owned());
                        }
                        item(ui, "Copy the stored bytes as text", &|| String::from_utf8_lossy(stored).into_owned());
                        if !is_text {
                            item(ui, "Copy the stored bytes as base64", &|| STANDARD.encode(stored));
                        }
                        item(ui, "Copy source and place", &|| format!("{}, {}", view.source, view.place));
                    });
                    if ui.available_width() >= SIZE {
                        let size = RichText::new(bytes(stored.len() as u64)).font(mono(SMALL));
                        ui.label(size.color(ctx.theme.faint));
                    }
                });
            });
        });
        match form {
            Form::Tree => {
                let mut add = None;
                let done = json::show(ui, &mut self.tree, &mut |ui, pointer, raw| {
                    if !whole
                        && raw.len() < 200
                        && !raw.starts_with(['{', '['])
                        && ui.button("Show only this value").clicked()
                    {
                        add = Some(field_term(pointer, raw));
                        ui.close();
                    }
                });
                if let Some(text) = done.copy {
                    out.push(WindowCommand::Copy(text).into());
                }
                if let Some(filter) = add {
                    out.push(FilterCommand::And(filter).into());
                }
            }
            Form::Text => {
                let head = stored.get(..TEXT_BYTES).unwrap_or(stored);
                if head.len() < stored.len() {
                    let words = format!("The first 1 MiB of {}; “Bytes” shows all.", bytes(stored.len() as u64));
                    ui.label(RichText::new(words).size(SMALL).color(ctx.theme.amber));
                }
                text_ui(ui, head, &mut self.wrapped);
            }
            Form::Hex => hex::show(ui, stored, 0),
        }
    }

    fn no_event(ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let entity = ctx.state.selection.entity.and_then(|e| ctx.snapshot.entity(e).map(|name| (e, name)));
        let Some((ix, name)) = entity else {
            empty_state(ui, "No event selected", "Click a mark on the timeline or a row of the table.", None);
            return;
        };
        egui::Frame::new().inner_margin(12).show(ui, |ui| {
            let kind = ctx.snapshot.kind_name(name.kind);
            ui.label(RichText::new(one_line(kind, 40)).size(SMALL).color(ctx.theme.muted));
            ui.label(RichText::new(one_line(name.id, 120)).font(semibold(16.0)));
            let answer = answers::entities(ctx);
            let stat = answer.as_ref().and_then(|a| a.value.as_ref()).and_then(|v| v.stats.get(ix));
            if let Some(stat) = stat {
                ui.label(plural(u64::from(stat.count), "event", "events"));
                if let Some((first, last)) = stat.extent.filter(|_| ctx.snapshot.time_range().is_some()) {
                    let zone = ctx.state.settings.zone;
                    for (label, at) in [("first", first), ("last", last)] {
                        ui.horizontal(|ui| {
                            ui.label(RichText::new(label).size(SMALL).color(ctx.theme.muted));
                            ui.label(RichText::new(zone.format(TimeNs(at))).font(mono(12.0)));
                        });
                    }
                }
            }
            ui.add_space(GRID);
            if ui.button("Go to its first event").clicked() {
                out.push(SelectCommand::FirstOfEntity.into());
            }
        });
    }
}

fn read(snapshot: &crate::store::snapshot::Snapshot, event: EventIx, entity: Option<EntityIx>) -> Read {
    let mut out = Read { view: None, before: None, data: None, record: None, is_text: [true; 2], failed: None };
    let record: Arc<[u8]> = match snapshot.record(event) {
        Ok(record) => record.into(),
        Err(e) => {
            out.failed = Some(e.to_string());
            return out;
        }
    };
    out.view = EventView::new(snapshot, event, record);
    if let Some(view) = &out.view {
        out.data = view.decode.data_json(&view.record).filter(|_| view.has_tree()).map(JsonTree::new);
        let text = std::str::from_utf8(&view.record).ok().filter(|t| t.trim_start().starts_with(['{', '[']));
        let record =
            text.map(Arc::from).or_else(|| view.decode.json(&view.record).map(|value| Arc::from(value.to_string())));
        out.record = record.map(|text: Arc<str>| JsonTree::new(text));
        out.is_text = [view.payload(), &view.record].map(|bytes| std::str::from_utf8(bytes).is_ok());
        let focus = entity.or_else(|| view.entities.first().and_then(|e| e.ix));
        out.before = focus.and_then(|entity| {
            let before = previous_of(snapshot, entity, event)?;
            Some((one_line(snapshot.entity(entity)?.id, 40), snapshot.time(before)?))
        });
    }
    out
}

/// `/items/0/sku` and `"A"` as a term of the filter language.
fn field_term(pointer: &str, raw: &str) -> String {
    let mut path = String::from("data");
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        if name.chars().all(|c| c.is_ascii_digit()) {
            path.push_str(&format!("[{name}]"));
        } else if name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@')) {
            path.push_str(&format!(".{name}"));
        } else {
            path.push_str(&format!(".\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")));
        }
    }
    format!("{path}={raw}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_tree_becomes_a_filter_that_parses() {
        for (pointer, raw, expected) in [
            ("/total", "59.98", "data.total=59.98"),
            ("/items/0/sku", "\"A 1\"", "data.items[0].sku=\"A 1\""),
            ("/a~1b/odd name", "true", "data.\"a/b\".\"odd name\"=true"),
        ] {
            let term = field_term(pointer, raw);
            assert_eq!(term, expected);
            assert!(crate::analysis::query::parse(&term).is_ok(), "{term}");
        }
    }
}
