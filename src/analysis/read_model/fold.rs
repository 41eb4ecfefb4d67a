//! The last state of one entity after another, by one reducer.

use std::sync::Arc;

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
}

/// An entity folded to its end.
pub struct Last {
    pub state: Value,
    pub stored: Arc<Stored>,
    /// Events that could not be folded.
    pub failed: u32,
}

impl Folder {
    #[must_use]
    pub fn new(log: Arc<Snapshot>, source: ReducerSource, reducer: Box<dyn Reducer>) -> Self {
        Self { log, source, reducer, inputs: Vec::new() }
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
        Some(Last { state, stored, failed })
    }
}
