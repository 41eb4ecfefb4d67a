//! What a filter asks, as a tree. `analysis::query` parses text into it, prints it and answers it.
//!
//! Places (`at`) are bytes of the text it was parsed from; they carry no meaning, so two filters
//! that ask the same are equal wherever their words stood.

use std::fmt::{self, Write as _};
use std::ops::Range;

use super::time::TimeNs;

/// A whole filter; without a root every row matches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub root: Option<Node>,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub expr: Expr,
    pub at: Range<usize>,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.expr == other.expr
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Every part holds.
    And(Vec<Node>),
    /// At least one part holds.
    Or(Vec<Node>),
    Not(Box<Node>),
    Test(Test),
}

/// What a single term asks of an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    Name {
        key: NameKey,
        pattern: Pattern,
    },
    Version {
        op: Op,
        value: u32,
    },
    Time {
        op: Op,
        value: Instant,
    },
    Is(Condition),
    Field {
        path: Path,
        op: Op,
        value: Operand,
    },
    /// These bytes occur in the record.
    Text(String),
    /// This expression matches somewhere in the record.
    Regex {
        pattern: String,
        ignore_case: bool,
    },
}

/// Parts of the envelope that are matched by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameKey {
    Type,
    Service,
    Kind,
    Entity,
    Id,
    Correlation,
    Cause,
    Source,
}

impl NameKey {
    pub const ALL: [NameKey; 8] =
        [Self::Type, Self::Service, Self::Kind, Self::Entity, Self::Id, Self::Correlation, Self::Cause, Self::Source];

    /// As it is typed, without the colon.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Service => "service",
            Self::Kind => "kind",
            Self::Entity => "entity",
            Self::Id => "id",
            Self::Correlation => "correlation",
            Self::Cause => "cause",
            Self::Source => "source",
        }
    }
}

/// `is:undecodable` and its like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    Undecodable,
    /// Without a time.
    Untimed,
    /// Decoded, but with something doubtful about it.
    Doubtful,
}

impl Condition {
    pub const ALL: [Condition; 3] = [Self::Undecodable, Self::Untimed, Self::Doubtful];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Undecodable => "undecodable",
            Self::Untimed => "untimed",
            Self::Doubtful => "doubtful",
        }
    }
}

/// `:` and `=` ask the same. `!=` is a negation on names and an operator on fields, versions and times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Is,
    IsNot,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Op {
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether a value that compares like this to the operand passes.
    #[must_use]
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Self::Is => ordering.is_eq(),
            Self::IsNot => ordering.is_ne(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

/// A piece of a value: text to be met as it is, or a `*` that stands for anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Text(String),
    Any,
}

/// A value in which unquoted `*` stand for anything. Neighbouring pieces differ in sort.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pattern(pub Vec<Piece>);

impl Pattern {
    /// Each `*` of `text` stands for anything.
    #[must_use]
    pub fn with_stars(text: &str) -> Self {
        let mut pieces = Vec::new();
        for (at, part) in text.split('*').enumerate() {
            if at > 0 && pieces.last() != Some(&Piece::Any) {
                pieces.push(Piece::Any);
            }
            if !part.is_empty() {
                pieces.push(Piece::Text(part.to_owned()));
            }
        }
        Self(pieces)
    }

    #[must_use]
    pub fn exactly(text: impl Into<String>) -> Self {
        let text = text.into();
        Self(if text.is_empty() { Vec::new() } else { vec![Piece::Text(text)] })
    }

    /// The text, where there is no `*` in it.
    #[must_use]
    pub fn exact(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Linear in the length of `text` for each piece: a piece is met at its first place, the last at the end.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (first, rest) = match self.0.as_slice() {
            [] => return text.is_empty(),
            [Piece::Text(only)] => return only == text,
            [Piece::Text(first), rest @ ..] => (first.as_str(), rest),
            rest => ("", rest),
        };
        let Some(mut text) = text.strip_prefix(first) else { return false };
        let (last, middle) = match rest {
            [middle @ .., Piece::Text(last)] => (last.as_str(), middle),
            middle => ("", middle),
        };
        for piece in middle {
            if let Piece::Text(piece) = piece {
                let Some(found) = text.find(piece.as_str()) else { return false };
                text = &text[found + piece.len()..];
            }
        }
        text.ends_with(last)
    }
}

/// A moment as a person writes it; `2026-02-16` is the whole day, so it has an end too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instant {
    pub from: TimeNs,
    /// The first nanosecond after it.
    pub until: TimeNs,
    /// As it was typed.
    pub text: String,
}

/// Where a field is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// The payload, wherever the mapping finds it.
    Data,
    /// The whole record.
    Record,
    Headers,
}

impl Root {
    pub const ALL: [Root; 3] = [Self::Data, Self::Record, Self::Headers];

    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Record => "record",
            Self::Headers => "headers",
        }
    }
}

