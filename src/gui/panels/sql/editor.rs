//! The statement itself, in SQL's colours.

use egui::{Key, Modifiers, Ui};

use crate::analysis::sql::lex::{Sort, Token, is_keyword, lex};
use crate::analysis::sql::tables::TABLES;
use crate::gui::widgets::code::{Code, CodeState, Mark, Paint, Spans};

/// Returns whether the statement is to be run.
pub fn editor_ui(ui: &mut Ui, text: &mut String, state: &mut CodeState, mark: Option<&Mark>) -> bool {
    let id = ui.scope_id().with("sql statement");
    let has_focus = ui.memory(|m| m.has_focus(id));
    let run = has_focus && ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::Enter));
    let hint = "SELECT type, count(*) FROM events GROUP BY type";
    let code = Code { id, label: "SQL", hint, mark, language: 0, spans: &colours };
    code.show(ui, text, state);
    run
}

pub(super) fn colours(text: &str) -> Spans {
    let tokens = lex(text);
    let paint = |i: usize, token: &Token<'_>| match token.sort {
        Sort::Word if is_keyword(token.text) => Paint::Word,
        Sort::Word if tokens.get(i + 1).is_some_and(|next| next.is_sign("(")) => Paint::Call,
        Sort::Word if TABLES.iter().any(|table| token.is(table.name)) => Paint::Call,
        Sort::Word | Sort::Name => Paint::Name,
        Sort::Text => Paint::Text,
        Sort::Number => Paint::Number,
        Sort::Comment => Paint::Comment,
        Sort::Sign => Paint::Plain,
        Sort::Open => Paint::Bad,
    };
    tokens.iter().enumerate().map(|(i, token)| (token.at..token.end(), paint(i, token))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_have_colours() {
        let text = "SELECT count(*) FROM events WHERE type = 'A' -- all";
        let found: Vec<(&str, Paint)> = colours(text).into_iter().map(|(range, paint)| (&text[range], paint)).collect();
        for (piece, paint) in [
            ("SELECT", Paint::Word),
            ("count", Paint::Call),
            ("events", Paint::Call),
            ("type", Paint::Name),
            ("'A'", Paint::Text),
            ("-- all", Paint::Comment),
        ] {
            assert!(found.contains(&(piece, paint)), "{piece}: {found:?}");
        }
    }
}
