//! Where a branch's states part from the stored ones, event by event and field by field.
//!
//! Both histories are folded side by side from the lowest change on; when all changes are behind and the
//! states are equal again, the rest cannot differ and is not folded.

use super::branch::BranchEvents;
use super::plan::Slot;
use crate::analysis::state::compare::{Next, Sight, Steps};
use crate::analysis::state::diff::Change;
use crate::analysis::state::fold::Folded;
use crate::analysis::state::reducer::{Reducer, StepError, Stopped};
use crate::base::cancel::Cancel;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The stored event, in its place.
    Same,
    Changed,
    Skipped,
    Inserted,
    /// The stored place of an event that is elsewhere in the branch.
    MovedAway,
    MovedHere,
}

/// A place where something was changed or the states differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub what: What,
    /// The step that the stored history makes here; none where only the branch makes one.
    pub base_step: Option<u32>,
    /// The step that the branch makes here; none where only the stored history makes one.
    pub branch_step: Option<u32>,
    /// From the stored state to the branch's, both as they are after this row.
    pub changes: Vec<Change>,
    pub more_changes: bool,
    /// Why the branch's event could not be folded.
    pub error: Option<StepError>,
}

/// A step of the stored history and the step of the branch beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub base_step: u32,
    pub branch_step: u32,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Divergence {
    /// The first steps after which the states differ.
    pub first: Option<Pair>,
    pub rows: Vec<Row>,
    /// Rows that are not listed.
    pub more_rows: u64,
    pub final_changes: Vec<Change>,
    pub more_final_changes: bool,
    /// From these steps on the states are equal to the end, after they differed.
    pub reconverges_at: Option<Pair>,
    /// False when it was cancelled or the reducer stopped.
    pub complete: bool,
    pub stopped: Option<Stopped>,
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub rows: usize,
    pub changes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 2_000, changes: 16 }
    }
}

/// `base` is the stored history that the branch was made of, folded at least up to the lowest change.
pub fn divergence(
    base: &Folded,
    branch: &BranchEvents,
    reducer: &mut dyn Reducer,
    limits: Limits,
    cancel: &Cancel,
    progress: &mut dyn FnMut(f32),
) -> Divergence {
    let (step, state) = base.nearest(branch.lowest_change());
    let mut base = Steps::new(&**branch.base(), step, state);
    let found = Divergence::default();
    while base.step() < branch.lowest_change() {
        match base.next(reducer, cancel) {
            Next::Step => (),
            ended => return found.ended(ended),
        }
    }
    let other = Steps::new(branch, base.step(), base.state().clone());
    let sight = Sight::of(reducer);
    Walk { branch, base, other, reducer, sight, limits, last: None, found }.run(cancel, progress)
}

struct Walk<'a> {
    branch: &'a BranchEvents,
    base: Steps<'a>,
    other: Steps<'a>,
    reducer: &'a mut dyn Reducer,
    sight: Sight,
    limits: Limits,
    /// The last steps after which the states differ.
    last: Option<Pair>,
    found: Divergence,
}

/// Rows of the same kind that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    what: What,
    len: u32,
}

