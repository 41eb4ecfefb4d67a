//! One type of event as the sample shows it: its fields, how often each is there, what they hold.

use std::sync::Arc;

use super::phrase::{Phrase, phrase};
use super::sample::{Event, History, Sample};
use crate::analysis::state::reducers::rules::word;
use crate::analysis::state::value::{Number, Value};

/// Events of one type, each with the history in which it stands.
pub struct Type<'a> {
    pub name: Arc<str>,
    pub phrase: Phrase,
    pub events: Vec<(&'a History, &'a Event)>,
    /// So many of them are the first event of their history.
    pub opens: usize,
    /// Members of the payload in the order of their appearance.
    pub fields: Vec<Field>,
}

pub struct Field {
    pub name: Arc<str>,
    /// Events that have it.
    pub seen: usize,
    /// Always the entity's own id, or a part of the envelope.
    pub is_own: bool,
    pub shape: Shape,
}

/// What a field holds in all events that have it; null fits anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Null,
    Number,
    /// A number written as text.
    NumberText,
    Text,
    Bool,
    List,
    Object,
    Mixed,
}

impl Shape {
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::Text(text) if Number::parse(text).is_some() => Self::NumberText,
            Value::Text(_) => Self::Text,
            Value::List(_) => Self::List,
            Value::Object(_) => Self::Object,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a,
            (Self::Null, other) | (other, Self::Null) => other,
            (Self::NumberText, Self::Text) | (Self::Text, Self::NumberText) => Self::Text,
            _ => Self::Mixed,
        }
    }

    pub fn is_numeric(self) -> bool {
        matches!(self, Self::Number | Self::NumberText)
    }
}

/// In the order in which types first appear.
pub fn types(sample: &Sample) -> Vec<Type<'_>> {
    let mut types: Vec<Type<'_>> = Vec::new();
    for history in &sample.histories {
        for (i, event) in history.events.iter().enumerate() {
            let at = types.iter().position(|seen| seen.name == event.type_name).unwrap_or_else(|| {
                types.push(Type {
                    name: event.type_name.clone(),
                    phrase: phrase(&event.type_name),
                    events: Vec::new(),
                    opens: 0,
                    fields: Vec::new(),
                });
                types.len() - 1
            });
            if let Some(seen) = types.get_mut(at) {
                seen.events.push((history, event));
                seen.opens += usize::from(i == 0);
            }
        }
    }
    types.iter_mut().for_each(Type::find_fields);
    types
}

impl Type<'_> {
    fn find_fields(&mut self) {
        let mut fields: Vec<Field> = Vec::new();
        for (history, event) in &self.events {
            let Value::Object(members) = &event.data else { continue };
            for (name, value) in members.iter() {
                let is_own = value.as_text() == Some(&history.id)
                    || (matches!(value, Value::Number(_))
                        && value.to_string() == history.id
                        && name.to_lowercase().ends_with("id"))
                    || event.envelope_fields.iter().any(|field| **field == **name);
                let shape = Shape::of(value);
                match fields.iter_mut().find(|field| field.name == *name) {
                    Some(field) => {
                        field.seen += 1;
                        field.is_own &= is_own;
                        field.shape = field.shape.and(shape);
                    }
                    None => fields.push(Field { name: name.clone(), seen: 1, is_own, shape }),
                }
            }
        }
        self.fields = fields;
    }

    pub fn count(&self) -> usize {
        self.events.len()
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| &*field.name == name)
    }

    /// In every event.
    pub fn always(&self, field: &Field) -> bool {
        field.seen == self.count()
    }

    /// What the type tells beside whom it is about.
    pub fn content(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| !field.is_own)
    }

    /// A name that says nothing of what was done, and an object.
    pub fn is_plain(&self) -> bool {
        self.phrase.verb.is_empty() && self.shape() == Shape::Object
    }

    /// What all payloads are.
    pub fn shape(&self) -> Shape {
        self.events.iter().map(|(_, event)| Shape::of(&event.data)).reduce(Shape::and).unwrap_or(Shape::Null)
    }

    /// Whether some event has no payload at all.
    pub fn is_sometimes_empty(&self) -> bool {
        self.events.iter().any(|(_, event)| event.data.is_null())
    }

    /// `merge .` into a place (empty: the state) without some fields; empty where nothing is left.
    pub fn merge(&self, place: &str, without: &[&str]) -> Option<String> {
        let place = if place.is_empty() { String::new() } else { format!("{place} ") };
        match self.shape() {
            Shape::Object => {
                let left: Vec<String> =
                    without.iter().filter(|name| self.field(name).is_some()).map(|name| word(name)).collect();
                if left.len() == self.fields.len() {
                    return None;
                }
                let all = if self.is_sometimes_empty() { ". or {}" } else { "." };
                let without = if left.is_empty() { String::new() } else { format!(" without {}", left.join(", ")) };
                Some(format!("{place}merge {all}{without}"))
            }
            Shape::List if self.is_pairs() => Some(format!("{place}merge plain(.)")),
            Shape::Null => None,
            _ => Some(if place.is_empty() { "value = .".to_owned() } else { format!("{place}= .") }),
        }
    }

    fn is_pairs(&self) -> bool {
        self.events.iter().all(|(_, event)| {
            let Value::List(elements) = &event.data else { return false };
            !elements.is_empty()
                && elements.iter().all(|element| element.member("name").is_some() && element.member("value").is_some())
        })
    }
}