/// One step into a value. A member's name also reaches through arrays: `items.sku` is the `sku` of any item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Member(String),
    Index(usize),
    /// Any member or element.
    Any,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub root: Root,
    pub steps: Vec<Step>,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    pub pattern: Pattern,
    /// In quotes: compared as text even where it looks like a number or a time.
    pub quoted: bool,
}

/// Text that does not parse: the place, what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FilterError {
    pub at: Range<usize>,
    pub message: String,
    pub hint: String,
}

impl From<FilterError> for super::error::Error {
    fn from(e: FilterError) -> Self {
        Self::new(e.message, super::error::Place::Text { column: e.at.start }, e.hint)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.as_ref().map_or(Ok(()), |root| write_node(f, root, Binding::Or))
    }
}

/// How tightly the surrounding expression holds its parts together.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binding {
    Or,
    And,
    Not,
}

fn write_node(f: &mut fmt::Formatter<'_>, node: &Node, around: Binding) -> fmt::Result {
    let (parts, own, between) = match &node.expr {
        Expr::Test(test) => return write!(f, "{test}"),
        Expr::Not(inner) => {
            f.write_str("not ")?;
            return write_node(f, inner, Binding::Not);
        }
        Expr::And(parts) => (parts, Binding::And, " "),
        Expr::Or(parts) => (parts, Binding::Or, " or "),
    };
    // A group directly inside one of its own sort keeps its parentheses, so that the tree survives.
    let enclosed = around > own || (around == own && own == Binding::And);
    if enclosed {
        f.write_char('(')?;
    }
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(between)?;
        }
        let inner_or = own == Binding::Or && matches!(part.expr, Expr::Or(_));
        write_node(f, part, if inner_or { Binding::Not } else { own })?;
    }
    if enclosed {
        f.write_char(')')?;
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { key, pattern } => write!(f, "{}:{pattern}", key.word()),
            Self::Version { op, value } => write!(f, "version{}{value}", op.sign()),
            Self::Time { op, value } => write!(f, "time{}{}", op.sign(), Pattern::exactly(value.text.as_str())),
            Self::Is(condition) => write!(f, "is:{}", condition.word()),
            Self::Field { path, op, value } => {
                write!(f, "{path}{}", if *op == Op::Is { ":" } else { op.sign() })?;
                if value.quoted {
                    write_quoted(f, value.pattern.exact().unwrap_or_default())
                } else {
                    write!(f, "{}", value.pattern)
                }
            }
            Self::Text(text) => write_quoted(f, text),
            Self::Regex { pattern, ignore_case } => {
                write!(f, "/{}/{}", pattern.replace('/', "\\/"), if *ignore_case { "i" } else { "" })
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("\"\"");
        }
        for piece in &self.0 {
            match piece {
                Piece::Any => f.write_char('*')?,
                Piece::Text(text) if needs_quotes(text) => write_quoted(f, text)?,
                Piece::Text(text) => f.write_str(text)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.root.word())?;
        for step in &self.steps {
            match step {
                Step::Index(n) => write!(f, "[{n}]")?,
                Step::Any => f.write_str(".*")?,
                Step::Member(name) if is_plain_name(name) => write!(f, ".{name}")?,
                Step::Member(name) => {
                    f.write_char('.')?;
                    write_quoted(f, name)?;
                }
            }
        }
        Ok(())
    }
}

/// Names that need no quotes in a path.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@'))
}

/// Whether a value has to be quoted to be read back as it is. Behind `>` an equals sign would belong to the comparison.
fn needs_quotes(text: &str) -> bool {
    text.starts_with('=')
        || text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\\' | '(' | ')' | '*'))
}

fn write_quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_globs() {
        let text = |t: &str| Piece::Text(t.to_owned());
        let order = Pattern(vec![text("Order"), Piece::Any]);
        let both = Pattern(vec![text("a"), Piece::Any, text("b"), Piece::Any, text("b")]);
        let inside = Pattern(vec![Piece::Any, text("x"), Piece::Any]);
        assert_eq!((Pattern::with_stars("Order*"), Pattern::with_stars("a**b*b")), (order.clone(), both.clone()));
        assert_eq!((Pattern::with_stars("*x*"), Pattern::with_stars("")), (inside.clone(), Pattern::default()));
        for (pattern, value, expected) in [
            (&order, "OrderPlaced", true),
            (&order, "Order", true),
            (&order, "MyOrder", false),
            (&both, "abb", true),
            (&both, "ab", false),
            (&both, "a-b-b", true),
            (&both, "a-b-c", false),
            (&inside, "axb", true),
            (&inside, "ab", false),
            (&Pattern::exactly("é"), "é", true),
            (&Pattern::default(), "", true),
            (&Pattern::default(), "x", false),
        ] {
            assert_eq!(pattern.matches(value), expected, "{pattern} on {value}");
        }
    }
}
