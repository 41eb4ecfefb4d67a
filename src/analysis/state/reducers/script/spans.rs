//! The pieces of a script's text, for the editor's colours.

use crate::analysis::state::reducer::ReducerKind;
use crate::analysis::state::reducers::spans::{Class, Spans};
use crate::sandbox::javascript::lexer::{Kind, tokens};

const LITERALS: [&str; 6] = ["true", "false", "null", "undefined", "NaN", "Infinity"];

const JQ_KEYWORDS: [&str; 17] = [
    "def", "if", "then", "elif", "else", "end", "as", "reduce", "foreach", "try", "catch", "label", "import",
    "include", "and", "or", "not",
];

/// The pieces of a JavaScript or jq text; none for other languages.
#[must_use]
pub fn spans(kind: ReducerKind, text: &str) -> Spans {
    match kind {
        ReducerKind::JavaScript => javascript(text),
        ReducerKind::Jq => jq(text),
        ReducerKind::Inferred | ReducerKind::Rules => Spans::new(),
    }
}

fn javascript(text: &str) -> Spans {
    let mut before = "";
    let mut spans = Spans::new();
    for token in tokens(text) {
        let word = text.get(token.at.clone()).unwrap_or_default();
        let class = match token.kind {
            Kind::Keyword if LITERALS.contains(&word) => Some(Class::Literal),
            Kind::Keyword => Some(Class::Keyword),
            Kind::Number => Some(Class::Literal),
            Kind::Text if before == "case" => Some(Class::Type),
            Kind::Text | Kind::Regex => Some(Class::Text),
            Kind::Comment => Some(Class::Comment),
            Kind::Private => Some(Class::Path),
            Kind::Name if before == "." => Some(Class::Path),
            Kind::Name | Kind::Sign => None,
        };
        if let Some(class) = class {
            spans.push((token.at, class));
        }
        if token.kind != Kind::Comment {
            before = word;
        }
    }
    spans
}

fn jq(text: &str) -> Spans {
    let bytes = text.as_bytes();
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let end_of = |from: usize, goes_on: &dyn Fn(u8) -> bool| {
        bytes[from..].iter().position(|byte| !goes_on(*byte)).map_or(bytes.len(), |length| from + length)
    };
    let mut spans = Spans::new();
    let mut at = 0;
    while at < bytes.len() {
        let (end, class) = match bytes[at] {
            b'#' => (end_of(at, &|byte| byte != b'\n'), Some(Class::Comment)),
            b'"' => (end_of_text(bytes, at), Some(Class::Text)),
            b'.' | b'$' => {
                let end = end_of(at + 1, &is_name);
                (end, (end > at + 1).then_some(Class::Path))
            }
            b'0'..=b'9' => (end_of(at, &|byte| byte.is_ascii_digit() || byte == b'.'), Some(Class::Literal)),
            byte if is_name(byte) => {
                let end = end_of(at, &is_name);
                let word = &text[at..end];
                let literal = LITERALS.contains(&word).then_some(Class::Literal);
                (end, literal.or_else(|| JQ_KEYWORDS.contains(&word).then_some(Class::Keyword)))
            }
            _ => (at + 1, None),
        };
        if let Some(class) = class {
            spans.push((at..end, class));
        }
        at = end;
    }
    spans
}

/// After the closing quote; an inserted `\(…)` counts as text.
fn end_of_text(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ReducerKind, text: &str, expected: &[(&str, Class)]) {
        let found = spans(kind, text);
        let found: Vec<(&str, Class)> = found.iter().map(|(at, class)| (&text[at.clone()], *class)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn pieces_have_their_classes() {
        check(
            ReducerKind::JavaScript,
            "case 'Opened': this.balance = 0; // é",
            &[
                ("case", Class::Keyword),
                ("'Opened'", Class::Type),
                ("this", Class::Keyword),
                ("balance", Class::Path),
                ("0", Class::Literal),
                ("// é", Class::Comment),
            ],
        );
        check(
            ReducerKind::Jq,
            "if .event.type == \"a\\\"\" then $state else null end # é",
            &[
                ("if", Class::Keyword),
                (".event", Class::Path),
                (".type", Class::Path),
                ("\"a\\\"\"", Class::Text),
                ("then", Class::Keyword),
                ("$state", Class::Path),
                ("else", Class::Keyword),
                ("null", Class::Literal),
                ("end", Class::Keyword),
                ("# é", Class::Comment),
            ],
        );
    }

    #[test]
    fn any_text_is_taken() {
        for text in ["\"\\", "é.é", "#", "$", "1.", "\"é", "."] {
            assert!(spans(ReducerKind::Jq, text).iter().all(|(at, _)| text.get(at.clone()).is_some()), "{text}");
        }
    }
}
