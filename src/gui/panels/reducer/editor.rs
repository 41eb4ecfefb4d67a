//! The text itself: colours by language, what is wrong under its line, Ctrl+Enter applies.

use egui::text_edit::TextEditState;
use egui::{Key, Modifiers, TextEdit, Ui};

use super::model::{Draft, error_line};
use super::preview::Preview;
use crate::analysis::state::reducer::ReducerKind;
use crate::analysis::state::reducers::spans::Class;
use crate::analysis::state::reducers::{rules, script};
use crate::gui::widgets::code::{Code, CodeState, Mark, Paint, Spans};

/// Returns whether the text is to be applied.
pub fn editor_ui(ui: &mut Ui, draft: &mut Draft, state: &mut CodeState, preview: Option<&Preview>) -> bool {
    let id = ui.scope_id().with("reducer text");
    let language = draft.language;
    let mark = preview.and_then(|preview| mark_of(preview, draft.text()));
    let has_focus = ui.memory(|m| m.has_focus(id));
    let (mut apply, mut replaced) = (false, false);
    if has_focus {
        ui.input_mut(|i| {
            apply = i.consume_key(Modifiers::COMMAND, Key::Enter);
            let whole = |event: &egui::Event| matches!(event, egui::Event::Paste(text) if draft.paste_whole(text));
            if let Some(at) = i.events.iter().position(whole) {
                i.events.remove(at);
                replaced = true;
            }
        });
    }
    if replaced {
        // What was selected is gone with the text before.
        TextEdit::store_state(ui.ctx(), id, TextEditState::default());
        state.reveal = Some(0);
    }
    let now = ui.input(|i| i.time);
    let Some(text) = draft.text_mut() else { return false };
    let code = Code {
        id,
        label: "Reducer",
        hint: "Paste a reducer here: a class with apply(event), rules, or a jq expression",
        mark: mark.as_ref(),
        language: language as u8,
        spans: &|text| colours(language, text),
    };
    let out = code.show(ui, text, state);
    if out.response.changed() {
        draft.typed(now);
        if out.pasted.is_some() {
            draft.pasted();
        }
    }
    apply
}

/// The most serious thing that has a line: the text itself, a stop, a failing event, a lost digit.
fn mark_of(preview: &Preview, text: &str) -> Option<Mark> {
    if let Some(wrong) = &preview.wrong {
        let (line, message) = error_line(wrong, text);
        return Some(Mark { line, message, error: true });
    }
    let troubles = [(&preview.stopped, true), (&preview.first_error, true), (&preview.first_warning, false)];
    troubles.into_iter().find_map(|(trouble, error)| {
        let trouble = trouble.as_ref()?;
        let line = trouble.line?.max(1) as usize - 1;
        Some(Mark { line, message: format!("{}: {}", trouble.place(), trouble.message), error })
    })
}

fn colours(language: ReducerKind, text: &str) -> Spans {
    let paint = |class: Class| match class {
        Class::Keyword => Paint::Word,
        Class::Path => Paint::Name,
        Class::Literal => Paint::Number,
        Class::Text => Paint::Text,
        Class::Comment => Paint::Comment,
        Class::Type => Paint::Call,
    };
    let spans = match language {
        ReducerKind::Inferred | ReducerKind::Rules => rules::spans(text),
        ReducerKind::JavaScript | ReducerKind::Jq => script::spans(language, text),
    };
    spans.into_iter().map(|(range, class)| (range, paint(class))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::preview::Trouble;
    use super::*;
    use crate::analysis::state::reducer::CompileError;

    #[test]
    fn the_most_serious_trouble_is_marked() {
        let trouble = |line| {
            let message = "it failed".to_owned();
            Some(Trouble { step: 3, event: None, type_name: "Paid".to_owned(), message, line })
        };
        let mut preview = Preview { first_warning: trouble(Some(1)), ..Preview::default() };
        assert_eq!(mark_of(&preview, "a\nb").map(|m| (m.line, m.error)), Some((0, false)));
        preview.first_error = trouble(Some(2));
        let mark = mark_of(&preview, "a\nb").expect("an error");
        assert_eq!((mark.line, mark.error, &*mark.message), (1, true, "event 3 Paid: it failed"));
        preview.wrong = Some(CompileError { message: "no".to_owned(), line: Some(1), column: None });
        assert_eq!(mark_of(&preview, "a\nb").map(|m| m.message), Some("no".to_owned()));
        assert_eq!(mark_of(&Preview::default(), ""), None);
    }
}
