//! Two entities of one kind: their histories beside each other, aligned by event type, and where their
//! paths part.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexSet;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::analysis::state::diff::Change;
use crate::analysis::state::event::{Events, Need};
use crate::analysis::state::fold::Folded;
use crate::analysis::state::reducer::Reducer;
use crate::base::cancel::Cancel;

use super::Sight;

/// Events of each history that are aligned: the time grows with the square of what differs.
pub const MOST_ALIGNED: u32 = 4_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entities {
    pub rows: Vec<Aligned>,
    /// Events behind those that are aligned.
    pub not_aligned: (u32, u32),
    /// The first row in which only one of them has an event.
    pub parts_at: Option<usize>,
    /// From the first entity's last state to the second's.
    pub changes: Vec<Change>,
    pub more_changes: bool,
    pub complete: bool,
}

/// Steps of events of the same type, or of an event that the other history does not have here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aligned {
    pub type_name: Arc<str>,
    pub steps: (Option<u32>, Option<u32>),
}

/// Both by the same reducer.
pub fn entities(one: &Folded, other: &Folded, reducer: &dyn Reducer, most_changes: usize, cancel: &Cancel) -> Entities {
    let (changes, more_changes) = Sight::of(reducer).bounded(one.last(), other.last(), most_changes);
    let mut found = Entities { changes, more_changes, ..Entities::default() };
    let mut names = IndexSet::new();
    let lens = [one, other].map(|folded| folded.len().min(MOST_ALIGNED));
    let (Some(left), Some(right)) =
        (types(&**one.events(), lens[0], &mut names, cancel), types(&**other.events(), lens[1], &mut names, cancel))
    else {
        return found;
    };
    found.not_aligned = (one.len() - lens[0], other.len() - lens[1]);
    let name =
        |number: Option<&u32>| number.and_then(|number| names.get_index(*number as usize)).cloned().unwrap_or_default();
    for op in capture_diff_slices(Algorithm::Myers, &left, &right) {
        let (old, new) = (op.old_range(), op.new_range());
        if let DiffOp::Equal { .. } = op {
            for (a, b) in old.zip(new) {
                found.rows.push(Aligned { type_name: name(left.get(a)), steps: (Some(step(a)), Some(step(b))) });
            }
            continue;
        }
        found.parts_at.get_or_insert(found.rows.len());
        let alone = |range: Range<usize>, of: &[u32], steps: fn(u32) -> (Option<u32>, Option<u32>)| {
            range.map(|at| Aligned { type_name: name(of.get(at)), steps: steps(step(at)) }).collect::<Vec<_>>()
        };
        found.rows.extend(alone(old, &left, |step| (Some(step), None)));
        found.rows.extend(alone(new, &right, |step| (None, Some(step))));
    }
    found.complete = true;
    found
}

fn step(at: usize) -> u32 {
    at as u32 + 1
}

/// The types of the first events as numbers; none when cancelled.
fn types(events: &dyn Events, len: u32, names: &mut IndexSet<Arc<str>>, cancel: &Cancel) -> Option<Vec<u32>> {
    let mut inputs = Vec::new();
    events.load(0..len, &Need::default(), cancel, &mut inputs);
    if inputs.len() < len as usize || cancel.is_cancelled() {
        return None;
    }
    Some(inputs.into_iter().map(|input| names.insert_full(input.type_name).0 as u32).collect())
}
