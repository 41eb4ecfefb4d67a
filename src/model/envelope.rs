//! One event as a person reads it: decoded on demand from its bytes by the source's mapping.

use std::ops::Range;

use super::issue::Issue;
use super::message::HeaderValue;
use super::time::TimeNs;

/// `kind:id`, as in `order:order-456`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityRef {
    pub kind: String,
    pub id: String,
}

impl std::fmt::Display for EntityRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}

/// An id with the name under which the source carries it (`correlationId`, `$causationId`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedId {
    pub name: String,
    pub value: String,
}

/// The decoded envelope; the payload stays in the record's bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Envelope {
    /// Empty where no mapping field named a type.
    pub type_name: String,
    pub id: Option<String>,
    pub time: Option<TimeNs>,
    /// The time as the source writes it.
    pub time_text: Option<String>,
    pub service: Option<String>,
    pub version: Option<u32>,
    /// The stream first.
    pub entities: Vec<EntityRef>,
    pub correlations: Vec<NamedId>,
    pub causes: Vec<NamedId>,
    pub key: Option<String>,
    /// In their order, with repeats and nulls. What is no message's header has its value as text.
    pub headers: Vec<(String, HeaderValue)>,
    /// Where the payload lies in the record; the whole record where nothing smaller is named.
    pub data: Range<usize>,
    pub issue: Option<Issue>,
}
