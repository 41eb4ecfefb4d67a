//! Tokens → tree, by recursive descent: `or` binds weakest, then `and` (also by mere neighbourhood),
//! then `not`. An error names its place and what would be right there.

use std::ops::Range;

use super::lexer::{self, Kind, Term, Token};
use super::moment;
use crate::base::text::one_edit;
use crate::model::filter::{Condition, Expr, Filter, FilterError, NameKey, Node, Op, Operand, Path, Root, Step, Test};

/// Parentheses and `not`s deeper than this are refused, so that no text can exhaust the stack.
const MAX_NESTING: usize = 64;

/// Compiled expressions larger than this are refused.
pub(super) const REGEX_BYTES: usize = 10 << 20;

/// An empty text is the filter that lets every row pass.
///
/// # Errors
/// The first place that does not fit, with a hint.
pub fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut parser = Parser { text, tokens: lexer::tokens(text), next: 0 };
    if parser.tokens.is_empty() {
        return Ok(Filter::default());
    }
    let root = parser.alternatives(0)?;
    match parser.peek() {
        None => Ok(Filter { root: Some(root) }),
        Some(token) => Err(error(token.at.clone(), "`)` has no `(`", "remove it, or open it before")),
    }
}

pub(super) fn regex(pattern: &str, ignore_case: bool) -> Result<regex::bytes::Regex, regex::Error> {
    regex::bytes::RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(REGEX_BYTES).build()
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn peek_is(&self, wanted: impl Fn(&Kind) -> bool) -> bool {
        self.peek().is_some_and(|token| wanted(&token.kind))
    }

    fn alternatives(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut parts = vec![self.sequence(depth)?];
        while self.peek_is(|kind| matches!(kind, Kind::Or)) {
            self.next += 1;
            parts.push(self.sequence(depth)?);
        }
        Ok(group(parts, Expr::Or))
    }

    fn sequence(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut parts = vec![self.negation(depth)?];
        loop {
            if self.peek_is(|kind| matches!(kind, Kind::And)) {
                self.next += 1;
            } else if self.peek().is_none() || self.peek_is(|kind| matches!(kind, Kind::Or | Kind::Close)) {
                return Ok(group(parts, Expr::And));
            }
            parts.push(self.negation(depth)?);
        }
    }

    fn negation(&mut self, depth: usize) -> Result<Node, FilterError> {
        let Some(token) = self.peek().cloned() else {
            let end = self.text.len();
            let before = self.tokens.last().map_or(0..end, |last| last.at.clone());
            let word = self.text.get(before.clone()).unwrap_or_default();
            return Err(error(before, format!("`{word}` has nothing after it"), "add a term, or remove it"));
        };
        if let Some(problem) = token.problem {
            return Err(problem);
        }
        if depth > MAX_NESTING {
            return Err(error(token.at, "nested too deeply", "use fewer parentheses"));
        }
        self.next += 1;
        let at = token.at;
        match token.kind {
            Kind::Not => {
                let inner = self.negation(depth + 1)?;
                let at = at.start..inner.at.end;
                Ok(Node { expr: Expr::Not(Box::new(inner)), at })
            }
            Kind::Open if self.peek_is(|kind| matches!(kind, Kind::Close)) => {
                let end = self.peek().map_or(at.end, |close| close.at.end);
                Err(error(at.start..end, "the parentheses are empty", "put terms between them, or remove them"))
            }
            Kind::Open => {
                let mut inner = self.alternatives(depth + 1)?;
                let Some(close) = self.peek() else {
                    return Err(error(at, "`(` is not closed", "add `)`"));
                };
                inner.at = at.start..close.at.end;
                self.next += 1;
                Ok(inner)
            }
            Kind::Close => Err(error(at, "`)` stands where a term should", "remove it, or add a term before it")),
            Kind::And | Kind::Or => {
                let word = self.text.get(at.clone()).unwrap_or_default();
                let message = format!("`{word}` stands where a term should");
                Err(error(at, message, "add a term before it; the word itself is searched for in quotes"))
            }
            Kind::Text(text) => Ok(test(Test::Text(text), at)),
            Kind::Regex { pattern, ignore_case } => match regex(&pattern, ignore_case) {
                Ok(_) => Ok(test(Test::Regex { pattern, ignore_case }, at)),
                Err(e) => Err(error(at, "the regular expression is not valid", last_line(&e.to_string()))),
            },
            Kind::Term(term) => self.term(&term, at),
        }
    }

    fn term(&self, term: &Term, at: Range<usize>) -> Result<Node, FilterError> {
        let key = self.text.get(term.key.clone()).unwrap_or_default();
        if let Some(name) = NameKey::ALL.into_iter().find(|name| name.word() == key) {
            let matched = test(Test::Name { key: name, pattern: term.value.clone() }, at.clone());
            return match term.op {
                Op::Is => Ok(matched),
                Op::IsNot => Ok(Node { expr: Expr::Not(Box::new(matched)), at }),
                _ => Err(error(
                    term.op_at.clone(),
                    format!("`{key}` has no order"),
                    format!("write `{key}:{}`; `*` stands for anything", term.value),
                )),
            };
        }
        let parsed = match key {
            "version" => self.version(term)?,
            "time" => self.time(term)?,
            "is" => self.condition(term)?,
            _ => Test::Field {
                path: path(key, term.key.start)?,
                op: term.op,
                value: Operand { pattern: term.value.clone(), quoted: term.quoted },
            },
        };
        Ok(test(parsed, at))
    }

    fn version(&self, term: &Term) -> Result<Test, FilterError> {
        let value = term.value.exact().and_then(|text| text.parse().ok());
        match value {
            Some(value) => Ok(Test::Version { op: term.op, value }),
            None => Err(self.bad_value(term, "is not a version", "a version is a whole number, as in `version>=3`")),
        }
    }

    fn time(&self, term: &Term) -> Result<Test, FilterError> {
        match term.value.exact().and_then(moment::parse_instant) {
            Some(value) => Ok(Test::Time { op: term.op, value }),
            None => Err(self.bad_value(term, "is not a time", "write it as `2026-02-16` or `2026-02-16T10:30:00Z`")),
        }
    }

    fn condition(&self, term: &Term) -> Result<Test, FilterError> {
        let found = Condition::ALL.into_iter().find(|c| term.value.exact() == Some(c.word()));
        match (found, term.op) {
            (Some(condition), Op::Is) => Ok(Test::Is(condition)),
            (Some(condition), _) => {
                let hint = format!("write `is:{0}` or `not is:{0}`", condition.word());
                Err(error(term.op_at.clone(), "a condition holds or it does not", hint))
            }
            (None, _) => {
                let words = Condition::ALL.map(|c| format!("`is:{}`", c.word())).join(", ");
                Err(self.bad_value(term, "is not a condition", format!("there are {words}")))
            }
        }
    }

    fn bad_value(&self, term: &Term, what: &str, hint: impl Into<String>) -> FilterError {
        let value = self.text.get(term.value_at.clone()).unwrap_or_default();
        error(term.value_at.clone(), format!("`{value}` {what}"), hint)
    }
}

