//! Which events belong together: by correlation id, and, among events without one, by their causes.

use rapidhash::RapidHashMap;

use crate::analysis::trace::{CONSTANT_FROM, with_ids};
use crate::base::cancel::Cancel;
use crate::model::ids::{CorrelationIx, EventIx};
use crate::store::snapshot::Snapshot;

/// Lists of events, one after the other.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// Where each list starts, and the end.
    starts: Vec<usize>,
    events: Vec<EventIx>,
    /// Lists from here on belong to no correlation id.
    correlations: usize,
    /// Ids that are no chains, with an event of each and how many it has.
    pub constants: Vec<(EventIx, u64)>,
    /// Events in no list.
    pub loose: u64,
}

impl Groups {
    /// `None` when cancelled.
    pub(super) fn of(log: &Snapshot, cancel: &Cancel) -> Option<Self> {
        let mut groups = Self::by_correlation(log, cancel)?;
        groups.correlations = groups.len();
        let mut grouped = vec![false; usize::try_from(log.len()).ok()?];
        for event in &groups.events {
            if let Some(grouped) = grouped.get_mut(event.at()) {
                *grouped = true;
            }
        }
        for list in by_causes(log, &grouped, cancel)? {
            list.iter().for_each(|event| grouped[event.at()] = true);
            groups.events.extend(list);
            groups.starts.push(groups.events.len());
        }
        groups.loose = grouped.iter().filter(|grouped| !**grouped).count() as u64;
        Some(groups)
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub(super) fn get(&self, at: usize) -> (Option<CorrelationIx>, &[EventIx]) {
        let range = self.starts.get(at).copied().unwrap_or(0)..self.starts.get(at + 1).copied().unwrap_or(0);
        let correlation = (at < self.correlations).then_some(CorrelationIx(at as u32));
        (correlation, self.events.get(range).unwrap_or(&[]))
    }

    fn by_correlation(log: &Snapshot, cancel: &Cancel) -> Option<Self> {
        let count = log.correlation_count() as usize;
        let mut sizes = vec![0usize; count];
        let mut firsts: Vec<Option<EventIx>> = vec![None; count];
        for segment in log.segments() {
            if cancel.is_cancelled() {
                return None;
            }
            for (key, rows) in segment.correlations().iter() {
                // A log that grows may name ids that were not counted yet.
                let Some(size) = sizes.get_mut(key as usize) else { continue };
                *size += rows.len();
                if let (None, Some(&row)) = (firsts[key as usize], rows.first()) {
                    firsts[key as usize] = Some(segment.event(row));
                }
            }
        }
        let mut groups = Self::default();
        let mut next = Vec::with_capacity(count);
        let mut total = 0;
        for (key, size) in sizes.iter_mut().enumerate() {
            if *size >= CONSTANT_FROM {
                groups.constants.extend(firsts[key].map(|event| (event, *size as u64)));
                *size = 0;
            }
            groups.starts.push(total);
            next.push(total);
            total += *size;
        }
        groups.starts.push(total);
        groups.events = vec![EventIx(0); total];
        for segment in log.segments() {
            if cancel.is_cancelled() {
                return None;
            }
            for (key, rows) in segment.correlations().iter() {
                let Some(next) = next.get_mut(key as usize).filter(|_| sizes[key as usize] > 0) else { continue };
                for &row in rows {
                    groups.events[*next] = segment.event(row);
                    *next += 1;
                }
            }
        }
        Some(groups)
    }
}

/// Events outside of all groups that causes tie to each other, as lists of at least two.
fn by_causes(log: &Snapshot, grouped: &[bool], cancel: &Cancel) -> Option<Vec<Vec<EventIx>>> {
    let is_loose = |event: EventIx| grouped.get(event.at()) == Some(&false);
    let mut named: Vec<(u64, EventIx)> = Vec::new();
    for segment in log.segments() {
        if cancel.is_cancelled() {
            return None;
        }
        let causes = segment.all_causes().map(|(row, hash)| (hash, segment.event(row)));
        named.extend(causes.filter(|(_, event)| is_loose(*event)));
    }
    if named.is_empty() {
        return Some(Vec::new());
    }
    let wanted = named.iter().map(|(hash, _)| *hash).collect();
    let found = with_ids(log, &wanted, cancel)?;
    let mut trees = Trees::default();
    for (hash, effect) in named {
        if let Some(&cause) = found.get(&hash).filter(|cause| is_loose(**cause) && **cause != effect) {
            trees.tie(cause, effect);
        }
    }
    Some(trees.lists())
}

/// Sets that grow together.
#[derive(Default)]
struct Trees {
    number: RapidHashMap<EventIx, u32>,
    events: Vec<EventIx>,
    parents: Vec<u32>,
}

impl Trees {
    fn tie(&mut self, a: EventIx, b: EventIx) {
        let (a, b) = (self.number(a), self.number(b));
        let (a, b) = (self.root(a), self.root(b));
        // The older one stays on top: no list is longer for it, and paths are halved anyway.
        let (top, below) = (a.min(b), a.max(b));
        self.parents[below as usize] = top;
    }

    fn number(&mut self, event: EventIx) -> u32 {
        let next = self.events.len() as u32;
        let number = *self.number.entry(event).or_insert(next);
        if number == next {
            self.events.push(event);
            self.parents.push(next);
        }
        number
    }

    fn root(&mut self, mut at: u32) -> u32 {
        while self.parents[at as usize] != at {
            let above = self.parents[self.parents[at as usize] as usize];
            self.parents[at as usize] = above;
            at = above;
        }
        at
    }

    /// By their first event.
    fn lists(mut self) -> Vec<Vec<EventIx>> {
        let mut by_root: RapidHashMap<u32, Vec<EventIx>> = RapidHashMap::default();
        for at in 0..self.events.len() as u32 {
            let root = self.root(at);
            by_root.entry(root).or_default().push(self.events[at as usize]);
        }
        let mut lists: Vec<Vec<EventIx>> = by_root.into_values().collect();
        lists.iter_mut().for_each(|list| list.sort_unstable());
        lists.sort_unstable_by_key(|list| list.first().copied());
        lists
    }
}
