//! SQL cut into tokens: enough to colour it and to see what a simple statement asks of the index.
//! What a statement means is SQLite's to say.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Word,
    /// `"name"`, `[name]`, `` `name` ``
    Name,
    Text,
    Number,
    Sign,
    Comment,
    /// A quote or comment without an end.
    Open,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub sort: Sort,
    pub text: &'a str,
    /// Byte of the statement.
    pub at: usize,
}

impl Token<'_> {
    /// An unquoted word, in any case.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.sort == Sort::Word && self.text.eq_ignore_ascii_case(word)
    }

    #[must_use]
    pub fn is_sign(&self, sign: &str) -> bool {
        self.sort == Sort::Sign && self.text == sign
    }

    /// The text of a literal `'it''s'`, without its quotes.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let inner = self.text.strip_prefix('\'')?.strip_suffix('\'')?;
        (self.sort == Sort::Text).then(|| inner.replace("''", "'"))
    }

    #[must_use]
    pub fn end(&self) -> usize {
        self.at + self.text.len()
    }
}

/// Words that are SQL's own where they stand unquoted.
pub const KEYWORDS: &[&str] = &[
    "all",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cast",
    "collate",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "escape",
    "except",
    "exists",
    "explain",
    "filter",
    "from",
    "full",
    "glob",
    "group",
    "having",
    "in",
    "inner",
    "intersect",
    "is",
    "join",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "nulls",
    "offset",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "recursive",
    "right",
    "select",
    "then",
    "union",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
];

#[must_use]
pub fn is_keyword(word: &str) -> bool {
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}

const TWO: [&str; 8] = ["<=", ">=", "<>", "!=", "==", "||", "<<", ">>"];

/// All but blanks, in order.
#[must_use]
pub fn lex(sql: &str) -> Vec<Token<'_>> {
    let bytes = sql.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let rest = &sql[at..];
        let (sort, len) = match byte {
            b'-' if rest.starts_with("--") => (Sort::Comment, rest.find('\n').unwrap_or(rest.len())),
            b'/' if rest.starts_with("/*") => match rest.get(2..).and_then(|rest| rest.find("*/")) {
                Some(end) => (Sort::Comment, end + 4),
                None => (Sort::Open, rest.len()),
            },
            b'\'' => quoted(rest, b'\'', Sort::Text),
            b'"' => quoted(rest, b'"', Sort::Name),
            b'`' => quoted(rest, b'`', Sort::Name),
            b'[' => rest.find(']').map_or((Sort::Open, rest.len()), |end| (Sort::Name, end + 1)),
            b'0'..=b'9' => (Sort::Number, run(rest, |b| b.is_ascii_alphanumeric() || b == b'.')),
            b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                (Sort::Number, run(rest, |b| b.is_ascii_alphanumeric() || b == b'.'))
            }
            _ if is_word(byte) => (Sort::Word, run(rest, is_word)),
            _ if rest.starts_with("->>") => (Sort::Sign, 3),
            _ if rest.starts_with("->") || TWO.iter().any(|two| rest.starts_with(two)) => (Sort::Sign, 2),
            _ => (Sort::Sign, 1),
        };
        tokens.push(Token { sort, text: &sql[at..at + len], at });
        at += len;
    }
    tokens
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

fn run(text: &str, of: impl Fn(u8) -> bool) -> usize {
    text.bytes().position(|byte| !of(byte)).unwrap_or(text.len())
}

/// A doubled quote stands for itself.
fn quoted(text: &str, quote: u8, sort: Sort) -> (Sort, usize) {
    let bytes = text.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == quote {
            if bytes.get(at) != Some(&quote) {
                return (sort, at);
            }
            at += 1;
        }
    }
    (Sort::Open, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_cut_into_tokens() {
        for (sql, tokens) in [
            (
                "SELECT a.b,1.5e3 FROM \"x y\"",
                "Word:SELECT Word:a Sign:. Word:b Sign:, Number:1.5e3 Word:FROM Name:\"x y\"",
            ),
            ("'it''s'||x->>'$.a'", "Text:'it''s' Sign:|| Word:x Sign:->> Text:'$.a'"),
            ("a<=b -- end\nc /* x */ d", "Word:a Sign:<= Word:b Comment:-- end Word:c Comment:/* x */ Word:d"),
            ("'open", "Open:'open"),
            ("größe /* open", "Word:größe Open:/* open"),
            ("[a b]`c`.5;", "Name:[a b] Name:`c` Number:.5 Sign:;"),
            ("", ""),
        ] {
            let found: Vec<String> = lex(sql).iter().map(|t| format!("{:?}:{}", t.sort, t.text)).collect();
            assert_eq!(found.join(" "), tokens, "{sql}");
            assert!(lex(sql).iter().all(|t| sql[t.at..t.end()] == *t.text));
        }
        assert_eq!(lex("'it''s'").first().and_then(Token::literal).as_deref(), Some("it's"));
    }
}
