//! One line's text → tokens with their places. Also used for colouring, so it never fails: what fits
//! nothing is a token of its own.

use std::ops::Range;

#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Word(String),
    /// Unescaped.
    Text(String),
    /// By JSON's grammar, without a sign.
    Number(String),
    Sign(&'static str),
    /// What is wrong.
    Bad(&'static str),
}

/// Bytes of the line.
pub type Spanned = (Token, Range<usize>);

/// Longer ones first.
const SIGNS: [&str; 22] = [
    "+=", "-=", "==", "!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "(", ")", "[", "]", "{", "}", ",", ".", ":", "|",
];

/// The tokens, and where the comment starts (with its sign).
pub fn lex(line: &str) -> (Vec<Spanned>, Option<usize>) {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(next) = line.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = &line[at..];
        if next.is_whitespace() {
            at += next.len_utf8();
            continue;
        }
        if next == '#' {
            return (tokens, Some(at));
        }
        let (token, len) = token(rest, next);
        tokens.push((token, at..at + len));
        at += len;
        if is_on(&tokens) {
            at = types(line, at, &mut tokens);
        }
    }
    (tokens, None)
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '@')
}

fn token(rest: &str, next: char) -> (Token, usize) {
    match next {
        '"' => text(rest),
        '0'..='9' => {
            let len = number_len(rest.as_bytes());
            (Token::Number(rest[..len].to_owned()), len)
        }
        c if is_word(c) => {
            let len = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            (Token::Word(rest[..len].to_owned()), len)
        }
        c => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(&sign) => (Token::Sign(if sign == "==" { "=" } else { sign }), sign.len()),
            None => (Token::Bad("means nothing here"), c.len_utf8()),
        },
    }
}

/// A text in quotes, escaped as in JSON.
fn text(rest: &str) -> (Token, usize) {
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let quoted = &rest[..=i];
                let token = serde_json::from_str(quoted).map_or(Token::Bad("is not escaped as in JSON"), Token::Text);
                return (token, quoted.len());
            }
            _ => (),
        }
    }
    (Token::Bad("has no closing quote"), rest.trim_end().len())
}

fn number_len(bytes: &[u8]) -> usize {
    let digits =
        |from: usize| bytes.get(from..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut len = digits(0);
    if bytes.get(len) == Some(&b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    if matches!(bytes.get(len), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
        if digits(len + 1 + sign) > 0 {
            len += 1 + sign + digits(len + 1 + sign);
        }
    }
    len
}

fn is_on(tokens: &[Spanned]) -> bool {
    matches!(tokens, [(Token::Word(word), _)] if word == "on")
}

/// After `on` the names of types, which hold any letter but blanks, commas and quotes, up to `when`.
fn types(line: &str, mut at: usize, tokens: &mut Vec<Spanned>) -> usize {
    while let Some(next) = line.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = &line[at..];
        let (token, len) = match next {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '#' => break,
            '"' => text(rest),
            ',' => (Token::Sign(","), 1),
            _ => {
                let len = rest.find(is_end_of_type).unwrap_or(rest.len());
                (Token::Word(rest[..len].to_owned()), len)
            }
        };
        let is_when = token == Token::Word("when".to_owned());
        tokens.push((token, at..at + len));
        at += len;
        if is_when {
            break;
        }
    }
    at
}

pub fn is_end_of_type(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '"' | '#')
}
