//! What a rule found: counted, with a few examples.

use serde::{Deserialize, Serialize};

use super::Lint;
use crate::model::ids::{EntityIx, EventIx};

/// Events that a finding names; the count says how many there are.
pub const MAX_EXAMPLES: usize = 5;

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
}

/// Collects one rule's findings.
#[derive(Debug)]
pub struct Found<'a> {
    pub(super) lint: &'static Lint,
    pub(super) findings: &'a mut Vec<Finding>,
}

impl Found<'_> {
    /// `type_name` where it is about one type of event: such findings can be silenced per type.
    pub fn push(&mut self, message: String, examples: &Examples, type_name: Option<&str>) {
        self.findings.push(Finding {
            rule: self.lint.name,
            severity: self.lint.severity,
            message,
            count: examples.count,
            examples: examples.first.clone(),
            entity: None,
            type_name: type_name.map(str::to_owned),
        });
    }

    /// A finding about one entity.
    pub fn push_about(&mut self, entity: Option<EntityIx>, message: String, examples: &Examples) {
        self.push(message, examples, None);
        if let Some(finding) = self.findings.last_mut() {
            finding.entity = entity;
        }
    }
}

/// Counts, and keeps the first few.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    pub count: u64,
    pub first: Vec<EventIx>,
}

impl Examples {
    pub fn add(&mut self, event: EventIx) {
        self.count += 1;
        if self.first.len() < MAX_EXAMPLES {
            self.first.push(event);
        }
    }

    #[must_use]
    pub fn of(count: u64, first: impl IntoIterator<Item = EventIx>) -> Self {
        Self { count, first: first.into_iter().take(MAX_EXAMPLES).collect() }
    }
}
