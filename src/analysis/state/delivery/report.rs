//! What a simulation found.

use std::sync::Arc;

use super::{Kind, Request};
use crate::analysis::state::diff::Change;
use crate::analysis::state::fold::Folded;
use crate::analysis::state::reducer::{StepError, Stopped};
use crate::analysis::state::value::Value;
use crate::model::ids::EventIx;

#[derive(Clone, Debug)]
pub struct Report {
    pub kind: Kind,
    pub seed: u64,
    /// Events of the history.
    pub events: u32,
    /// Events that were looked at one by one.
    pub looked_at: u32,
    /// For duplicates and losses: those that matter first.
    pub types: Vec<TypeReport>,
    /// For reordering: those that do not commute first.
    pub pairs: Vec<PairReport>,
    pub rounds: Rounds,
    /// The state after the true history.
    pub end: Value,
    /// False when it was cancelled or the reducer stopped; what was found until then holds.
    pub complete: bool,
    pub stopped: Option<Stopped>,
}

/// One event type under duplicates or losses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeReport {
    pub type_name: Arc<str>,
    /// Events of it that were looked at.
    pub seen: u32,
    /// Events of it that were delivered twice, or lost.
    pub tried: u32,
    /// How many of these tries gave another state: right after the second copy for duplicates, at the end
    /// of the history for losses.
    pub differing: u32,
    /// Tries in which the reducer refused the second copy.
    pub refused: u32,
    /// Events that leave the state as it is.
    pub without_effect: u32,
    /// The try with the fewest changes.
    pub example: Option<Example>,
    /// Duplicates: harmless at once, but not after a few other events.
    pub late: Option<Example>,
}

/// Two event types that follow each other in the history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PairReport {
    pub first: Arc<str>,
    pub second: Arc<str>,
    pub tried: u32,
    /// How many gave another state in the other order.
    pub differing: u32,
    pub example: Option<Example>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The step of the event that comes twice, is lost or is the first of a pair.
    pub step: u32,
    pub event: Option<EventIx>,
    /// The step after which its late copy comes, or the second event of a pair.
    pub other_step: Option<u32>,
    /// From the true state to the one with the fault.
    pub changes: Vec<Change>,
    pub more_changes: bool,
    /// Why the reducer refused an event because of the fault.
    pub error: Option<StepError>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rounds {
    pub asked: u32,
    /// Fewer than asked for where the history is long.
    pub run: u32,
    /// How many ended in another state.
    pub differing: u32,
    /// Faults in each of them.
    pub faults: u32,
    pub minimal: Option<Minimal>,
}

/// As few faults as end in another state.
#[derive(Clone, Debug, PartialEq)]
pub struct Minimal {
    pub faults: Vec<Fault>,
    /// The type of each fault's event.
    pub type_names: Vec<Arc<str>>,
    /// From the true last state to the one with the faults.
    pub changes: Vec<Change>,
    pub more_changes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its event comes again when `after` more events have come.
    Twice {
        step: u32,
        after: u32,
    },
    Lost {
        step: u32,
    },
    /// Its event comes when the next `by` events have come.
    Late {
        step: u32,
        by: u32,
    },
}

impl Fault {
    #[must_use]
    pub fn step(self) -> u32 {
        let (Self::Twice { step, .. } | Self::Lost { step } | Self::Late { step, .. }) = self;
        step
    }
}

impl Report {
    pub(super) fn new(base: &Folded, request: &Request) -> Self {
        Self {
            kind: request.kind,
            seed: request.seed,
            events: base.done(),
            looked_at: 0,
            types: Vec::new(),
            pairs: Vec::new(),
            rounds: Rounds { asked: request.rounds, ..Rounds::default() },
            end: base.last().clone(),
            complete: false,
            stopped: None,
        }
    }

    /// Whether anything was found that ends or leaves the state otherwise.
    #[must_use]
    pub fn has_findings(&self) -> bool {
        self.rounds.differing > 0
            || self.types.iter().any(|of_type| of_type.differing > 0 || of_type.late.is_some())
            || self.pairs.iter().any(|pair| pair.differing > 0)
    }

    /// What matters first.
    pub(super) fn settle(&mut self) {
        self.types.sort_by_key(|of_type| (of_type.differing == 0, of_type.late.is_none()));
        self.pairs.sort_by_key(|pair| pair.differing == 0);
    }
}

impl Example {
    /// The one with fewer changes, then the earlier one.
    pub(super) fn keep_smaller(kept: &mut Option<Example>, new: Example) {
        let size = |example: &Example| (example.more_changes, example.changes.len(), example.step);
        if kept.as_ref().is_none_or(|kept| size(&new) < size(kept)) {
            *kept = Some(new);
        }
    }
}
