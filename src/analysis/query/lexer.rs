//! Filter text → tokens. Never gives up: a word that is wrong carries its problem, so that completion
//! can work on half-typed text with the same eyes as the parser.

use std::ops::Range;

use crate::model::filter::{FilterError, Op, Pattern, Piece};

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub at: Range<usize>,
    pub kind: Kind,
    pub problem: Option<FilterError>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Open,
    Close,
    And,
    Or,
    Not,
    Text(String),
    Regex { pattern: String, ignore_case: bool },
    Term(Term),
}

/// `key`, operator, value.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub key: Range<usize>,
    pub op: Op,
    pub op_at: Range<usize>,
    pub value: Pattern,
    pub value_at: Range<usize>,
    /// The whole value stood in quotes.
    pub quoted: bool,
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0 };
    let mut out = Vec::new();
    loop {
        lexer.skip_while(char::is_whitespace);
        let start = lexer.at;
        let Some(c) = lexer.peek() else { return out };
        let (kind, problem) = match c {
            '(' => lexer.single(Kind::Open),
            ')' => lexer.single(Kind::Close),
            '!' => lexer.single(Kind::Not),
            '"' => lexer.quoted_text(),
            '/' => lexer.regex(),
            _ => lexer.word(),
        };
        out.push(Token { at: start..lexer.at, kind, problem });
    }
}

type Lexed = (Kind, Option<FilterError>);

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn skip_while(&mut self, keep: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&keep) {
            self.next();
        }
    }

    fn single(&mut self, kind: Kind) -> Lexed {
        self.next();
        (kind, None)
    }

    /// After an opening quote has been seen but not taken. `false` where the closing one is missing.
    fn quoted(&mut self, out: &mut String) -> bool {
        self.next();
        while let Some(c) = self.next() {
            match c {
                '"' => return true,
                '\\' => out.extend(self.next()),
                _ => out.push(c),
            }
        }
        false
    }

    fn quoted_text(&mut self) -> Lexed {
        let start = self.at;
        let mut text = String::new();
        let closed = self.quoted(&mut text);
        let problem = if !closed {
            Some(unclosed(start..self.at))
        } else if text.is_empty() {
            Some(error(start..self.at, "the text to look for is empty", "put some text between the quotes"))
        } else {
            None
        };
        (Kind::Text(text), problem)
    }

    fn regex(&mut self) -> Lexed {
        let start = self.at;
        self.next();
        let mut pattern = String::new();
        let mut closed = false;
        while let Some(c) = self.next() {
            match c {
                '/' => {
                    closed = true;
                    break;
                }
                '\\' if self.peek() == Some('/') => pattern.extend(self.next()),
                '\\' => {
                    pattern.push(c);
                    pattern.extend(self.next());
                }
                _ => pattern.push(c),
            }
        }
        let flags = self.at;
        self.skip_while(char::is_alphanumeric);
        let flags = flags..self.at;
        let given = self.text.get(flags.clone()).unwrap_or_default();
        let problem = if !closed {
            Some(error(
                start..self.at,
                "the regular expression has no end",
                "end it with `/`, or put text that starts with a slash in quotes",
            ))
        } else if !matches!(given, "" | "i") {
            Some(error(
                flags,
                format!("`{given}` is no flag of a regular expression"),
                "`i` ignores case; text that starts with a slash goes in quotes",
            ))
        } else if pattern.is_empty() {
            Some(error(start..self.at, "the regular expression is empty", "put it between the slashes"))
        } else {
            None
        };
        (Kind::Regex { pattern, ignore_case: given == "i" }, problem)
    }

    fn word(&mut self) -> Lexed {
        let start = self.at;
        let mut problem = self.key();
        let key = start..self.at;
        let op_start = self.at;
        let Some(op) = self.op() else {
            let word = self.text.get(key.clone()).unwrap_or_default();
            let kind = match word {
                _ if word.eq_ignore_ascii_case("and") => Kind::And,
                _ if word.eq_ignore_ascii_case("or") => Kind::Or,
                _ if word.eq_ignore_ascii_case("not") => Kind::Not,
                _ => Kind::Text(word.to_owned()),
            };
            return (kind, problem);
        };
        let op_at = op_start..self.at;
        if key.is_empty() {
            problem = Some(error(
                op_at.clone(),
                format!("`{}` has nothing before it", self.text.get(op_at.clone()).unwrap_or_default()),
                "write what to compare before it, as in `data.total>50`",
            ));
        }
        let value_start = self.at;
        let (value, quoted, closed) = self.value();
        let value_at = value_start..self.at;
        if problem.is_none() {
            if !closed {
                problem = Some(unclosed(value_at.clone()));
            } else if value.0.is_empty() && !quoted {
                let typed = self.text.get(start..value_start).unwrap_or_default();
                problem = Some(error(
                    start..value_start,
                    format!("expected a value after `{typed}`"),
                    "put values with spaces in quotes",
                ));
            }
        }
        (Kind::Term(Term { key, op, op_at, value, value_at, quoted }), problem)
    }

    /// A word up to an operator; quotes after a dot enclose a member's name.
    fn key(&mut self) -> Option<FilterError> {
        let mut after_dot = false;
        while let Some(c) = self.peek() {
            match c {
                '"' if after_dot => {
                    let start = self.at;
                    if !self.quoted(&mut String::new()) {
                        return Some(unclosed(start..self.at));
                    }
                }
                ':' | '=' | '<' | '>' | '(' | ')' | '"' => break,
                '!' if self.rest().starts_with("!=") => break,
                c if c.is_whitespace() => break,
                _ => {
                    self.next();
                }
            }
            after_dot = c == '.';
        }
        None
    }

    fn op(&mut self) -> Option<Op> {
        const SIGNS: [(&str, Op); 7] = [
            ("!=", Op::IsNot),
            ("<=", Op::AtMost),
            (">=", Op::AtLeast),
            ("<", Op::Less),
            (">", Op::Greater),
            ("=", Op::Is),
            (":", Op::Is),
        ];
        let (sign, op) = SIGNS.into_iter().find(|(sign, _)| self.rest().starts_with(sign))?;
        self.at += sign.len();
        Some(op)
    }

    /// The value, whether all of it stood in quotes, whether the quotes were closed.
    fn value(&mut self) -> (Pattern, bool, bool) {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let (mut quotes, mut bare, mut closed) = (0, false, true);
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    quotes += 1;
                    closed = self.quoted(&mut text);
                }
                '*' => {
                    bare = true;
                    self.next();
                    if !text.is_empty() {
                        pieces.push(Piece::Text(std::mem::take(&mut text)));
                    }
                    if pieces.last() != Some(&Piece::Any) {
                        pieces.push(Piece::Any);
                    }
                }
                '\\' => {
                    bare = true;
                    self.next();
                    text.extend(self.next());
                }
                '(' | ')' => break,
                c if c.is_whitespace() => break,
                _ => {
                    bare = true;
                    text.extend(self.next());
                }
            }
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        (Pattern(pieces), quotes > 0 && !bare, closed)
    }
}

fn error(at: Range<usize>, message: impl Into<String>, hint: &str) -> FilterError {
    FilterError { at, message: message.into(), hint: hint.to_owned() }
}

fn unclosed(at: Range<usize>) -> FilterError {
    error(at, "the quote is not closed", "add `\"` at its end; `\\\"` is a quote inside quotes")
}
