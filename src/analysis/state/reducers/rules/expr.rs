//! Values and places inside a line: what the parser of lines stands on.

use std::ops::Range;
use std::sync::Arc;

use super::ast::{EventField, Expr, Function, Op, Place, Step};
use super::lex::{Spanned, Token};
use crate::analysis::state::reducer::CompileError;
use crate::analysis::state::value::{Number, Value};

/// Nesting inside one value.
const MAX_NESTING: usize = 32;

/// A line's tokens and how far they were taken.
pub struct Cursor<'a> {
    line: &'a str,
    number: u32,
    tokens: &'a [Spanned],
    /// Where the text of the line ends: at its comment.
    end: usize,
    at: usize,
    nesting: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(line: &'a str, number: u32, tokens: &'a [Spanned], comment_at: Option<usize>) -> Self {
        let end = line[..comment_at.unwrap_or(line.len())].trim_end().len();
        Self { line, number, tokens, end, at: 0, nesting: 0 }
    }

    pub fn number(&self) -> u32 {
        self.number
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub fn end(&self) -> Result<(), CompileError> {
        if self.is_at_end() { Ok(()) } else { Err(self.error("the line should end here")) }
    }

    pub fn take(&mut self) -> Option<&'a Token> {
        let token = self.tokens.get(self.at).map(|(token, _)| token);
        self.at += 1;
        token
    }

    pub fn skip(&mut self) {
        self.at += 1;
    }

    pub fn back(&mut self) {
        self.at = self.at.saturating_sub(1);
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    pub fn next_word(&self) -> Option<&'a str> {
        match self.peek() {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(next)) if *next == sign)
    }

    /// Whether this token and the one before it touch.
    fn touches(&self) -> bool {
        let range = |at: usize| self.tokens.get(at).map(|(_, range)| range.clone());
        let before = self.at.checked_sub(1).and_then(range);
        matches!((before, range(self.at)), (Some(a), Some(b)) if a.end == b.start)
    }

    pub fn expect(&mut self, sign: &str) -> Result<(), CompileError> {
        if self.is(sign) {
            self.skip();
            return Ok(());
        }
        Err(self.error(&format!("`{sign}` belongs here")))
    }

    /// Whether the word here is the start of a place to be set although it is a word of the language:
    /// `merge = 1`.
    pub fn is_place_then_sign(&self) -> bool {
        matches!(self.tokens.get(self.at + 1), Some((Token::Sign("=" | "+=" | "-="), _))) || self.has_steps()
    }

    /// Whether a dot or a bracket touches the word here: `merge.by`, not `merge .`.
    fn has_steps(&self) -> bool {
        let next = self.tokens.get(self.at + 1);
        matches!(next, Some((Token::Sign("." | "["), range))
            if self.tokens.get(self.at).is_some_and(|(_, word)| word.end == range.start))
    }

    /// Whether the word here belongs to a value after it (`each items`, `not paid`) and is no field.
    pub fn is_before_value(&self) -> bool {
        match self.tokens.get(self.at + 1) {
            Some((Token::Word(word), _)) => !matches!(word.as_str(), "or" | "and" | "only" | "without"),
            Some((Token::Number(_) | Token::Text(_), _)) => true,
            Some((Token::Sign("." | "[" | "(" | "{"), _)) => !self.has_steps(),
            _ => false,
        }
    }

    pub fn name(&mut self, otherwise: &str) -> Result<Arc<str>, CompileError> {
        match self.peek() {
            Some(Token::Word(name) | Token::Text(name)) => {
                self.skip();
                Ok(name.as_str().into())
            }
            _ => Err(self.error(otherwise)),
        }
    }

    /// A place in the state: `items[sku].price`, `"opened at"`, `.merge`.
    pub fn place(&mut self) -> Result<Place, CompileError> {
        let mut steps = Vec::new();
        match self.peek() {
            Some(Token::Word(_) | Token::Text(_)) => steps.push(Step::Member(self.name("")?)),
            Some(Token::Sign(".")) => return self.dotted(),
            _ => return Err(self.error("a place in the state belongs here, as in `balance = amount`")),
        }
        self.steps(&mut steps)?;
        Ok(Place(steps))
    }

    /// From a dot on: `.` the whole, `.name`, `.[0]`.
    fn dotted(&mut self) -> Result<Place, CompileError> {
        let mut steps = Vec::new();
        self.skip();
        if self.touches() {
            match self.peek() {
                Some(Token::Word(_) | Token::Text(_)) => steps.push(Step::Member(self.name("")?)),
                Some(Token::Sign("[")) => (),
                _ => return Ok(Place::default()),
            }
            self.steps(&mut steps)?;
        }
        Ok(Place(steps))
    }

    fn steps(&mut self, steps: &mut Vec<Step>) -> Result<(), CompileError> {
        while self.touches() {
            if self.is(".") {
                self.skip();
                if !self.touches() {
                    return Err(self.error("a name is missing after the dot"));
                }
                steps.push(Step::Member(self.name("a name is missing after the dot")?));
            } else if self.is("[") {
                self.skip();
                steps.push(self.selector()?);
                self.expect("]")?;
            } else {
                break;
            }
        }
        Ok(())
    }

    fn selector(&mut self) -> Result<Step, CompileError> {
        let negative = self.is("-");
        if negative {
            self.skip();
        }
        if let Some(Token::Number(digits)) = self.peek() {
            let Ok(index) = digits.parse::<i64>() else { return Err(self.error("places in a list are whole numbers")) };
            self.skip();
            return Ok(Step::Index(if negative { -index } else { index }));
        }
        if let (Some(Token::Text(name)), Some((Token::Sign("]"), _))) = (self.peek(), self.tokens.get(self.at + 1)) {
            self.skip();
            return Ok(Step::Member(name.as_str().into()));
        }
        let (key, value) = self.key_and_value()?;
        Ok(Step::Find { key, value: Box::new(value) })
    }

    /// `sku`, `sku = item.id`, `"in stock"`.
    pub fn key_and_value(&mut self) -> Result<(Option<Arc<str>>, Expr), CompileError> {
        if let (Some(Token::Word(_) | Token::Text(_)), Some((Token::Sign("="), _))) =
            (self.peek(), self.tokens.get(self.at + 1))
        {
            let key = self.name("")?;
            self.skip();
            return Ok((Some(key), self.sum()?));
        }
        let value = self.sum()?;
        Ok((implied_key(&value), value))
    }

    pub fn expr(&mut self) -> Result<Expr, CompileError> {
        self.binary(0)
    }

    /// Without comparisons, which a selector has for itself.
    fn sum(&mut self) -> Result<Expr, CompileError> {
        self.binary(Op::Add.level())
    }

    fn binary(&mut self, level: usize) -> Result<Expr, CompileError> {
        let Some(ops) = Op::LEVELS.get(level) else { return self.single() };
        let compares = level == Op::Equal.level();
        if compares && self.next_word() == Some("not") && self.is_before_value() {
            self.skip();
            let inner = self.nested(|cursor| cursor.binary(level))?;
            return Ok(Expr::Not(Box::new(inner)));
        }
        let mut left = self.binary(level + 1)?;
        let mut links = 0;
        while let Some(op) = ops.iter().copied().find(|op| self.is_op(*op)) {
            links += 1;
            if links > MAX_NESTING {
                return Err(self.error("too long for one value"));
            }
            self.skip();
            left = Expr::Binary(op, Box::new(left), Box::new(self.binary(level + 1)?));
            if compares {
                break;
            }
        }
        Ok(left)
    }

    fn is_op(&self, op: Op) -> bool {
        match op {
            Op::Or | Op::And => self.next_word() == Some(op.word()),
            _ => self.is(op.word()),
        }
    }

    fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, CompileError>) -> Result<T, CompileError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(self.error("nested too deeply"));
        }
        let result = inner(self);
        self.nesting -= 1;
        result
    }

    fn single(&mut self) -> Result<Expr, CompileError> {
        match self.peek() {
            Some(Token::Text(text)) => {
                self.skip();
                Ok(Expr::Literal(Value::text(text)))
            }
            Some(Token::Number(literal)) => self.literal(literal, ""),
            Some(Token::Sign("-")) => match self.tokens.get(self.at + 1) {
                Some((Token::Number(literal), _)) => {
                    self.skip();
                    self.literal(literal, "-")
                }
                _ => Err(self.error("a number belongs after the minus; write `0 - amount`")),
            },
            Some(Token::Sign("(")) => {
                self.skip();
                let inner = self.nested(Self::expr)?;
                self.expect(")")?;
                Ok(inner)
            }
            Some(Token::Sign("[")) => self.nested(Self::list),
            Some(Token::Sign("{")) => self.nested(Self::object),
            Some(Token::Sign(".")) => Ok(Expr::Payload(self.nested(Self::dotted)?)),
            Some(Token::Word(word)) => self.nested(|cursor| cursor.named(word)),
            _ => Err(self.error("a value belongs here: a field, a number, a text in quotes")),
        }
    }

    fn literal(&mut self, literal: &str, sign: &str) -> Result<Expr, CompileError> {
        let Some(number) = Number::parse(&format!("{sign}{literal}")) else {
            return Err(self.error("this is not a number as JSON writes it"));
        };
        self.skip();
        Ok(Expr::Literal(Value::Number(number)))
    }

    fn named(&mut self, word: &str) -> Result<Expr, CompileError> {
        let at = self.column();
        let has_steps = self.has_steps();
        let literal = match word {
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        };
        if let Some(literal) = literal.filter(|_| !has_steps) {
            self.skip();
            return Ok(Expr::Literal(literal));
        }
        if matches!(word, "or" | "and" | "only" | "without") {
            return Err(self.error(&format!("a value belongs before `{word}`; a field of that name is `.{word}`")));
        }
        let call = Function::ALL.into_iter().find(|function| function.word() == word);
        if let (Some(function), Some((Token::Sign("("), _))) = (call, self.tokens.get(self.at + 1)) {
            self.at += 2;
            let inner = self.expr()?;
            self.expect(")")?;
            return Ok(Expr::Call(function, Box::new(inner)));
        }
        let mut place = self.place()?;
        match word {
            "state" if has_steps => {
                place.0.remove(0);
                Ok(Expr::State(place))
            }
            "event" if has_steps => {
                let field = match place.0.as_slice() {
                    [_, Step::Member(name)] => EventField::ALL.into_iter().find(|field| field.word() == &**name),
                    _ => None,
                };
                let message = "of the event there are `event.type`, `event.time`, `event.id` and `event.version`; \
                               in a field named `event` it is `.event`";
                field.map(Expr::Event).ok_or_else(|| self.error_at(at, message))
            }
            _ => Ok(Expr::Payload(place)),
        }
    }

    fn list(&mut self) -> Result<Expr, CompileError> {
        self.skip();
        let mut elements = Vec::new();
        while !self.is("]") {
            elements.push(self.expr()?);
            if !self.is("]") {
                self.expect(",")?;
            }
        }
        self.skip();
        Ok(Expr::List(elements))
    }

    fn object(&mut self) -> Result<Expr, CompileError> {
        self.skip();
        let mut members = Vec::new();
        while !self.is("}") {
            let name = self.name("a member's name belongs here, as in {amount: amount}")?;
            self.expect(":")?;
            members.push((name, self.expr()?));
            if !self.is("}") {
                self.expect(",")?;
            }
        }
        self.skip();
        Ok(Expr::Object(members))
    }

    /// Where the next token starts.
    pub fn column(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(_, range)| range.start)
    }

    pub fn error(&self, message: &str) -> CompileError {
        if let Some((Token::Bad(why), range)) = self.tokens.get(self.at) {
            return self.error_at(range.start, &format!("`{}` {why}", shown(self.line, range)));
        }
        self.error_at(self.column(), message)
    }

    /// `at` is a byte of the line.
    pub fn error_at(&self, at: usize, message: &str) -> CompileError {
        let column = self.line.get(..at).map_or(0, |before| before.chars().count());
        CompileError { message: message.to_owned(), line: Some(self.number), column: u32::try_from(column + 1).ok() }
    }
}

/// `items remove item.sku` looks for `sku`.
pub fn implied_key(value: &Expr) -> Option<Arc<str>> {
    match value {
        Expr::Payload(place) => match place.0.last() {
            Some(Step::Member(name)) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn shown(line: &str, range: &Range<usize>) -> String {
    let text = line.get(range.clone()).unwrap_or_default();
    text.chars().take(20).collect()
}