impl Walk<'_> {
    fn run(mut self, cancel: &Cancel, progress: &mut dyn FnMut(f32)) -> Divergence {
        let total = self.branch.base().len().max(1) as f32;
        let mut done = self.base.step();
        for piece in pieces(self.branch) {
            // What lies before the lowest change was not folded twice.
            let passed = if piece.what == What::Same { done.min(piece.len) } else { 0 };
            done -= passed;
            for _ in passed..piece.len {
                if let Err(ended) = self.row(piece.what, cancel) {
                    return self.found.ended(ended);
                }
                let step = self.base.step();
                if step.is_multiple_of(1024) {
                    progress(step as f32 / total);
                }
                if self.last != Some(self.here()) && self.is_in_tail() {
                    return self.finish();
                }
            }
        }
        self.finish()
    }

    fn row(&mut self, what: What, cancel: &Cancel) -> Result<(), Next> {
        let mut error = None;
        let mut row =
            Row { what, base_step: None, branch_step: None, changes: Vec::new(), more_changes: false, error: None };
        if matches!(what, What::Same | What::Changed | What::Skipped | What::MovedAway) {
            step(&mut self.base, self.reducer, cancel)?;
            row.base_step = Some(self.base.step());
        }
        if matches!(what, What::Same | What::Changed | What::Inserted | What::MovedHere) {
            step(&mut self.other, self.reducer, cancel)?;
            row.branch_step = Some(self.other.step());
            error = self.other.error().cloned();
        }
        let here = self.here();
        let differs = !self.sight.equal(self.base.state(), self.other.state());
        if differs {
            self.found.first.get_or_insert(here);
            self.last = Some(here);
            self.found.reconverges_at = None;
        } else if self.last.is_some() {
            self.found.reconverges_at.get_or_insert(here);
        }
        if what == What::Same && !differs {
            return Ok(());
        }
        if self.found.rows.len() >= self.limits.rows {
            self.found.more_rows += 1;
            return Ok(());
        }
        if differs {
            (row.changes, row.more_changes) = self.changes();
        }
        row.error = error;
        self.found.rows.push(row);
        Ok(())
    }

    fn finish(mut self) -> Divergence {
        if self.last == Some(self.here()) {
            (self.found.final_changes, self.found.more_final_changes) = self.changes();
        }
        self.found.complete = true;
        self.found
    }

    fn changes(&self) -> (Vec<Change>, bool) {
        self.sight.bounded(self.base.state(), self.other.state(), self.limits.changes)
    }

    fn here(&self) -> Pair {
        Pair { base_step: self.base.step(), branch_step: self.other.step() }
    }

    /// Whether both histories go on with the same events.
    fn is_in_tail(&self) -> bool {
        let (stored, at) = self.branch.plan().same_tail();
        self.base.step() >= stored && self.base.step() - stored == self.other.step().wrapping_sub(at)
    }
}

impl Divergence {
    fn ended(mut self, why: Next) -> Self {
        if let Next::Stopped(stopped) = why {
            self.stopped = Some(stopped);
        }
        self.reconverges_at = None;
        self
    }
}

fn step(steps: &mut Steps<'_>, reducer: &mut dyn Reducer, cancel: &Cancel) -> Result<(), Next> {
    match steps.next(reducer, cancel) {
        Next::Step => Ok(()),
        ended => Err(ended),
    }
}

/// The stored history and the branch beside each other.
fn pieces(branch: &BranchEvents) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut stored = 0;
    for run in branch.plan().runs() {
        match run.first {
            Slot::Made(_) => push(&mut pieces, What::Inserted, 1),
            Slot::Changed { stored: at, .. } => kept(branch, &mut pieces, &mut stored, at, What::Changed),
            Slot::Stored(first) => {
                for at in first..first + run.len {
                    kept(branch, &mut pieces, &mut stored, at, What::Same);
                }
            }
        }
    }
    taken_out(branch, &mut pieces, stored, branch.base().len());
    pieces
}

/// A stored event of the branch, and before it the stored ones that are not in the branch there.
fn kept(branch: &BranchEvents, pieces: &mut Vec<Piece>, stored: &mut u32, at: u32, what: What) {
    // One that was moved and is next in the stored order all the same is where it was.
    if at < *stored || (branch.is_moved(at) && at > *stored) {
        push(pieces, What::MovedHere, 1);
        return;
    }
    taken_out(branch, pieces, *stored, at);
    push(pieces, what, 1);
    *stored = at + 1;
}

fn taken_out(branch: &BranchEvents, pieces: &mut Vec<Piece>, from: u32, to: u32) {
    for stored in from..to {
        let gone = branch.plan().place_of(stored).is_none();
        push(pieces, if gone { What::Skipped } else { What::MovedAway }, 1);
    }
}

fn push(pieces: &mut Vec<Piece>, what: What, len: u32) {
    match pieces.last_mut() {
        Some(last) if last.what == what => last.len += len,
        _ => pieces.push(Piece { what, len }),
    }
}
