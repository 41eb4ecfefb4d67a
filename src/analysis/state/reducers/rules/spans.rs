//! Colours for the editor: which parts of a text are what. Works on text that does not parse.

use super::lex::{Token, lex};
use crate::analysis::state::reducers::spans::{Class, Spans};

const KEYWORDS: [&str; 16] = [
    "or", "and", "not", "when", "append", "remove", "each", "only", "without", "merge", "replace", "delete",
    "snapshot", "ignore", "on", "start",
];

/// Bytes of `text`, in order, without overlaps; signs and blanks are in none.
#[must_use]
pub fn spans(text: &str) -> Spans {
    let mut spans = Vec::new();
    let mut base = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_end_matches(['\n', '\r']);
        let (tokens, comment_at) = lex(line);
        let mut in_types = false;
        for (i, (token, range)) in tokens.iter().enumerate() {
            let before = i.checked_sub(1).and_then(|i| tokens.get(i));
            let is_step = matches!(before, Some((Token::Sign("."), dot)) if dot.end == range.start);
            let is_place = matches!(tokens.get(i + 1), Some((Token::Sign("=" | "+=" | "-="), _)));
            let class = match token {
                Token::Word(word) if in_types && word != "when" => Class::Type,
                Token::Text(_) if in_types => Class::Type,
                Token::Word(word) if !is_step && !is_place && KEYWORDS.contains(&word.as_str()) => Class::Keyword,
                Token::Word(word) if !is_step && matches!(word.as_str(), "null" | "true" | "false") => Class::Literal,
                Token::Text(_) if is_step || is_place => Class::Path,
                Token::Word(_) => Class::Path,
                Token::Text(_) => Class::Text,
                Token::Number(_) => Class::Literal,
                Token::Sign(_) | Token::Bad(_) => continue,
            };
            in_types = match token {
                Token::Word(word) if i == 0 => word == "on",
                Token::Word(word) if word == "when" => false,
                _ => in_types,
            };
            spans.push((base + range.start..base + range.end, class));
        }
        if let Some(at) = comment_at {
            spans.push((base + at..base + line.len(), Class::Comment));
        }
        base += whole.len();
    }
    spans
}
