//! JavaScript's tokens: for the editor's colours, and to find what a text declares before it runs.
//! It never fails: what is open at the end is a token up to the end.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Keyword,
    Name,
    /// `#name`
    Private,
    Number,
    /// Quoted text, and the pieces of a template around its `${…}`.
    Text,
    Regex,
    Comment,
    /// One character.
    Sign,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub at: Range<usize>,
}

const KEYWORDS: [&str; 46] = [
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "get",
    "if",
    "import",
    "in",
    "instanceof",
    "let",
    "new",
    "null",
    "of",
    "return",
    "set",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "undefined",
    "var",
    "void",
    "while",
    "with",
    "yield",
    "NaN",
    "Infinity",
];

/// Before these a `/` divides, although they are keywords.
const VALUES: [&str; 7] = ["this", "super", "null", "true", "false", "undefined", "of"];

#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, found: Vec::new(), open: Vec::new() };
    while lexer.at < lexer.bytes.len() {
        lexer.step(text);
    }
    lexer.found
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    found: Vec<Token>,
    /// Braces that are open; `true` for one that a template opened.
    open: Vec<bool>,
}

impl Lexer<'_> {
    fn step(&mut self, text: &str) {
        let start = self.at;
        let (byte, next) = (self.byte(0), self.byte(1));
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
            b'/' if next == b'/' => {
                self.skip_while(|byte| byte != b'\n');
                self.push(Kind::Comment, start);
            }
            b'/' if next == b'*' => {
                self.at += 2;
                while self.at < self.bytes.len() && !(self.byte(0) == b'*' && self.byte(1) == b'/') {
                    self.at += 1;
                }
                self.at = (self.at + 2).min(self.bytes.len());
                self.push(Kind::Comment, start);
            }
            b'/' if self.begins_regex(text) => {
                self.regex();
                self.push(Kind::Regex, start);
            }
            b'"' | b'\'' => {
                self.at += 1;
                self.skip_escaped(|at| at == byte || at == b'\n');
                self.push(Kind::Text, start);
            }
            b'`' => self.template(start),
            b'}' if self.open.last() == Some(&true) => {
                self.open.pop();
                self.template(start);
            }
            b'0'..=b'9' => self.number(start),
            b'.' if next.is_ascii_digit() => self.number(start),
            b'#' if is_name(next) => {
                self.at += 1;
                self.skip_while(is_name);
                self.push(Kind::Private, start);
            }
            byte if is_name(byte) => {
                self.skip_while(is_name);
                let word = text.get(start..self.at).unwrap_or_default();
                let member = self.found.last().is_some_and(|token| text.get(token.at.clone()) == Some("."));
                let keyword = KEYWORDS.contains(&word) && !member;
                self.push(if keyword { Kind::Keyword } else { Kind::Name }, start);
            }
            _ => {
                match byte {
                    b'{' => self.open.push(false),
                    b'}' => drop(self.open.pop()),
                    _ => {}
                }
                self.at += 1;
                self.push(Kind::Sign, start);
            }
        }
    }

    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or_default()
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.found.push(Token { kind, at: start..self.at });
    }

    fn skip_while(&mut self, goes_on: impl Fn(u8) -> bool) {
        while self.at < self.bytes.len() && goes_on(self.bytes[self.at]) {
            self.at += 1;
        }
    }

    /// Past the first byte that ends it and is not escaped.
    fn skip_escaped(&mut self, ends: impl Fn(u8) -> bool) {
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte != b'\\' && ends(byte) {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
    }

    fn number(&mut self, start: usize) {
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            let signed = matches!(byte, b'+' | b'-')
                && matches!(self.bytes[self.at - 1], b'e' | b'E')
                && self.bytes.get(start + 1).is_none_or(|second| !matches!(second, b'x' | b'X'));
            if !(byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' || signed && self.at > start) {
                break;
            }
            self.at += 1;
        }
        self.push(Kind::Number, start);
    }

    /// From a backquote, or from the brace that ends an inserted expression.
    fn template(&mut self, start: usize) {
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    break;
                }
                b'$' if self.byte(1) == b'{' => {
                    self.at += 2;
                    self.open.push(true);
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.push(Kind::Text, start);
    }

    /// After what can stand before an operator a `/` divides.
    fn begins_regex(&self, text: &str) -> bool {
        let Some(last) = self.found.iter().rev().find(|token| token.kind != Kind::Comment) else { return true };
        let word = text.get(last.at.clone()).unwrap_or_default();
        match last.kind {
            Kind::Keyword => !VALUES.contains(&word),
            Kind::Sign => !matches!(word, ")" | "]" | "}"),
            _ => false,
        }
    }

    fn regex(&mut self) {
        self.at += 1;
        let mut in_class = false;
        while self.at < self.bytes.len() {
            let byte = self.bytes[self.at];
            match byte {
                b'\n' => break,
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                _ => {}
            }
            self.at += 1;
            if byte == b'/' && !in_class {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.skip_while(is_name);
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(Kind, &str)]) {
        let found = tokens(text);
        let found: Vec<(Kind, &str)> = found.iter().map(|token| (token.kind, &text[token.at.clone()])).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn tokens_are_told_apart() {
        use Kind::{Comment, Keyword, Name, Number, Private, Regex, Sign, Text};
        check("let a", &[(Keyword, "let"), (Name, "a")]);
        check("a.class", &[(Name, "a"), (Sign, "."), (Name, "class")]);
        check("'it\\'s' // x", &[(Text, "'it\\'s'"), (Comment, "// x")]);
        check("a / b / c", &[(Name, "a"), (Sign, "/"), (Name, "b"), (Sign, "/"), (Name, "c")]);
        check("= /[/]\\//gi;", &[(Sign, "="), (Regex, "/[/]\\//gi"), (Sign, ";")]);
        check("1.5e-3+.5", &[(Number, "1.5e-3"), (Sign, "+"), (Number, ".5")]);
        check("0xe+1", &[(Number, "0xe"), (Sign, "+"), (Number, "1")]);
        check("this.#b", &[(Keyword, "this"), (Sign, "."), (Private, "#b")]);
        check("`a${ {b} }c`", &[(Text, "`a${"), (Sign, "{"), (Name, "b"), (Sign, "}"), (Text, "}c`")]);
        check("/* a\nb */é", &[(Comment, "/* a\nb */"), (Name, "é")]);
    }

    #[test]
    fn any_text_is_taken() {
        for text in ["'", "\"\\", "`${`${", "/*", "/[", "}}}", "\\", "1e", "#", "é😀/", "/\\"] {
            let found = tokens(text);
            assert!(found.iter().all(|token| text.get(token.at.clone()).is_some()), "{text}");
        }
    }
}
