//! An event as reducers see it, and where a run of them comes from.

use std::ops::Range;
use std::sync::Arc;

use super::value::Value;
use crate::base::cancel::Cancel;
use crate::model::envelope::{EntityRef, NamedId};
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;

/// One event of a history, loaded as far as [`Need`] says.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// None for an event that a person made up.
    pub ix: Option<EventIx>,
    pub type_name: Arc<str>,
    pub time: Option<TimeNs>,
    /// The position in its stream.
    pub version: Option<u32>,
    /// The payload's JSON text; `null` where there is none. Empty unless [`Need::text`].
    pub text: Arc<str>,
    /// The payload parsed, at least the members of [`Need::members`]. Null unless [`Need::value`].
    pub data: Value,
    /// None unless [`Need::meta`].
    pub meta: Option<Arc<Meta>>,
    /// Why it could not be read; a reducer makes a step's error of it.
    pub problem: Option<Arc<str>>,
}

/// What only the decoded envelope knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    pub id: Option<String>,
    /// As the source writes it.
    pub time_text: Option<String>,
    pub service: Option<String>,
    pub entities: Vec<EntityRef>,
    pub correlations: Vec<NamedId>,
    pub causes: Vec<NamedId>,
    pub headers: Vec<(String, String)>,
}

/// Which parts of its events a reducer looks at: the rest is not made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    pub text: bool,
    pub value: bool,
    /// Of a payload that is an object these members are enough; `None` stands for the whole value.
    pub members: Option<Arc<[Arc<str>]>>,
    pub meta: bool,
    /// Of events of other types than these nothing of the above is looked at; `None` stands for all
    /// types, `*` in a name for any text.
    pub types: Option<Arc<[Arc<str>]>>,
}

impl Need {
    /// Whether more of such an event is looked at than its type, time and version.
    #[must_use]
    pub fn reads(&self, type_name: &str) -> bool {
        (self.text || self.value || self.meta)
            && self.types.as_ref().is_none_or(|types| types.iter().any(|pattern| is_like(type_name, pattern)))
    }
}

/// `*` stands for any text, also none.
#[must_use]
pub fn is_like(name: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return name == pattern };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = name.find(part) else { return false };
        name = name.get(at + part.len()..).unwrap_or_default();
    }
    name.len() >= end.len() && name.ends_with(end)
}

/// A history that can be folded: the stored one, or one with changes made to it.
pub trait Events: Send + Sync {
    fn len(&self) -> u32;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Replaces `into` with these events, in order; what can't be read is an input with its problem.
    /// Fewer only when cancelled.
    fn load(&self, events: Range<u32>, need: &Need, cancel: &Cancel, into: &mut Vec<Input>);
}

/// A history in memory.
#[derive(Clone, Debug, Default)]
pub struct Given(pub Vec<Input>);

impl Events for Given {
    fn len(&self) -> u32 {
        self.0.len() as u32
    }

    fn load(&self, events: Range<u32>, _: &Need, _: &Cancel, into: &mut Vec<Input>) {
        into.clear();
        into.extend_from_slice(self.0.get(events.start as usize..events.end as usize).unwrap_or_default());
    }
}
