//! The selected event: what to do with it, and its payload to type into.

use egui::{Align, Layout, Margin, Rect, RichText, TextEdit, Ui, UiBuilder};

use super::lines::{Line, sign};
use super::model::{Draft, Task, event_ref, moved};
use super::work::Made;
use crate::analysis::state::event::Input;
use crate::analysis::state::history::History;
use crate::analysis::state::whatif::{Edit, EventRef, What};
use crate::app::Command;
use crate::app::command::BranchCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{BODY, ROW, SMALL, mono};
use crate::gui::widgets::code::{Code, CodeState, Mark, Paint, Spans};
use crate::gui::widgets::parts::{icon_button, split_header};

#[derive(Default)]
pub struct Detail {
    draft: Draft,
    code: CodeState,
    /// The branch's event that the draft was made of, as it was: a change from elsewhere replaces it.
    seen: Option<(EventRef, std::sync::Arc<str>, std::sync::Arc<str>)>,
    /// Where it is to be moved, counted from 1.
    to: u32,
}

/// Returns what is to be changed about the branch.
#[expect(clippy::too_many_arguments, reason = "the frame's own parts")]
pub fn detail_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    detail: &mut Detail,
    made: &Made,
    history: &History,
    (row, line): (u64, Line),
    input: Option<&Input>,
    number: Option<u64>,
    out: &mut Vec<Command>,
) -> Option<Edit> {
    let event = event_ref(made, history, line)?;
    let full = ui.available_rect_before_wrap();
    let title = match (line.stored, line.branch) {
        (Some(stored), _) => format!("Event {}", stored + 1),
        (None, Some(at)) => format!("Added event, {} of the branch", at + 1),
        (None, None) => String::new(),
    };
    split_header(ui, &title, |ui| {
        ui.label(RichText::new(sign(line.what).1).size(SMALL).color(ctx.theme.muted));
    });
    let Some(input) = input else {
        ui.label(RichText::new("Reading the event…").color(ctx.theme.muted));
        return None;
    };
    follow(detail, event, line, input);
    let mut edit = None;
    egui::Frame::new().inner_margin(Margin { left: 8, right: 8, top: 6, bottom: 4 }).show(ui, |ui| {
        if detail.draft.task == Task::Change {
            edit = actions_ui(ui, detail, made, history, line, event, number, out);
        }
        ui.horizontal(|ui| {
            let label = match detail.draft.task {
                Task::Change => "Type",
                Task::InsertBefore => "Add before, type",
                Task::InsertAfter => "Add after, type",
            };
            ui.label(RichText::new(label).size(SMALL).color(ctx.theme.muted));
            let field = TextEdit::singleline(&mut detail.draft.type_name).font(mono(BODY - 1.0));
            let width = ui.available_width();
            ui.add_enabled(line.branch.is_some(), field.desired_width(width)).accessible_name("Event type");
        });
    });
    if line.branch.is_none() {
        let words =
            if line.what == What::MovedAway { "It is elsewhere in this branch." } else { "It is not in this branch." };
        ui.horizontal(|ui| {
            ui.add_space(8.0);
            ui.label(RichText::new(words).color(ctx.theme.muted));
        });
        return edit;
    }
    let bar = 34.0;
    let editor = Rect::from_min_max(ui.cursor().min, egui::pos2(full.right(), full.bottom() - bar));
    let error = detail.draft.error();
    if editor.height() > 30.0 {
        let mut inner = ui.new_child(UiBuilder::new().max_rect(editor));
        let mark = error.clone().map(|(line, message)| Mark { line, message, error: true });
        let code = Code {
            id: inner.scope_id().with("payload"),
            label: "Payload",
            hint: "{}",
            mark: mark.as_ref(),
            language: 255,
            spans: &json_spans,
        };
        code.show(&mut inner, &mut detail.draft.text, &mut detail.code);
    }
    let below =
        Rect::from_min_max(egui::pos2(full.left(), full.bottom() - bar), full.max).shrink2(egui::vec2(8.0, 4.0));
    let mut ui = ui.new_child(UiBuilder::new().max_rect(below).layout(Layout::left_to_right(Align::Center)));
    let label = match detail.draft.task {
        Task::Change => "Change the event",
        Task::InsertBefore | Task::InsertAfter => "Add the event",
    };
    let ready = error.is_none() && detail.draft.is_changed();
    if ui.add_enabled(ready, egui::Button::new(label)).clicked() {
        edit = detail.draft.edit(made, history, row);
        detail.seen = None;
    }
    if detail.draft.is_changed() && ui.button("Cancel").clicked() {
        detail.seen = None;
        detail.draft = Draft::default();
    }
    edit
}

