//! [`Rules`] → text in one style. What is printed parses to the same rules.

use std::fmt::{self, Display, Formatter, Write as _};

use super::ast::{Action, Content, Expr, Op, Pick, Place, Rules, Step};
use super::expr::implied_key;
use super::lex::{is_end_of_type, is_word};
use crate::analysis::state::value::Value;

/// Words that mean something where a place begins, and where a value does.
const LEFT: [&str; 7] = ["on", "start", "merge", "replace", "delete", "snapshot", "ignore"];
const RIGHT: [&str; 12] =
    ["null", "true", "false", "or", "and", "not", "only", "without", "each", "state", "event", "when"];

/// A member's name as rules write it: in quotes where it has to be.
#[must_use]
pub fn word(name: &str) -> String {
    let plain = name.chars().all(is_word) && name.starts_with(|c: char| !c.is_ascii_digit());
    if plain { name.to_owned() } else { Value::text(name).to_string() }
}

/// A type's name as it stands behind `on`.
#[must_use]
pub fn quoted_type(name: &str) -> String {
    let plain = !name.is_empty() && name != "when" && !name.contains(is_end_of_type);
    if plain { name.to_owned() } else { Value::text(name).to_string() }
}

impl Display for Rules {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, line) in self.lines.iter().enumerate() {
            let content = line.content.to_string();
            let mut next = self.lines.iter().skip(i + 1).map(|line| &line.content);
            let inside = next.find(|content| **content != Content::Blank);
            match &line.content {
                Content::Do(_) => f.write_str("  ")?,
                Content::Blank if line.comment.is_some() && matches!(inside, Some(Content::Do(_))) => {
                    f.write_str("  ")?;
                }
                _ => (),
            }
            f.write_str(&content)?;
            if let Some(comment) = &line.comment {
                let gap = if content.is_empty() { "" } else { "  " };
                write!(f, "{gap}{}", format!("# {comment}").trim_end())?;
            }
            f.write_char('\n')?;
        }
        Ok(())
    }
}

impl Display for Content {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => Ok(()),
            Self::Start { place, value } => write!(f, "start {} = {value}", Left(place)),
            Self::On { types, when } => {
                let types: Vec<String> = types.iter().map(|name| quoted_type(name)).collect();
                write!(f, "on {}", types.join(", "))?;
                when.as_ref().map_or(Ok(()), |when| write!(f, " when {when}"))
            }
            Self::Do(action) => write!(f, "{action}"),
        }
    }
}

impl Display for Action {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { place, value } => write!(f, "{} = {value}", Left(place)),
            Self::Add { place, value, negative: false } => write!(f, "{} += {value}", Left(place)),
            Self::Add { place, value, negative: true } => write!(f, "{} -= {value}", Left(place)),
            Self::Append { place, value, each: false } => write!(f, "{} append {value}", Left(place)),
            Self::Append { place, value, each: true } => {
                write!(f, "{} append each ", Left(place))?;
                behind_word(value, 0, f)
            }
            Self::Remove { place, key, value } => {
                write!(f, "{} remove ", Left(place))?;
                found(key.as_deref(), value, f)
            }
            Self::Merge { place, value, pick } => {
                if !place.is_root() {
                    write!(f, "{} ", Left(place))?;
                }
                write!(f, "merge {value}")?;
                let (how, names) = match pick {
                    Pick::All => return Ok(()),
                    Pick::Only(names) => ("only", names),
                    Pick::Without(names) => ("without", names),
                };
                let names: Vec<String> = names.iter().map(|name| word(name)).collect();
                write!(f, " {how} {}", names.join(", "))
            }
            Self::Replace(value) => write!(f, "replace {value}"),
            Self::Delete(place) if place.is_root() => f.write_str("delete"),
            Self::Delete(place) => write!(f, "delete {}", Left(place)),
            Self::Snapshot(value) => write!(f, "snapshot {value}"),
            Self::Ignore => f.write_str("ignore"),
        }
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => write!(f, "{value}"),
            Self::Payload(place) => match place.0.split_first() {
                Some((Step::Member(name), rest)) => {
                    let quoted = word(name);
                    let dot = if quoted != **name || RIGHT.contains(&&**name) { "." } else { "" };
                    write!(f, "{dot}{quoted}")?;
                    steps(rest, f)
                }
                _ => {
                    f.write_char('.')?;
                    steps(&place.0, f)
                }
            },
            Self::State(place) => {
                f.write_str("state")?;
                steps(&place.0, f)
            }
            Self::Event(field) => write!(f, "event.{}", field.word()),
            Self::List(elements) => {
                let elements: Vec<String> = elements.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", elements.join(", "))
            }
            Self::Object(members) => {
                let members: Vec<String> =
                    members.iter().map(|(name, member)| format!("{}: {member}", word(name))).collect();
                write!(f, "{{{}}}", members.join(", "))
            }
            Self::Call(function, inner) => write!(f, "{}({inner})", function.word()),
            Self::Not(inner) => {
                f.write_str("not ")?;
                behind_word(inner, Op::Equal.level(), f)
            }
            Self::Binary(op, a, b) => {
                let compares = usize::from(op.level() == Op::Equal.level());
                within(a, op.level() + compares, f)?;
                write!(f, " {} ", op.word())?;
                within(b, op.level() + 1, f)
            }
        }
    }
}

/// In parentheses where it binds more loosely than `level`.
fn within(expr: &Expr, level: usize, f: &mut Formatter<'_>) -> fmt::Result {
    let own = match expr {
        Expr::Binary(op, ..) => op.level(),
        Expr::Not(_) => Op::Equal.level(),
        _ => usize::MAX,
    };
    if own < level { write!(f, "({expr})") } else { write!(f, "{expr}") }
}

/// Behind `not` and `each`, which are fields where a minus follows.
fn behind_word(expr: &Expr, level: usize, f: &mut Formatter<'_>) -> fmt::Result {
    if expr.to_string().starts_with('-') { write!(f, "({expr})") } else { within(expr, level, f) }
}

fn steps(steps: &[Step], f: &mut Formatter<'_>) -> fmt::Result {
    for step in steps {
        match step {
            Step::Member(name) => write!(f, ".{}", word(name))?,
            Step::Index(index) => write!(f, "[{index}]")?,
            Step::Find { key: None, value } => {
                // A number or a text alone would be a place in the list or a member.
                let text = value.to_string();
                let taken = text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
                if taken || matches!(**value, Expr::Literal(_)) {
                    write!(f, "[({text})]")?;
                } else {
                    f.write_char('[')?;
                    within(value, Op::Add.level(), f)?;
                    f.write_char(']')?;
                }
            }
            Step::Find { key, value } => {
                f.write_char('[')?;
                found(key.as_deref(), value, f)?;
                f.write_char(']')?;
            }
        }
    }
    Ok(())
}

fn found(key: Option<&str>, value: &Expr, f: &mut Formatter<'_>) -> fmt::Result {
    match key {
        Some(key) if implied_key(value).as_deref() != Some(key) => write!(f, "{} = ", word(key))?,
        _ => (),
    }
    within(value, Op::Add.level(), f)
}

/// A place where a line begins.
struct Left<'a>(&'a Place);

impl Display for Left<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.0.split_first() {
            Some((Step::Member(name), rest)) => {
                let dot = if LEFT.contains(&&**name) { "." } else { "" };
                write!(f, "{dot}{}", word(name))?;
                steps(rest, f)
            }
            _ => {
                f.write_char('.')?;
                steps(&self.0.0, f)
            }
        }
    }
}
