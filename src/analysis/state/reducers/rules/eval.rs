//! Values of the right side. A field that is not there is a fault of its own, which `or`, conditions
//! and comparisons take for nothing.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::ast::{EventField, Expr, Function, Op, Place, Step};
use super::place::find;
use super::plain::plain;
use super::print::word;
use crate::analysis::state::event::Input;
use crate::analysis::state::value::{Elements, Members, Number, Value};

/// Numbers of more digits are not computed with: products of products would fill the memory.
const MAX_DIGITS: usize = 4_096;

#[derive(Debug)]
pub enum Fault<'e> {
    Absent(&'e Expr),
    Wrong(String),
}

pub type Got<'e> = Result<Cow<'e, Value>, Fault<'e>>;

impl Fault<'_> {
    pub fn wrong<T>(message: impl Into<String>) -> Result<T, Self> {
        Err(Self::Wrong(message.into()))
    }

    pub fn message(self) -> String {
        match self {
            Self::Absent(Expr::State(_)) => "this place of the state is not there yet".to_owned(),
            Self::Absent(Expr::Event(field)) => format!("the event has no {}", field.word()),
            Self::Absent(expr) => format!("the event has no `{expr}`"),
            Self::Wrong(message) => message,
        }
    }
}

pub fn eval<'e>(expr: &'e Expr, event: &'e Input, state: &Value) -> Got<'e> {
    match expr {
        Expr::Literal(value) => Ok(Cow::Borrowed(value)),
        Expr::Payload(place) => payload(place, event, state)?.map(Cow::Borrowed).ok_or(Fault::Absent(expr)),
        Expr::State(place) => match lookup(place, state, event, state)? {
            // States inside states would grow without bounds and share in ways that cannot be printed.
            Some(Value::List(_) | Value::Object(_)) => {
                Fault::wrong(format!("`{expr}` holds more than one value; of the state only single values can be used"))
            }
            Some(value) => Ok(Cow::Owned(value.clone())),
            None => Err(Fault::Absent(expr)),
        },
        Expr::Event(field) => event_field(*field, event).map(Cow::Owned).ok_or(Fault::Absent(expr)),
        Expr::List(parts) => {
            let mut elements = Elements::new_sync();
            for part in parts {
                elements.push_back_mut(eval(part, event, state)?.into_owned());
            }
            Ok(Cow::Owned(Value::List(elements)))
        }
        Expr::Object(parts) => {
            let mut members = Members::default();
            for (name, part) in parts {
                members.insert(name.clone(), eval(part, event, state)?.into_owned());
            }
            Ok(Cow::Owned(Value::Object(members.into())))
        }
        Expr::Call(Function::Plain, inner) => Ok(Cow::Owned(plain(&*eval(inner, event, state)?))),
        Expr::Call(Function::Number, inner) => {
            let value = eval(inner, event, state)?;
            match &*value {
                Value::Number(_) => Ok(value),
                Value::Text(text) => match Number::parse(text.trim()) {
                    Some(number) => Ok(Cow::Owned(Value::Number(number))),
                    None => Fault::wrong(format!("{} is not written like a number", describe(&value))),
                },
                other => Fault::wrong(format!("{} cannot be read as a number", describe(other))),
            }
        }
        Expr::Not(inner) => Ok(Cow::Owned(Value::Bool(!holds(inner, event, state)?))),
        Expr::Binary(op, a, b) => binary(*op, a, b, event, state),
    }
}

/// Whether a condition holds: not where it is false, null or not there.
pub fn holds<'e>(expr: &'e Expr, event: &'e Input, state: &Value) -> Result<bool, Fault<'e>> {
    if let Expr::State(place) = expr {
        return Ok(lookup(place, state, event, state)?.is_some_and(is_something));
    }
    match eval(expr, event, state) {
        Ok(value) => Ok(is_something(&value)),
        Err(Fault::Absent(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}

fn binary<'e>(op: Op, a: &'e Expr, b: &'e Expr, event: &'e Input, state: &Value) -> Got<'e> {
    match op {
        Op::Or => match eval(a, event, state) {
            Ok(value) if is_something(&value) => Ok(value),
            Ok(_) | Err(Fault::Absent(_)) => eval(b, event, state),
            Err(fault) => Err(fault),
        },
        Op::And if !holds(a, event, state)? => Ok(Cow::Owned(Value::Bool(false))),
        Op::And => eval(b, event, state),
        Op::Add | Op::Subtract | Op::Multiply => {
            let (a, b) = (eval(a, event, state)?, eval(b, event, state)?);
            compute(op, &a, &b).map(|value| Cow::Owned(Value::Number(value)))
        }
        _ => {
            let side = |expr: &'e Expr| match eval(expr, event, state) {
                Err(Fault::Absent(_)) => Ok(Cow::Owned(Value::Null)),
                side => side,
            };
            let (a, b) = (side(a)?, side(b)?);
            Ok(Cow::Owned(Value::Bool(compare(op, &a, &b))))
        }
    }
}

