//! A state: JSON in memory, cheap to copy. Copies share what they have in common, so a keyframe costs
//! what changed since the one before.
//!
//! Numbers are exact decimals and keep their literal text; members keep their order; of a name that
//! occurs twice in an object the last one counts.

mod number;
mod read;
mod write;

pub use number::Number;
pub use read::{MAX_DEPTH, parse, parse_members};

use std::hash::BuildHasherDefault;
use std::sync::Arc;

use indexmap::IndexMap;
use rapidhash::fast::RapidHasher;

/// Members in the order in which they came.
pub type Members = IndexMap<Arc<str>, Value, BuildHasherDefault<RapidHasher<'static>>>;

/// Elements; a copy shares them, pushing costs the logarithm of the length.
pub type Elements = rpds::VectorSync<Value>;

#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    Text(Arc<str>),
    List(Elements),
    Object(Arc<Members>),
}

impl Value {
    #[must_use]
    pub fn object() -> Self {
        Self::Object(Arc::new(Members::default()))
    }

    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    #[must_use]
    pub fn list(elements: impl IntoIterator<Item = Value>) -> Self {
        Self::List(elements.into_iter().collect())
    }

    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A member of an object.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The nearest double, for plots.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// Whether both are the same copy: then nothing inside can differ.
    #[must_use]
    pub fn is_same(&self, other: &Value) -> bool {
        match (self, other) {
            (Self::Object(a), Self::Object(b)) => Arc::ptr_eq(a, b),
            (Self::Text(a), Self::Text(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// Equal as JSON: numbers by value (`1.0` is `1`), objects whatever the order of their members.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::List(a), Self::List(b)) => a.len() == b.len() && a.iter().eq(b.iter()),
            (Self::Object(a), Self::Object(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

/// JSON on one line, numbers as they were written.
impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write::compact(self, f)
    }
}
