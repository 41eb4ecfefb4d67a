//! Tables over the whole log: events by id, and causes with the events they name. Ids are compared as
//! 64-bit hashes. Held while the rules run: 16 bytes an id and 24 a cause.

use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// Every id with its event, by id and then by row.
#[derive(Debug)]
pub struct Ids(Vec<(u64, EventIx)>);

impl Ids {
    pub(super) fn of(log: &Snapshot, cancel: &Cancel) -> Option<Self> {
        let mut ids = Vec::with_capacity(log.len() as usize);
        for segment in log.segments() {
            if cancel.is_cancelled() {
                return None;
            }
            let rows = segment.id_hashes().iter().enumerate().filter(|(_, hash)| **hash != 0);
            ids.extend(rows.map(|(row, hash)| (*hash, segment.event(row as u16))));
        }
        ids.sort_unstable();
        Some(Self(ids))
    }

    /// Events that share an id, the first of them first.
    pub fn repeats(&self) -> impl Iterator<Item = &[(u64, EventIx)]> {
        self.0.chunk_by(|a, b| a.0 == b.0).filter(|events| events.len() > 1)
    }
}

/// One event names another as its cause.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    pub effect: EventIx,
    /// The first event with the id; none where no event has it.
    pub cause: Option<EventIx>,
}

/// Every cause that an event names, by the id that is named.
#[derive(Debug)]
pub struct Causes(Vec<Edge>);

impl Causes {
    pub(super) fn of(log: &Snapshot, ids: &Ids, cancel: &Cancel) -> Option<Self> {
        let mut named: Vec<(u64, EventIx)> = Vec::new();
        for segment in log.segments() {
            if cancel.is_cancelled() {
                return None;
            }
            named.extend(segment.all_causes().map(|(row, h)| (h, segment.event(row))));
        }
        named.sort_unstable();
        // Both lists are sorted by hash: one walk finds all.
        let mut at = 0;
        let edges = named.into_iter().map(|(hash, effect)| {
            while ids.0.get(at).is_some_and(|(id, _)| *id < hash) {
                at += 1;
            }
            let cause = ids.0.get(at).filter(|(id, _)| *id == hash).map(|(_, event)| *event);
            Edge { effect, cause }
        });
        Some(Self(edges.collect()))
    }

    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.0
    }
}