/// `data.items[0].sku`, with members' names in quotes where they are not plain words.
fn path(text: &str, starts_at: usize) -> Result<Path, FilterError> {
    let root_end = text.find(['.', '[']).unwrap_or(text.len());
    let (word, mut rest) = text.split_at(root_end);
    let root = match word {
        "data" | "payload" => Root::Data,
        "record" => Root::Record,
        "headers" | "header" => Root::Headers,
        _ => return Err(unknown_key(text, word, starts_at)),
    };
    let mut steps = Vec::new();
    while !rest.is_empty() {
        let at = starts_at + (text.len() - rest.len());
        if let Some(inside) = rest.strip_prefix('[') {
            let Some((index, after)) = inside.split_once(']') else {
                return Err(error(at..starts_at + text.len(), "`[` is not closed", "write an element as `items[0]`"));
            };
            steps.push(match index.parse() {
                _ if index == "*" => Step::Any,
                Ok(index) => Step::Index(index),
                Err(_) => {
                    let message = format!("`{index}` is not a place in a list");
                    return Err(error(
                        at..at + index.len() + 2,
                        message,
                        "write `items[0]`, or `items` for any element",
                    ));
                }
            });
            rest = after;
            continue;
        }
        let name = rest.strip_prefix('.').unwrap_or(rest);
        if name.starts_with('"') {
            let (member, used) = unquote(name);
            steps.push(Step::Member(member));
            rest = name.get(used..).unwrap_or_default();
            continue;
        }
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (member, after) = name.split_at(end);
        match member {
            "" => return Err(error(at..at + 1, "a name is missing after the dot", "write a field as `data.total`")),
            "*" => steps.push(Step::Any),
            _ => steps.push(Step::Member(member.to_owned())),
        }
        rest = after;
    }
    if steps.is_empty() {
        let hint = format!("name a field in it, as in `{}.total`", root.word());
        return Err(error(starts_at..starts_at + text.len(), format!("`{text}` alone has no value"), hint));
    }
    Ok(Path { root, steps })
}

/// The text between the quotes at the start of `text`, and the bytes it took.
fn unquote(text: &str) -> (String, usize) {
    let mut out = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return (out, i + 1),
            '\\' => out.extend(chars.next().map(|(_, c)| c)),
            _ => out.push(c),
        }
    }
    (out, text.len())
}

fn unknown_key(text: &str, word: &str, at: usize) -> FilterError {
    let mut known = NameKey::ALL.iter().map(|k| k.word()).chain(["version", "time", "is", "data", "record", "headers"]);
    let near = known.find(|k| word.len() > 1 && (k.starts_with(word) || word.starts_with(k) || one_edit(k, word)));
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if text.contains('/') => "put text to look for in quotes".to_owned(),
        None => format!("fields of the payload start with `data.`, as in `data.{word}`; text goes in quotes"),
    };
    error(at..at + text.len(), format!("`{word}` is not a key"), hint)
}

fn group(mut parts: Vec<Node>, make: fn(Vec<Node>) -> Expr) -> Node {
    if parts.len() == 1 {
        return parts.swap_remove(0);
    }
    let at = parts.first().map_or(0, |n| n.at.start)..parts.last().map_or(0, |n| n.at.end);
    Node { expr: make(parts), at }
}

fn test(test: Test, at: Range<usize>) -> Node {
    Node { expr: Expr::Test(test), at }
}

fn error(at: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> FilterError {
    FilterError { at, message: message.into(), hint: hint.into() }
}

/// The regex crate draws a picture of the pattern first; its last line says what is wrong.
fn last_line(text: &str) -> String {
    text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests;
