//! Which column of a table stands for which place of a state.
//!
//! `customer_name` finds `customerName` and `customer.name` by itself: names are compared without
//! underscores and case. What no state has a place for is not compared, and that is said.

use std::collections::BTreeMap;
use std::fmt;

use super::fold::Last;
use crate::analysis::state::path::Path;
use crate::analysis::state::value::{Number, Value};
use crate::store::snapshot::Snapshot;

/// What a column is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    Place(Path),
    /// jq over the last state, in parentheses: `(.items | length)`
    Expression(String),
    /// Time of the entity's first event: `@first.time`
    FirstTime,
    /// `@last.time`
    LastTime,
    /// Of the last event in its stream: `@version`
    Version,
    /// How many events the entity has: `@events`
    Events,
}

impl Field {
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "@first.time" => Self::FirstTime,
            "@last.time" => Self::LastTime,
            "@version" => Self::Version,
            "@events" => Self::Events,
            place => match place.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
                Some(expression) => Self::Expression(expression.trim().to_owned()),
                None => Self::Place(Path::parse(place)),
            },
        }
    }

    /// A column and its field as a person types them: `total=/amounts/total`. None where one of them is missing.
    #[must_use]
    pub fn of_column(typed: &str) -> Option<(String, Self)> {
        let (name, field) = typed.split_once('=')?;
        let (name, field) = (name.trim(), field.trim());
        (!name.is_empty() && !field.is_empty()).then(|| (name.to_owned(), Self::parse(field)))
    }

    #[must_use]
    pub fn get(&self, of: &Last, log: &Snapshot) -> Value {
        let history = &of.stored.history;
        let time = |step| history.event_of(step).and_then(|event| log.time(event));
        let text =
            |time: Option<crate::model::time::TimeNs>| time.map_or(Value::Null, |t| Value::text(&t.to_rfc3339()));
        let last = history.len();
        match self {
            Self::Place(path) => path.get(&of.state).cloned().unwrap_or_default(),
            Self::Expression(text) => {
                let made = of.computed.iter().find(|(known, _)| known == text);
                made.map(|(_, value)| value.clone()).unwrap_or_default()
            }
            Self::FirstTime => text(time(1)),
            Self::LastTime => text(time(last)),
            Self::Version => {
                let version = history.event_of(last).and_then(|event| log.version(event));
                version.map_or(Value::Null, |version| Value::Number(Number::from(i64::from(version))))
            }
            Self::Events => Value::Number(Number::from(i64::from(last))),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(path) => f.write_str(&path.dotted()),
            Self::Expression(text) => write!(f, "({text})"),
            Self::FirstTime => f.write_str("@first.time"),
            Self::LastTime => f.write_str("@last.time"),
            Self::Version => f.write_str("@version"),
            Self::Events => f.write_str("@events"),
        }
    }
}

/// Columns that are compared and those that are not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    pub compared: Vec<(String, Field)>,
    pub left_out: Vec<String>,
}

impl Columns {
    /// `owner = owner, total = sum`; nothing where only keys are compared.
    #[must_use]
    pub fn pairs(&self) -> Option<String> {
        let pairs: Vec<String> = self.compared.iter().map(|(column, field)| format!("{column} = {field}")).collect();
        (!pairs.is_empty()).then(|| pairs.join(", "))
    }
}

/// Places seen in states, by their folded names.
#[derive(Debug, Default)]
pub struct Places(BTreeMap<String, Path>);

impl Places {
    /// Members and members of members.
    pub fn add(&mut self, state: &Value) {
        self.members(state, &Path::default(), 0);
    }

    fn members(&mut self, value: &Value, at: &Path, depth: u32) {
        let Value::Object(members) = value else { return };
        for (name, inner) in members.iter() {
            let path = at.child(name);
            let folded = path.steps().iter().map(|step| fold(step)).collect::<String>();
            if depth == 0 {
                // A member of its own counts more than one that only reads alike.
                self.0.insert(folded, path.clone());
            } else {
                self.0.entry(folded).or_insert_with(|| path.clone());
            }
            if depth == 0 {
                self.members(inner, &path, 1);
            }
        }
    }

    /// `given` are columns with a field that a person named; the key is not compared.
    #[must_use]
    pub fn columns<'a>(&self, names: impl Iterator<Item = &'a str>, key: &str, given: &[(String, Field)]) -> Columns {
        let mut columns = Columns::default();
        for name in names.filter(|name| !name.eq_ignore_ascii_case(key)) {
            let named = given.iter().find(|(column, _)| column.eq_ignore_ascii_case(name)).map(|(_, field)| field);
            let folded = fold(name);
            let field = named.cloned().or_else(|| self.0.get(&folded).cloned().map(Field::Place)).or_else(|| {
                Some(match folded.as_str() {
                    "createdat" | "created" => Field::FirstTime,
                    "updatedat" | "updated" | "modifiedat" => Field::LastTime,
                    _ => return None,
                })
            });
            match field {
                Some(field) => columns.compared.push((name.to_owned(), field)),
                None => columns.left_out.push(name.to_owned()),
            }
        }
        columns
    }
}

/// `Customer_Name` and `customerName` are one name.
fn fold(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
