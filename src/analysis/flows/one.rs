//! One chain at a time, as the pass over all of them needs it: events in the order of time, repeats
//! of an id left out, and causes as indexes.

use rapidhash::RapidHashMap;

use crate::model::ids::{EventIx, ServiceIx, TypeIx};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// An event of a chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub event: EventIx,
    pub time: Option<TimeNs>,
    pub type_ix: TypeIx,
    pub service_ix: ServiceIx,
    id: u64,
}

/// Buffers that are used again for each chain.
#[derive(Debug, Default)]
pub(super) struct One {
    pub steps: Vec<Step>,
    /// Cause and effect, both indexes into `steps`.
    pub edges: Vec<(u32, u32)>,
    /// Causes that are not in the chain: the hash, and who names it.
    pub outside: Vec<(u64, u32)>,
    by_id: RapidHashMap<u64, u32>,
}

/// Up to here a look through all ids is quicker than a table.
const FEW: usize = 12;

impl One {
    pub(super) fn load(&mut self, log: &Snapshot, events: &[EventIx]) {
        self.steps.clear();
        self.edges.clear();
        self.outside.clear();
        self.steps.extend(events.iter().filter_map(|&event| step(log, event)));
        self.steps.sort_unstable_by_key(|step| (step.time.is_none(), step.time, step.event));
        self.leave_out_repeats();
        for at in 0..self.steps.len() {
            let step = self.steps[at];
            let Some((segment, row)) = log.locate(step.event) else { continue };
            for &cause in segment.causes(row) {
                match self.position(cause) {
                    Some(cause) if cause as usize == at => (),
                    Some(cause) => self.edges.push((cause, at as u32)),
                    None => self.outside.push((cause, at as u32)),
                }
            }
        }
    }

    /// The first of several events with one id counts: the others are deliveries of it.
    fn leave_out_repeats(&mut self) {
        self.by_id.clear();
        if self.steps.len() <= FEW {
            let mut at = 0;
            while at < self.steps.len() {
                let id = self.steps[at].id;
                if id != 0 && self.steps[..at].iter().any(|before| before.id == id) {
                    self.steps.remove(at);
                } else {
                    at += 1;
                }
            }
            return;
        }
        let by_id = &mut self.by_id;
        let mut at = 0;
        self.steps.retain(|step| {
            let fresh = step.id == 0 || !by_id.contains_key(&step.id);
            if fresh {
                by_id.insert(step.id, at);
                at += 1;
            }
            fresh
        });
    }

    fn position(&self, id: u64) -> Option<u32> {
        if self.steps.len() <= FEW {
            return self.steps.iter().position(|step| step.id == id).map(|at| at as u32);
        }
        self.by_id.get(&id).copied()
    }
}

pub(super) fn step(log: &Snapshot, event: EventIx) -> Option<Step> {
    let (segment, row) = log.locate(event)?;
    Some(Step {
        event,
        time: segment.time(row),
        type_ix: segment.type_ix(row),
        service_ix: segment.service_ix(row),
        id: segment.id_hash(row).unwrap_or(0),
    })
}
