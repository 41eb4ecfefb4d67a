//! Conditions on a state as a person types them: `balance < 0 and not exists closedAt`.
//!
//! Numbers are compared exactly, texts by their characters, anything else only for equality. Where a
//! place is not there, or two kinds of values meet, no comparison holds, not even `!=`.

use std::cmp::Ordering;

use crate::analysis::state::path::Path;
use crate::analysis::state::value::{Number, Value, parse};
use crate::model::error::{Error, Place, Result};

#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    text: String,
    root: Node,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Compare(Operand, Op, Operand),
    Exists(Path),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Path(Path),
    Literal(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Unequal,
}

/// Deeper parentheses are refused: each is a call.
const MAX_DEPTH: usize = 64;

impl Predicate {
    /// Comparisons (`< <= > >= = !=`) of places (`balance`, `items[0].qty`, `/a/b`, `.` for the whole
    /// state) and literals (`-1.50`, `"text"`, `true`, `false`, `null`), `exists PLACE`, `not`, `and`,
    /// `or` and parentheses.
    ///
    /// # Errors
    /// What is wrong, with its column.
    pub fn parse(text: &str) -> Result<Self> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.chars().count() };
        let root = parser.either(0)?;
        match parser.tokens.get(parser.at) {
            None => Ok(Self { text: text.trim().to_owned(), root }),
            Some(token) => Err(wrong(token.column, "The condition goes on where it should end", JOIN)),
        }
    }

    /// `path = value`: the first time a field had a value.
    #[must_use]
    pub fn equals(path: &Path, value: &Value) -> Self {
        let place = if path.is_root() { ".".to_owned() } else { path.to_string() };
        let root = Node::Compare(Operand::Path(path.clone()), Op::Equal, Operand::Literal(value.clone()));
        Self { text: format!("{place} = {value}"), root }
    }

    #[must_use]
    pub fn holds(&self, state: &Value) -> bool {
        self.root.holds(state)
    }
}

/// As it was typed.
impl std::fmt::Display for Predicate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Node {
    fn holds(&self, state: &Value) -> bool {
        match self {
            Self::Compare(a, op, b) => a.get(state).zip(b.get(state)).is_some_and(|(a, b)| op.holds(a, b)),
            Self::Exists(path) => path.get(state).is_some(),
            Self::Not(node) => !node.holds(state),
            Self::And(nodes) => nodes.iter().all(|node| node.holds(state)),
            Self::Or(nodes) => nodes.iter().any(|node| node.holds(state)),
        }
    }
}

impl Operand {
    fn get<'a>(&'a self, state: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Path(path) => path.get(state),
            Self::Literal(value) => Some(value),
        }
    }
}

impl Op {
    fn holds(self, a: &Value, b: &Value) -> bool {
        let order = match (a, b) {
            (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            _ => None,
        };
        match self {
            Self::Equal => a == b,
            Self::Unequal => a != b,
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }
}

#[derive(Clone, Debug)]
struct Token {
    /// In characters, from 0.
    column: usize,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Open,
    Close,
    Op(Op),
    Word(String),
    Literal(Value),
}

const JOIN: &str = "Join conditions with and or or: balance < 0 and status = \"open\"";
const COMPARE: &str = "Compare a place in the state with a value: balance < 0, or write: exists balance";

fn wrong(column: usize, what: &str, next_step: &str) -> Error {
    Error::new(what, Place::Text { column }, next_step)
}

fn tokens(text: &str) -> Result<Vec<Token>> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let start = at;
        let next = chars.get(at + 1).copied();
        at += 1;
        let kind = match c {
            c if c.is_whitespace() => continue,
            '(' => Kind::Open,
            ')' => Kind::Close,
            '"' => {
                at = end_of_text(&chars, at)
                    .ok_or_else(|| wrong(start, "The text has no end", "Close it with a quotation mark"))?;
                let literal: String = chars.get(start..at).unwrap_or_default().iter().collect();
                let value = parse(literal.as_bytes()).map_err(|why| {
                    wrong(
                        start,
                        "The text is not written as in JSON",
                        "Write it as \"text\", with \\\" for a quotation mark",
                    )
                    .because(why)
                })?;
                Kind::Literal(value)
            }
            '<' | '>' | '=' | '!' => {
                let op = operator(c, next == Some('='));
                // `==` and `<>` are what other languages write.
                if next == Some('=') || (c == '<' && next == Some('>')) {
                    at += 1;
                }
                let op = if c == '<' && next == Some('>') { Some(Op::Unequal) } else { op };
                Kind::Op(
                    op.ok_or_else(|| wrong(start, "A single ! means nothing here", "Write not, or != between values"))?,
                )
            }
            _ => {
                while chars.get(at).is_some_and(|c| !c.is_whitespace() && !"()<>=!\"".contains(*c)) {
                    at += 1;
                }
                word(chars.get(start..at).unwrap_or_default().iter().collect(), start)?
            }
        };
        tokens.push(Token { column: start, kind });
    }
    Ok(tokens)
}

