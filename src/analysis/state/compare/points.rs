//! Two points in time of one entity: what differs between their states.

use crate::analysis::state::diff::Change;
use crate::analysis::state::fold::Folded;
use crate::analysis::state::reducer::Reducer;
use crate::analysis::state::walk::{State, state_at};

use super::Sight;

#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    /// The earlier step and the later one; the events between are those of the steps `from + 1..=to`.
    pub from: (u32, State),
    pub to: (u32, State),
    /// From the earlier state to the later one.
    pub changes: Vec<Change>,
    pub more_changes: bool,
}

/// In whichever order they are given. Steps past what is folded are its last one.
pub fn points(folded: &Folded, reducer: &mut dyn Reducer, steps: (u32, u32), most_changes: usize) -> Points {
    let (from, to) = (steps.0.min(steps.1).min(folded.done()), steps.0.max(steps.1).min(folded.done()));
    let sight = Sight::of(reducer);
    let [before, after] = [from, to].map(|step| state_at(folded, reducer, step));
    let (changes, more_changes) = sight.bounded(&before.value, &after.value, most_changes);
    Points { from: (from, before), to: (to, after), changes, more_changes }
}
