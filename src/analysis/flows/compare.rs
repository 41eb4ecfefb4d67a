//! Two chains side by side: where did the good one and the bad one part?
//!
//! Their events are aligned by service and type in the order of time (a longest common subsequence, by
//! the `similar` crate).

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::one::One;
use crate::model::ids::{EventIx, ServiceIx, TypeIx};
use crate::store::snapshot::Snapshot;

/// One line of the comparison: an event of either chain or one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aligned {
    pub left: Option<EventIx>,
    pub right: Option<EventIx>,
    /// Since the first event of its chain, where both have times.
    pub left_after_ns: Option<i64>,
    pub right_after_ns: Option<i64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    pub lines: Vec<Aligned>,
    /// The first line in which only one chain has an event.
    pub parted: Option<usize>,
    /// The common step after which the two waited most differently: its line and by how much the right
    /// one waited longer.
    pub slower: Option<(usize, i64)>,
}

/// Compares the events of two chains.
#[must_use]
pub fn compare(log: &Snapshot, left: &[EventIx], right: &[EventIx]) -> Comparison {
    let (left, right) = (loaded(log, left), loaded(log, right));
    let keys = |one: &One| -> Vec<(ServiceIx, TypeIx)> {
        one.steps.iter().map(|step| (step.service_ix, step.type_ix)).collect()
    };
    let side = |one: &One, at: usize| {
        let step = one.steps.get(at)?;
        let first = one.steps.iter().find_map(|step| step.time);
        Some((step.event, step.time.zip(first).map(|(time, first)| time.0.saturating_sub(first.0))))
    };
    let mut lines = Vec::new();
    let mut put = |l: Option<usize>, r: Option<usize>| {
        let (l, r) = (l.and_then(|at| side(&left, at)), r.and_then(|at| side(&right, at)));
        lines.push(Aligned {
            left: l.map(|(event, _)| event),
            right: r.map(|(event, _)| event),
            left_after_ns: l.and_then(|(_, after)| after),
            right_after_ns: r.and_then(|(_, after)| after),
        });
    };
    for op in capture_diff_slices(Algorithm::Myers, &keys(&left), &keys(&right)) {
        match op {
            DiffOp::Equal { old_index, new_index, len } => {
                (0..len).for_each(|i| put(Some(old_index + i), Some(new_index + i)));
            }
            other => {
                other.old_range().for_each(|at| put(Some(at), None));
                other.new_range().for_each(|at| put(None, Some(at)));
            }
        }
    }
    let parted = lines.iter().position(|line| line.left.is_none() || line.right.is_none());
    let slower = slower(&lines);
    Comparison { lines, parted, slower }
}

fn loaded(log: &Snapshot, events: &[EventIx]) -> One {
    let mut one = One::default();
    one.load(log, events);
    one
}

fn slower(lines: &[Aligned]) -> Option<(usize, i64)> {
    let mut before = (0, 0);
    let mut worst = None;
    for (at, line) in lines.iter().enumerate() {
        let (Some(left), Some(right)) = (line.left_after_ns, line.right_after_ns) else { continue };
        if line.left.is_none() || line.right.is_none() {
            continue;
        }
        let more = (right - before.1).saturating_sub(left - before.0);
        before = (left, right);
        if worst.is_none_or(|(_, most): (usize, i64)| more.abs() > most.abs()) && more != 0 {
            worst = Some((at, more));
        }
    }
    worst
}
