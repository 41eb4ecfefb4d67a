//! Tables over the whole log: events by id, and causes with the events they name. Ids are compared as
//! 64-bit hashes. Held while the rules run: 16 bytes an id and 16 a cause.
//!
//! Both are dealt out by the first bits of the hash and sorted part by part, on two threads: a part
//! fits into the cache, and causes need only be looked for in the part of their hash.

use super::run::on_two;
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::store::segment::Segment;
use crate::store::snapshot::Snapshot;

type Entry = (u64, EventIx);

/// Entries of a part, about: half a megabyte.
const PART: u64 = 1 << 15;
const MAX_BITS: u32 = 12;

/// Entries in parts by the first bits of their hash, each part in order.
#[derive(Debug)]
struct Parts {
    entries: Vec<Entry>,
    /// Where each part starts, and the end.
    starts: Vec<usize>,
}

impl Parts {
    fn of<'a, I: Iterator<Item = Entry> + 'a>(
        log: &'a Snapshot,
        bits: u32,
        cancel: &Cancel,
        list: impl Fn(&'a Segment) -> I,
    ) -> Option<Self> {
        let part_of = |hash: u64| hash.checked_shr(64 - bits).unwrap_or(0) as usize;
        let mut starts = vec![0_usize; (1 << bits) + 1];
        for segment in log.segments() {
            list(segment).for_each(|(hash, _)| starts[part_of(hash) + 1] += 1);
        }
        for part in 1..starts.len() {
            starts[part] += starts[part - 1];
        }
        let mut places = starts.clone();
        let mut entries = vec![(0, EventIx(0)); starts.last().copied().unwrap_or(0)];
        for segment in log.segments() {
            if cancel.is_cancelled() {
                return None;
            }
            for entry in list(segment) {
                let place = &mut places[part_of(entry.0)];
                entries[*place] = entry;
                *place += 1;
            }
        }
        let half = starts[starts.len() / 2];
        let (low, high) = entries.split_at_mut(half);
        let sort = |part: &mut [Entry], bounds: &[usize]| {
            for bound in bounds.windows(2) {
                if !cancel.is_cancelled() {
                    part[bound[0] - bounds[0]..bound[1] - bounds[0]].sort_unstable();
                }
            }
        };
        let middle = starts.len() / 2;
        on_two(|| sort(low, &starts[..=middle]), || sort(high, &starts[middle..]));
        (!cancel.is_cancelled()).then_some(Self { entries, starts })
    }

    fn part(&self, part: usize) -> &[Entry] {
        match (self.starts.get(part), self.starts.get(part + 1)) {
            (Some(&start), Some(&end)) => self.entries.get(start..end).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// Every id with its events.
#[derive(Debug)]
pub struct Ids {
    parts: Parts,
    bits: u32,
}

impl Ids {
    pub(super) fn of(log: &Snapshot, cancel: &Cancel) -> Option<Self> {
        let bits = (log.len() / PART + 1).next_power_of_two().trailing_zeros().min(MAX_BITS);
        Some(Self { parts: Parts::of(log, bits, cancel, ids)?, bits })
    }

    /// Events that share an id, the first of them first.
    pub fn repeats(&self) -> impl Iterator<Item = &[Entry]> {
        self.parts.entries.chunk_by(|a, b| a.0 == b.0).filter(|events| events.len() > 1)
    }
}

fn ids(segment: &Segment) -> impl Iterator<Item = Entry> + '_ {
    let rows = segment.id_hashes().iter().enumerate().filter(|(_, hash)| **hash != 0);
    rows.map(|(row, hash)| (*hash, segment.event(row as u16)))
}

fn causes(segment: &Segment) -> impl Iterator<Item = Entry> + '_ {
    segment.all_causes().map(|(row, hash)| (hash, segment.event(row)))
}

/// One event names another as its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub effect: EventIx,
    /// The first event with the id.
    pub cause: EventIx,
}

/// Every cause that an event names.
#[derive(Debug)]
pub struct Causes {
    /// In the order of effects.
    edges: Vec<Edge>,
    /// Effects whose cause no event has as its id, in order, each once.
    unknown: Vec<EventIx>,
    /// Causes that are named.
    named: u64,
}

impl Causes {
    pub(super) fn of(log: &Snapshot, ids: &Ids, cancel: &Cancel) -> Option<Self> {
        let named = Parts::of(log, ids.bits, cancel, causes)?;
        let parts = named.starts.len().saturating_sub(1);
        // Both lists are sorted by hash: one walk finds all.
        let join = |parts: std::ops::Range<usize>| {
            let (mut edges, mut unknown) = (Vec::new(), Vec::new());
            for part in parts {
                let (mut at, ids) = (0, ids.parts.part(part));
                for &(hash, effect) in named.part(part) {
                    while ids.get(at).is_some_and(|(id, _)| *id < hash) {
                        at += 1;
                    }
                    match ids.get(at) {
                        Some(&(id, cause)) if id == hash => edges.push(Edge { effect, cause }),
                        _ => unknown.push(effect),
                    }
                }
            }
            edges.sort_unstable();
            unknown.sort_unstable();
            (edges, unknown)
        };
        let ((mut edges, mut unknown), (more_edges, more_unknown)) =
            on_two(|| join(0..parts / 2), || join(parts / 2..parts));
        edges.extend(more_edges);
        unknown.extend(more_unknown);
        // Two sorted runs, which this sort joins at once.
        edges.sort();
        unknown.sort();
        unknown.dedup();
        Some(Self { edges, unknown, named: named.entries.len() as u64 })
    }

    /// In the order of effects.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    #[must_use]
    pub fn unknown(&self) -> &[EventIx] {
        &self.unknown
    }

    #[must_use]
    pub fn named(&self) -> u64 {
        self.named
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    #[test]
    fn causes_find_the_first_event_with_their_id() {
        let mut builder = Builder::new().batch_rows(7);
        for i in 0..400_u64 {
            let cause = if i % 3 == 0 { format!("e{}", i / 2) } else { format!("gone{i}") };
            let id = format!("e{}", i % 350);
            builder.push(TestEvent { id, causes: vec![cause], ..TestEvent::default() });
        }
        let (log, cancel) = (builder.build(), Cancel::new());
        for bits in [0, 1, 5] {
            let ids = Ids { parts: Parts::of(&log, bits, &cancel, ids).expect("nobody cancels"), bits };
            assert_eq!(ids.repeats().count(), 50);
            let causes = Causes::of(&log, &ids, &cancel).expect("nobody cancels");
            let expected: Vec<Edge> =
                (0..400).step_by(3).map(|i| Edge { effect: EventIx(i), cause: EventIx(i / 2) }).collect();
            assert_eq!(causes.edges(), expected);
            assert_eq!((causes.unknown().len(), causes.named()), (400 - expected.len(), 400));
        }
    }
}
