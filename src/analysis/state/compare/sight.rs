//! What counts as a difference. A reducer that keeps the events themselves (`this.events.push(event)`)
//! has a state that differs by every event more or less; that tells nobody anything, so the lengths of
//! such histories are passed over.

use std::sync::Arc;

use crate::analysis::state::diff::{self, Change};
use crate::analysis::state::reducer::Reducer;
use crate::analysis::state::value::{Members, Value};

#[derive(Clone, Debug, Default)]
pub struct Sight {
    passed_over: Vec<Arc<str>>,
}

impl Sight {
    #[must_use]
    pub fn of(reducer: &dyn Reducer) -> Self {
        Self { passed_over: reducer.histories().to_vec() }
    }

    /// Passing over what either does.
    #[must_use]
    pub fn and(mut self, other: &Sight) -> Self {
        self.passed_over.extend_from_slice(&other.passed_over);
        self
    }

    #[must_use]
    pub fn equal(&self, a: &Value, b: &Value) -> bool {
        match (a, b) {
            (Value::Object(left), Value::Object(right)) if !self.passed_over.is_empty() && !a.is_same(b) => {
                let seen = |members: &Members| members.keys().filter(|name| self.sees(name)).count();
                seen(left) == seen(right)
                    && left.iter().filter(|(name, _)| self.sees(name)).all(|(name, a)| right.get(name) == Some(a))
            }
            _ => a == b,
        }
    }

    /// At most `most` changes, and whether there are more.
    #[must_use]
    pub fn bounded(&self, before: &Value, after: &Value, most: usize) -> (Vec<Change>, bool) {
        let mut changes = self.diff(before, after, most.saturating_add(1));
        let more = changes.len() > most;
        changes.truncate(most);
        (changes, more)
    }

    /// At most `most` changes.
    #[must_use]
    pub fn diff(&self, before: &Value, after: &Value, most: usize) -> Vec<Change> {
        let mut changes = diff::diff(before, after, most.saturating_add(self.passed_over.len()));
        changes.retain(|change| change.path.steps().first().is_none_or(|name| self.sees(name)));
        changes.truncate(most);
        changes
    }

    fn sees(&self, name: &str) -> bool {
        !self.passed_over.iter().any(|passed| **passed == *name)
    }
}
