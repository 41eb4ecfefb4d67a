//! What a rule found: counted, with a few examples.

use serde::{Deserialize, Serialize};

use super::Lint;
use crate::model::ids::{EntityIx, EventIx};

/// Events that a finding names; the count says how many there are.
pub const MAX_EXAMPLES: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Likely a mistake in the design.
    Warning,
    /// Something is lost or wrong.
    Error,
}

impl Severity {
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub rule: &'static str,
    pub severity: Severity,
    /// What was found here, with names and numbers.
    pub message: String,
    /// How often.
    pub count: u64,
    /// The first ones.
    pub examples: Vec<EventIx>,
    /// Where all of it is about one.
    pub entity: Option<EntityIx>,
    /// The event type it is about, for silencing.
    pub type_name: Option<String>,
    /// The field it is about, as a JSON pointer from the record.
    pub field: Option<String>,
    /// All of its events as a filter, where the filter's language can say it.
    pub filter: Option<String>,
}

/// Collects one rule's findings.
#[derive(Debug)]
pub struct Found<'a> {
    pub(super) lint: &'static Lint,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Found<'_> {
    /// Tells one; what else is known of it is added to the answer.
    pub fn push(&mut self, message: String, examples: &Examples) -> &mut Finding {
        self.findings.push(Finding {
            rule: self.lint.name,
            severity: self.lint.severity,
            message,
            count: examples.count,
            examples: examples.first.clone(),
            entity: None,
            type_name: None,
            field: None,
            filter: None,
        });
        self.findings.last_mut().expect("one was just pushed")
    }
}

impl Finding {
    /// About one type of event: such findings can be silenced per type.
    pub fn of_type(&mut self, name: &str) -> &mut Self {
        self.type_name = Some(name.to_owned());
        self
    }

    pub fn of_entity(&mut self, entity: Option<EntityIx>) -> &mut Self {
        self.entity = entity;
        self
    }

    pub fn of_field(&mut self, path: &str) -> &mut Self {
        self.field = Some(path.to_owned());
        self
    }

    pub fn found_by(&mut self, filter: String) -> &mut Self {
        self.filter = Some(filter);
        self
    }
}

/// Counts, and keeps the first few.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    pub count: u64,
    /// In the order of rows.
    pub first: Vec<EventIx>,
}

impl Examples {
    /// Events come in the order of rows.
    #[inline]
    pub fn add(&mut self, event: EventIx) {
        self.count += 1;
        if self.first.len() < MAX_EXAMPLES {
            self.first.push(event);
        }
    }

    /// `first` may come in any order.
    #[must_use]
    pub fn of(count: u64, first: impl IntoIterator<Item = EventIx>) -> Self {
        let mut first: Vec<EventIx> = first.into_iter().take(MAX_EXAMPLES).collect();
        first.sort_unstable();
        Self { count, first }
    }

    /// Adds those of another thread, or of another kind.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.first.extend(&other.first);
        self.first.sort_unstable();
        self.first.truncate(MAX_EXAMPLES);
    }
}
