//! Events by their id, and effects by the id of their cause, as hashes. A walk over all ids costs
//! milliseconds per million events, a table a hundred times that: it is made when a way turns out to be
//! long.

use rapidhash::{RapidHashMap, RapidHashSet};

use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// Walks before tables are made.
const WALKS: u32 = 12;

pub(super) struct Lookup<'a> {
    log: &'a Snapshot,
    cancel: &'a Cancel,
    asked: u32,
    by_id: Option<RapidHashMap<u64, EventIx>>,
    by_cause: Option<RapidHashMap<u64, Vec<EventIx>>>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(log: &'a Snapshot, cancel: &'a Cancel) -> Self {
        Self { log, cancel, asked: 0, by_id: None, by_cause: None }
    }

    /// The first event of each id that the log has. `None` when cancelled.
    pub(super) fn events(&mut self, wanted: &RapidHashSet<u64>) -> Option<Vec<EventIx>> {
        self.asked += 1;
        if self.asked <= WALKS {
            return Some(with_ids(self.log, wanted, self.cancel)?.into_values().collect());
        }
        if self.by_id.is_none() {
            let mut table = RapidHashMap::default();
            for segment in self.log.segments() {
                self.go_on()?;
                let rows = segment.id_hashes().iter().enumerate().filter(|(_, hash)| **hash != 0);
                rows.for_each(|(row, hash)| {
                    table.entry(*hash).or_insert(segment.event(row as u16));
                });
            }
            self.by_id = Some(table);
        }
        self.go_on()?;
        let table = self.by_id.as_ref()?;
        Some(wanted.iter().filter_map(|hash| table.get(hash)).copied().collect())
    }

    /// All events that name one of these as a cause. `None` when cancelled.
    pub(super) fn effects(&mut self, wanted: &RapidHashSet<u64>) -> Option<Vec<EventIx>> {
        self.asked += 1;
        let log = self.log;
        if self.asked <= WALKS {
            let mut found = Vec::new();
            for segment in log.segments() {
                self.go_on()?;
                let rows = segment.all_causes().filter(|(_, cause)| wanted.contains(cause));
                found.extend(rows.map(|(row, _)| segment.event(row)));
            }
            found.dedup();
            return Some(found);
        }
        if self.by_cause.is_none() {
            let mut table: RapidHashMap<u64, Vec<EventIx>> = RapidHashMap::default();
            for segment in log.segments() {
                self.go_on()?;
                segment.all_causes().for_each(|(row, cause)| table.entry(cause).or_default().push(segment.event(row)));
            }
            self.by_cause = Some(table);
        }
        self.go_on()?;
        let table = self.by_cause.as_ref()?;
        Some(wanted.iter().filter_map(|hash| table.get(hash)).flatten().copied().collect())
    }

    fn go_on(&self) -> Option<()> {
        (!self.cancel.is_cancelled()).then_some(())
    }
}

/// The first event of each id, by a walk over all ids of the log. `None` when cancelled.
#[must_use]
pub(in crate::analysis) fn with_ids(
    log: &Snapshot,
    wanted: &RapidHashSet<u64>,
    cancel: &Cancel,
) -> Option<RapidHashMap<u64, EventIx>> {
    let mut found = RapidHashMap::default();
    for segment in log.segments() {
        if cancel.is_cancelled() {
            return None;
        }
        if found.len() == wanted.len() {
            break;
        }
        for (row, hash) in segment.id_hashes().iter().enumerate() {
            if wanted.contains(hash) {
                found.entry(*hash).or_insert(segment.event(row as u16));
            }
        }
    }
    Some(found)
}