/// A fresh draft where another event is selected or this one was changed elsewhere.
fn follow(detail: &mut Detail, event: EventRef, line: Line, input: &Input) {
    let now = (event, input.type_name.clone(), input.text.clone());
    if detail.seen.as_ref() != Some(&now) {
        detail.draft = Draft::change(event, &input.type_name, &input.text);
        detail.to = line.branch.map_or(0, |at| at + 1);
        detail.seen = Some(now);
    }
}

#[expect(clippy::too_many_arguments, reason = "the frame's own parts")]
fn actions_ui(
    ui: &mut Ui,
    detail: &mut Detail,
    made: &Made,
    history: &History,
    line: Line,
    event: EventRef,
    number: Option<u64>,
    out: &mut Vec<Command>,
) -> Option<Edit> {
    let mut edit = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        ui.spacing_mut().button_padding.x = 6.0;
        ui.spacing_mut().interact_size.x = ROW;
        if let (true, Some(number)) = (line.what != What::Same, number) {
            let label = if line.what == What::Inserted { "Take it out again" } else { "As it is stored" };
            if ui.button(label).on_hover_text("Takes back what was changed about this event").clicked() {
                out.push(BranchCommand::Restore(number, event).into());
            }
        }
        let Some(at) = line.branch else { return };
        if line.what != What::Inserted && ui.button("Leave it out").on_hover_text("Delete").clicked() {
            edit = Some(Edit::Skip(event));
        }
        ui.menu_button("Add", |ui| {
            for (label, task) in [("An event before it", Task::InsertBefore), ("An event after it", Task::InsertAfter)]
            {
                if ui.button(label).clicked() {
                    let draft = Draft::insert(task, event, &detail.draft.type_name, &detail.draft.text);
                    detail.draft = draft;
                    ui.close();
                }
            }
        });
        if icon_button(ui, "↑", "Move it one place up").clicked() {
            edit = at.checked_sub(1).and_then(|to| moved(made, history, line, to));
        }
        if icon_button(ui, "↓", "Move it one place down").clicked() {
            edit = moved(made, history, line, at + 1);
        }
        let most = made.events.plan().len();
        let field = egui::DragValue::new(&mut detail.to).range(1..=most.max(1)).prefix("to ");
        let response = ui.add(field).on_hover_text("Its place in the branch");
        if (response.lost_focus() || response.drag_stopped()) && detail.to != at + 1 {
            edit = moved(made, history, line, detail.to.saturating_sub(1));
        }
    });
    edit
}

/// Names, texts, numbers and words of JSON.
fn json_spans(text: &str) -> Spans {
    let bytes = text.as_bytes();
    let mut spans = Spans::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        let paint = match byte {
            b'"' => {
                while let Some(&byte) = bytes.get(at) {
                    at += if byte == b'\\' { 2 } else { 1 };
                    if byte == b'"' || byte == b'\n' {
                        break;
                    }
                }
                let rest = text.get(at.min(text.len())..).unwrap_or_default();
                if rest.trim_start().starts_with(':') { Paint::Name } else { Paint::Text }
            }
            b'-' | b'0'..=b'9' => {
                while bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-')) {
                    at += 1;
                }
                Paint::Number
            }
            b'a'..=b'z' => {
                while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                    at += 1;
                }
                if matches!(text.get(start..at), Some("true" | "false" | "null")) { Paint::Word } else { Paint::Bad }
            }
            _ => continue,
        };
        at = at.min(bytes.len());
        spans.push((start..at, paint));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_its_colours_even_where_it_is_broken() {
        let shown = |text: &str| -> Vec<String> {
            json_spans(text).into_iter().map(|(r, p)| format!("{p:?} {}", &text[r])).collect()
        };
        assert_eq!(
            shown(r#"{"a": "x\"y", "b": [-1.5e3, true]}"#),
            ["Name \"a\"", "Text \"x\\\"y\"", "Name \"b\"", "Number -1.5e3", "Word true"]
        );
        for text in ["\"", "{\"a", "\"\\", "nul", "\"é", "{é: 1"] {
            assert!(json_spans(text).iter().all(|(range, _)| range.end <= text.len()), "{text}");
        }
    }
}
