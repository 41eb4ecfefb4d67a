//! The state at the cursor: before and after its event, and what differs.

use super::{Focus, Pool};
use crate::analysis::state::diff::{Change, diff};
use crate::analysis::state::walk::{Cursor, State};
use crate::model::ids::EntityIx;

/// Differences that are listed; an event that changes more says so.
pub const MOST_CHANGES: usize = 2_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtKey {
    pub(super) fold: u64,
}

/// The states around one step.
#[derive(Clone, Debug)]
pub struct At {
    pub fold: u64,
    pub entity: EntityIx,
    /// The step that was asked for.
    pub step: u32,
    /// The step that is shown: an earlier one where the fold ended before.
    pub known: u32,
    pub before: State,
    pub after: State,
    pub changes: Vec<Change>,
    /// There are more than are listed.
    pub more_changes: bool,
    /// Every event up to this step could be folded.
    pub complete: bool,
}

impl At {
    /// Whether this is the state of that step of that fold.
    #[must_use]
    pub fn is_at(&self, focus: &Focus, step: Option<u32>) -> bool {
        self.fold == focus.number && Some(self.step) == step
    }

    pub(super) fn find(focus: &Focus, step: u32, pool: &Pool, cursor: &mut Cursor) -> Self {
        let mut at = Self {
            fold: focus.number,
            entity: focus.entity,
            step,
            known: 0,
            before: State::default(),
            after: State::default(),
            changes: Vec::new(),
            more_changes: false,
            complete: false,
        };
        let Some(folded) = &focus.folded else { return at };
        let Ok(mut reducer) = pool.lend(folded.source()) else { return at };
        at.known = step.min(folded.done());
        at.complete = folded.complete_at(step);
        at.before = cursor.state_at(folded, &mut *reducer, at.known.saturating_sub(1));
        at.after = cursor.state_at(folded, &mut *reducer, at.known);
        if at.known > 0 {
            at.changes = diff(&at.before.value, &at.after.value, MOST_CHANGES + 1);
            at.more_changes = at.changes.len() > MOST_CHANGES;
            at.changes.truncate(MOST_CHANGES);
        }
        at
    }
}
