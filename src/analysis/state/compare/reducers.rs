//! Two reducers on one history: where their states differ. To see whether a rule that was rewritten still
//! says the same, or where an inferred one parts from one's own.

use crate::analysis::state::diff::Change;
use crate::analysis::state::event::Events;
use crate::analysis::state::reducer::{Reducer, StepError, Stopped};
use crate::base::cancel::Cancel;

use super::{Next, Sight, Steps};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reducers {
    /// The first step after which the states differ; 0 where they begin differently.
    pub first: Option<u32>,
    pub rows: Vec<Row>,
    /// Steps that differ and are not listed.
    pub more_rows: u64,
    /// Steps that were compared.
    pub compared: u32,
    /// False when it was cancelled or a reducer stopped.
    pub complete: bool,
    pub stopped: Option<Stopped>,
}

/// A step whose change makes a difference: one that only passes an older difference on is no row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub step: u32,
    /// From the first reducer's state to the second's.
    pub changes: Vec<Change>,
    pub more_changes: bool,
    /// Why either could not fold this event.
    pub errors: (Option<StepError>, Option<StepError>),
}

pub fn reducers(
    events: &dyn Events,
    (one, other): (&mut dyn Reducer, &mut dyn Reducer),
    most_rows: usize,
    most_changes: usize,
    cancel: &Cancel,
    progress: &mut dyn FnMut(f32),
) -> Reducers {
    let sight = Sight::of(one).and(&Sight::of(other));
    let mut left = Steps::new(events, 0, one.initial());
    let mut right = Steps::new(events, 0, other.initial());
    let mut found = Reducers::default();
    let mut last: Vec<Change> = Vec::new();
    loop {
        let step = left.step();
        let (mut changes, more_changes) = sight.bounded(left.state(), right.state(), most_changes);
        let errors = (left.error().cloned(), right.error().cloned());
        let one_fails = errors.0.is_some() != errors.1.is_some();
        if !changes.is_empty() || one_fails {
            found.first = found.first.or((!changes.is_empty()).then_some(step));
            if changes != last || one_fails {
                if found.rows.len() < most_rows {
                    let changes = changes.clone();
                    found.rows.push(Row { step, changes, more_changes, errors });
                } else {
                    found.more_rows += 1;
                }
            }
        }
        std::mem::swap(&mut last, &mut changes);
        found.compared = step;
        if step.is_multiple_of(1_024) {
            progress(step as f32 / events.len().max(1) as f32);
        }
        let (gone_left, gone_right) = (left.next(one, cancel), right.next(other, cancel));
        match (gone_left, gone_right) {
            (Next::Step, Next::Step) => (),
            (Next::End, Next::End) => {
                found.complete = true;
                return found;
            }
            (Next::Stopped(stopped), _) | (_, Next::Stopped(stopped)) => {
                found.stopped = Some(stopped);
                return found;
            }
            _ => return found,
        }
    }
}