/// A sum, a difference, a product.
pub fn compute<'e>(op: Op, a: &Value, b: &Value) -> Result<Number, Fault<'e>> {
    let (Value::Number(x), Value::Number(y)) = (a, b) else {
        let other = if matches!(a, Value::Number(_)) { b } else { a };
        return Fault::wrong(format!("{} is not a number", describe(other)));
    };
    let short = |number: &Number| number.heap_bytes() <= MAX_DIGITS;
    let result = match op {
        _ if !short(x) || !short(y) => None,
        Op::Add => x.add(y),
        Op::Subtract => x.subtract(y),
        _ => x.multiply(y),
    };
    match result.filter(short) {
        Some(result) => Ok(result),
        None => Fault::wrong(format!("a number has become too large to compute with, beside {}", describe(b))),
    }
}

/// What has no order (a text and a number, null) is neither less nor greater.
fn compare(op: Op, a: &Value, b: &Value) -> bool {
    let order = || match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        _ => None,
    };
    match op {
        Op::Equal => a == b,
        Op::Unequal => a != b,
        Op::Less => order() == Some(Ordering::Less),
        Op::Greater => order() == Some(Ordering::Greater),
        Op::AtMost => order().is_some_and(Ordering::is_le),
        _ => order().is_some_and(Ordering::is_ge),
    }
}

fn is_something(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false))
}

fn payload<'e>(place: &'e Place, event: &'e Input, state: &Value) -> Result<Option<&'e Value>, Fault<'e>> {
    lookup(place, &event.data, event, state)
}

/// What is at a place; none where any part of the way is not there.
pub fn lookup<'e, 'v>(
    place: &'e Place,
    root: &'v Value,
    event: &'e Input,
    state: &Value,
) -> Result<Option<&'v Value>, Fault<'e>> {
    let mut at = root;
    for step in &place.0 {
        let next = match (step, at) {
            (Step::Member(name), Value::Object(members)) => members.get(name),
            (Step::Index(index), Value::List(elements)) => {
                position(*index, elements.len()).and_then(|at| elements.get(at))
            }
            (Step::Find { key, value }, Value::List(elements)) => {
                let value = eval(value, event, state)?;
                find(elements, key.as_deref(), &value).and_then(|at| elements.get(at))
            }
            (Step::Find { value, .. }, Value::Object(members)) => {
                let name = eval(value, event, state)?;
                members.get(&*member_name(&name)?)
            }
            _ => None,
        };
        let Some(next) = next else { return Ok(None) };
        at = next;
    }
    Ok(Some(at))
}

/// A place in a list of this length; negative ones from the end.
pub fn position(index: i64, len: usize) -> Option<usize> {
    let from_end = || len.checked_sub(usize::try_from(index.unsigned_abs()).ok()?);
    let at = if index < 0 { from_end() } else { usize::try_from(index).ok() };
    at.filter(|at| *at < len)
}

/// A value as the name of a member.
pub fn member_name<'e>(value: &Value) -> Result<Cow<'_, str>, Fault<'e>> {
    match value {
        Value::Text(text) => Ok(Cow::Borrowed(text)),
        Value::Number(_) | Value::Bool(_) => Ok(Cow::Owned(value.to_string())),
        other => Fault::wrong(format!("{} cannot be the name of a member", describe(other))),
    }
}

fn event_field(field: EventField, event: &Input) -> Option<Value> {
    match field {
        EventField::Type => Some(Value::Text(event.type_name.clone())),
        EventField::Time => event.time.map(|time| Value::text(&time.to_rfc3339())),
        EventField::Id => event.meta.as_ref()?.id.as_deref().map(Value::text),
        EventField::Version => event.version.map(|version| Value::Number(i64::from(version).into())),
    }
}

/// For messages: what it is, and it itself where that is short.
pub fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => format!("the number {}", short(&number.to_string())),
        Value::Text(text) => format!("the text \"{}\"", short(text)),
        Value::List(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

fn short(text: &str) -> String {
    const MOST: usize = 24;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

/// A place for messages.
pub fn shown(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Member(name) if text.is_empty() => text.push_str(&word(name)),
            Step::Member(name) => text.push_str(&format!(".{}", word(name))),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Find { value, .. } => text.push_str(&format!("[{value}]")),
        }
    }
    if text.is_empty() { "state".to_owned() } else { text }
}