/// The place behind the closing quotation mark.
fn end_of_text(chars: &[char], mut at: usize) -> Option<usize> {
    loop {
        match chars.get(at)? {
            '"' => return Some(at + 1),
            '\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn operator(c: char, equal: bool) -> Option<Op> {
    match (c, equal) {
        ('<', false) => Some(Op::Less),
        ('<', true) => Some(Op::LessOrEqual),
        ('>', false) => Some(Op::Greater),
        ('>', true) => Some(Op::GreaterOrEqual),
        ('=', _) => Some(Op::Equal),
        ('!', true) => Some(Op::Unequal),
        _ => None,
    }
}

fn word(text: String, column: usize) -> Result<Kind> {
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if digits.starts_with(|c: char| c.is_ascii_digit()) {
        let number = Number::parse(&text);
        let number = number.ok_or_else(|| wrong(column, "This is no number", "Write it as 12.50 or -3e7"))?;
        return Ok(Kind::Literal(Value::Number(number)));
    }
    Ok(match text.as_str() {
        "true" => Kind::Literal(Value::Bool(true)),
        "false" => Kind::Literal(Value::Bool(false)),
        "null" => Kind::Literal(Value::Null),
        _ => Kind::Word(text),
    })
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    /// The column behind the text.
    end: usize,
}

impl Parser {
    fn either(&mut self, depth: usize) -> Result<Node> {
        let mut nodes = vec![self.both(depth)?];
        while self.takes_word("or") {
            nodes.push(self.both(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.swap_remove(0) } else { Node::Or(nodes) })
    }

    fn both(&mut self, depth: usize) -> Result<Node> {
        let mut nodes = vec![self.one(depth)?];
        while self.takes_word("and") {
            nodes.push(self.one(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.swap_remove(0) } else { Node::And(nodes) })
    }

    fn one(&mut self, depth: usize) -> Result<Node> {
        if depth >= MAX_DEPTH {
            return Err(wrong(self.column(), "The condition is nested too deeply", "Take out some parentheses"));
        }
        if self.takes_word("not") {
            return Ok(Node::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.takes(&Kind::Open) {
            let opened = self.column().saturating_sub(1);
            let node = self.either(depth + 1)?;
            if !self.takes(&Kind::Close) {
                return Err(wrong(opened, "The parenthesis has no end", "Close it with )"));
            }
            return Ok(node);
        }
        if self.takes_word("exists") {
            return match self.operand()? {
                Operand::Path(path) => Ok(Node::Exists(path)),
                Operand::Literal(_) => {
                    Err(wrong(self.column(), "Only a place in the state can exist", "Write: exists items[0].sku"))
                }
            };
        }
        let left = self.operand()?;
        let Some(Token { kind: Kind::Op(op), .. }) = self.tokens.get(self.at) else {
            return Err(wrong(self.column(), "A comparison is missing here", COMPARE));
        };
        let op = *op;
        self.at += 1;
        Ok(Node::Compare(left, op, self.operand()?))
    }

    fn operand(&mut self) -> Result<Operand> {
        let operand = match self.tokens.get(self.at).map(|token| &token.kind) {
            Some(Kind::Word(word)) if word == "." => Operand::Path(Path::default()),
            Some(Kind::Word(word)) => Operand::Path(Path::parse(word)),
            Some(Kind::Literal(value)) => Operand::Literal(value.clone()),
            _ => return Err(wrong(self.column(), "A place or a value is missing here", COMPARE)),
        };
        self.at += 1;
        Ok(operand)
    }

    fn takes(&mut self, kind: &Kind) -> bool {
        let is = self.tokens.get(self.at).is_some_and(|token| token.kind == *kind);
        self.at += usize::from(is);
        is
    }

    fn takes_word(&mut self, wanted: &str) -> bool {
        let word = |token: &Token| matches!(&token.kind, Kind::Word(word) if word.eq_ignore_ascii_case(wanted));
        let is = self.tokens.get(self.at).is_some_and(word);
        self.at += usize::from(is);
        is
    }

    fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |token| token.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = r#"{"balance":-12.50,"status":"open","items":[{"sku":"W","qty":2}],"closed":null,
        "limit":-12.5,"big":9007199254740993,"and":1,"a/b":{"c":true}}"#;

    #[test]
    fn conditions_hold_or_not() {
        let state = parse(STATE.as_bytes()).expect("JSON");
        for (text, holds) in [
            ("balance < 0", true),
            ("balance<0", true),
            ("balance = -12.5", true),
            ("balance == limit", true),
            ("balance != -12.5", false),
            ("0 >= balance", true),
            ("big = 9007199254740993", true),
            ("big > 9007199254740992", true),
            ("items[0].qty >= 2 and status = \"open\"", true),
            ("items.0.sku = \"W\"", true),
            ("items[1].qty >= 0", false),
            ("/items/0/sku > \"V\"", true),
            ("/a~1b/c = true", true),
            ("exists closed", true),
            ("exists closedAt or exists items[1]", false),
            ("not exists closedAt", true),
            ("closed = null", true),
            ("missing = null", false),
            ("missing != 1", false),
            ("not missing = 1", true),
            ("status < 5", false),
            ("status != 5", true),
            ("balance > 0 or balance < 0 and status = \"shut\"", false),
            ("(balance > 0 or balance < 0) and not (status = \"shut\")", true),
            ("balance < 0 AND NOT status = \"\\u0073hut\"", true),
            (". = 1", false),
            ("exists .", true),
        ] {
            let predicate = Predicate::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(predicate.holds(&state), holds, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_column() {
        for (text, column, told) in [
            ("", 0, "missing"),
            ("balance", 7, "A comparison is missing"),
            ("balance <", 9, "A place or a value"),
            ("balance < 0 status = 1", 12, "goes on"),
            ("(balance < 0", 0, "has no end"),
            ("  (balance < 0", 2, "has no end"),
            ("status = \"open", 9, "The text has no end"),
            ("ü = 1x", 4, "no number"),
            ("!balance", 0, "single !"),
            ("balance < 0 and", 15, "missing"),
            ("exists 5", 8, "can exist"),
            ("s = \"\\x\"", 4, "JSON"),
            (&"(".repeat(100), 64, "deep"),
        ] {
            let error = Predicate::parse(text).expect_err(text);
            assert_eq!(error.place, Place::Text { column }, "{text}: {error}");
            assert!(error.summary.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn a_value_seen_makes_a_condition() {
        let value = parse(br#"{"sku":"W"}"#).expect("JSON");
        let predicate = Predicate::equals(&Path::parse("items[0]"), &value);
        assert_eq!(predicate.to_string(), r#"/items/0 = {"sku":"W"}"#);
        assert!(predicate.holds(&parse(br#"{"items":[{"sku":"W"}]}"#).expect("JSON")));
        let text = Predicate::equals(&Path::parse("a"), &Value::text("x\"y"));
        assert_eq!(Predicate::parse(&text.to_string()).expect("it reads what it writes"), text);
    }
}
