//! The last state of one entity after another, by one reducer.

use std::sync::Arc;

use super::columns::Field;
use super::expression::Expressions;
use crate::analysis::state::event::{Events as _, Input};
use crate::analysis::state::history::History;
use crate::analysis::state::reducer::{Keep, Reducer, ReducerSource};
use crate::analysis::state::stored::Stored;
use crate::analysis::state::value::Value;
use crate::base::cancel::Cancel;
use crate::model::ids::EntityIx;
use crate::store::snapshot::Snapshot;

/// Events read at once.
const RUN: u32 = 4_096;

pub struct Folder {
    pub log: Arc<Snapshot>,
    pub source: ReducerSource,
    pub reducer: Box<dyn Reducer>,
    inputs: Vec<Input>,
    /// Texts of the columns' expressions, and what makes values of them.
    texts: Vec<String>,
    expressions: Option<Expressions>,
}

/// An entity folded to its end.
pub struct Last {
    pub state: Value,
    pub stored: Arc<Stored>,
    /// Events that could not be folded, and columns that could not be made of it.
    pub failed: u32,
    /// Values of expressions by their texts, once [`Folder::compute`] made them.
    pub computed: Vec<(String, Value)>,
}

impl Folder {
    #[must_use]
    pub fn new(log: Arc<Snapshot>, source: ReducerSource, reducer: Box<dyn Reducer>) -> Self {
        Self { log, source, reducer, inputs: Vec::new(), texts: Vec::new(), expressions: None }
    }

    /// The same, with what columns of expressions need.
    ///
    /// # Errors
    /// Which expression cannot be read, and why.
    pub fn computing(mut self, columns: &[(String, Field)]) -> Result<Self, String> {
        let of = |(_, field): &(String, Field)| match field {
            Field::Expression(text) => Some(text.clone()),
            _ => None,
        };
        self.texts = columns.iter().filter_map(of).collect();
        self.expressions = Expressions::compile(self.texts.iter().map(String::as_str))?;
        Ok(self)
    }

    /// Makes the values of expressions for a state.
    pub fn compute(&mut self, last: &mut Last, cancel: &Cancel) {
        let Some(expressions) = &mut self.expressions else { return };
        match expressions.values(&last.state, cancel) {
            Some(values) => last.computed = self.texts.iter().cloned().zip(values).collect(),
            None => last.failed += 1,
        }
    }

    /// `None` when cancelled.
    pub fn last(&mut self, entity: EntityIx, cancel: &Cancel) -> Option<Last> {
        let history = Arc::new(History::of(&self.log, entity, false, cancel)?);
        let stored = Arc::new(Stored { snapshot: Arc::clone(&self.log), history });
        let need = self.reducer.need();
        let mut state = self.reducer.initial();
        let (mut failed, mut start) = (0, 0);
        while start < stored.len() {
            let end = stored.len().min(start.saturating_add(RUN));
            stored.load(start..end, &need, cancel, &mut self.inputs);
            if cancel.is_cancelled() {
                return None;
            }
            let mut count = |step: crate::analysis::state::reducer::Step<'_>| failed += u32::from(step.error.is_some());
            if self.reducer.fold(&mut state, &self.inputs, Keep::Last, &mut count).is_err() {
                failed += 1;
                break;
            }
            start = end;
        }
        Some(Last { state, stored, failed, computed: Vec::new() })
    }
}
