//! Rules as they were read: a line of the text each, so that what a person wrote can be printed again.

use std::sync::Arc;

use crate::analysis::state::value::Value;

/// Line n of the text is `lines[n - 1]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    pub lines: Vec<Line>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub content: Content,
    /// Without the sign and the blanks around it.
    pub comment: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    Blank,
    Start { place: Place, value: Expr },
    On { types: Vec<Arc<str>>, when: Option<Expr> },
    Do(Action),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Set {
        place: Place,
        value: Expr,
    },
    Add {
        place: Place,
        value: Expr,
        negative: bool,
    },
    Append {
        place: Place,
        value: Expr,
        each: bool,
    },
    Remove {
        place: Place,
        key: Option<Arc<str>>,
        value: Expr,
    },
    Merge {
        place: Place,
        value: Expr,
        pick: Pick,
    },
    Replace(Expr),
    /// The root is the entity itself.
    Delete(Place),
    Snapshot(Expr),
    Ignore,
}

/// Which members are merged.
#[derive(Clone, Debug, PartialEq)]
pub enum Pick {
    All,
    Only(Vec<Arc<str>>),
    Without(Vec<Arc<str>>),
}

/// A place in the state or in the payload; without steps the whole of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Place(pub Vec<Step>);

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Member(Arc<str>),
    /// Negative ones count from the end.
    Index(i64),
    /// Of a list the element whose member `key` has the value (without a key: that is the value), of
    /// an object the member of that name.
    Find {
        key: Option<Arc<str>>,
        value: Box<Expr>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    Literal(Value),
    Payload(Place),
    State(Place),
    Event(EventField),
    List(Vec<Expr>),
    Object(Vec<(Arc<str>, Expr)>),
    Call(Function, Box<Expr>),
    Not(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventField {
    Type,
    Time,
    Id,
    Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    Number,
    Plain,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    Or,
    And,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Add,
    Subtract,
    Multiply,
}

impl EventField {
    pub const ALL: [Self; 4] = [Self::Type, Self::Time, Self::Id, Self::Version];

    pub fn word(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Time => "time",
            Self::Id => "id",
            Self::Version => "version",
        }
    }
}

impl Function {
    pub const ALL: [Self; 2] = [Self::Number, Self::Plain];

    pub fn word(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Plain => "plain",
        }
    }
}

impl Op {
    /// Loosest first; those of one strength together.
    pub const LEVELS: [&[Self]; 5] = [
        &[Self::Or],
        &[Self::And],
        &[Self::Equal, Self::Unequal, Self::Less, Self::AtMost, Self::Greater, Self::AtLeast],
        &[Self::Add, Self::Subtract],
        &[Self::Multiply],
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "=",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
        }
    }

    pub fn level(self) -> usize {
        Self::LEVELS.iter().position(|ops| ops.contains(&self)).unwrap_or_default()
    }
}

impl Place {
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl Expr {
    /// Visits this and all that stands inside, places' selectors included.
    pub fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        visit(self);
        match self {
            Self::Literal(_) | Self::Event(_) => (),
            Self::Payload(place) | Self::State(place) => place.walk(visit),
            Self::List(elements) => elements.iter().for_each(|element| element.walk(visit)),
            Self::Object(members) => members.iter().for_each(|(_, member)| member.walk(visit)),
            Self::Call(_, inner) | Self::Not(inner) => inner.walk(visit),
            Self::Binary(_, a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
        }
    }
}

impl Place {
    pub fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        for step in &self.0 {
            if let Step::Find { value, .. } = step {
                value.walk(visit);
            }
        }
    }
}

impl Action {
    pub fn walk(&self, visit: &mut dyn FnMut(&Expr)) {
        match self {
            Self::Set { place, value }
            | Self::Add { place, value, .. }
            | Self::Append { place, value, .. }
            | Self::Remove { place, value, .. }
            | Self::Merge { place, value, .. } => {
                place.walk(visit);
                value.walk(visit);
            }
            Self::Replace(value) | Self::Snapshot(value) => value.walk(visit),
            Self::Delete(place) => place.walk(visit),
            Self::Ignore => (),
        }
    }
}
