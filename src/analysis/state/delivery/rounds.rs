//! Whole histories with random faults, and the fewest faults that still end in another state.

use std::collections::BTreeSet;

use super::lab::{Halt, Lab};
use super::report::{Fault, Minimal, Report};
use super::{Kind, Request};
use crate::analysis::state::value::Value;
use crate::analysis::state::whatif::{Plan, Slot};
use crate::base::hash::mix;
use crate::base::rng::Rng;

/// Faults in a round: one in twenty events, and not more than these.
const MOST_FAULTS: u32 = 32;
const ONE_IN: u32 = 20;
/// A copy comes up to so many events later: a consumer that starts again reads a batch again.
const AGAIN_WITHIN: u32 = 16;
/// Pairs of faults that are tried when none alone does it.
const MOST_PAIRS: usize = 120;

pub(super) fn run(
    lab: &mut Lab<'_>,
    request: &Request,
    report: &mut Report,
    progress: &mut dyn FnMut(f32),
) -> Result<(), Halt> {
    let len = lab.base.done();
    let possible = len.saturating_sub(u32::from(matches!(request.kind, Kind::Reorder { .. })));
    if possible == 0 || request.kind == (Kind::Reorder { window: 0 }) {
        return Ok(());
    }
    report.rounds.faults = (len / ONE_IN).clamp(1, MOST_FAULTS.min(possible));
    for round in 0..request.rounds {
        progress(round as f32 / request.rounds.max(1) as f32);
        let mut rng = Rng::new(mix(request.seed, u64::from(round)));
        let faults = faults(request.kind, report.rounds.faults, possible, &mut rng);
        let end = lab.end_of(plan(len, &faults))?;
        report.rounds.run += 1;
        if end.is_some() {
            report.rounds.differing += 1;
            if report.rounds.minimal.is_none() {
                report.rounds.minimal = smallest(lab, faults)?;
            }
        }
    }
    Ok(())
}

fn faults(kind: Kind, count: u32, possible: u32, rng: &mut Rng) -> Vec<Fault> {
    let mut steps = BTreeSet::new();
    while (steps.len() as u32) < count {
        steps.insert(rng.below(u64::from(possible)) as u32 + 1);
    }
    let fault = |step| match kind {
        Kind::Duplicates if rng.one_in(2) => Fault::Twice { step, after: 0 },
        Kind::Duplicates => Fault::Twice { step, after: rng.below(u64::from(AGAIN_WITHIN)) as u32 + 1 },
        Kind::Loss => Fault::Lost { step },
        Kind::Reorder { window } => Fault::Late { step, by: rng.below(u64::from(window)) as u32 + 1 },
    };
    steps.into_iter().map(fault).collect()
}

/// The history with these faults.
fn plan(len: u32, faults: &[Fault]) -> Plan {
    let mut plan = Plan::whole(len);
    for fault in faults {
        let stored = fault.step() - 1;
        let Some(at) = plan.place_of(stored) else { continue };
        match *fault {
            Fault::Twice { after, .. } => plan.insert(at + 1 + after, Slot::Stored(stored)),
            Fault::Lost { .. } => {
                plan.remove(at);
            }
            Fault::Late { by, .. } => {
                plan.remove(at);
                plan.insert(at + by, Slot::Stored(stored));
            }
        }
    }
    plan
}

/// One fault that does it alone, else two, else as many as none can be spared of.
fn smallest(lab: &mut Lab<'_>, faults: Vec<Fault>) -> Result<Option<Minimal>, Halt> {
    for fault in &faults {
        if let Some(end) = end(lab, &[*fault])? {
            return nearest(lab, *fault, end).map(Some);
        }
    }
    let pairs = faults.iter().enumerate().flat_map(|(i, a)| faults.iter().skip(i + 1).map(move |b| [*a, *b]));
    for pair in pairs.take(MOST_PAIRS) {
        if let Some(end) = end(lab, &pair)? {
            return Ok(Some(minimal(lab, pair.to_vec(), &end)));
        }
    }
    let mut kept = faults;
    let mut i = 0;
    while i < kept.len() {
        let mut fewer = kept.clone();
        fewer.remove(i);
        if end(lab, &fewer)?.is_some() {
            kept = fewer;
        } else {
            i += 1;
        }
    }
    let end = end(lab, &kept)?;
    Ok(end.map(|end| minimal(lab, kept, &end)))
}

/// The same fault as near to its place as it still does it.
fn nearest(lab: &mut Lab<'_>, fault: Fault, last: Value) -> Result<Minimal, Halt> {
    let nearer: Vec<Fault> = match fault {
        Fault::Twice { step, after } => (0..after).map(|after| Fault::Twice { step, after }).collect(),
        Fault::Late { step, by } => (1..by).map(|by| Fault::Late { step, by }).collect(),
        Fault::Lost { .. } => Vec::new(),
    };
    for fault in nearer {
        if let Some(end) = end(lab, &[fault])? {
            return Ok(minimal(lab, vec![fault], &end));
        }
    }
    Ok(minimal(lab, vec![fault], &last))
}

fn end(lab: &mut Lab<'_>, faults: &[Fault]) -> Result<Option<Value>, Halt> {
    lab.end_of(plan(lab.base.done(), faults))
}

fn minimal(lab: &mut Lab<'_>, faults: Vec<Fault>, end: &Value) -> Minimal {
    let type_names = faults.iter().map(|fault| lab.type_name(fault.step())).collect();
    let (changes, more_changes) = lab.changes(lab.base.last(), end);
    Minimal { faults, type_names, changes, more_changes }
}
