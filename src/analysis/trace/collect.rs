//! The events of a chain: those of its correlation ids, and the causes that lie outside of them.

use rapidhash::{RapidHashMap, RapidHashSet};

use super::chain::Chain;
use super::infer;
use crate::base::cancel::Cancel;
use crate::model::ids::{CorrelationIx, EventIx};
use crate::store::snapshot::Snapshot;

/// A correlation id that so many events share is a constant, not a chain.
pub const CONSTANT_FROM: usize = 100_000;

/// Causes outside of the chain are followed this far back.
const MAX_OUTSIDE: usize = 64;

/// Where a chain is followed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    Correlation(CorrelationIx),
    /// All chains that an event belongs to; an event without a correlation id is followed by its causes
    /// and effects alone.
    Event(EventIx),
}

/// What was found.
#[derive(Clone, Debug)]
pub enum Trace {
    Chain(Chain),
    /// The id is used by so many events that it says nothing: how many.
    Constant {
        id: String,
        events: usize,
    },
}

/// Follows a chain. `None` when cancelled.
#[must_use]
pub fn trace(snapshot: &Snapshot, start: &Start, cancel: &Cancel) -> Option<Trace> {
    let (ids, mut events) = match start {
        Start::Correlation(correlation) => {
            let events: Vec<EventIx> = snapshot.correlation_events(*correlation).take(CONSTANT_FROM).collect();
            let name = events.first().and_then(|&first| correlation_name(snapshot, *correlation, first));
            (name.into_iter().collect(), events)
        }
        Start::Event(event) => groups_of(snapshot, *event),
    };
    if events.len() >= CONSTANT_FROM {
        return Some(Trace::Constant { id: ids.into_iter().next().unwrap_or_default(), events: events.len() });
    }
    if let (Start::Event(event), true) = (start, ids.is_empty()) {
        events = by_causes(snapshot, *event, cancel)?;
        if events.len() == 1 && names_nothing(snapshot) {
            return infer::chain(snapshot, *event, cancel).map(Trace::Chain);
        }
    }
    events.sort_unstable();
    events.dedup();
    outside_causes(snapshot, &mut events, cancel)?;
    Some(Trace::Chain(Chain::of(snapshot, ids, events)))
}

/// Whether no event of the log carries a correlation id or names a cause.
fn names_nothing(snapshot: &Snapshot) -> bool {
    snapshot.correlation_count() == 0 && snapshot.segments().iter().all(|s| s.all_causes().next().is_none())
}

/// The correlation ids of an event that the log knows, and the events that share one of them.
fn groups_of(snapshot: &Snapshot, event: EventIx) -> (Vec<String>, Vec<EventIx>) {
    let (mut ids, mut events): (Vec<String>, Vec<EventIx>) = (Vec::new(), vec![event]);
    let Ok(envelope) = snapshot.envelope(event) else { return (ids, events) };
    for id in envelope.correlations {
        let Some(correlation) = snapshot.find_correlation(&id.value).filter(|_| !ids.contains(&id.value)) else {
            continue;
        };
        events.extend(snapshot.correlation_events(correlation).take(CONSTANT_FROM));
        ids.push(id.value);
    }
    (ids, events)
}

/// A correlation's name as one of its events writes it: the index holds a hash only.
#[must_use]
pub fn correlation_name(snapshot: &Snapshot, correlation: CorrelationIx, event: EventIx) -> Option<String> {
    let envelope = snapshot.envelope(event).ok()?;
    let mut names = envelope.correlations.into_iter().map(|id| id.value);
    names.find(|name| snapshot.find_correlation(name) == Some(correlation))
}

/// Everything that is tied to an event by causes alone: up to its first causes, down to all effects.
fn by_causes(snapshot: &Snapshot, event: EventIx, cancel: &Cancel) -> Option<Vec<EventIx>> {
    let mut found = vec![event];
    outside_causes(snapshot, &mut found, cancel)?;
    let mut seen: RapidHashSet<EventIx> = found.iter().copied().collect();
    let mut fresh = found.clone();
    while !fresh.is_empty() && found.len() < CONSTANT_FROM {
        let wanted: RapidHashSet<u64> = fresh.iter().filter_map(|&ix| snapshot.id_hash_of(ix)).collect();
        fresh = effects_of(snapshot, &wanted, cancel)?;
        fresh.retain(|&ix| seen.insert(ix));
        found.extend(&fresh);
    }
    Some(found)
}

/// Adds causes that no group holds, and their causes.
fn outside_causes(snapshot: &Snapshot, events: &mut Vec<EventIx>, cancel: &Cancel) -> Option<()> {
    let mut known: RapidHashSet<u64> = events.iter().filter_map(|&ix| snapshot.id_hash_of(ix)).collect();
    let mut fresh = events.clone();
    for _ in 0..MAX_OUTSIDE {
        // An id that was asked for is known, whether it was found or not.
        let causes = fresh.iter().flat_map(|&ix| causes(snapshot, ix).iter().copied());
        let wanted: RapidHashSet<u64> = causes.filter(|&hash| known.insert(hash)).collect();
        if wanted.is_empty() {
            break;
        }
        fresh = with_ids(snapshot, &wanted, cancel)?;
        events.extend(&fresh);
    }
    Some(())
}

/// The first event of each id, by a walk over all ids of the log.
fn with_ids(snapshot: &Snapshot, wanted: &RapidHashSet<u64>, cancel: &Cancel) -> Option<Vec<EventIx>> {
    let mut found: RapidHashMap<u64, EventIx> = RapidHashMap::default();
    for segment in snapshot.segments() {
        if cancel.is_cancelled() {
            return None;
        }
        for (row, hash) in segment.id_hashes().iter().enumerate() {
            if wanted.contains(hash) {
                found.entry(*hash).or_insert(segment.event(row as u16));
            }
        }
        if found.len() == wanted.len() {
            break;
        }
    }
    Some(found.into_values().collect())
}

fn effects_of(snapshot: &Snapshot, wanted: &RapidHashSet<u64>, cancel: &Cancel) -> Option<Vec<EventIx>> {
    let mut found = Vec::new();
    for segment in snapshot.segments() {
        if cancel.is_cancelled() {
            return None;
        }
        let rows = segment.all_causes().filter(|(_, cause)| wanted.contains(cause));
        found.extend(rows.map(|(row, _)| segment.event(row)));
    }
    found.dedup();
    Some(found)
}

fn causes(snapshot: &Snapshot, event: EventIx) -> &[u64] {
    snapshot.locate(event).map_or(&[], |(segment, row)| segment.causes(row))
}
